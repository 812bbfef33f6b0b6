"""What will go is told with every answer it is in, half a year before."""

from datetime import UTC, datetime

import pytest
from drf_spectacular.generators import SchemaGenerator

from core.rest import deprecation

THEN = deprecation.Deprecated(
    since=datetime(2026, 1, 1, tzinfo=UTC), until=datetime(2027, 1, 1, tzinfo=UTC), guide="https://example.org/moving"
)


@pytest.fixture
def table(monkeypatch):
    found: dict = {}
    monkeypatch.setattr(deprecation, "TABLE", found)
    return found


def test_nothing_is_said_of_what_stays(program, db):
    answer = program().get("/posts/")
    assert "Deprecation" not in answer and "Sunset" not in answer


@pytest.mark.parametrize("name", ["api-post-list", "api-post-list.twitter_title"])
def test_a_route_or_a_field_that_will_go_is_told(program, db, table, name):
    table[name] = THEN
    answer = program().get("/posts/")
    assert answer.status_code == 200
    assert answer["Deprecation"] == "@1767225600" and answer["Sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
    assert '<https://example.org/moving>; rel="deprecation"' in answer["Link"] and 'rel="first"' in answer["Link"]
    assert "Deprecation" not in program().get("/changes/")
    # Also whoever is refused, and whoever has it already, hears of it.
    assert "Sunset" in program().get("/posts/?page=x")
    assert "Sunset" in program().get("/posts/", If_None_Match=program().get("/posts/")["ETag"])


def test_of_several_the_first_to_go_is_told(program, db, table):
    table["api-post-list"] = THEN
    table["api-post-list.kind"] = THEN._replace(until=datetime(2026, 12, 1, tzinfo=UTC))
    assert program().get("/posts/")["Sunset"] == "Tue, 01 Dec 2026 00:00:00 GMT"


def test_the_description_marks_it(table, db):
    table["api-post-list"] = THEN
    described = SchemaGenerator().get_schema(request=None, public=True)
    said = described["paths"]["/api/v1/posts/"]["get"]
    assert said["deprecated"] and {"Deprecation", "Sunset"} <= set(said["responses"]["200"]["headers"])
    assert "deprecated" not in described["paths"]["/api/v1/posts/{slug}/"]["get"]


def test_what_is_declared_gives_the_notice_that_is_promised():
    for name, each in deprecation.TABLE.items():
        assert each.until - each.since >= deprecation.NOTICE, f"{name} goes sooner than docs/api.md promises"
