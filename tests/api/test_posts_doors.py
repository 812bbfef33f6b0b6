"""Posts of others, and what is not out yet, by every address of the API: nobody learns even that they are there."""

import pytest

from blog import publishing
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)
from tests.conftest import make_person

STEPS = ("publish", "schedule", "submit", "send-back", "cancel", "discard", "archive", "restore", "like", "share")


@pytest.fixture
def other(db):
    from accounts.roles import Role

    return make_person("other", Role.AUTHOR)


@pytest.fixture
def secret(write, other):  # noqa: F811
    return write("Secret plans", text="Nobody knows.", by=other)


@pytest.mark.parametrize("who", ["stranger", "reader", "author"])
def test_a_draft_of_somebody_else_is_nowhere(program, request, secret, publish, who):  # noqa: F811
    publish("Boats")
    asks = program(None if who == "stranger" else request.getfixturevalue(who))
    for path in ("/posts/secret-plans/", "/posts/secret-plans/?newest=true", f"/posts/{secret.pk}/"):
        assert asks.get(path).status_code == 404
    for under in ("versions/", "versions/1/", "versions/1/diff/", "versions/2/"):
        assert asks.get(f"/posts/secret-plans/{under}").status_code == (401 if who == "stranger" else 404)
    for query in ("", "?status=draft", "?author=other", "?cursor=", "?expand=co_authors", "?ordering=changed"):
        answer = asks.get(f"/posts/{query}")
        assert answer.status_code == 200 and b"ecret" not in answer.content
    for path in ("/posts/popular/", "/posts/trending/", "/search/?q=secret", "/search/suggest/?q=secr"):
        assert b"ecret" not in asks.get(path).content.replace(b"secret", b"", 1)
    for method in ("PUT", "PATCH", "DELETE"):
        said = asks(method, "/posts/secret-plans/", {"title": "Mine"}, etag='"1.1.x-y"')
        assert said.status_code in {401, 403, 404} and b"plans" not in said.content
    for step in STEPS:
        sent = {"channel": "mail"} if step == "share" else {}
        assert asks.post(f"/posts/secret-plans/{step}/", sent).status_code in {401, 403, 404}
    secret.refresh_from_db()
    assert (secret.title, secret.status, secret.like_count) == ("Secret plans", "draft", 0)


def test_the_answer_to_a_stranger_does_not_tell_a_draft_from_nothing(program, secret):
    asks = program()
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "POST"):
        there, nothing = asks(method, "/posts/secret-plans/"), asks(method, "/posts/no-such-post/")
        assert (there.status_code, there.content) == (nothing.status_code, nothing.content)


def test_a_scheduled_post_and_one_in_the_trash_stay_hidden(program, write, publish, editor, author, later):  # noqa: F811
    publishing.schedule(write("Tomorrow"), by=editor, at=later)
    publishing.trash(publish("Thrown away"), by=editor)
    for slug in ("tomorrow", "thrown-away"):
        assert program().get(f"/posts/{slug}/").status_code == 404
        assert program(author).get(f"/posts/{slug}/").status_code == 200
    assert program().get("/posts/?is_trashed=true").json()["count"] == 0
    mine = program(author)
    assert [each["slug"] for each in mine.get("/posts/").json()["results"]] == ["tomorrow"]
    assert [each["slug"] for each in mine.get("/posts/?is_trashed=true").json()["results"]] == ["thrown-away"]


@pytest.fixture
def later():
    from datetime import timedelta

    from django.utils import timezone

    return timezone.now() + timedelta(days=1)


def test_a_live_post_of_somebody_else_is_read_and_not_moved(program, publish, other, author):  # noqa: F811
    publish("Boats", by=other)
    mine = program(author)
    etag = mine.get("/posts/boats/")["ETag"]
    assert "content_markdown" not in mine.get("/posts/boats/").json()
    assert mine.patch("/posts/boats/", {"title": "Mine"}, etag=etag).status_code == 403
    assert mine.delete("/posts/boats/", etag=etag).status_code == 403
    assert mine.get("/posts/boats/?newest=true").status_code == 403
    assert mine.get("/posts/boats/versions/").status_code == 403
    assert mine.post("/posts/boats/discard/", {}).status_code == 403
    assert program().get("/posts/boats/").json()["title"] == "Boats"


def test_what_waits_for_a_live_post_is_the_desks_alone(program, publish, author, reader):  # noqa: F811
    publish("Boats", text="Old words.", tags=["Sea"])
    mine = program(author)
    before = program().get("/posts/boats/")
    etag = mine.get("/posts/boats/")["ETag"]
    changed = mine.patch("/posts/boats/", {"content_markdown": "New words.", "tags": ["River"]}, etag=etag)
    assert changed.json()["content_html"] == "<p>New words.</p>" and changed.json()["tags"] == ["River"]
    assert changed.json()["has_pending_changes"] is True and changed.json()["content_version"] == 3
    for asks in (program(), program(reader)):
        said = asks.get("/posts/boats/").json()
        assert said["content_html"] == "<p>Old words.</p>" and said["tags"] == ["Sea"]
        assert said["content_version"] == before.json()["content_version"] == 2
        assert not {"has_pending_changes", "content_markdown", "focus_keyword", "trashed_at"} & said.keys()
        assert asks.get("/posts/boats/?newest=true").status_code in {401, 403}
    assert mine.get("/posts/boats/?newest=true").json()["content_markdown"] == "New words."


def test_nobody_writes_over_what_waits_without_having_seen_it(program, publish, author, editor):  # noqa: F811
    publish("Boats", text="Old words.")
    mine = program(author)
    etag = mine.get("/posts/boats/")["ETag"]
    mine.patch("/posts/boats/", {"content_markdown": "New words."}, etag=etag)
    live = program(editor).get("/posts/boats/")
    stale = program(editor).patch("/posts/boats/", {"content_markdown": "Mine."}, etag=live["ETag"])
    assert stale.status_code == 412 and stale.json()["theirs"] == {"content_markdown": "New words."}
    assert stale.json()["base"] == {"content_markdown": "Old words."}
    newest = program(editor).get("/posts/boats/?newest=true")
    assert newest["ETag"] == stale["ETag"]
    assert program(editor).patch("/posts/boats/", {"excerpt": "x"}, etag=newest["ETag"]).status_code == 200


def test_the_reason_of_a_change_is_told_to_readers_where_the_post_says_so(program, author, editor):
    mine = program(author)
    mine.post("/posts/", {"title": "Boats", "content_markdown": "One.", "reason": "Our lawyer said so"})
    program(editor).post("/posts/boats/publish/", {})
    assert program().get("/posts/boats/").json()["last_updated_reason"] == ""
    assert mine.get("/posts/boats/").json()["last_updated_reason"] == "Our lawyer said so"
