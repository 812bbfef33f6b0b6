"""What goes at night: never what readers see, never the replies, and nothing before its time."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from blog.likes import Reader
from blog.models import Post
from comments import confirming, likes, moderation, posting, recounting, reporting, sweeping, tokens
from comments.models import Comment, CommentEdit, CommentLike, CommentReport, ConversationSettings
from comments.rules import GENERATION, Writer
from comments.tasks import sweep
from config.schedule import BEAT_SCHEDULE
from core import cache

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
GUEST = Writer(name="Gina", email="gina@example.net", fingerprint="f" * 64, user_agent="Firefox")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def post(publish):
    return publish("Tides", at=NOW - timedelta(days=1))


@pytest.fixture
def say(post, author):
    def write(words="Well said.", *, who=None, to=None, status="approved"):
        comment = posting.post_comment(post, who or Writer(user=author), words, parent=to).comment
        posting.move(posting.hold(comment.pk), status, at=NOW)
        return Comment.objects.get(pk=comment.pk)

    return write


def is_exact(post):
    counted = Comment.objects.comments().filter(post=post, status="approved").count()
    return Post.objects.get(pk=post.pk).comment_count == counted and recounting.recount() == 0


def test_what_a_guest_never_confirmed_goes_with_its_link_and_not_before(post, say, clock):
    ConversationSettings.objects.update_or_create(defaults={"guests": "confirm"})
    cache.renew(GENERATION)
    kept = say()
    waits = confirming.post_comment(post, GUEST, "Let me in.").comment
    confirmed = confirming.post_comment(post, GUEST, "Let me in as well.").comment
    posting.confirm(confirmed)
    link = tokens.confirmation_of(waits)
    clock.move_to(NOW + timedelta(days=7))
    assert sweeping.sweep() == 0 and tokens.confirmed_by(link) == waits.pk
    clock.move_to(NOW + timedelta(days=7, seconds=2))
    assert tokens.confirmed_by(link) is None
    assert sweeping.sweep() == 1
    assert set(Comment.objects.all()) == {kept, confirmed} and is_exact(post)
    assert sweeping.sweep() == 0


@pytest.mark.parametrize("status", ["spam", "rejected", "deleted"])
def test_what_was_refused_is_erased_after_thirty_days_and_its_replies_stay(
    post, say, reader, clock, client, moderator, status
):
    said = say("Words to forget.", who=GUEST)
    reply = say("An answer.", to=said)
    below = say("And one to that.", to=reply)
    likes.like(said, Reader(user=reader))
    reporting.report(said, "abuse", note="Look at that", user=reader)
    posting.edit(said, "Other words to forget.")
    posting.move(posting.hold(said.pk), status, at=NOW)
    clock.move_to(NOW + timedelta(days=30))
    assert sweeping.sweep() == 0
    clock.move_to(NOW + timedelta(days=30, seconds=1))
    assert sweeping.sweep() == 1
    said.refresh_from_db()
    assert (said.content, said.content_html, said.guest_name, said.guest_email) == ("", "", "", "")
    assert (said.fingerprint_hash, said.user_agent, said.status) == ("", "", status)
    assert not (CommentEdit.objects.exists() or CommentLike.objects.exists() or CommentReport.objects.exists())
    assert set(Comment.objects.filter(root=said)) == {reply, below} and is_exact(post)
    html = client.get(post.get_absolute_url()).content.decode()
    assert "An answer." in html and "Removed by" in html and "to forget" not in html
    assert sweeping.sweep() == 0


def test_a_decision_begins_the_thirty_days_anew(say, moderator, clock):
    said = say(who=GUEST, status="spam")
    clock.move_to(NOW + timedelta(days=29))
    moderation.decide(said.pk, "reject", by=moderator)
    clock.move_to(NOW + timedelta(days=31))
    assert sweeping.sweep() == 0
    clock.move_to(NOW + timedelta(days=60))
    assert sweeping.sweep() > 0


def test_what_nothing_answers_leaves_no_blank_and_neither_does_what_it_answered(post, say, clock):
    kept, waiting = say("I stay."), say("I wait.", who=GUEST, status="pending")
    first = say()
    second = say(to=first)
    third = say(to=second)
    for each in (first, second, third):
        posting.move(posting.hold(each.pk), "rejected", at=NOW)
    clock.move_to(NOW + timedelta(days=400))
    sweeping.sweep()
    assert set(Comment.objects.all()) == {kept, waiting} and is_exact(post)


def test_what_was_erased_is_decided_no_more(say, moderator, clock):
    said = say(who=GUEST)
    say("An answer.", to=said)
    posting.move(posting.hold(said.pk), "spam", at=NOW)
    clock.move_to(NOW + timedelta(days=31))
    sweeping.sweep()
    assert moderation.decide_all([said.pk], "approve", by=moderator) == 0
    said.refresh_from_db()
    assert said.status == "spam"


def test_many_go_in_one_night(post, clock, monkeypatch):
    monkeypatch.setattr(sweeping, "AT_ONCE", 7)
    Comment.objects.bulk_create(
        Comment(post=post, guest_name="Bot", content="x", status="spam", created_at=NOW) for _ in range(40)
    )
    clock.move_to(NOW + timedelta(days=31))
    sweeping.sweep()
    assert not Comment.objects.exists()


def test_the_clock_sweeps_every_night():
    assert {"comments.tasks.sweep", "comments.tasks.forget_unconfirmed"} <= {
        entry["task"] for entry in BEAT_SCHEDULE.values()
    }
    assert sweep() == 0
