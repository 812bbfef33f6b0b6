"""Examples for the description of the API, made from its schemas: a value for any type, better ones for known names."""

from __future__ import annotations

from typing import Any

DEEPEST = 9
# By the name of a member or parameter, where a value of its type alone would say little.
NAMED: dict[str, Any] = {
    "access": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "alt_text": "A ferry leaving the harbour in fog",
    "at": "2026-05-04T12:00:00Z",
    "canonical_url": "https://example.org/ferries",
    "code": "invalid",
    "content_html": "<p>They <em>wait</em>.</p>",
    "content_language": "en",
    "content_markdown": "They *wait*.",
    "cursor": "3f9a01bc.42.0",
    "description": "Boats that come back.",
    "detail": "Some fields are not right.",
    "email": "reader@example.org",
    "excerpt": "On waiting for boats.",
    "expand": "author,category",
    "expires_in": 300,
    "featured_image_alt": "A ferry leaving the harbour in fog",
    "fields": "title,url",
    "geo_target_country": "GB",
    "kind": "post",
    "liked": True,
    "login": "author",
    "meta_description": "Why ferries are late, and why that is well.",
    "name": "Ferries",
    "note": "Ready to be read.",
    "ordering": "newest",
    "page": 1,
    "page_size": 20,
    "password": "a long pass phrase",
    "path": "places/harbours",
    "placeholder_colour": "#204060",
    "reason": "A name was misspelt.",
    "refresh": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "scheduled_at": "2030-05-04T12:00:00Z",
    "search": "harbour",
    "since": "",
    "slug": "ferries",
    "status": "published",
    "tags": ["Boats", "Harbours"],
    "title": "Ferries in the fog",
    "token_type": "Bearer",
    "url": "/blog/ferries/",
    "username": "reader",
    "If-Match": '"1.1.a1b2c3d4-0123456789abcdef0123"',
    "If-None-Match": '"1.1.a1b2c3d4-0123456789abcdef0123"',
    "Idempotency-Key": "0f8fad5b-d9cb-469f-a165-70867728950e",
}
BY_FORMAT: dict[str, Any] = {
    "date-time": "2026-05-04T12:00:00Z",
    "date": "2026-05-04",
    "time": "12:00:00",
    "uri": "https://example.org/",
    "email": "reader@example.org",
    "uuid": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "binary": "…",
    "decimal": "1.00",
}


def of(schema: dict[str, Any], components: dict[str, Any], name: str = "", depth: int = 0) -> Any:
    """A value the schema allows."""
    schema = resolved(schema, components)
    for key in ("example", "const", "default"):
        if key in schema:
            return schema[key]
    if schema.get("examples"):
        return schema["examples"][0]
    kinds = schema.get("type")
    kind = next((each for each in kinds if each != "null"), "null") if isinstance(kinds, list) else kinds
    if name in NAMED and _fits(NAMED[name], schema, kind):
        return NAMED[name]
    if schema.get("enum"):
        return next((each for each in schema["enum"] if each is not None and each != ""), schema["enum"][0])
    for key in ("oneOf", "anyOf"):
        if schema.get(key):
            return of(schema[key][0], components, name, depth)
    if schema.get("allOf"):
        parts = [of(each, components, name, depth) for each in schema["allOf"]]
        return {key: value for part in parts for key, value in part.items()} if isinstance(parts[0], dict) else parts[0]
    match kind:
        case "object":
            return _object(schema, components, depth)
        case "array":
            return [of(schema.get("items", {}), components, name, depth + 1)] if depth < DEEPEST else []
        case "boolean":
            return False
        case "integer":
            return max(int(schema.get("minimum", 1)), 1) if schema.get("maximum", 1) >= 1 else int(schema["maximum"])
        case "number":
            return schema.get("minimum", 0.5)
        case "null":
            return None
    text = str(BY_FORMAT.get(schema.get("format", ""), "text"))
    return text.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength", len(text) + 1000)]


def resolved(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = components["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _object(schema: dict[str, Any], components: dict[str, Any], depth: int) -> dict[str, Any]:
    if depth >= DEEPEST:
        return {}
    found = {key: of(each, components, key, depth + 1) for key, each in schema.get("properties", {}).items()}
    extra = schema.get("additionalProperties")
    if not found and isinstance(extra, dict) and extra:
        found["title"] = of(extra, components, "", depth + 1)
    return found


def _fits(value: Any, schema: dict[str, Any], kind: str | None) -> bool:
    """Whether a value for a name is one for this schema, roughly: another thing may have a member of that name."""
    kinds = {str: "string", bool: "boolean", int: "integer", list: "array"}
    if "enum" in schema:
        return value in schema["enum"]
    if isinstance(value, list):
        return kind == "array" and schema.get("items", {}).get("type") == "string"
    if schema.get("format") in {"date-time", "date", "uuid", "uri", "binary"}:
        return isinstance(value, str) and schema["format"] == "date-time" and value.endswith("Z")
    if isinstance(value, str) and not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 10**6):
        return False
    return kinds[type(value)] == kind
