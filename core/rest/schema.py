"""The description of the API (OpenAPI 3.1): what the framework sees in the views, and what all of them share."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter

from core.rest import deprecation, examples
from core.rest.conditional import Conditional
from core.rest.problems import MEDIA_TYPE, problem
from core.rest.shaping import Shaped

PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "The kind, in HTTP's words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong and what to do, for people."},
        "code": {"type": "string", "description": "What is wrong, for programs."},
        "errors": {
            "type": "object",
            "description": "What is wrong with each field, by its path.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
SAID = {
    400: "The request cannot be read, or fields of it are not right.",
    401: "Log in first, or the token lets nobody in.",
    403: "The role, the account or the scopes of the token do not let you.",
    404: "There is nothing, or nothing that you may see.",
    406: "Only JSON is spoken here.",
    405: "This address does not know that method; Allow names those it knows.",
    409: "The state it is in does not allow the step.",
    410: "What you ask for is no more; the problem says what to do instead.",
    412: "It was changed since the version you name.",
    413: "More than is taken at once.",
    415: "Only JSON is read here.",
    422: "The Idempotency-Key belongs to another request.",
    428: "Say with If-Match which version you change.",
    429: "Too often; Retry-After says for how long to wait.",
    503: "Not just now; Retry-After says for how long to wait.",
}
READ, WRITTEN = (400, 401, 403, 404, 406, 429), (400, 401, 403, 404, 406, 409, 413, 415, 429)
# What stands in the head of answers, by name: what it says, an example, and which answers have it.
HEADERS: dict[str, tuple[str, str]] = {
    "RateLimit": ("What is left of the limit that is nearest to its end, and until when.", '"strangers";r=119;t=60'),
    "RateLimit-Policy": ("The limits that hold: so many in so many seconds.", '"strangers";q=120;w=60'),
    "Retry-After": ("Seconds to wait before the next try.", "60"),
    "ETag": ("The version this is of; for If-None-Match and If-Match.", '"1.1.a1b2c3d4-0123456789abcdef0123"'),
    "Last-Modified": ("When it last changed.", "Mon, 04 May 2026 12:00:00 GMT"),
    "Link": ("The pages around this one (RFC 8288).", '<https://example.org/api/v1/posts/?page=2>; rel="next"'),
    "Location": ("Where the new one is.", "https://example.org/api/v1/posts/ferries/"),
    "WWW-Authenticate": ("How to say who you are.", 'Bearer realm="api"'),
    "Idempotency-Replayed": ("This answer was given before, to the same key.", "true"),
    "Deprecation": ("Since when this is deprecated (RFC 9745).", "@1767225600"),
    "Sunset": ("From when on this may be gone (RFC 8594).", "Fri, 01 Jan 2027 00:00:00 GMT"),
}
VERBS = {
    "list": "List",
    "retrieve": "Read one",
    "create": "Make one",
    "update": "Write one anew",
    "partial_update": "Change one",
    "destroy": "Take one away",
}
ADDRESSED = {"slug": "The last part of its address.", "id": "Its number.", "pk": "Its number.", "number": "Its number."}


class Described(AutoSchema):
    """Adds to every operation its problems, conditions, headers and shapes.

    `other_answers` of a view are statuses of an action that others do not have: {"list": (410,)}.
    """

    def get_summary(self) -> str:
        """The first sentence said of the action itself, or what it does to which things."""
        action = getattr(self.view, "action", None) or self.method.lower()
        own = getattr(type(self.view), action, None)
        said = (getattr(own, "__doc__", None) or "").strip().partition("\n\n")[0]
        if said:
            return " ".join(said.split()).partition(". ")[0].rstrip(".")
        things = " ".join(self.get_tags()).replace("-", " ")
        return f"{VERBS.get(action, action.replace('_', ' ').capitalize())}: {things}"

    def get_override_parameters(self) -> list[Any]:
        found: list[Any] = []
        is_shaped = self._is_shaped()
        if self.method == "GET" and is_shaped:
            known = ", ".join(sorted(is_shaped.expandable)) or "–"
            names = {"type": "string", "examples": [",".join(is_shaped.Meta.fields[:2])]}
            found.append(OpenApiParameter("fields", names, description="Only these fields, with commas between them."))
            if is_shaped.expandable:
                names = {"type": "string", "examples": [min(is_shaped.expandable)]}
                found.append(OpenApiParameter("expand", names, description=f"Show whole what is else named: {known}."))
        if self.method == "GET" and isinstance(self.view, Conditional):
            found.append(OpenApiParameter("If-None-Match", str, "header", description="The ETag of what you have."))
        if self.method in {"PUT", "PATCH", "DELETE"} and isinstance(self.view, Conditional):
            found.append(
                OpenApiParameter("If-Match", str, "header", description="The ETag of what you read and now change.")
            )
        if self._is_repeatable():
            found.append(
                OpenApiParameter(
                    "Idempotency-Key", str, "header", description="Sent again within a day, it gives the same answer."
                )
            )
        return found

    def is_deprecated(self) -> bool:
        basename, action = getattr(self.view, "basename", ""), getattr(self.view, "action", "") or ""
        kinds = {"list": "list", "create": "list", **dict.fromkeys(("retrieve", "update", "partial_update"), "detail")}
        kinds["destroy"] = "detail"
        return f"{basename}-{kinds.get(action, action.replace('_', '-'))}" in deprecation.TABLE

    def _is_repeatable(self) -> bool:
        return self.method == "POST" and hasattr(self.view, "is_secret") and not self.view.is_secret

    def _is_shaped(self) -> Any:
        try:
            serializer = self.get_response_serializers()
        except Exception:
            return None
        kind = _kind_of(serializer)
        return kind if issubclass(kind, Shaped) else None

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)
        if direction != "response":
            return schema
        for name, field in _one_of(serializer).fields.items():
            shown = schema["properties"].get(name, {})
            # What may be left empty is shown as "", which is no address; a field that is only read does not say so.
            if field.read_only and shown.get("format") in {"uri", "email"}:
                del shown["format"]
            # Rules for what is written; letters of other scripts are letters to us and none to patterns of JSON Schema.
            if field.read_only:
                shown.pop("pattern", None)
        kind = _kind_of(serializer)
        if not issubclass(kind, Shaped):
            return schema
        # Whoever asks for some fields gets these alone.
        schema.pop("required", None)
        for name, how in kind.expandable.items():
            expanded: Any = how.serializer
            whole: dict[str, Any] = self.resolve_serializer(expanded, direction).ref
            whole = {"type": "array", "items": whole} if how.many else whole
            short = schema["properties"].get(name)
            schema["properties"][name] = {"anyOf": [short, whole]} if short else whole
        return schema

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        if direction != "response":
            return bodies
        for body in bodies.values():
            body["description"] = body.get("description") or "As asked."
        codes = list(READ if self.method == "GET" else WRITTEN)
        codes += getattr(self.view, "other_answers", {}).get(getattr(self.view, "action", ""), ())
        if isinstance(self.view, Conditional) and self.method in {"PUT", "PATCH", "DELETE"}:
            codes += [412, *([428] if self.view.needs_if_match else [])]
        # What an action refuses otherwise than all do: view.problems = {"create": {422: "…"}}.
        own: dict[int, str] = getattr(self.view, "problems", {}).get(getattr(self.view, "action", ""), {})
        if self._is_repeatable():
            codes.append(422)
        if getattr(self.view, "throttle_scope", ""):
            codes.append(503)
        reference = self._problem_component()
        for code, words in ({code: SAID[code] for code in codes} | own).items():
            example = problem(code, words)
            bodies.setdefault(
                str(code),
                {
                    "description": words,
                    "content": {MEDIA_TYPE: {"schema": reference, "examples": {"problem": {"value": example}}}},
                },
            )
        if self.method == "GET" and isinstance(self.view, Conditional) and "200" in bodies:
            bodies.setdefault("304", {"description": "You have it as it is."})
        for status, body in bodies.items():
            named = self._headers_of(int(status))
            body.setdefault("headers", {name: {"$ref": f"#/components/headers/{name}"} for name in named})
        return dict(sorted(bodies.items()))

    def _headers_of(self, code: int) -> list[str]:
        named = ["RateLimit", "RateLimit-Policy"]
        if isinstance(self.view, Conditional) and (code in {304, 412} or (code < 300 and self.method == "GET")):
            named += ["ETag", *(["Last-Modified"] if code < 400 else [])]
        if code == 200 and getattr(self.view, "action", "") == "list":
            named.append("Link")
        if code == 201:
            named.append("Location")
        if code < 500 and self._is_repeatable():
            named.append("Idempotency-Replayed")
        if code in {429, 503}:
            named.append("Retry-After")
        if code == 401:
            named.append("WWW-Authenticate")
        if self.is_deprecated():
            named += ["Deprecation", "Sunset"]
        return named

    def _problem_component(self) -> dict[str, str]:
        component = ResolvedComponent("Problem", ResolvedComponent.SCHEMA, schema=PROBLEM, object="Problem")
        if component not in self.registry:
            self.registry.register(component)
        reference: dict[str, str] = component.ref
        return reference


def _one_of(serializer: Any) -> Any:
    serializer = getattr(serializer, "child", serializer)
    return serializer() if isinstance(serializer, type) else serializer


def _kind_of(serializer: Any) -> type:
    serializer = getattr(serializer, "child", serializer)
    return serializer if isinstance(serializer, type) else type(serializer)


def complete(result: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """After everything is gathered: the headers there are, and an example of whatever has none."""
    components = result.setdefault("components", {})
    _without_marks(components.get("schemas", {}))
    _without_marks(result.get("paths", {}))
    components["headers"] = {
        name: {"description": words, "schema": {"type": "string"}, "example": example}
        for name, (words, example) in HEADERS.items()
    }
    for path in result.get("paths", {}).values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                _complete_parameter(parameter, components)
            bodies = [operation.get("requestBody", {}), *operation.get("responses", {}).values()]
            for content in (each for body in bodies for each in body.get("content", {}).values()):
                if not content.get("examples") and "example" not in content and "schema" in content:
                    content["examples"] = {"one": {"value": examples.of(content["schema"], components)}}
    return result


def _without_marks(found: Any) -> None:
    """The framework marks choices, to name them by."""
    if isinstance(found, dict):
        found.pop("x-spec-enum-id", None)
    for each in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        _without_marks(each)


def _complete_parameter(parameter: dict[str, Any], components: dict[str, Any]) -> None:
    name, place = parameter["name"], parameter["in"]
    said = parameter.get("description", "")
    if not said or said.startswith("* `"):
        words = ADDRESSED.get(name) if place == "path" else None
        words = words or f"Only with this {name.replace('_', ' ')}."
        parameter["description"] = f"{words}\n\n{said}".strip()
    schema = parameter.setdefault("schema", {})
    if "example" in parameter or parameter.get("examples") or schema.get("examples"):
        return
    example = examples.of(schema, components, name)
    if parameter.get("required"):
        parameter["example"] = example
    else:
        # Beside the value itself it would stand in every form to try things out, and be sent.
        parameter["schema"] = {**schema, "examples": [example]}


class _Bearer(OpenApiAuthenticationExtension):
    target_class = "accounts.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An access token, or a personal one (lpp_…)."}


class _Page(OpenApiAuthenticationExtension):
    target_class = "accounts.api.authentication.PageAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "Of a page that is open."}
