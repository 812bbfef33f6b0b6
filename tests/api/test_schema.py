"""The description of the API says everything: what each operation does, takes and answers, with examples."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openapi_schema_validator import OAS31Validator

# Words that say nothing.
EMPTY = {"", "As asked."}


@pytest.fixture(scope="module")
def described() -> dict:
    said = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=said)
    found: dict = json.loads(said.getvalue())
    return found


def operations(described):
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def contents(operation):
    """Each body of an operation: what it is of, its media type and what is said of it."""
    for name, body in (("what is sent", operation.get("requestBody", {})), *operation["responses"].items()):
        for kind, content in body.get("content", {}).items():
            yield name, kind, content


def resolved(described, thing):
    while "$ref" in thing:
        place = described
        for part in thing["$ref"].removeprefix("#/").split("/"):
            place = place[part]
        thing = place
    return thing


def test_it_is_openapi_3_1_without_a_warning(described):
    assert described["openapi"].startswith("3.1") and described["paths"]


def test_every_operation_says_what_it_does(described):
    silent = [name for name, operation in operations(described) if not operation.get("description", "").strip()]
    assert not silent, f"These have no docstring, neither the action nor its viewset: {silent}"
    nameless = [name for name, operation in operations(described) if not operation.get("summary")]
    assert not nameless, f"These have no summary: {nameless}"
    numbers = [operation["operationId"] for _name, operation in operations(described)]
    assert len(numbers) == len(set(numbers)), "Two operations have one operationId; a client could not tell them apart."


def test_every_parameter_is_described_with_an_example(described):
    wrong = [
        f"{name}: {parameter['name']}"
        for name, operation in operations(described)
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
        or not ("example" in parameter or parameter.get("examples") or parameter["schema"].get("examples"))
    ]
    assert not wrong, f"These parameters have no description or no example: {wrong}"


def test_every_body_has_an_example_that_its_schema_allows(described):
    wrong = []
    for name, operation in operations(described):
        for part, kind, content in contents(operation):
            if "schema" not in content:
                wrong.append(f"{name}, {part}: {kind} has no schema")
                continue
            shown = [each["value"] for each in content.get("examples", {}).values()]
            shown += [content["example"]] if "example" in content else []
            if not shown:
                wrong.append(f"{name}, {part}: {kind} has no example")
            if "json" not in kind:
                continue
            whole = {**content["schema"], "components": described["components"]}
            for example in shown:
                for error in OAS31Validator(whole).iter_errors(example):
                    wrong.append(f"{name}, {part}: at {list(error.path)} {error.message[:200]}")
    assert not wrong, "Give a better example (core.rest.examples) or mend the schema:\n" + "\n".join(wrong)


def test_every_operation_names_the_errors_that_can_occur(described):
    wrong = []
    for name, operation in operations(described):
        codes = set(operation["responses"])
        needed = {"400", "401", "403", "404", "406", "429"}
        method = name.split()[0]
        if method != "GET":
            needed |= {"409", "413", "415"}
        if not any(code.startswith("2") for code in codes):
            wrong.append(f"{name} never says what happens when all is well")
        if missing := sorted(needed - codes):
            wrong.append(f"{name} does not say that it may answer with {', '.join(missing)}")
        for code, answer in operation["responses"].items():
            if code[0] in "45" and list(answer.get("content", {})) != ["application/problem+json"]:
                wrong.append(f"{name}: {code} is no problem (RFC 9457)")
            if not answer.get("description", "").strip():
                wrong.append(f"{name}: {code} has no description")
    assert not wrong, "\n".join(wrong)


def test_every_answer_names_its_limits_and_what_is_to_be_waited_for(described):
    wrong = []
    for name, operation in operations(described):
        for code, answer in operation["responses"].items():
            named = set(answer.get("headers", {}))
            needed = {"RateLimit", "RateLimit-Policy"}
            needed |= {"Retry-After"} if code in {"429", "503"} else set()
            needed |= {"WWW-Authenticate"} if code == "401" else set()
            if missing := sorted(needed - named):
                wrong.append(f"{name}, {code}: no {', '.join(missing)}")
            for header in answer.get("headers", {}).values():
                assert resolved(described, header)["description"]
    assert not wrong, "\n".join(wrong)


def test_conditions_and_keys_are_described_where_they_hold(described):
    named = {
        name: {each["name"] for each in operation.get("parameters", ())} for name, operation in operations(described)
    }
    assert "If-None-Match" in named["GET /api/v1/posts/{slug}/"] and "If-None-Match" in named["GET /api/v1/posts/"]
    assert "If-Match" in named["PATCH /api/v1/posts/{slug}/"] and "Idempotency-Key" in named["POST /api/v1/posts/"]
    assert "Idempotency-Key" not in named["POST /api/v1/auth/token/"]
    answers = {name: set(operation["responses"]) for name, operation in operations(described)}
    assert {"304"} <= answers["GET /api/v1/posts/{slug}/"] and {"412", "428"} <= answers["PATCH /api/v1/posts/{slug}/"]
    assert "422" in answers["POST /api/v1/posts/"] and "410" in answers["GET /api/v1/changes/"]
    assert "422" not in answers["POST /api/v1/auth/token/"] and "304" not in answers["POST /api/v1/posts/"]


def test_no_private_column_is_in_a_schema(described):
    shown = {name: each for name, each in described["components"]["schemas"].items() if not name.endswith("Request")}
    said = json.dumps(shown)
    for name in ("fingerprint_hash", "is_superuser", "user_permissions", "digest", "sha256", "request_digest"):
        assert f'"{name}"' not in said


def test_it_is_served_to_anybody_as_json(program):
    answer = program().get("/api/schema/")
    assert answer.status_code == 200 and "json" in answer["Content-Type"]
    assert answer.json()["info"]["title"] == "Letterpress API"
    with CaptureQueriesContext(connection) as asked:
        assert program().get("/api/schema/").content == answer.content
    assert not asked, "it is made once, and asks nothing of the database"
