"""Many follow and stop at once, from processes of their own: what is counted are the rows, on both databases."""

import pytest
from django.db import IntegrityError, transaction

from accounts import follows as people
from accounts.models import Follow, Notification, User
from blog.models import SubjectFollow, Tag
from tests.comments.storm import storm

pytestmark = pytest.mark.django_db(transaction=True)
PROCESSES = 4


@pytest.fixture
def members(author):
    made = User.objects.bulk_create(User(username=f"member{number}") for number in range(100))
    return [person.pk for person in made]


def walks_of(begin: str, stop: str, what: int, members: list[int]) -> list[list[list[object]]]:
    """Everybody follows; each third stops again, each ninth begins again after that."""
    walks = []
    for number, who in enumerate(members):
        steps: list[list[object]] = [[begin, who, what]]
        if number % 3 == 0:
            steps.append([stop, who, what])
        if number % 9 == 0:
            steps.append([begin, who, what])
        walks.append(steps)
    return walks


def left(walks) -> int:
    return sum(not str(steps[-1][0]).startswith("un") for steps in walks)


def test_a_hundred_follow_an_author_at_once_and_some_stop(author, editor, members):
    walks = walks_of("follow", "unfollow", author.pk, members)
    assert storm(walks, PROCESSES) == [[True] * len(steps) for steps in walks], "no step was lost or refused"
    assert people.follower_count(author) == Follow.objects.filter(followed=author).count() == left(walks) == 78
    assert people.follower_count(editor) == 0
    assert Notification.objects.filter(recipient=author, read_at__isnull=True).count() == 1, "told in one notice"


def test_a_hundred_follow_a_tag_at_once_and_some_stop(members):
    tag = Tag.objects.create(name="Ferries", slug="ferries")
    walks = walks_of("follow_tag", "unfollow_tag", tag.pk, members)
    assert storm(walks, PROCESSES) == [[True] * len(steps) for steps in walks]
    assert SubjectFollow.objects.filter(tag=tag).count() == left(walks) == 78


def test_one_who_presses_in_twenty_windows_at_once_follows_once_and_is_told_of_once(author, members):
    answers = storm([[["follow", members[0], author.pk]] for _ in range(20)], PROCESSES)
    assert sum(answer == [True] for answer in answers) == 1 and sum(answer == [False] for answer in answers) == 19
    assert people.follower_count(author) == 1
    assert Notification.objects.get(recipient=author).count == 1


def test_one_who_presses_and_takes_back_all_the_time_is_either_and_never_twice(author, members):
    walks = [[["follow", members[0], author.pk], ["unfollow", members[0], author.pk]] for _ in range(12)]
    for begun, ended in storm(walks, PROCESSES):
        assert {begun, ended} <= {True, False}
    assert people.follower_count(author) in {0, 1}


def test_the_database_itself_refuses_oneself_and_twice(author, members):
    Follow.objects.create(follower_id=members[0], followed=author)
    for follower in (author.pk, members[0]):
        with pytest.raises(IntegrityError), transaction.atomic():
            Follow.objects.bulk_create([Follow(follower_id=follower, followed=author)])
    assert Follow.objects.count() == 1
