"""What people are told: once, never about their own deeds, live, by mail, and gone when it no longer matters."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import notifications
from accounts.models import Notification, OutgoingMail
from accounts.tasks import forget_expired_notifications
from core import publication

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def said(monkeypatch):
    """What open pages heard, as (group, content)."""
    heard = []
    monkeypatch.setattr("core.live.send", lambda group, message: heard.append((group, message["content"])))
    return heard


def tell(*people, text="Vera asks for a review of “Tides”.", **options):
    return notifications.notify(people, category="review", text=text, **options)


def test_each_is_told_once_but_not_whoever_did_it_nor_a_closed_account(author, editor, moderator):
    moderator.is_active = False
    moderator.save()
    tell(author, editor, editor, moderator, actor=author, mail=True)
    assert [notice.recipient for notice in Notification.objects.all()] == [editor]
    assert list(OutgoingMail.objects.values_list("recipient", flat=True)) == [editor.email]


def test_a_mail_says_whose_it_is_and_leads_there(author, editor, settings):
    tell(editor, actor=author, mail=True)
    mail, name = OutgoingMail.objects.get(), publication.current().name
    assert name and mail.text.rstrip().endswith(f"\n{name}, {settings.SITE_URL}/")
    assert (
        f'<a href="{settings.SITE_URL}/" style="color:#606167">{name}</a>' in mail.html and mail.html.count(name) == 2
    )


def test_open_pages_hear_of_it_once_it_is_committed(author, editor, said, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        (notice,) = tell(editor, actor=author, url="/admin/x/")
        assert said == []
    kinds = [(group, content["type"]) for group, content in said]
    mine = f"notifications.{editor.pk}"
    assert kinds == [(mine, "notification.created"), (mine, "notification.unread")]
    assert said[0][1]["id"] == notice.pk and said[0][1]["text"] == notice.text
    assert said[1][1]["count"] == 1


def test_what_is_rolled_back_is_told_to_nobody(editor, said, django_capture_on_commit_callbacks):
    from django.db import transaction

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ZeroDivisionError), transaction.atomic():
        tell(editor)
        raise ZeroDivisionError
    assert said == [] and not Notification.objects.exists()


def test_reading_one_and_reading_all_are_heard_in_the_other_pages(
    editor, author, said, django_capture_on_commit_callbacks
):
    first, second = tell(editor, text="One.") + tell(editor, text="Two.")
    (others,) = tell(author, text="Not yours.")
    with django_capture_on_commit_callbacks(execute=True):
        assert notifications.mark_read(editor, first.pk)
        assert not notifications.mark_read(editor, first.pk)
        assert not notifications.mark_read(editor, others.pk)
    assert [content["count"] for _, content in said] == [1]
    with django_capture_on_commit_callbacks(execute=True):
        assert notifications.mark_all_read(editor) == 1
    assert said[-1] == (f"notifications.{editor.pk}", {"type": "notification.unread", "count": 0})
    others.refresh_from_db()
    assert others.read_at is None


def test_marking_all_leaves_what_came_after_the_page_was_made(editor):
    (seen,) = tell(editor, text="Seen.")
    tell(editor, text="Came later.")
    assert notifications.mark_all_read(editor, up_to=seen.pk) == 1
    assert notifications.unread_count(editor) == 1


def test_what_expires_leaves_the_inbox_at_its_time_and_the_table_at_night(editor):
    tell(editor, at=NOON, expires_at=NOON + timedelta(hours=1))
    (lasting,) = tell(editor, text="Stays.", at=NOON)
    assert notifications.unread_count(editor, NOON + timedelta(minutes=59)) == 2
    assert notifications.unread_count(editor, NOON + timedelta(hours=1)) == 1
    assert notifications.forget_expired(NOON + timedelta(hours=2)) == 1
    assert Notification.objects.get() == lasting


def test_what_was_read_long_ago_is_forgotten_and_what_was_not_is_kept(editor):
    (read,) = tell(editor, at=NOON)
    tell(editor, text="Unread.", at=NOON)
    notifications.mark_read(editor, read.pk, at=NOON)
    assert notifications.forget_expired(NOON + timedelta(days=89)) == 0
    assert notifications.forget_expired(NOON + timedelta(days=91)) == 1
    assert Notification.objects.get().text == "Unread."
    assert forget_expired_notifications() == 0


def test_what_is_settled_no_longer_counts(editor, admin, author, said, django_capture_on_commit_callbacks):
    thing = author
    tell(editor, admin, target=thing, at=NOON)
    tell(editor, text="Another matter.", target=thing, at=NOON + timedelta(minutes=1))
    notifications.mark_read(admin, Notification.objects.get(recipient=admin).pk)
    with django_capture_on_commit_callbacks(execute=True):
        later = NOON + timedelta(hours=1)
        assert notifications.retire(thing, category="review", told_at=NOON, at=later) == 1
    assert notifications.unread_count(editor, later) == 1
    assert notifications.inbox_of(admin, later).count() == 1
    assert {group for group, _ in said} == {f"notifications.{editor.pk}"}


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("“Tides” was sent back. The figures are missing.", "“Tides” was sent back"),
        ("One line.\nAnother", "One line"),
        ("No stop at the end", "No stop at the end"),
        ("w" * 300, "w" * 119 + "…"),
    ],
)
def test_the_subject_of_the_mail_is_its_first_sentence(editor, text, subject):
    tell(editor, text=text, mail=True)
    mail = OutgoingMail.objects.get()
    assert mail.subject == subject
    assert text[:500] in mail.text.replace("\n", " ") or "\n" in text or len(text) == 300


def test_the_mail_has_the_address_and_no_markup_of_the_text(editor, settings):
    tell(editor, text="<b>Bold</b> asks.", url="/admin/blog/post/1/change/", mail=True)
    mail = OutgoingMail.objects.get()
    assert f"{settings.SITE_URL}/admin/blog/post/1/change/" in mail.text
    assert "<b>Bold" not in mail.html and "&lt;b&gt;Bold" in mail.html
