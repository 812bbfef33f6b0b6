"""Between writing and following the link a week may pass: what holds for writing then holds for what was confirmed."""

import pytest
from django.core.cache import caches

from blog import publishing
from blog.models import Post
from comments import confirming, moderation, posting, tokens
from comments.models import Comment, ConversationSettings
from comments.rules import Writer

VERA = Writer(name="Vera", email="vera@example.org", fingerprint="f" * 64)


@pytest.fixture
def post(publish):
    ConversationSettings.objects.create(guests="confirm")
    forget_what_is_kept()
    return publish("Boats")


def forget_what_is_kept():
    for cache in caches.all():
        cache.clear()


@pytest.fixture
def said(post):
    return confirming.post_comment(post, VERA, "Let *me* in.").comment


def link_of(said, **how):
    return f"/comments/confirm/{tokens.confirmation_of(said, **how)}/"


def closed_by_its_author(post, said, moderator):
    Post.objects.filter(pk=post.pk).update(comments_policy="closed")


def asking_members_alone(post, said, moderator):
    Post.objects.filter(pk=post.pk).update(comments_policy="members")


def closed_by_a_moderator(post, said, moderator):
    moderation.close(post, by=moderator)


def banned_in_the_same_browser(post, said, moderator):
    rude = posting.post_comment(post, Writer(name="V", email="v@example.net", fingerprint="f" * 64), "Rude").comment
    moderation.ban(rude, by=moderator, until=None)


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        (closed_by_its_author, "Comments are closed."),
        (asking_members_alone, "Sign in to comment"),
        (closed_by_a_moderator, "A moderator has closed the comments."),
        (banned_in_the_same_browser, "You cannot comment here any more."),
    ],
)
def test_what_could_not_be_written_now_is_not_published_and_its_words_are_shown(
    client, post, said, moderator, meanwhile, why
):
    meanwhile(post, said, moderator)
    forget_what_is_kept()
    page = client.post(link_of(said, hears=True))
    html = page.content.decode()
    assert page.status_code == 400 and why in html and "Let *me* in.</textarea>" in html
    said.refresh_from_db()
    assert (said.status, said.is_unconfirmed) == ("pending", True)
    assert Post.objects.get(pk=post.pk).comment_count == 0


def test_once_the_post_is_open_again_the_link_works(client, post, said):
    Post.objects.filter(pk=post.pk).update(comments_policy="closed")
    client.post(link_of(said))
    Post.objects.filter(pk=post.pk).update(comments_policy="open")
    assert client.post(link_of(said)).status_code == 302
    assert Comment.objects.get(pk=said.pk).is_public


@pytest.mark.parametrize("goes", ["comment", "post"])
def test_what_goes_while_the_link_is_followed_leaves_the_words_to_be_copied(
    client, post, said, editor, monkeypatch, goes
):
    confirm = confirming.confirm

    def confirm_too_late(comment, **how):
        if goes == "comment":
            Comment.objects.filter(pk=comment.pk).delete()
        else:
            publishing.archive(post, by=editor)
        return confirm(comment, **how)

    monkeypatch.setattr(confirming, "confirm", confirm_too_late)
    page = client.post(link_of(said))
    assert page.status_code == 400 and "is not there any more" in page.content.decode()
    assert "Let *me* in.</textarea>" in page.content.decode()
    assert not Comment.objects.filter(status="approved").exists()
