"""The outbox: written with what it tells of, handed over once, tried again, forgotten in time."""

import datetime as dt
import smtplib

import pytest
import time_machine
from celery import current_app
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail as django_mail
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import mailing, tasks
from accounts.models import OutgoingMail
from core import background

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)

hand_over = background._send  # what is tried here; elsewhere nothing reaches a queue


def put(**changes):
    usual = {"kind": "test", "recipient": "vera@example.org", "subject": "Hello", "text": "Text", "html": "<p>HTML</p>"}
    return mailing.queue(**(usual | changes))


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def server(monkeypatch):
    """A mail server whose next answers can be set: exceptions are raised, None accepts."""
    answers = []

    def send(self, messages):
        if answers and (answer := answers.pop(0)):
            raise answer
        django_mail.outbox.extend(messages)
        return len(messages)

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", send)
    return answers


def test_a_mail_is_handed_over_as_text_and_html_with_its_own_id():
    row = put(reply_to="editor@example.org", headers={"List-Id": "test"})
    assert mailing.send_due() == 1
    sent = django_mail.outbox[0]
    assert sent.body == "Text" and sent.alternatives[0].mimetype == "text/html"
    headers = sent.message()
    assert headers["Message-ID"] == row.message_id and row.message_id.endswith("@localhost>")
    assert headers["Auto-Submitted"] == "auto-generated" and headers["Reply-To"] == "editor@example.org"


def test_a_sent_mail_is_not_sent_again():
    put()
    assert [mailing.send_due(), mailing.send_due()] == [1, 0]
    row = OutgoingMail.objects.get()
    assert row.status == "sent" and row.sent_at and row.attempts == 1


def test_bodies_are_emptied_after_the_hand_over_because_they_hold_links(settings):
    settings.KEEP_MAIL_BODIES = False
    put()
    mailing.send_due()
    assert OutgoingMail.objects.values_list("text", "html").get() == ("", "")
    assert django_mail.outbox[0].body == "Text"


@pytest.mark.django_db(transaction=True)
def test_a_mail_of_a_transaction_that_failed_never_existed(monkeypatch):
    woken = []
    monkeypatch.setattr(mailing, "wake_sender", lambda: woken.append(1))
    with pytest.raises(RuntimeError), transaction.atomic():
        put()
        raise RuntimeError
    assert not OutgoingMail.objects.exists() and not woken


def test_a_dead_queue_only_delays(monkeypatch, django_capture_on_commit_callbacks):
    def refuse(*args, **kwargs):
        raise ConnectionError("broker away")

    monkeypatch.setattr("core.background.current_app.send_task", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        put()
    assert tasks.send_waiting_mail() == 1


def test_a_dead_queue_is_asked_once_and_then_left_alone_for_a_while_whatever_else_waits_for_it(monkeypatch):
    asked, clock = [], {"now": 1000.0}

    class Other:
        name = "tests.another_task"

        def apply_async(self, args):
            asked.append("by another")

    def refuse(*args, **kwargs):
        asked.append(clock["now"])
        raise ConnectionError("broker away")

    monkeypatch.setattr("core.background.current_app.send_task", refuse)
    monkeypatch.setattr("core.background.time.monotonic", lambda: clock["now"])
    for clock["now"] in (1000, 1001, 1014, 1016):
        mailing.wake_sender()
        hand_over(Other(), ())
    assert asked == [1000, 1016]
    clock["now"] = 1032
    hand_over(Other(), ())
    assert asked == [1000, 1016, "by another"]


@pytest.mark.parametrize("subject", ["Hello\nBcc: all@example.org", "Hi\r\nX: y", "Hi\x0b\x85\u2028there", "a" * 400])
def test_a_subject_is_one_line_of_at_most_300_characters(subject):
    row = put(subject=subject)
    mailing.send_due()
    assert len(row.subject) <= 300 and row.subject.isprintable()
    assert "Bcc" not in django_mail.outbox[0].message().keys()
    assert row.status == "waiting" and OutgoingMail.objects.get().status == "sent"


@pytest.mark.parametrize(
    "recipient", ["vera", "", "vera@example.org\nBcc: x@y.org", "a@b.org, d@e.org", "<vera@example.org>"]
)
def test_what_is_no_address_is_refused(recipient):
    with pytest.raises(ValidationError):
        put(recipient=recipient)


@pytest.mark.parametrize("headers", [{"X-A": "b\nBcc: c"}, {"X\r\nBcc": "c"}, {"X": "a\0b"}])
def test_a_header_with_a_line_break_is_refused(headers):
    with pytest.raises(ValueError, match="line break"):
        put(headers=headers)


def test_a_refusal_for_now_is_tried_again_later_each_time_and_given_up_in_the_end(server, clock):
    put()
    waits = []
    for _ in range(6):
        server.append(smtplib.SMTPRecipientsRefused({"vera@example.org": (451, b"later")}))
        assert mailing.send_due() == 0
        row = OutgoingMail.objects.get()
        waits.append((row.next_try_at - timezone.now()).total_seconds() / 60)
        clock.move_to(max(row.next_try_at, timezone.now()))
    assert waits[:5] == [1, 5, 30, 120, 360]
    assert row.status == "failed" and "451" in row.last_error
    clock.shift(dt.timedelta(days=1))
    assert mailing.send_due() == 0


def test_nothing_is_tried_before_its_time(server, clock):
    put()
    server.append(ConnectionRefusedError("away"))
    mailing.send_due()
    clock.shift(dt.timedelta(seconds=59))
    assert mailing.send_due() == 0
    clock.shift(dt.timedelta(seconds=1))
    assert mailing.send_due() == 1


def test_a_refusal_for_good_is_not_tried_again(server):
    put()
    server.append(smtplib.SMTPRecipientsRefused({"vera@example.org": (550, b"no such user")}))
    mailing.send_due()
    assert OutgoingMail.objects.get().status == "failed"


def test_a_server_that_is_away_is_asked_once_for_the_whole_batch(server):
    for _ in range(3):
        put()
    server.append(TimeoutError("away"))
    assert mailing.send_due() == 0
    assert sorted(OutgoingMail.objects.values_list("attempts", flat=True)) == [0, 0, 1]


def test_one_refused_address_does_not_hold_up_the_others(server):
    for _ in range(3):
        put()
    server.append(smtplib.SMTPRecipientsRefused({"vera@example.org": (550, b"no")}))
    assert mailing.send_due() == 2


def test_of_two_senders_one_gets_a_mail(clock):
    row = put()
    assert mailing._claim(row.pk, timezone.now()) is not None
    assert mailing._claim(row.pk, timezone.now()) is None
    assert mailing.send_due() == 0 and not django_mail.outbox


def test_a_mail_whose_sender_died_goes_out_after_ten_minutes_with_the_same_id(clock):
    row = put()
    mailing._claim(row.pk, timezone.now())
    clock.shift(dt.timedelta(minutes=10, seconds=1))
    assert mailing.send_due() == 1
    assert django_mail.outbox[0].message()["Message-ID"] == row.message_id


def test_a_mail_that_kills_every_sender_is_given_up(clock):
    row = put()
    for _ in range(7):
        mailing._claim(row.pk, timezone.now())
        clock.shift(dt.timedelta(minutes=11))
    assert OutgoingMail.objects.get().status == "failed"


def test_failed_mails_can_be_sent_again_unless_their_body_is_gone(server):
    rows = [put(), put(text="", html=""), put()]
    OutgoingMail.objects.exclude(pk=rows[2].pk).update(status="failed", attempts=6)
    assert mailing.send_again(rows) == 1
    assert mailing.send_due() == 2


def test_old_mails_are_forgotten_and_young_or_waiting_ones_kept(clock):
    old = {"created_at": NOON - dt.timedelta(days=31), "sent_at": NOON - dt.timedelta(days=31)}
    for status in ("sent", "failed", "waiting"):
        OutgoingMail.objects.filter(pk=put().pk).update(status=status, **old)
    young = put()
    assert tasks.forget_sent_mail() == 2
    assert set(OutgoingMail.objects.values_list("status", flat=True)) == {"waiting"}
    assert OutgoingMail.objects.filter(pk=young.pk).exists()


def test_naughty_text_survives_the_hand_over(server):
    for text in ["\0", "\u202e‮", "𝕬" * 1000, ".\r\n.", "From \nFrom ", "<script>alert(1)</script>", "x" * 100_000]:
        put(subject=text, text=text, html=text)
    assert mailing.send_due() == 7
    for message in django_mail.outbox:
        assert message.message().as_bytes()


def test_what_the_clock_asks_of_this_app_exists():
    named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values() if entry["task"].startswith("accounts.")}
    assert named == {name for name in current_app.tasks if name.startswith("accounts.")}


def test_ended_sessions_are_cleared_away(client_of, reader, clock):
    client_of(reader)
    clock.shift(dt.timedelta(days=30))
    tasks.clear_expired_sessions()
    assert not Session.objects.exists()
