"""Erasing a comment for good, in the admin: for few, after a question, and the replies stay under a blank."""

import pytest

from accounts.models import AuditEntry, Notification
from blog.likes import Reader
from blog.models import Post
from comments import erasing, likes, moderation, posting, reporting, sweeping, telling
from comments.models import Comment, CommentEdit, CommentLike, CommentReport
from comments.posting import post_comment
from comments.rules import Writer
from core.refusals import Refusal

GUEST = Writer(name="Ida Secret", email="ida@example.org", fingerprint="f" * 64)
QUEUE = "/admin/comments/comment/"


@pytest.fixture
def post(publish):
    return publish("The harbour")


@pytest.fixture
def said(post, moderator, author, reader):
    """A guest's words, changed, approved, liked and reported, with two answers; one more waits."""
    first = post_comment(post, GUEST, "Words nobody shall keep").comment
    posting.edit(first, "Words nobody shall keep either")
    moderation.decide(first.pk, "approve", by=moderator)
    second = post_comment(post, Writer(user=author), "The answer stays.", parent=first).comment
    post_comment(post, Writer(user=author), "So does this one.", parent=second)
    post_comment(post, Writer(user=reader), "I wait.", parent=second)
    likes.like(first, Reader(user=reader))
    reporting.report(first, "private", note="An address is in it", user=reader)
    return Comment.objects.get(pk=first.pk)


def text_of(answer):
    return answer.content.decode()


def test_only_administrators_erase_and_only_by_the_button(client_of, said, admin, editor, moderator, author):
    page = f"{QUEUE}{said.pk}/erase/"
    for who in (editor, moderator, author):
        assert client_of(who).get(page).status_code == 403
        assert client_of(who).post(page).status_code == 403
        assert "Erase for good" not in text_of(client_of(who).get(f"{QUEUE}{said.pk}/change/"))
    assert page in text_of(client_of(admin).get(f"{QUEUE}{said.pk}/change/"))
    assert client_of(admin).get(page).status_code == 200
    said.refresh_from_db()
    assert said.erased_at is None and said.content


def test_it_says_first_what_goes_and_how_many_replies_stay(client_of, said, admin):
    page = text_of(client_of(admin).get(f"{QUEUE}{said.pk}/erase/"))
    assert "2 replies stay, under a blank." in page and "1 earlier text," in page and "1 like " in page
    alone = Comment.objects.get(content="I wait.")
    assert "No reply stays" in text_of(client_of(admin).get(f"{QUEUE}{alone.pk}/erase/"))


def test_the_words_go_from_everywhere_and_the_replies_stay(client, client_of, said, post, admin):
    answer = client_of(admin).post(f"{QUEUE}{said.pk}/erase/", {"back": f"{QUEUE}?show=approved"})
    assert answer.url == f"{QUEUE}?show=approved"
    said.refresh_from_db()
    assert (said.content, said.guest_name, said.guest_email, said.fingerprint_hash) == ("", "", "", "")
    assert said.status == "rejected" and said.like_count == said.report_count == 0
    assert not (CommentEdit.objects.exists() or CommentLike.objects.exists() or CommentReport.objects.exists())
    html = client.get("/blog/the-harbour/").content.decode()
    assert "The answer stays." in html and "So does this one." in html and "Removed by a moderator" in html
    assert Post.objects.get(pk=post.pk).comment_count == 2 and "2 comments" in html
    for kept in AuditEntry.objects.all():
        assert "nobody shall keep" not in f"{kept.target_name} {kept.note} {kept.changes}"
    entry = AuditEntry.objects.get(action="erased")
    assert (entry.actor, entry.target_id, entry.note) == (admin, said.pk, "2 replies stay")
    assert entry.changes == {"status": ["Approved", "Rejected"]} and "Ida" not in entry.target_name


def test_nobody_keeps_a_notice_that_names_who_wrote_it(said, author, reader, admin):
    telling.tell_waiting()
    told = Notification.objects.filter(recipient=author, text__contains="Ida Secret")
    others = Notification.objects.exclude(pk__in=told).count()
    assert told.exists() and others
    erasing.erase(said.pk, by=admin)
    assert not told.exists() and Notification.objects.count() == others


def test_what_was_erased_comes_back_by_nothing(client_of, said, admin, moderator):
    erasing.erase(said.pk, by=admin)
    for decision in moderation.DECISIONS:
        with pytest.raises(Refusal, match="erased"):
            moderation.decide(said.pk, decision, by=moderator)
    with pytest.raises(Refusal, match="before"):
        erasing.erase(said.pk, by=admin)
    page = text_of(client_of(admin).get(f"{QUEUE}{said.pk}/change/"))
    assert "erased for good on" in page and 'name="approve"' not in page
    assert "erased for good on" in text_of(client_of(admin).post(f"{QUEUE}{said.pk}/erase/"))
    assert "row-" not in text_of(client_of(admin).get(f"{QUEUE}?show=rejected"))


def test_what_its_writer_had_deleted_still_says_so(client, said, admin):
    posting.delete(said)
    erasing.erase(said.pk, by=admin)
    said.refresh_from_db()
    assert said.status == "deleted" and "Removed by its writer" in client.get("/blog/the-harbour/").content.decode()


def test_a_blank_that_nothing_answers_goes_at_night(said, admin):
    waits = Comment.objects.get(content="I wait.")
    erasing.erase(waits.pk, by=admin)
    erasing.erase(said.pk, by=admin)
    sweeping.sweep()
    assert not Comment.objects.filter(pk=waits.pk).exists() and Comment.objects.filter(pk=said.pk).exists()


def test_the_tabs_say_how_many_are_reported(client_of, said, moderator):
    page = text_of(client_of(moderator).get(QUEUE))
    assert "Reported <span>1</span>" in page
    moderation.decide(said.pk, "approve", by=moderator)
    assert "Reported <span>" not in text_of(client_of(moderator).get(QUEUE))
