"""What is sent as JSON and is none, or is too much of it: refused in words, never an error of ours."""

import json

import pytest

from accounts.api import limits
from blog.models import Post
from tests.core.corpora import SHARED

FOLDER = SHARED / "corpora" / "json-parsing"
FILES = sorted(FOLDER.glob("*.json"))
here = pytest.mark.skipif(not FILES, reason="the corpus json-parsing is not beside this checkout")


@pytest.fixture
def unlimited(monkeypatch):
    """What is tried is what is sent, not how often."""
    monkeypatch.setattr(limits.Limits, "allow_request", lambda *_: True)


@here
@pytest.mark.django_db
def test_the_whole_corpus_of_json(program, author, unlimited):
    mine = program(author)
    for path in FILES:
        answer = mine.post("/posts/", path.read_bytes())
        assert answer.status_code < 500, path.name
        assert answer.status_code in {400, 413}, (path.name, answer.status_code)
        assert answer["Content-Type"] == "application/problem+json", path.name
        if path.name.startswith("n_"):
            assert answer.json()["code"] == "parse_error", (path.name, answer.json())
    assert not Post.objects.exists()


def rows_of_fuzz():
    folder = SHARED / "corpora" / "json-fuzz"
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text().splitlines():
            yield json.loads(line)


@here
@pytest.mark.django_db
def test_rows_made_to_break_parsers(program, author, unlimited):
    mine = program(author)
    for row in rows_of_fuzz():
        for body in (row.get("payload"), json.dumps(row.get("payload"))):
            if isinstance(body, str):
                answer = mine.post("/posts/", body.encode("utf-8", "surrogatepass"))
                assert answer.status_code < 500, body[:200]


@pytest.mark.parametrize(
    "body",
    [
        *(b'{"title": "a", "title": "b"}', b'{"title": NaN}', b'{"view_count": 1e999}', b'{"title": "\\ud800"}'),
        *(b'{"title": ' + b"[" * 21 + b"]" * 21 + b"}", b"[" * 100_000, b'{"a":' * 50_000, b"", b" ", b"\xff\xfe"),
        *(b'{"series_position": ' + b"9" * 5000 + b"}", b'{"title": "a"}{"title": "b"}', b'"title"', b"[]", b"null"),
    ],
)
def test_what_is_no_object_of_json_is_refused(program, author, body):
    answer = program(author).post("/posts/", body)
    assert answer.status_code == 400 and answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("title", "a\x00b"), ("title", ["a"]), ("title", {"a": 1}), ("title", None), ("title", True)),
        *(("slug", "a\x00b"), ("content_markdown", "a\x00b"), ("content_markdown", []), ("tags", "Sea")),
        *(("tags", [["Sea"]]), ("tags", ["a\x00b"]), ("tags", ["x" * 101]), ("co_authors", [True, "x"])),
        *(("category", 2**63), ("category", -1), ("category", "1; DROP"), ("category", {}), ("author", None)),
        *(("series_position", 2**63), ("series_position", -1), ("comments_close_after_days", 3651)),
        *(("canonical_url", "javascript:alert(1)"), ("geo_target_country", "GBR"), ("unpublish_at", "tomorrow")),
        *(("unpublish_at", "9999-12-31T23:59:59-23:00"), ("last_reviewed_at", "0001-01-01T00:00:00+23:00")),
        *(("title", "x" * 301), ("excerpt", "x" * 1001), ("reason", "x" * 301), ("noindex", "perhaps")),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_field(program, author, name, value):
    sent = {"title": "Ferries", "content_markdown": "x", name: value}
    answer = program(author).post("/posts/", sent)
    assert answer.status_code == 400, answer.content
    assert {field.split(".")[0] for field in answer.json()["errors"]} == {name} and not Post.objects.exists()


def test_more_than_is_taken_at_once_is_413(program, author, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000
    mine = program(author)
    fits = {"title": "Ferries", "content_markdown": "x " * 4_000}
    assert mine.post("/posts/", fits).status_code == 201
    for headers in ({}, {"Idempotency_Key": "one"}):
        answer = mine.post("/posts/", {"title": "Ships", "content_markdown": "x " * 6_000}, **headers)
        assert answer.status_code == 413 and answer["Content-Type"] == "application/problem+json"
    assert Post.objects.count() == 1
