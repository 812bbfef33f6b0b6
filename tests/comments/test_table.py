"""What the database itself refuses, whoever writes."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from comments.models import Comment


@pytest.fixture
def say(publish, reader):
    post = publish("A ferry")

    def make(**fields) -> Comment:
        return Comment.objects.create(
            **{"post": post, "user": reader, "content": "x", "created_at": timezone.now(), **fields}
        )

    return make


def refused(deed) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        deed()
        connection.check_constraints()


def test_a_reply_is_under_the_post_of_what_it_answers(say, publish):
    first, elsewhere = say(), publish("Another")
    refused(lambda: say(parent=first, root=first, post=elsewhere))
    reply = say(parent=first, root=first)
    refused(lambda: Comment.objects.filter(pk=reply.pk).update(post=elsewhere))
    assert not Comment.objects.filter(post=elsewhere).exists()


def test_no_circle_closes(say):
    first = say()
    reply = say(parent=first, root=first)
    refused(lambda: Comment.objects.filter(pk=first.pk).update(parent=reply, root=first))
    refused(lambda: Comment.objects.filter(pk=reply.pk).update(parent=reply))
    refused(lambda: say(parent=first))


def test_a_comment_is_a_member_s_or_a_guest_s_and_is_what_it_may_be(say):
    refused(lambda: say(guest_name="Ana"))
    refused(lambda: say(user=None, guest_email="ana@example.org"))
    refused(lambda: say(status="loved"))
    refused(lambda: say(status="approved"))
    refused(lambda: say(content="x" * 5001))


def test_one_form_makes_one_comment(say):
    say(form_token="t")
    refused(lambda: say(form_token="t"))
    say(), say()
    assert Comment.objects.count() == 3


def test_what_was_erased_has_neither_words_nor_a_writer(say):
    said = say()
    for left in ({"user": None}, {"content": ""}, {"content": "", "user": None}):
        refused(lambda left=left: Comment.objects.filter(pk=said.pk).update(erased_at=timezone.now(), **left))
    empty = {"content": "", "user": None, "status": "rejected"}
    assert Comment.objects.filter(pk=said.pk).update(erased_at=timezone.now(), **empty)
