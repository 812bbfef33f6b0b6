"""What nobody has to decide any more leaves the moderators' lists; what they have to, is in one."""

import pytest

from comments import conversation, moderation, posting, reporting
from comments.admin.queue import tab
from comments.models import Comment, ConversationSettings
from comments.rules import GENERATION, Writer
from core import cache

GINA = Writer(name="Gina", email="gina@example.net", fingerprint="f" * 64)


@pytest.fixture
def post(publish):
    ConversationSettings.objects.update_or_create(pk=1, defaults={"moderate_members": False})
    return publish("Tides")


def test_deleting_what_was_reported_settles_the_reports(post, reader):
    said = posting.post_comment(post, Writer(user=reader), "Bad thing").comment
    reporting.report(said, "abuse", fingerprint="a" * 64)
    assert tab("reported").get() == said
    posting.delete(said)
    assert not tab("reported").exists()
    said.refresh_from_db()
    assert said.report_count == 0 and said.reports.get().settled_at


def test_what_was_deleted_before_does_not_stay_in_the_list(post, reader):
    said = posting.post_comment(post, Writer(user=reader), "Bad thing").comment
    reporting.report(said, "abuse", fingerprint="a" * 64)
    Comment.objects.update(status="deleted")
    assert not tab("reported").exists()


def test_a_decision_confirms_so_that_an_appeal_is_heard(post, moderator, django_capture_on_commit_callbacks):
    ConversationSettings.objects.update(guests="confirm")
    with django_capture_on_commit_callbacks(execute=True):
        cache.renew(GENERATION)
    said = posting.post_comment(post, GINA, "Words of Gina").comment
    assert said.is_unconfirmed
    refused = moderation.decide(said.pk, "reject", by=moderator)
    assert not refused.is_unconfirmed
    assert conversation.told_writer(refused) == "A moderator has not published your comment."
    appealed = reporting.appeal(refused, "Please look again")
    assert moderation.queue().get() == appealed
    assert "waits for a moderator" in conversation.told_writer(appealed)


def test_an_appeal_about_what_was_refused_long_ago_is_heard_too(post):
    said = posting.post_comment(post, GINA, "Words of Gina").comment
    Comment.objects.update(status="rejected", is_unconfirmed=True)
    appealed = reporting.appeal(said, "Please look again")
    assert moderation.queue().get() == appealed
