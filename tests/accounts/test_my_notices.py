"""Somebody’s own notices on a page of their own: read, kept unread, all at once, and what of them is mailed."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import mail_choices, notifications
from accounts.models import Notification
from accounts.tasks import forget_expired_notifications

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def tell(person, text="Ana answers you.", **options):
    return notifications.notify([person], category="reply", text=text, **options)[0]


def test_it_lists_ones_own_and_what_is_unread(reader, editor, client_of):
    tell(reader, "Ana answers <b>you</b>.")
    tell(editor, "Not yours.")
    page = client_of(reader).get("/me/notifications/").content.decode()
    assert "Ana answers &lt;b&gt;you&lt;/b&gt;." in page and "Not yours" not in page
    assert "not read yet" in page
    assert '<bdi lang="en-gb" dir="ltr">' in page, "a name written from right to left does not turn the sentence"


def test_what_is_urgent_stands_out_and_only_that(reader, client_of):
    tell(reader, priority="urgent")
    for priority in ("high", "normal", "low"):
        tell(reader, priority=priority)
    assert client_of(reader).get("/me/notifications/").content.decode().count(">Urgent<") == 1


def test_what_expired_is_neither_listed_nor_counted_and_swept_by_the_clock(reader, client_of, time_machine):
    time_machine.move_to(NOON, tick=False)
    tell(reader, "Only today.", expires_at=NOON + timedelta(hours=1))
    kept = tell(reader, "For long.")
    notifications.mark_read(reader, tell(reader, "Read.").pk, at=NOON)
    assert notifications.unread_count(reader) == 2
    time_machine.move_to(NOON + timedelta(hours=1), tick=False)
    page = client_of(reader).get("/me/notifications/").content.decode()
    assert "Only today" not in page and "For long" in page and notifications.unread_count(reader) == 1
    assert forget_expired_notifications() == 1
    time_machine.move_to(NOON + timedelta(days=91), tick=False)
    assert forget_expired_notifications() == 1, "read, and long ago"
    assert Notification.objects.get() == kept


def test_a_stranger_is_asked_to_sign_in(client):
    for path in ("/me/notifications/", "/me/notifications/choices/"):
        assert client.get(path).headers["Location"].startswith("/accounts/login/")
    assert client.post("/me/notifications/read/").status_code == 302


def test_following_one_reads_it_and_goes_there(reader, client_of):
    notice = tell(reader, url="/blog/tides/#comment-5")
    answer = client_of(reader).post(f"/me/notifications/{notice.pk}/")
    assert answer.headers["Location"] == "/blog/tides/#comment-5"
    notice.refresh_from_db()
    assert notice.read_at is not None


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", ""])
def test_a_notice_never_leads_out_of_the_site(reader, client_of, url):
    notice = tell(reader, url=url)
    assert client_of(reader).post(f"/me/notifications/{notice.pk}/").headers["Location"] == "/me/notifications/"


def test_one_can_be_kept_unread_but_not_somebody_elses(reader, editor, client_of):
    notice = tell(reader)
    client_of(reader).post(f"/me/notifications/{notice.pk}/", {"stay": "1"})
    assert notifications.unread_count(reader) == 0
    client_of(reader).post(f"/me/notifications/{notice.pk}/", {"unread": "1"})
    assert notifications.unread_count(reader) == 1
    assert client_of(editor).post(f"/me/notifications/{notice.pk}/").status_code == 404
    assert notifications.unread_count(reader) == 1
    assert client_of(reader).get(f"/me/notifications/{notice.pk}/").status_code == 405


def test_all_are_read_but_not_what_came_later(reader, client_of):
    seen = tell(reader)
    tell(reader, "Later.")
    client_of(reader).post("/me/notifications/read/", {"up_to": str(seen.pk)})
    assert notifications.unread_count(reader) == 1
    client_of(reader).post("/me/notifications/read/", {"up_to": "nonsense"})
    assert notifications.unread_count(reader) == 0


def test_a_long_list_has_pages_and_asks_the_same_questions(reader, client_of, django_assert_max_num_queries):
    for number in range(65):
        tell(reader, f"Number {number}.")
    client = client_of(reader)
    assert "Number 64." in client.get("/me/notifications/").content.decode()
    with django_assert_max_num_queries(12):
        last = client.get("/me/notifications/?page=3").content.decode()
    assert "Number 0." in last and "Number 64." not in last
    assert client.get("/me/notifications/?page=nonsense").status_code == 200


def test_choices_are_kept_and_nothing_else_is(reader, author, client_of):
    client = client_of(reader)
    page = client.get("/me/notifications/choices/").content.decode()
    assert 'name="reply"' in page and 'name="comment"' not in page, "no reader has posts to comment on"
    assert 'name="comment"' in client_of(author).get("/me/notifications/choices/").content.decode()
    sent = {"reply": "daily", "like": "never", "news": "daily", "digest_hour": "20", "timezone": "Asia/Tokyo"}
    forged = {"comment": "never", "is_staff": "1"}
    assert client.post("/me/notifications/choices/", {**sent, **forged}).status_code == 302
    reader.refresh_from_db()
    assert (reader.digest_hour, reader.timezone, reader.is_staff) == (20, "Asia/Tokyo", False)
    assert mail_choices.choices_of(reader)["reply"] == "daily"
    kept = dict(reader.notification_choices.values_list("category", "mail"))
    assert kept == {"reply": "daily"}, "what nobody changed follows the defaults"


@pytest.mark.parametrize("wrong", [{"reply": "hourly"}, {"digest_hour": "24"}, {"timezone": "Atlantis"}])
def test_what_is_no_choice_is_refused(reader, client_of, wrong):
    sent = {"reply": "daily", "like": "never", "news": "daily", "digest_hour": "20", "timezone": ""}
    assert client_of(reader).post("/me/notifications/choices/", {**sent, **wrong}).status_code == 200
    assert not reader.notification_choices.exists()
    assert not Notification.objects.exists()
