"""Several workers at once, some of them killed: each is told of each comment once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts import digest, mail_choices, mailing
from accounts.models import Notification, OutgoingMail
from comments import posting, subscribing, telling
from comments.models import Comment
from comments.rules import Writer

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(Exception):
    """Stands for a worker that stops in the middle of what it does."""


def at_once(work, times=6):
    def one(number):
        try:
            return work(number)
        except (Killed, DatabaseError):
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return sum(pool.map(one, range(times)))


def test_six_workers_of_which_some_are_killed_tell_each_once(publish, reader, author, monkeypatch):
    now = timezone.now()
    post = publish("Tides", at=now - timedelta(days=1))
    OutgoingMail.objects.all().delete()
    for number in range(5):
        subscribing.subscribe(post, email=f"reader{number}@example.net", confirmed=True)
    for number in range(6):
        comment = posting.post_comment(post, Writer(user=reader), f"Number {number}.").comment
        with transaction.atomic():
            posting.move(posting.hold(comment.pk), "approved", at=now)
    write, asked = mailing.queue, []

    def often_killed(*parts, **named):
        asked.append(1)
        if len(asked) % 7 == 0:
            raise Killed
        return write(*parts, **named)

    monkeypatch.setattr(mailing, "queue", often_killed)
    for _ in range(12):
        at_once(lambda _number: telling.tell_waiting())
    monkeypatch.undo()
    telling.tell_waiting()
    assert not Comment.objects.filter(announced_at=None).exists()
    told = OutgoingMail.objects.filter(kind="new_comment").values_list("recipient", flat=True)
    assert sorted(told) == sorted(f"reader{number}@example.net" for number in range(5) for _ in range(6))
    assert Notification.objects.filter(recipient=author, category="comment").count() == 6
    assert OutgoingMail.objects.filter(recipient=author.email).count() == 6


def test_six_workers_write_one_mail_of_the_day(reader):
    now = timezone.now()
    mail_choices.choose(reader, {"reply": "daily"})
    Notification.objects.create(
        recipient=reader, category="reply", text="Ana answers you.", mail="daily", created_at=now - timedelta(days=2)
    )
    assert at_once(lambda _number: digest.send_due(now)) == 1
    assert OutgoingMail.objects.count() == 1
