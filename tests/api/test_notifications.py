"""What somebody was told, through the API."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Notification
from accounts.notifications import notify

pytestmark = pytest.mark.django_db
Category = Notification.Category


@pytest.fixture
def told(author, editor):
    """Three notices of the author's, the newest first, and one of somebody else's."""
    notify([editor], category=Category.MEDIA, text="A file is gone.")
    for category, text in [(Category.REVIEW, "Sent back."), (Category.LIKE, "Liked."), (Category.REPLY, "Answered.")]:
        notify([author], category=category, text=text, url="/blog/boats/", actor=editor)
    return list(Notification.objects.filter(recipient=author).order_by("-pk"))


def test_one_sees_ones_own_the_newest_first(program, author, told, django_assert_max_num_queries):
    mine = program(author)
    with django_assert_max_num_queries(3):
        said = mine.get("/notifications/").json()
    assert [each["text"] for each in said["results"]] == ["Answered.", "Liked.", "Sent back."]
    assert said["results"][0]["unread"] is True and said["results"][0]["actor"] == "editor"
    assert not {"recipient", "group_key", "actor_ids", "mail"} & set(said["results"][0])


def test_they_are_sifted_by_what_is_declared_and_nothing_else(program, author, told):
    mine = program(author)
    mine.post(f"/notifications/{told[0].pk}/read/")
    assert [each["text"] for each in mine.get("/notifications/?unread=true").json()["results"]] == [
        "Liked.",
        "Sent back.",
    ]
    assert mine.get("/notifications/?unread=false").json()["count"] == 1
    assert mine.get("/notifications/?category=review").json()["count"] == 1
    for asked in (
        "category=none",
        "recipient=1",
        "recipient__password__startswith=a",
        "ordering=recipient",
        "unread=x",
    ):
        answer = mine.get(f"/notifications/?{asked}")
        assert answer.status_code == 400 or (asked == "unread=x" and answer.json()["count"] == 3), asked


def test_reading_and_unreading(program, author, told):
    mine, path = program(author), f"/notifications/{told[1].pk}/"
    etag = mine.get(path)["ETag"]
    assert mine.get(path, If_None_Match=etag).status_code == 304
    for _twice in range(2):
        said = mine.post(f"{path}read/")
        assert said.status_code == 200 and said.json()["unread"] is False
    assert mine.get(path, If_None_Match=etag).status_code == 200
    assert mine.post(f"{path}unread/").json()["unread"] is True


def test_all_are_read_but_those_that_came_after(program, author, told):
    mine = program(author)
    assert mine.post("/notifications/read/", {"up_to": told[1].pk}).json() == {"read": 2}
    assert [each["text"] for each in mine.get("/notifications/?unread=true").json()["results"]] == ["Answered."]
    assert mine.post("/notifications/read/", {}).json() == {"read": 1}
    assert mine.post("/notifications/read/", {}).json() == {"read": 0}
    assert Notification.objects.filter(recipient__username="editor", read_at__isnull=True).count() == 1
    for wrong in ({"up_to": 0}, {"up_to": "x"}, {"up_to": 2**63}, []):
        assert mine.post("/notifications/read/", wrong).status_code == 400


def test_those_of_somebody_else_are_not_there(program, editor, told):
    for path in ("", "read/", "unread/"):
        theirs = f"/notifications/{told[0].pk}/{path}"
        assert program(editor)("POST" if path else "GET", theirs).status_code == 404
    assert Notification.objects.get(pk=told[0].pk).read_at is None
    assert program(editor).get("/notifications/999999999999999999/").status_code == 404


def test_what_expired_is_gone_and_nothing_leads_out_of_the_site(program, author, told):
    Notification.objects.filter(pk=told[0].pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    Notification.objects.filter(pk=told[1].pk).update(url="https://evil.example/")
    said = program(author).get("/notifications/").json()["results"]
    assert [(each["text"], each["url"]) for each in said] == [("Liked.", ""), ("Sent back.", "/blog/boats/")]


def test_nobody_writes_or_deletes_one(program, author, told):
    mine = program(author)
    assert mine.post("/notifications/", {"text": "x"}).status_code == 405
    for method in ("PUT", "PATCH", "DELETE"):
        assert mine(method, f"/notifications/{told[0].pk}/", {"text": "x"}).status_code == 405


def test_a_walk_sees_each_once_while_others_come(program, author, editor, told):
    mine = program(author)
    first = mine.get("/notifications/?cursor=&page_size=2").json()
    notify([author], category=Category.LIKE, text="Later.", actor=editor)
    rest = mine.get(first["next"].removeprefix("http://testserver")).json()
    seen = [each["text"] for each in (*first["results"], *rest["results"])]
    assert seen == ["Answered.", "Liked.", "Sent back."] and rest["next"] is None
