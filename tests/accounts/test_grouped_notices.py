"""What many do to one thing is one notice, counted once for each of them, and exact when they come at once."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import notifications
from accounts.models import Notification, OutgoingMail
from tests.conftest import make_person

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def like(reader, actor, *, at=NOON, name=None, **options):
    name = name or (actor.username if actor else "A guest")
    return notifications.notify(
        [reader],
        category="like",
        text=f"{name} likes “Tides”.",
        several=lambda others: f"{name} and {others} others like “Tides”.",
        group_key="like.post.1",
        actor=actor,
        at=at,
        **options,
    )


def test_several_likes_are_one_notice_that_counts_the_others(reader, author, editor, moderator):
    for person in (author, editor, moderator):
        like(reader, person)
    notice = Notification.objects.get()
    assert (notice.text, notice.count, notice.actor) == ("moderator and 2 others like “Tides”.", 3, moderator)
    assert notifications.unread_count(reader, NOON) == 1


def test_who_comes_twice_counts_once_and_a_guest_each_time(reader, author):
    like(reader, author)
    assert like(reader, author) == []
    like(reader, None)
    like(reader, None)
    like(reader, author)
    assert Notification.objects.get().count == 3


def test_other_things_and_other_people_have_notices_of_their_own(reader, author, editor):
    like(reader, author)
    like(editor, author)
    notifications.notify([reader], category="like", text="Another.", group_key="like.post.2", actor=author, at=NOON)
    notifications.notify([reader], category="reply", text="Alone.", actor=author, at=NOON)
    notifications.notify([reader], category="reply", text="Alone.", actor=author, at=NOON)
    assert Notification.objects.filter(recipient=reader).count() == 4
    assert set(Notification.objects.values_list("count", flat=True)) == {1}


def test_once_read_the_next_one_begins_anew(reader, author, editor):
    (first,) = like(reader, author)
    notifications.mark_read(reader, first.pk)
    (second,) = like(reader, editor)
    assert second.count == 1 and Notification.objects.count() == 2


def test_marking_all_leaves_a_group_that_grew_after_the_page_was_made(reader, author, editor):
    (seen,) = like(reader, author)
    like(reader, editor)
    assert notifications.mark_all_read(reader, up_to=seen.pk) == 0
    assert notifications.unread_count(reader, NOON) == 1


def test_a_group_that_expired_unread_begins_anew(reader, author, editor):
    like(reader, author)
    (later,) = like(reader, editor, at=NOON + timedelta(days=31))
    assert later.count == 1 and later.text == "editor likes “Tides”."


def test_what_is_undone_before_it_was_read_is_not_told(reader, author, editor):
    like(reader, author)
    assert notifications.withdraw("like.post.1", editor.pk) == 0
    assert notifications.withdraw("like.post.1", author.pk) == 1
    assert not Notification.objects.exists()
    like(reader, author)
    like(reader, editor)
    assert notifications.withdraw("like.post.1", editor.pk) == 0, "it still tells of the other"


def test_a_notice_kept_for_later_leaves_its_group(reader, author, editor):
    (first,) = like(reader, author)
    notifications.mark_read(reader, first.pk)
    like(reader, editor)
    assert notifications.mark_unread(reader, first.pk)
    assert not notifications.mark_unread(reader, first.pk)
    assert not notifications.mark_unread(editor, first.pk)
    assert notifications.unread_count(reader, NOON) == 2
    like(reader, make_person("bea"))
    assert sorted(Notification.objects.values_list("count", flat=True)) == [1, 2]


def test_a_mail_at_once_tells_of_the_first_of_a_group_alone(reader, author, editor):
    from accounts import mail_choices

    mail_choices.choose(reader, {"like": "now"})
    like(reader, author, mail=True)
    like(reader, editor, mail=True)
    assert OutgoingMail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_all_counted(reader):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    people = [make_person(f"liker{number}") for number in range(20)]

    def one(person):
        try:
            like(reader, person)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, people))
    notice = Notification.objects.get()
    assert notice.count == 20 and "and 19 others" in notice.text
