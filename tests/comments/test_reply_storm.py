"""Fifty answers at once from ten processes, some taken back meanwhile: all kept, all in order, all counted."""

import pytest
from django.utils import timezone

from accounts.models import User
from blog.models import Post
from comments import likes, recounting, threads
from comments.models import Comment, ConversationSettings
from tests.comments.storm import storm

pytestmark = pytest.mark.django_db(transaction=True)
PROCESSES = 10


@pytest.fixture
def post(publish):
    ConversationSettings.objects.update_or_create(pk=1, defaults={"moderate_members": False})
    return publish("One")


@pytest.fixture
def comment(post, reader):
    now = timezone.now()
    facts = {"post": post, "user": reader, "status": "approved", "created_at": now, "approved_at": now}
    made = Comment.objects.create(content="What do you think?", content_html="<p>What do you think?</p>", **facts)
    Post.objects.filter(pk=post.pk).update(comment_count=1)
    return made


def test_fifty_answer_one_comment_at_once_and_some_take_it_back(post, comment, publish):
    people = User.objects.bulk_create(User(username=f"reader{number}") for number in range(50))
    walks = []
    for number, person in enumerate(people):
        text = f"Answer number {number}."
        steps: list[list[object]] = [["reply", post.pk, comment.pk, person.pk, text]]
        if number % 5 == 0:
            steps.append(["delete", text])
        steps.append(["like_comment", comment.pk, person.pk, True])
        walks.append(steps)
    answers = storm(walks, PROCESSES)
    assert not [said for answer in answers for said in answer if said is False or isinstance(said, str)], answers
    kept = Comment.objects.filter(parent=comment)
    assert kept.count() == 50 and kept.filter(status="deleted").count() == 10
    assert set(kept.values_list("root", "post")) == {(comment.pk, post.pk)}

    page = threads.page_of(post)
    shown = [node.comment for node in page.rows]
    assert len(shown) == 41 and shown[0] == comment
    assert shown[1:] == sorted(shown[1:], key=lambda one: (one.created_at, one.pk))
    assert Post.objects.get(pk=post.pk).comment_count == 41
    comment.refresh_from_db()
    assert comment.like_count == 50
    assert recounting.recount() == 0, "nothing has drifted"


def test_the_nightly_count_mends_what_somebody_spoilt(post, comment, publish):
    untouched = publish("Other")
    Post.objects.filter(pk=post.pk).update(comment_count=9, like_count=3)
    Comment.objects.filter(pk=comment.pk).update(like_count=2)
    assert recounting.recount() == 3
    assert list(Post.objects.order_by("pk").values_list("comment_count", "like_count")) == [(1, 0), (0, 0)]
    assert likes.recount() == 0 and recounting.recount() == 0
    assert Post.objects.get(pk=untouched.pk).comment_count == 0
