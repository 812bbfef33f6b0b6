"""Decisions, bans and answers about the same comments at once: each waits its turn, and none is thrown out."""

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from blog import publishing, writing
from blog.models import Post
from comments import recounting
from comments.models import Ban, Comment, ConversationSettings
from tests.comments.storm import storm
from tests.conftest import make_person

pytestmark = pytest.mark.django_db(transaction=True)
ANSWERING = 5


@pytest.fixture
def moderator(transactional_db):
    ConversationSettings.objects.update_or_create(pk=1, defaults={"moderate_members": False})
    return make_person("moderator", Role.MODERATOR)


@pytest.fixture
def post(moderator):
    post = Post(title="The harbour", content_markdown="Some words to read.", author=moderator)
    writing.save(post, by=None)
    publishing.publish(post, by=make_person("editor", Role.EDITOR))
    return post


def shown(post, writer, text):
    now = timezone.now()
    facts = {"post": post, "user": writer, "status": "approved", "created_at": now, "approved_at": now}
    made = Comment.objects.create(content=text, content_html=f"<p>{text}</p>", **facts)
    Post.objects.filter(pk=post.pk).update(comment_count=Comment.objects.filter(status="approved").count())
    return made


def waiting(post, number, many):
    """What one guest sent and nobody decided."""
    facts = {"post": post, "guest_name": "Gina", "guest_email": f"gina{number}@example.net", "status": "pending"}
    return [
        Comment.objects.create(content=f"the same words {each}", created_at=timezone.now(), **facts).pk
        for each in range(many)
    ]


def failures(answers):
    return [said for answer in answers for said in answer if str(said).startswith("failed")]


def test_a_comment_is_rejected_and_approved_while_many_answer_it(post, moderator):
    root = shown(post, moderator, "What do you think?")
    people = User.objects.bulk_create(User(username=f"reader{number}") for number in range(ANSWERING))
    decisions = [["decide", root.pk, ("reject", "approve")[turn % 2], moderator.pk] for turn in range(20)]
    walks = [[["send", post.pk, root.pk, who.pk, f"Answer {turn} of mine"] for turn in range(20)] for who in people]
    assert failures(storm([decisions, *walks], 3)) == []
    assert recounting.recount() == 0, "nothing has drifted"


def test_writers_take_back_what_is_answered_at_that_moment(post, moderator):
    roots = [shown(post, moderator, f"Question {number}") for number in range(20)]
    people = User.objects.bulk_create(User(username=f"reader{number}") for number in range(ANSWERING))
    walks = [[["send", post.pk, root.pk, who.pk, f"To {root.pk}"] for root in roots] for who in people]
    answers = storm([[["remove", root.pk] for root in roots], *walks], 3)
    assert failures(answers) == [] and answers[0] == [True] * 20
    assert recounting.recount() == 0


def test_two_moderators_ban_one_writer_from_two_comments(post, moderator):
    theirs = [waiting(post, number, 6) for number in range(10)]
    first = [["ban", pks[0], "spam", moderator.pk] for pks in theirs]
    last = [["ban", pks[-1], "spam", moderator.pk] for pks in theirs]
    assert failures(storm([first, last], 2)) == []
    assert Ban.objects.count() == 10, "the second renews the first"
    assert set(Comment.objects.values_list("status", flat=True)) == {"spam"}


def test_one_bans_while_another_decides_about_the_same_writer(post, moderator):
    theirs = [waiting(post, number, 8) for number in range(10)]
    bans = [["ban", pks[0], "spam", moderator.pk] for pks in theirs]
    decisions = [["decide", pk, "spam", moderator.pk] for pks in theirs for pk in reversed(pks[1:])]
    assert failures(storm([bans, decisions], 2)) == []
    assert set(Comment.objects.values_list("status", flat=True)) == {"spam"}
