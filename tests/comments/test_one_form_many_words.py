"""A form that is sent on with other words is another comment; only the same sent twice is one."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from comments import posting, tokens
from comments.models import Comment, ConversationSettings
from comments.rules import Writer


@pytest.fixture
def post(publish):
    ConversationSettings.objects.update_or_create(pk=1, defaults={"moderate_members": False})
    return publish("Tides")


@pytest.fixture
def send(client_of, reader, post):
    browser, token = client_of(reader), tokens.open_form()

    def say(text, parent=None):
        to = f"/comments/{parent}/reply/" if parent else f"/comments/to/{post.slug}/"
        with time_machine.travel(timezone.now() + timedelta(seconds=10)):
            facts = {"content": text, "token": token}
            return browser.post(to, facts, headers={"accept": "application/json"}).json()

    return say


def test_nothing_that_was_said_is_lost(send):
    first = send("First thing said")
    other, answer, below = send("Quite another"), send("An answer", first["id"]), send("First thing said", first["id"])
    ids = [first["id"], other["id"], answer["id"], below["id"]]
    assert list(Comment.objects.order_by("pk").values_list("pk", flat=True)) == ids
    assert [told["parent"] for told in (first, other, answer, below)] == [None, None, first["id"], first["id"]]


def test_the_same_sent_twice_is_one_comment_however_it_is_spaced(send):
    first = send("First thing said")
    send("Something between")
    assert send(" First thing said\r\n")["id"] == first["id"] and Comment.objects.count() == 2


def test_a_form_somebody_else_sends_on_is_theirs(post, reader, author):
    mine = posting.post_comment(post, Writer(user=reader), "The same", form_token="t")
    theirs = posting.post_comment(post, Writer(user=author), "The same", form_token="t")
    assert mine.is_new and theirs.is_new and theirs.comment.user == author
