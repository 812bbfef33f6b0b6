"""A post or a comment goes while somebody answers it: they are told, and nothing of theirs is half kept."""

import threading

import pytest
from django.db import connection

from blog.models import Post
from comments import confirming, posting, rules
from comments.models import Comment, ConversationSettings
from comments.rules import Writer
from core.refusals import Refusal

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite lets one write at a time"),
]


def while_writing(monkeypatch, work):
    """Have this done by somebody else between the looks at the post and the row that is kept."""
    known = rules.refuse_banned

    def another():
        try:
            work()
        finally:
            connection.close()

    def slowly(*asked, **how):
        thread = threading.Thread(target=another)
        thread.start()
        thread.join(5)
        return known(*asked, **how)

    monkeypatch.setattr(rules, "refuse_banned", slowly)


@pytest.fixture
def post(publish):
    ConversationSettings.objects.update_or_create(pk=1, defaults={"moderate_members": False})
    return publish("One")


def test_the_post_goes_while_somebody_writes(post, moderator, monkeypatch):
    while_writing(monkeypatch, Post.objects.get(pk=post.pk).delete)
    with pytest.raises(Refusal, match="This post is not there any more"):
        confirming.post_comment(post, Writer(user=moderator), "Hello there")
    assert not Comment.objects.exists()


def test_the_parent_goes_while_somebody_answers(post, moderator, reader, monkeypatch):
    root = posting.post_comment(post, Writer(user=moderator), "Root").comment
    known = posting._parent_of

    def slowly(*asked):
        found = known(*asked)
        while_gone()
        return found

    def while_gone():
        thread = threading.Thread(target=lambda: (Comment.objects.get(pk=root.pk).delete(), connection.close()))
        thread.start()
        thread.join(5)

    monkeypatch.setattr(posting, "_parent_of", slowly)
    with pytest.raises(Refusal):
        confirming.post_comment(post, Writer(user=reader), "Hello there", parent=root)
    assert not Comment.objects.exists()
