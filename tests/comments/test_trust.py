"""Whose comments readers see at once, and whose wait for a moderator."""

import pytest

from comments import moderation, posting
from comments.models import Comment, ConversationSettings
from comments.rules import Writer

HER_BROWSER, ANOTHER = "a" * 64, "b" * 64


@pytest.fixture
def post(publish):
    ConversationSettings.objects.create(guests="trust", trusted_after=2)
    return publish("A ferry")


def status_of(post, text, **writer) -> str:
    return posting.post_comment(post, Writer(**writer), text).comment.status


def guest(fingerprint=HER_BROWSER, email="ana@example.org"):
    return {"name": "Ana", "email": email, "fingerprint": fingerprint}


def approve_all(by):
    waiting = Comment.objects.filter(status="pending").values_list("pk", flat=True)
    moderation.decide_all(waiting, moderation.APPROVE, by=by)


def test_a_guest_waits_until_two_of_theirs_were_approved(post, moderator):
    assert status_of(post, "One", **guest()) == "pending"
    approve_all(moderator)
    assert status_of(post, "Two", **guest()) == "pending"
    approve_all(moderator)
    assert status_of(post, "Three", **guest()) == "approved"


def test_whoever_knows_the_address_of_a_trusted_guest_is_not_trusted_for_it(post, moderator):
    for text in ("One", "Two"):
        status_of(post, text, **guest())
    approve_all(moderator)
    assert status_of(post, "Not she", **guest(fingerprint=ANOTHER)) == "pending"
    assert status_of(post, "Nor she", **guest(fingerprint="")) == "pending"
    assert status_of(post, "Her browser, nobody's address", **guest(email="")) == "pending"


def test_a_member_waits_once_and_staff_never(post, reader, editor, moderator):
    assert status_of(post, "First", user=reader) == "pending"
    approve_all(moderator)
    assert status_of(post, "Second", user=reader) == "approved"
    assert status_of(post, "From the desk", user=editor) == "approved"
