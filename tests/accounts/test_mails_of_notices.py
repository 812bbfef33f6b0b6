"""Each hears by mail as they chose: at once, in one mail a day at their own hour, or never; and one click ends it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts import digest, mail_choices, notifications
from accounts.models import Notification, NotificationChoice, OutgoingMail, User
from accounts.tasks import send_digests

pytestmark = pytest.mark.django_db
# Noon in summer: 13:00 in London, where the publication is, 8:00 in New York.
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def tell(person, text="Ana answers you.", *, category="reply", at=NOON, **options):
    options.setdefault("url", "/blog/tides/")
    return notifications.notify([person], category=category, text=text, at=at, mail=True, **options)


def test_each_kind_is_mailed_as_chosen(reader):
    tell(reader)
    mail_choices.choose(reader, {"reply": "never"})
    tell(reader, "Not mailed.")
    mail_choices.choose(reader, {"reply": "daily"})
    tell(reader, "Later.")
    assert [mail.subject for mail in OutgoingMail.objects.all()] == ["Ana answers you"]
    assert Notification.objects.count() == 3


def test_what_nobody_asked_to_mail_is_not_mailed_whatever_was_chosen(reader):
    notifications.notify([reader], category="reply", text="Quietly.", at=NOON)
    assert not OutgoingMail.objects.exists()


def test_every_mail_can_be_ended_with_one_click(reader, client, settings):
    tell(reader)
    mail = OutgoingMail.objects.get()
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.fullmatch(rf"<{re.escape(settings.SITE_URL)}(/\S+)>", mail.headers["List-Unsubscribe"])[1]
    assert address in mail.text and address in mail.html
    stranger = Client(enforce_csrf_checks=True)
    shown = stranger.get(address)
    assert shown.status_code == 200 and not shown.cookies
    assert not NotificationChoice.objects.exists(), "programs follow links"
    assert stranger.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert mail_choices.choices_of(reader)["reply"] == "never"
    assert mail_choices.choices_of(reader)["news"] == "daily", "the others stay"
    tell(reader, "Nothing more.")
    assert OutgoingMail.objects.count() == 1


def test_a_link_that_was_changed_ends_nothing(reader, editor, client):
    token = mail_choices.address_for(reader, "reply").rstrip("/").rsplit("/", 1)[-1]
    assert client.post(f"/me/notifications/off/{token[:-1]}x/").status_code == 404
    assert client.post("/me/notifications/off/nonsense/").status_code == 404
    assert not NotificationChoice.objects.exists()


def test_the_mail_of_the_day_comes_at_the_hour_where_its_reader_is(reader, editor):
    for person, zone in ((reader, "America/New_York"), (editor, "Asia/Tokyo")):
        person.timezone = zone
        person.save()
        mail_choices.choose(person, {"reply": "daily"})
        tell(person, at=NOON - timedelta(hours=1))
    assert digest.send_due(NOON - timedelta(minutes=1)) == 0
    assert digest.send_due(NOON) == 1
    assert OutgoingMail.objects.get().recipient == reader.email
    # Eight in the morning in Tokyo is eleven at night in UTC.
    assert digest.send_due(NOON + timedelta(hours=10, minutes=59)) == 0
    assert digest.send_due(NOON + timedelta(hours=11)) == 1
    assert digest.send_due(NOON + timedelta(days=3)) == 0


def test_one_mail_a_day_names_all_and_each_once(reader):
    mail_choices.choose(reader, {"reply": "daily"})
    tell(reader, "Ana answers you.")
    tell(reader, "Ben <b>answers</b> you.")
    assert digest.send_due(NOON + timedelta(days=1)) == 1
    mail = OutgoingMail.objects.get()
    assert mail.subject.startswith("2 notices from") and "Ana answers" in mail.text and "Ben" in mail.text
    assert "<b>answers" not in mail.html
    assert "/blog/tides/" in mail.text and "List-Unsubscribe" in mail.headers
    tell(reader, "After it.", at=NOON + timedelta(days=1, minutes=1))
    assert digest.send_due(NOON + timedelta(days=1, hours=2)) == 0, "not before tomorrow"
    assert digest.send_due(NOON + timedelta(days=2)) == 1
    assert "Ana" not in OutgoingMail.objects.first().text


def test_the_mail_of_the_day_leaves_out_what_was_read_expired_or_ended(reader):
    mail_choices.choose(reader, {"reply": "daily", "like": "daily"})
    (read,) = tell(reader, "Read.")
    notifications.mark_read(reader, read.pk)
    tell(reader, "Expired.", expires_at=NOON + timedelta(hours=1))
    tell(reader, "Ended.", category="like")
    mail_choices.choose(reader, {"like": "never"})
    assert digest.send_due(NOON + timedelta(days=1)) == 0
    assert not OutgoingMail.objects.exists()
    assert digest.send_due(NOON + timedelta(days=2)) == 0


def test_a_closed_account_gets_none(reader):
    tell(reader, category="news")
    reader.is_active = False
    reader.save()
    assert digest.send_due(NOON + timedelta(days=1)) == 0 and not OutgoingMail.objects.exists()


def test_ending_the_mail_of_the_day_ends_all_that_came_in_it(reader):
    mail_choices.choose(reader, {"like": "daily"})
    tell(reader, category="news")
    digest.send_due(NOON + timedelta(days=1))
    address = OutgoingMail.objects.get().headers["List-Unsubscribe"].strip("<>")
    assert Client().post(address[address.index("/me/") :]).status_code == 200
    assert mail_choices.choices_of(reader) == {"reply": "now", "like": "never", "news": "never"}


def test_a_sender_killed_in_the_middle_leaves_all_as_it_was(reader, monkeypatch):
    tell(reader, category="news")
    monkeypatch.setattr("accounts.mailing.queue", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        digest.send_due(NOON + timedelta(days=1))
    monkeypatch.undo()
    assert digest.send_due(NOON + timedelta(days=1)) == 1
    assert digest.send_due(NOON + timedelta(days=1)) == 0
    assert OutgoingMail.objects.count() == 1


def test_those_whose_hour_has_not_come_keep_nobody_waiting(reader, editor, monkeypatch):
    monkeypatch.setattr(digest, "AT_ONCE", 1)
    first, second = sorted((reader, editor), key=lambda person: person.pk)
    first.timezone = "America/Los_Angeles"
    first.save()
    for person in (first, second):
        tell(person, category="news", at=NOON - timedelta(hours=6))
    assert digest.send_due(NOON) == 1
    assert OutgoingMail.objects.get().recipient == second.email


def test_fifty_are_named_and_the_rest_counted(reader):
    for number in range(53):
        tell(reader, f"Number {number}.", category="news")
    digest.send_due(NOON + timedelta(days=1))
    assert "and 3 more" in OutgoingMail.objects.get().text


def test_a_place_that_is_no_more_is_where_the_publication_is(reader):
    reader.timezone = "Atlantis/Capital"
    assert str(digest.zone_of(reader)) == "Europe/London"
    assert send_digests() == 0


def sent_between(start, hours) -> list[datetime]:
    """When, within so many hours, a digest went out, the clock looking every five minutes."""
    moments = (start + timedelta(minutes=5 * step) for step in range(hours * 12))
    return [at for at in moments if digest.send_due(at)]


@pytest.mark.parametrize(
    ("day", "hour", "struck"),
    [
        # The clocks of London go from 00:59 to 02:00 on 29 March, and from 01:59 back to 01:00 on 25 October.
        (datetime(2026, 3, 28, tzinfo=UTC), 8, [(28, 8), (29, 7), (30, 7)]),
        (datetime(2026, 3, 28, tzinfo=UTC), 1, [(28, 1), (29, 1), (30, 0)]),
        (datetime(2026, 10, 24, tzinfo=UTC), 8, [(24, 7), (25, 8), (26, 8)]),
        (datetime(2026, 10, 24, tzinfo=UTC), 1, [(24, 0), (25, 0), (26, 1)]),
    ],
)
def test_the_hour_is_the_one_on_the_clock_when_clocks_are_changed(reader, day, hour, struck):
    mail_choices.choose(reader, {"reply": "daily"})
    reader.digest_hour, reader.timezone = hour, "Europe/London"
    reader.save()
    found = []
    for number in range(3):
        tell(reader, f"Number {number}.", at=day - timedelta(hours=2) + timedelta(days=number))
        found += sent_between(day - timedelta(hours=1) + timedelta(days=number), 24)
    assert [(at.day, at.hour) for at in found] == struck
    assert OutgoingMail.objects.count() == 3


def test_who_moves_half_round_the_world_gets_no_second_mail_for_the_same_day(reader):
    mail_choices.choose(reader, {"reply": "daily"})
    reader.timezone = "Asia/Tokyo"
    reader.save()
    tell(reader, at=NOON)
    assert sent_between(NOON, 24) == [datetime(2026, 5, 4, 23, tzinfo=UTC)]  # eight in the morning of the 5th there
    User.objects.filter(pk=reader.pk).update(timezone="America/Los_Angeles")
    tell(reader, "Later.", at=datetime(2026, 5, 4, 23, 30, tzinfo=UTC))
    assert sent_between(datetime(2026, 5, 5, tzinfo=UTC), 24) == [], "where they are now it is still the 5th"
    assert sent_between(datetime(2026, 5, 6, tzinfo=UTC), 24) == [datetime(2026, 5, 6, 15, tzinfo=UTC)]


@pytest.mark.parametrize("category", Notification.Category.values)
def test_every_kind_can_be_mailed_at_once_daily_or_never_and_ends_by_its_own_link(
    admin, settings, time_machine, category
):
    time_machine.move_to(NOON, tick=False)  # a link says when it was made
    assert category in mail_choices.choices_of(admin), "an administrator is asked about each"
    mail_choices.choose(admin, {category: "now"})
    tell(admin, category=category)
    mail_choices.choose(admin, {category: "daily"})
    tell(admin, "Later.", category=category)
    assert digest.send_due(NOON + timedelta(days=1)) == 1
    mail_choices.choose(admin, {category: "never"})
    tell(admin, "Not at all.", category=category)
    assert digest.send_due(NOON + timedelta(days=2)) == 0
    first, second = OutgoingMail.objects.order_by("pk")
    for mail, what in ((first, category), (second, mail_choices.DIGEST)):
        address = mail_choices.address_for(admin, what)
        assert mail.headers["List-Unsubscribe"] == f"<{address}>" and address in mail.text and address in mail.html
        assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    mail_choices.choose(admin, {category: "now"})
    path = first.headers["List-Unsubscribe"].strip("<>").removeprefix(settings.SITE_URL)
    assert Client().post(path).status_code == 200
    assert mail_choices.choices_of(admin)[category] == "never"
