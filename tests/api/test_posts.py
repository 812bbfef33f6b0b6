"""Posts through the API: the desk's rules, whoever asks."""

import pytest

from blog.models import Post, PostVersion
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)


def test_a_stranger_reads_what_is_published_and_nothing_else(program, publish, write):  # noqa: F811
    publish("Boats", text="Two *keels*.")
    write("Secret")
    listed = program().get("/posts/").json()
    assert [each["title"] for each in listed["results"]] == ["Boats"] and listed["count"] == 1
    shown = program().get("/posts/boats/").json()
    assert shown["content_html"] == "<p>Two <em>keels</em>.</p>" and "content_markdown" not in shown
    missing = program().get("/posts/secret/")
    assert missing.status_code == 404 and missing["Content-Type"] == "application/problem+json"


def test_an_author_writes_and_an_editor_publishes(program, author, editor):
    mine = program(author)
    made = mine.post("/posts/", {"title": "Ferries", "content_markdown": "They *wait*.", "tags": ["Boats"]})
    assert made.status_code == 201 and made.json()["status"] == "draft" and made.json()["tags"] == ["Boats"]
    assert made["Location"].endswith("/api/v1/posts/ferries/")
    refused = mine.post("/posts/ferries/publish/", {})
    assert refused.status_code == 403 and refused.json()["code"] == "role"
    assert program(editor).post("/posts/ferries/publish/", {}).json()["status"] == "published"
    assert PostVersion.objects.filter(post__slug="ferries").count() == 2


def test_a_write_says_what_it_began_from(program, author, editor):
    mine = program(author)
    etag = mine.post("/posts/", {"title": "Ferries", "content_markdown": "One."})["ETag"]
    assert mine.patch("/posts/ferries/", {"excerpt": "x"}).status_code == 428
    first = mine.patch("/posts/ferries/", {"content_markdown": "Two."}, etag=etag)
    assert first.status_code == 200 and first["ETag"] != etag
    stale = program(editor).patch("/posts/ferries/", {"content_markdown": "Three."}, etag=etag)
    said = stale.json()
    assert stale.status_code == 412 and stale["ETag"].split("-")[0] == first["ETag"].split("-")[0]
    assert said["base"] == {"content_markdown": "One."} and said["theirs"] == {"content_markdown": "Two."}
    assert said["mine"] == {"content_markdown": "Three."}
    assert Post.objects.get().content_markdown == "Two."


def test_what_one_has_is_not_sent_again(program, publish, django_assert_max_num_queries):  # noqa: F811
    publish("Boats")
    for path in ("/posts/", "/posts/boats/"):
        etag = program().get(path)["ETag"]
        again = program().get(path, If_None_Match=etag)
        assert again.status_code == 304 and not again.content and again["ETag"] == etag
        assert not etag.startswith("W/")


def test_a_wrong_field_is_named(program, author):
    said = program(author).post("/posts/", {"title": "", "twitter_card_type": "huge", "category": 99})
    assert said.status_code == 400 and set(said.json()["errors"]) == {"title", "twitter_card_type", "category"}


def test_the_same_key_gives_the_same_answer(program, author):
    mine, sent = program(author), {"title": "Ferries", "content_markdown": "One."}
    first = mine.post("/posts/", sent, Idempotency_Key="one")
    again = mine.post("/posts/", sent, Idempotency_Key="one")
    assert (first.status_code, first.content) == (again.status_code, again.content) and again["Idempotency-Replayed"]
    assert Post.objects.count() == 1
    other = mine.post("/posts/", {**sent, "title": "Another"}, Idempotency_Key="one")
    assert other.status_code == 422 and Post.objects.count() == 1


@pytest.mark.parametrize("expand", ["", "author,category,tags,co_authors"])
def test_a_list_asks_five_questions_at_most(program, publish, django_assert_max_num_queries, expand):  # noqa: F811
    for number in range(20):
        publish(f"Post {number}", tags=[f"tag {number}", "all"])
    with django_assert_max_num_queries(5):
        assert len(program().get(f"/posts/?expand={expand}").json()["results"]) == 20


@pytest.mark.parametrize("deed", ["like", "share"])
def test_a_page_elsewhere_makes_no_guest_like_or_share(program, publish, deed):  # noqa: F811
    publish("Boats")
    sent = {"like": {"liked": True}, "share": {"channel": "link"}}[deed]
    refused = program().post(f"/posts/boats/{deed}/", sent, Origin="https://elsewhere.example")
    assert refused.status_code == 403 and refused.json()["code"] == "foreign"
    assert Post.objects.get().like_count == 0
    assert program().post(f"/posts/boats/{deed}/", sent).status_code in {200, 204}
