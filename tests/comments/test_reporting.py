"""Readers point comments out, and writers ask for another look."""

import pytest

from comments import posting, reporting
from comments.models import Comment, CommentReport
from comments.posting import Verdict, post_comment
from comments.rules import Writer
from core.refusals import Refusal

GUEST = Writer(name="Ida", email="ida@example.org", fingerprint="f" * 64)


@pytest.fixture
def comment(publish, moderator):
    return post_comment(publish(), Writer(user=moderator), "Said and shown").comment


def test_a_reader_reports_a_comment_once(comment, reader):
    assert reporting.report(comment, "abuse", note="It is\0 rude. ", user=reader, fingerprint="a" * 64)
    assert not reporting.report(comment, "spam", user=reader)
    assert reporting.report(comment, "spam", fingerprint="a" * 64)
    assert not reporting.report(comment, "spam", fingerprint="a" * 64)
    comment.refresh_from_db()
    assert comment.report_count == CommentReport.objects.count() == 2
    assert CommentReport.objects.get(user=reader).note == "It is rude."
    assert comment in Comment.objects.waiting()


def test_what_is_not_shown_or_not_a_reason_is_not_reported(comment, reader):
    with pytest.raises(Refusal):
        reporting.report(comment, "because", user=reader)
    with pytest.raises(Refusal):
        reporting.report(comment, "spam")
    posting.delete(comment)
    with pytest.raises(Refusal):
        reporting.report(comment, "spam", user=reader)
    assert not CommentReport.objects.exists()
    comment.refresh_from_db()
    assert comment.report_count == 0


def refused(publish):
    return post_comment(publish(), GUEST, "Held back", judge=lambda *_: Verdict("refuse", [], 9.0)).comment


def test_what_was_refused_waits_again_after_an_appeal_and_once_only(publish):
    comment = refused(publish)
    assert comment.status == "spam" and comment not in Comment.objects.waiting()
    with pytest.raises(Refusal):
        reporting.appeal(comment, "  \0 ")
    reporting.appeal(comment, "It is no spam.")
    comment.refresh_from_db()
    assert (comment.status, comment.appeal) == ("pending", "It is no spam.")
    assert comment in Comment.objects.waiting()
    Comment.objects.update(status="rejected")
    with pytest.raises(Refusal):
        reporting.appeal(comment, "Please.")
    comment.refresh_from_db()
    assert (comment.status, comment.appeal) == ("rejected", "It is no spam.")
    assert not reporting.may_appeal(comment)


def test_what_readers_see_needs_no_appeal(comment):
    with pytest.raises(Refusal):
        reporting.appeal(comment, "Why not")
    comment.refresh_from_db()
    assert comment.status == "approved" and comment.appealed_at is None
