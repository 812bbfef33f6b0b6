"""Moderators decide about comments and their writers, and everything they decide is written down."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from blog.models import Post
from comments import moderation, posting, reporting
from comments.models import Ban, Comment, SpamWord
from comments.posting import post_comment
from comments.rules import Writer
from core.refusals import Refusal

GUEST = Writer(name="Ida", email="ida@example.org", fingerprint="f" * 64)


@pytest.fixture
def post(publish):
    return publish()


def trail():
    return list(
        AuditEntry.objects.filter(target_type__app_label="comments").order_by("pk").values_list("action", flat=True)
    )


def counts(post):
    return Post.objects.get(pk=post.pk).comment_count


def lessons():
    return SpamWord.objects.filter(word="").values_list("spam", "good").first()


def test_each_decision_moves_counts_teaches_and_is_written_down(post, moderator):
    comment = post_comment(post, GUEST, "Some words").comment
    assert counts(post) == 0
    moderation.decide(comment.pk, "approve", by=moderator)
    assert (counts(post), lessons()) == (1, (0, 1))
    moderation.decide(comment.pk, "spam", by=moderator)
    assert (counts(post), lessons()) == (0, (1, 0))
    moderation.decide(comment.pk, "reject", by=moderator)
    assert (counts(post), lessons()) == (0, (0, 0))
    moderation.decide(comment.pk, "approve", by=moderator)
    moderation.decide(comment.pk, "approve", by=moderator)
    assert (counts(post), lessons()) == (1, (0, 1))
    assert trail() == ["approved", "marked as spam", "rejected", "approved"]
    comment.refresh_from_db()
    assert (comment.status, comment.decided_by, comment.taught) == ("approved", moderator, "good")


def test_the_filter_forgets_the_words_it_learnt_though_they_were_changed_since(post, moderator):
    comment = post_comment(post, GUEST, "first words").comment
    moderation.decide(comment.pk, "approve", by=moderator)
    posting.edit(comment, "other text")
    moderation.decide(comment.pk, "spam", by=moderator)
    assert dict(SpamWord.objects.values_list("word", "spam")) == {"": 1, "first": 0, "words": 0, "other": 1, "text": 1}
    assert not SpamWord.objects.filter(good__gt=0).exists()


def test_a_decision_settles_the_reports(post, moderator, reader):
    comment = post_comment(post, Writer(user=moderator), "Shown").comment
    reporting.report(comment, "spam", user=reader)
    assert list(moderation.queue()) == [comment]
    moderation.decide(comment.pk, "approve", by=moderator)
    comment.refresh_from_db()
    assert (comment.report_count, comment.is_public, trail()) == (0, True, ["kept"])
    assert not moderation.queue().exists()
    assert AuditEntry.objects.get(action="kept").note == "1 report settled"
    assert not comment.reports.filter(settled_at=None).exists()


def test_what_its_writer_deleted_stays_deleted(post, moderator):
    comment = post_comment(post, GUEST, "Gone").comment
    posting.delete(comment)
    with pytest.raises(Refusal):
        moderation.decide(comment.pk, "approve", by=moderator)
    comment.refresh_from_db()
    assert (comment.status, trail()) == ("deleted", [])


def test_many_are_decided_though_one_is_gone(post, moderator):
    made = [post_comment(post, GUEST, f"Number {number}").comment for number in range(3)]
    gone = made[1].pk
    Comment.objects.filter(pk=gone).delete()
    assert moderation.decide_all([*(each.pk for each in made), made[0].pk], "approve", by=moderator) == 2
    assert counts(post) == 2


def test_next_goes_on_and_begins_again(post):
    first, second, third = (post_comment(post, GUEST, f"Number {number}").comment for number in range(3))
    assert list(moderation.queue()) == [first, second, third]
    assert moderation.after(first) == second
    assert moderation.after(third) == first
    Comment.objects.exclude(pk=third.pk).delete()
    assert moderation.after(third) is None


def test_what_is_not_confirmed_yet_asks_no_moderator(post):
    comment = post_comment(post, GUEST, "Not confirmed").comment
    Comment.objects.update(is_unconfirmed=True)
    assert comment not in moderation.queue()


def test_a_ban_holds_until_its_end_and_clears_what_waits(post, moderator, reader):
    now = timezone.now()
    made = [post_comment(post, Writer(user=reader), f"Number {number}").comment for number in range(3)]
    other = post_comment(post, GUEST, "Somebody else's").comment
    made_ban = moderation.ban(made[0], by=moderator, until=now + timedelta(days=7), reason="Rude.", decision="spam")
    assert set(Comment.objects.filter(user=reader).values_list("status", flat=True)) == {"spam"}
    other.refresh_from_db()
    assert other.status == "pending"
    with pytest.raises(Refusal, match=r"until .* Rude\."):
        post_comment(post, Writer(user=reader), "Again")
    assert post_comment(post, Writer(user=reader), "Later", at=now + timedelta(days=8)).is_new
    assert trail() == ["banned", *["marked as spam"] * 3]
    again = moderation.ban(made[0], by=moderator, until=None)
    assert (again.pk, Ban.objects.count()) == (made_ban.pk, 1)
    moderation.unban(again, by=moderator)
    assert post_comment(post, Writer(user=reader), "Here again").is_new
    assert trail()[-1] == "let write again"


def test_a_guest_is_banned_by_fingerprint_and_by_address(post, moderator):
    comment = post_comment(post, GUEST, "Rude words").comment
    moderation.ban(comment, by=moderator, until=None)
    for writer in [
        Writer(name="Other", email="other@example.org", fingerprint=GUEST.fingerprint),
        Writer(name="Ida", email="IDA@example.org", fingerprint="0" * 64),
    ]:
        with pytest.raises(Refusal):
            post_comment(post, writer, "Again")
    assert post_comment(post, Writer(name="Ida", email="b@example.org", fingerprint="1" * 64), "Me").is_new
    moderation.ban(comment, by=moderator, until=None)
    assert Ban.objects.count() == 1


def test_nobody_is_banned_by_accident(post, moderator, editor):
    own = post_comment(post, Writer(user=editor), "Mine").comment
    with pytest.raises(Refusal):
        moderation.ban(own, by=moderator, until=None)
    nobody = post_comment(post, Writer(name="Imported"), "Old").comment
    with pytest.raises(Refusal):
        moderation.ban(nobody, by=moderator, until=None)
    with pytest.raises(Refusal):
        moderation.ban(own, by=moderator, until=timezone.now())
    assert not Ban.objects.exists()
    own.refresh_from_db()
    assert own.is_public


def test_the_context_is_the_chain_above_and_the_history_what_else_they_wrote(post, moderator, reader):
    first = post_comment(post, Writer(user=moderator), "First").comment
    second = post_comment(post, Writer(user=moderator), "Second", parent=first).comment
    third = post_comment(post, Writer(user=reader), "Third", parent=second).comment
    assert moderation.context_of(third) == [first, second]
    assert moderation.context_of(third, most=1) == [second]
    assert moderation.context_of(first) == []
    assert list(moderation.history_of(first)) == [second]
    assert list(moderation.history_of(third)) == []


def test_bans_are_told_for_many_at_once(post, moderator, reader, django_assert_num_queries):
    mine = post_comment(post, Writer(user=reader), "One").comment
    theirs = post_comment(post, GUEST, "Two").comment
    free = post_comment(post, Writer(name="A", email="a@example.org", fingerprint="1" * 64), "Three").comment
    moderation.ban(mine, by=moderator, until=None)
    moderation.ban(theirs, by=moderator, until=None)
    with django_assert_num_queries(1):
        assert set(moderation.bans_of([mine, theirs, free], at=timezone.now())) == {mine.pk, theirs.pk}
