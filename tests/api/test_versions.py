"""The history of a post: read, compared word by word and brought back by whoever may change it."""

import pytest

from blog.models import Post
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)


@pytest.fixture
def twice(program, author):
    mine = program(author)
    etag = mine.post("/posts/", {"title": "Ferries", "content_markdown": "They wait here."})["ETag"]
    mine.patch(
        "/posts/ferries/", {"content_markdown": "They wait there.", "title": "Boats", "reason": "Moved"}, etag=etag
    )
    return mine


def test_the_newest_come_first_without_their_texts(twice, django_assert_num_queries):
    with django_assert_num_queries(5):
        listed = twice.get("/posts/ferries/versions/").json()
    assert [(each["number"], each["reason"], each["is_newest"]) for each in listed["results"]] == [
        (2, "Moved", True),
        (1, "", False),
    ]
    assert listed["count"] == 2 and "content" not in listed["results"][0]
    assert listed["results"][0]["editor"]["slug"] == "author" and not listed["results"][0]["is_live"]


def test_one_version_says_every_field_as_it_was(twice):
    first = twice.get("/posts/ferries/versions/1/")
    assert first.json()["content"]["title"] == "Ferries" and "co_authors" in first.json()["content"]
    assert twice.get("/posts/ferries/versions/1/", If_None_Match=first["ETag"]).status_code == 304
    for missing in ("3", "0", "999999999"):
        assert twice.get(f"/posts/ferries/versions/{missing}/").status_code == 404


def test_two_versions_are_compared_word_by_word(twice):
    for query in ("", "?against=1"):
        said = twice.get(f"/posts/ferries/versions/2/diff/{query}").json()
        assert (said["older"], said["newer"], said["added"], said["removed"]) == (1, 2, 1, 1)
        (paragraph,) = said["paragraphs"]
        old = "".join(piece["text"] for piece in paragraph["pieces"] if piece["kind"] != "added")
        new = "".join(piece["text"] for piece in paragraph["pieces"] if piece["kind"] != "removed")
        assert (old, new) == ("They wait here.", "They wait there.")
        assert [(each["name"], each["before"], each["after"]) for each in said["fields"]] == [
            ("title", "Ferries", "Boats")
        ]
    for wrong, status in (("9", 404), ("-1", 400), ("x", 400), ("1" * 30, 400), ("%F1", 400)):
        assert twice.get(f"/posts/ferries/versions/2/diff/?against={wrong}").status_code == status
    assert twice.get("/posts/ferries/versions/2/diff/?from=1").status_code == 400


def test_a_version_is_brought_back_as_a_version_of_its_own(twice, program, author):
    back = twice.post("/posts/ferries/versions/1/restore/", {})
    assert back.status_code == 200 and back.json()["title"] == "Ferries" and back.json()["content_version"] == 3
    assert Post.objects.get().content_markdown == "They wait here."
    stale = twice.post("/posts/ferries/versions/2/restore/", {}, If_Match='"1.2.x-y"')
    assert stale.status_code == 412
    assert twice.post("/posts/ferries/versions/2/restore/", {"to": 1}).status_code == 400


def test_of_a_live_post_it_waits_until_it_is_published(program, publish, author, editor):  # noqa: F811
    publish("Boats", text="Old words.")
    mine = program(author)
    etag = mine.get("/posts/boats/")["ETag"]
    mine.patch("/posts/boats/", {"content_markdown": "New words."}, etag=etag)
    program(editor).post("/posts/boats/publish/", {})
    assert mine.post("/posts/boats/versions/1/restore/", {}).json()["content_html"] == "<p>Old words.</p>"
    assert program().get("/posts/boats/").json()["content_html"] == "<p>New words.</p>"


def test_a_token_for_reading_reads_the_history_and_brings_nothing_back(twice, program, author):
    reads = program(author, ["read"])
    assert reads.get("/posts/ferries/versions/").status_code == 200
    assert reads.post("/posts/ferries/versions/1/restore/", {}).status_code == 403
