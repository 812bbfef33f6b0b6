"""Of a comment its reader is told once: whom it answers, whose post it is under, and of a first one the moderators."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from accounts import mail_choices
from accounts.models import Notification, OutgoingMail
from blog import likes as post_likes
from blog.likes import Reader
from comments import likes, posting, telling
from comments.models import Comment
from comments.rules import Writer
from comments.tasks import tell_waiting
from tests.conftest import make_person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
GUEST = Writer(name="Gina", email="gina@example.net", fingerprint="f" * 64)


@pytest.fixture
def post(publish):
    live = publish("Tides", at=NOW - timedelta(days=1))
    for told in (Notification, OutgoingMail):
        told.objects.all().delete()
    return live


@pytest.fixture
def say(post):
    """Write a comment that readers see: say(user), say(GUEST, parent=…, status="pending")."""

    def write(who, words="Well said.", *, status="approved", parent=None, at=NOW):
        writer = who if isinstance(who, Writer) else Writer(user=who)
        comment = posting.post_comment(post, writer, words, parent=parent, at=at).comment
        with transaction.atomic():
            posting.move(posting.hold(comment.pk), status, at=at)
        return Comment.objects.get(pk=comment.pk)

    return write


def told():
    return sorted(Notification.objects.values_list("recipient__username", "category"))


def test_the_author_of_the_post_hears_of_a_comment_at_once_and_by_mail(say, author, reader):
    comment = say(reader)
    assert telling.tell_waiting(NOW) == 1
    notice = Notification.objects.get()
    assert (notice.recipient, notice.category, notice.actor) == (author, "comment", reader)
    assert notice.text == "reader comments on “Tides”." and notice.url == comment.get_absolute_url()
    mail = OutgoingMail.objects.get()
    assert mail.recipient == author.email and reader.email not in mail.text + mail.html + mail.subject


def test_everybody_hears_once_however_often_it_is_told(say, reader, author):
    comment = say(reader)
    assert [telling.tell(comment.pk, at=NOW), telling.tell(comment.pk, at=NOW)] == [True, False]
    with transaction.atomic():
        posting.move(posting.hold(comment.pk), "rejected", at=NOW)
    with transaction.atomic():
        posting.move(posting.hold(comment.pk), "approved", at=NOW)
    assert telling.tell_waiting(NOW) == 0
    assert Notification.objects.count() == 1 and OutgoingMail.objects.count() == 1


def test_whom_it_answers_hears_of_a_reply_and_the_author_of_a_comment(say, author, reader):
    first = say(reader)
    telling.tell_waiting(NOW)
    Notification.objects.all().delete()
    say(make_person("bea"), parent=first)
    telling.tell_waiting(NOW)
    assert told() == [("author", "comment"), ("reader", "reply")]


def test_an_author_who_is_answered_under_their_own_post_hears_once(say, author, reader):
    first = say(author)
    telling.tell_waiting(NOW)
    assert told() == [], "nobody hears of themselves"
    say(reader, parent=first)
    telling.tell_waiting(NOW)
    assert told() == [("author", "reply")]
    assert OutgoingMail.objects.count() == 1


def test_a_guest_who_types_the_address_of_the_author_is_not_the_author(say, author):
    say(Writer(name="Me elsewhere", email=author.email.upper(), fingerprint="a" * 64))
    telling.tell_waiting(NOW)
    assert told() == [("author", "comment")]


@pytest.mark.parametrize("status", ["pending", "spam", "rejected", "deleted"])
def test_of_what_readers_do_not_see_no_author_hears(say, reader, status):
    say(make_person("bea"))
    telling.tell_waiting(NOW)
    Notification.objects.all().delete()
    say(reader, status=status)
    telling.tell_waiting(NOW)
    assert not Notification.objects.filter(recipient__username="author").exists()


def test_nobody_hears_of_a_comment_on_a_post_that_is_live_no_more(say, post, reader, editor):
    from blog import publishing

    say(reader)
    publishing.archive(post, by=editor)
    assert telling.tell_waiting(NOW) == 0
    assert told() == []


def test_moderators_hear_of_first_time_writers_in_one_notice(say, moderator, editor, author, reader):
    say(reader, status="pending")
    say(GUEST, status="pending")
    telling.tell_waiting(NOW)
    notices = Notification.objects.filter(recipient=moderator)
    assert [notice.count for notice in notices] == [2]
    assert notices[0].text == "Gina and one other wrote for the first time and wait for a decision."
    assert GUEST.email not in notices[0].text
    assert not Notification.objects.filter(recipient=author).exists(), "an author decides nothing"
    assert OutgoingMail.objects.filter(recipient=moderator.email).count() == 1
    assert Notification.objects.filter(recipient=editor).exists()


def test_moderators_do_not_hear_of_those_they_know(say, moderator, reader):
    say(reader)
    say(reader, "Again.", status="pending")
    telling.tell_waiting(NOW)
    assert not Notification.objects.filter(recipient=moderator).exists()


def test_nobody_hears_of_a_guest_who_has_not_confirmed(say, moderator):
    comment = say(GUEST, status="pending")
    Comment.objects.filter(pk=comment.pk).update(is_unconfirmed=True)
    assert telling.tell_waiting(NOW) == 0
    Comment.objects.filter(pk=comment.pk).update(is_unconfirmed=False)
    assert tell_waiting() == 1


def test_a_worker_killed_in_the_middle_tells_all_the_next_time(say, reader, monkeypatch):
    say(reader)
    monkeypatch.setattr("accounts.mailing.queue", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        telling.tell_waiting(NOW)
    monkeypatch.undo()
    assert not Notification.objects.exists()
    assert telling.tell_waiting(NOW) == 1
    assert Notification.objects.count() == OutgoingMail.objects.count() == 1


def test_somebody_who_wants_no_mail_has_the_notice_alone(say, author, reader):
    mail_choices.choose(author, {"comment": "never"})
    say(reader)
    telling.tell_waiting(NOW)
    assert Notification.objects.count() == 1 and not OutgoingMail.objects.exists()


def test_writing_wakes_the_worker(say, reader, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        say(reader)
    assert ("comments.tasks.tell_waiting", ()) in queued


def test_a_like_that_is_taken_back_before_it_was_read_is_not_told(
    say, reader, post, django_capture_on_commit_callbacks
):
    comment = say(reader)
    bea = make_person("bea")
    for what, like in ((comment, likes.like), (post, post_likes.like)):
        for wanted, told in ((True, 1), (False, 0)):
            with django_capture_on_commit_callbacks(execute=True):
                like(what, Reader(bea), wanted=wanted)
            assert Notification.objects.filter(category="like").count() == told
