"""The plan as a calendar feed: a file any calendar program reads, at an address only its owner knows."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from structlog.testing import capture_logs

from accounts.models import AuditEntry
from accounts.roles import Role, set_role
from blog import calendar_feed, publishing, writing
from blog.models import CalendarFeed, Post

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 9, 41, tzinfo=UTC)
LATER = datetime(2026, 12, 3, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def feed_of():
    """Open the feed of somebody: feed_of(user) is its lines, unfolded."""

    def read(user):
        token = calendar_feed.renew(user, at=NOW)
        answer = Client().get(f"/calendar/{token}.ics")
        assert answer.status_code == 200
        return unfolded(answer.content)

    return read


def unfolded(body: bytes) -> list[str]:
    text = body.decode()
    assert "\n" not in text.replace("\r\n", "")
    assert text.endswith("\r\n")
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def events(lines: list[str]) -> list[dict[str, str]]:
    found, at = [], None
    for line in lines:
        if line == "BEGIN:VEVENT":
            at = {}
            found.append(at)
        elif line == "END:VEVENT":
            at = None
        elif at is not None:
            name, _, value = line.partition(":")
            at[name] = value
    return found


def test_a_scheduled_post_is_an_event_with_all_a_calendar_needs(feed_of, editor, write):
    post = write("Leap seconds")
    publishing.schedule(post, by=editor, at=LATER)
    lines = feed_of(editor)
    assert lines[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Letterpress//Plan//EN"]
    assert lines[-1] == "END:VCALENDAR"
    (event,) = events(lines)
    assert event == {
        "UID": f"post-{post.pk}-live@localhost",
        "DTSTAMP": "20261121T094100Z",
        "LAST-MODIFIED": "20261121T094100Z",
        "DTSTART": "20261203T090000Z",
        "SUMMARY": "Goes live: Leap seconds",
        "DESCRIPTION": "Scheduled\\, by author",
        "CATEGORIES": "Scheduled",
        "STATUS": "CONFIRMED",
        "TRANSP": "TRANSPARENT",
        "URL": f"http://localhost:8000/admin/blog/post/{post.pk}/change/",
    }


def test_a_post_stays_the_same_event_when_it_goes_live(feed_of, editor, write):
    post = write("Leap seconds")
    publishing.schedule(post, by=editor, at=LATER)
    (planned,) = events(feed_of(editor))
    with time_machine.travel(LATER + timedelta(hours=1), tick=False):
        publishing.publish_due()
        (live,) = events(feed_of(editor))
    assert live["UID"] == planned["UID"]
    assert live["SUMMARY"] == "Published: Leap seconds"
    assert live["LAST-MODIFIED"] > planned["LAST-MODIFIED"]


def test_updates_and_endings_are_events_of_their_own(feed_of, editor, publish):
    post = publish("The noon gun", at=NOW - timedelta(days=1))
    Post.objects.filter(pk=post.pk).update(
        unpublish_at=LATER + timedelta(days=9), review_due_at=LATER + timedelta(days=5)
    )
    post.refresh_from_db()
    post.excerpt = "Louder."
    writing.save(post, by=editor)
    publishing.plan_update(post, by=editor, at=LATER)
    assert [(event["SUMMARY"], event["STATUS"]) for event in events(feed_of(editor))] == [
        ("Published: The noon gun", "CONFIRMED"),
        ("Update goes live: The noon gun", "CONFIRMED"),
        ("Review due: The noon gun", "TENTATIVE"),
        ("Comes down: The noon gun", "CONFIRMED"),
    ]


def test_an_author_is_told_only_what_an_author_may_see(feed_of, author, editor, write, publish):
    publishing.schedule(write("Secret", by=editor), by=editor, at=LATER)
    other = publish("Live", by=editor, at=NOW - timedelta(days=1))
    publishing.schedule(write("Own"), by=editor, at=LATER)
    found = events(feed_of(author))
    assert [event["SUMMARY"] for event in found] == ["Published: Live", "Goes live: Own"]
    assert found[0]["URL"] == f"http://localhost:8000{other.get_absolute_url()}"


def test_what_is_long_gone_or_far_away_is_left_out(feed_of, editor, publish, write):
    publish("Long ago", at=NOW - timedelta(days=93))
    publishing.schedule(write("Far away"), by=editor, at=NOW + timedelta(days=800))
    publish("Not so long ago", at=NOW - timedelta(days=91))
    assert [event["SUMMARY"] for event in events(feed_of(editor))] == ["Published: Not so long ago"]


# --- the form of the file
@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a, b; c", "a\\, b\\; c"),
        ("back\\slash", "back\\\\slash"),
        ("two\r\nlines\nand\rmore", "two\\nlines\\nand\\nmore"),
        ("bell\x07 and null\x00", "bell and null"),
        ("\\n stays two characters", "\\\\n stays two characters"),
        ("“quoted”: plain", "“quoted”: plain"),
    ],
)
def test_text_is_escaped(text, escaped):
    assert calendar_feed.escaped(text) == escaped


@pytest.mark.parametrize("character", ["a", "é", "語", "🕰", "\u0301"])
def test_no_line_is_longer_than_75_octets_and_no_character_is_cut(character):
    line = "SUMMARY:" + character * 300
    body = calendar_feed.written([line])
    pieces = body.split(b"\r\n")[:-1]
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= 75
    assert all(piece.decode() for piece in pieces)
    assert body.decode().replace("\r\n ", "") == line + "\r\n"


def test_a_line_of_just_75_octets_is_not_folded():
    assert list(calendar_feed.folded("x" * 75)) == ["x" * 75]
    assert list(calendar_feed.folded("x" * 76)) == ["x" * 75, " x"]


def test_a_title_cannot_write_lines_of_its_own(feed_of, editor, publish):
    post = publish("A", at=NOW - timedelta(days=1))
    title = "A\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Mine"
    Post.objects.filter(pk=post.pk).update(title=title)
    (event,) = events(feed_of(editor))
    assert event["SUMMARY"] == "Published: A\\nEND:VEVENT\\nBEGIN:VEVENT\\nSUMMARY:Mine"


# --- who may read it
def test_the_answer_is_kept_by_nobody_and_is_a_calendar(editor):
    token = calendar_feed.renew(editor, at=NOW)
    answer = Client().get(f"/calendar/{token}.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Robots-Tag"] == "noindex"
    assert Client().head(f"/calendar/{token}.ics").status_code == 200
    assert Client().post(f"/calendar/{token}.ics").status_code == 405


def test_only_a_digest_is_kept(editor):
    token = calendar_feed.renew(editor, at=NOW)
    assert len(token) >= 43
    assert token not in str(CalendarFeed.objects.values().get())
    assert token not in str(list(AuditEntry.objects.values()))


def test_a_renewed_or_revoked_address_stops_working(editor):
    old = calendar_feed.renew(editor, at=NOW)
    new = calendar_feed.renew(editor, at=NOW)
    assert Client().get(f"/calendar/{old}.ics").status_code == 404
    assert Client().get(f"/calendar/{new}.ics").status_code == 200
    assert calendar_feed.revoke(editor, at=NOW) is True
    assert calendar_feed.revoke(editor, at=NOW) is False
    assert Client().get(f"/calendar/{new}.ics").status_code == 404


@pytest.mark.parametrize("token", ["x", "%00", "%F0%9F%95%B0", "a" * 500, "..%2F..%2Fetc"])
def test_what_is_nobodys_address_is_not_there(db, token):
    assert Client().get(f"/calendar/{token}.ics").status_code == 404


def test_who_was_deactivated_or_is_no_longer_on_the_staff_finds_nothing(editor):
    token = calendar_feed.renew(editor, at=NOW)
    set_role(editor, Role.READER)
    assert Client().get(f"/calendar/{token}.ics").status_code == 404
    set_role(editor, Role.EDITOR)
    assert Client().get(f"/calendar/{token}.ics").status_code == 200
    type(editor).objects.filter(pk=editor.pk).update(is_active=False)
    assert Client().get(f"/calendar/{token}.ics").status_code == 404


def test_who_was_made_an_author_sees_only_what_authors_see(editor, write, admin):
    post = write("Secret", by=admin)
    publishing.schedule(post, by=admin, at=LATER)
    token = calendar_feed.renew(editor, at=NOW)
    assert b"Secret" in Client().get(f"/calendar/{token}.ics").content
    set_role(editor, Role.AUTHOR)
    assert b"Secret" not in Client().get(f"/calendar/{token}.ics").content


def test_reading_is_noted_once_an_hour(editor, django_assert_num_queries):
    token = calendar_feed.renew(editor, at=NOW)
    Client().get(f"/calendar/{token}.ics")
    assert CalendarFeed.objects.get().last_read_at == NOW
    with time_machine.travel(NOW + timedelta(minutes=59), tick=False):
        Client().get(f"/calendar/{token}.ics")
    assert CalendarFeed.objects.get().last_read_at == NOW
    with time_machine.travel(NOW + timedelta(minutes=60), tick=False):
        Client().get(f"/calendar/{token}.ics")
    assert CalendarFeed.objects.get().last_read_at == NOW + timedelta(minutes=60)


def test_the_log_does_not_know_the_address(editor):
    token = calendar_feed.renew(editor, at=NOW)
    with capture_logs() as lines:
        Client().get(f"/calendar/{token}.ics")
    said = [line["request"] for line in lines if "request" in line]
    assert "GET /calendar/….ics" in said
    assert token not in str(lines)


def test_five_hundred_posts_cost_no_more_queries(editor, author, django_assert_max_num_queries):
    Post.objects.bulk_create(
        Post(title=f"Post {n}", slug=f"post-{n}", author=author, status="scheduled", scheduled_at=LATER)
        for n in range(500)
    )
    token = calendar_feed.renew(editor, at=NOW)
    with django_assert_max_num_queries(8):
        answer = Client().get(f"/calendar/{token}.ics")
    assert answer.content.count(b"BEGIN:VEVENT") == 500


# --- making it
def test_it_is_made_shown_once_and_stopped_on_the_calendar_page(client_of, author):
    client = client_of(author)
    calendar, address = reverse("admin:blog_post_calendar"), reverse("admin:blog_post_calendar_address")
    assert client.get(address).status_code == 405
    page = client.post(address).content.decode()
    (shown,) = re.findall(r'value="http://localhost:8000(/calendar/[^"]+\.ics)"', page)
    assert Client().get(shown).status_code == 200
    again = client.get(calendar).content.decode()
    assert shown not in again
    assert "Nothing has read it yet" not in again
    client.post(address, {"revoke": "1"})
    assert Client().get(shown).status_code == 404
    assert not CalendarFeed.objects.exists()


def test_readers_make_none(client_of, reader):
    assert client_of(reader).post(reverse("admin:blog_post_calendar_address")).status_code == 302
    assert not CalendarFeed.objects.exists()


def test_no_page_can_take_the_address():
    from blog.addresses import RESERVED

    assert "calendar" in RESERVED
