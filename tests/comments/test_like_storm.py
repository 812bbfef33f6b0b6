"""Two hundred readers like at once and some take it back: what is counted is the number of rows, on both databases."""

import pytest
from django.utils import timezone

from accounts.models import User
from blog.likes import Reader, like
from blog.models import Post, PostLike
from comments import likes
from comments.models import Comment, CommentLike
from tests.comments.storm import storm

pytestmark = pytest.mark.django_db(transaction=True)
PROCESSES = 8


@pytest.fixture
def people(publish):
    made = User.objects.bulk_create(User(username=f"reader{number}") for number in range(100))
    return [person.pk for person in made]


def walks_of(kind: str, pk: int, people: list[int]) -> list[list[list[object]]]:
    """A hundred members and a hundred guests; each third takes it back, each ninth likes it again after that."""
    walks = []
    for number, who in enumerate([*people, *(f"guest-{number}" for number in range(100))]):
        steps: list[list[object]] = [[kind, pk, who, True]]
        if number % 3 == 0:
            steps.append([kind, pk, who, False])
        if number % 9 == 0:
            steps.append([kind, pk, who, True])
        walks.append(steps)
    return walks


def left(walks):
    return sum(steps[-1][-1] for steps in walks)


def test_two_hundred_like_a_post_at_once(publish, people):
    post, other = publish("One"), publish("Other")
    walks = walks_of("like_post", post.pk, people)
    answers = storm(walks, PROCESSES)
    assert answers == [[True] * len(steps) for steps in walks], "everybody's steps counted, none was lost or refused"
    rows = PostLike.objects.filter(post=post).count()
    assert Post.objects.get(pk=post.pk).like_count == rows == left(walks) == 156
    assert Post.objects.get(pk=other.pk).like_count == 0


def test_two_hundred_like_a_comment_at_once(publish, people, reader):
    post = publish("One")
    now = timezone.now()
    facts = {"post": post, "user": reader, "status": "approved", "created_at": now, "approved_at": now}
    comment = Comment.objects.create(content="Well said.", **facts)
    walks = walks_of("like_comment", comment.pk, people)
    answers = storm(walks, PROCESSES)
    assert answers == [[True] * len(steps) for steps in walks]
    comment.refresh_from_db()
    assert comment.like_count == CommentLike.objects.filter(comment=comment).count() == left(walks)
    assert likes.recount() == 0


def test_one_reader_who_presses_in_forty_windows_at_once_likes_once(publish, people):
    post = publish("One")
    like(post, Reader(fingerprint="another"))
    answers = storm([[["like_post", post.pk, people[0], True]] for _ in range(40)], 4)
    assert sum(answer == [True] for answer in answers) == 1 and sum(answer == [False] for answer in answers) == 39
    assert Post.objects.get(pk=post.pk).like_count == PostLike.objects.filter(post=post).count() == 2
