"""Many moderators at once: every decision counts once, and the filter learns it once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.roles import Role
from blog import publishing, writing
from blog.models import Post
from comments import moderation, reporting
from comments.models import Comment, SpamWord
from comments.posting import post_comment
from comments.rules import Writer
from tests.conftest import make_person

THREADS = 8


def at_once(work):
    """Call each of these from threads that begin together; what each raised or None."""
    start = threading.Barrier(THREADS)

    def run(share):
        found = []
        start.wait()
        try:
            for call in share:
                try:
                    call()
                except Exception as error:
                    found.append(error)
        finally:
            connection.close()
        return found

    with ThreadPoolExecutor(THREADS) as pool:
        return [error for errors in pool.map(run, [work[n::THREADS] for n in range(THREADS)]) for error in errors]


@pytest.fixture
def moderator(transactional_db):
    return make_person("moderator", Role.MODERATOR)


@pytest.fixture
def post(moderator):
    post = Post(title="The harbour", content_markdown="Some words to read.", author=moderator)
    writing.save(post, by=None)
    publishing.publish(post, by=make_person("editor", Role.EDITOR))
    return post


def guest(number):
    return Writer(name=f"Guest {number}", email=f"guest{number}@example.org", fingerprint=f"{number:064x}")


def test_decisions_about_the_same_words_at_once_are_all_kept(post, moderator):
    made = [post_comment(post, guest(n), f"the same words again and mine{n}mine").comment.pk for n in range(48)]
    work = [lambda pk=pk, to=("approve", "spam")[pk % 2]: moderation.decide(pk, to, by=moderator) for pk in made]
    assert at_once(work) == []
    good = Comment.objects.filter(status="approved").count()
    assert (good, Comment.objects.filter(status="spam").count()) == (24, 24)
    assert Post.objects.get(pk=post.pk).comment_count == 24
    counted = dict(SpamWord.objects.filter(word__in=["", "same"]).values_list("word", "spam"))
    assert counted == {"": 24, "same": 24}
    assert SpamWord.objects.get(word="").good == 24


def test_one_comment_decided_by_many_at_once_ends_in_one_state_with_its_counts(post, moderator):
    comment = post_comment(post, guest(1), "contested words").comment
    work = [lambda to=to: moderation.decide(comment.pk, to, by=moderator) for to in ("approve", "spam", "reject") * 16]
    assert at_once(work) == []
    comment.refresh_from_db()
    assert Post.objects.get(pk=post.pk).comment_count == int(comment.is_public)
    lesson = {"approved": (0, 1), "spam": (1, 0), "rejected": (0, 0)}[comment.status]
    assert set(SpamWord.objects.values_list("spam", "good")) == {lesson}


def test_reports_at_once_are_counted_as_there_are_rows(post, moderator):
    comment = post_comment(post, Writer(user=moderator), "Shown").comment
    work = [lambda n=n: reporting.report(comment, "spam", fingerprint=f"{n % 30:064x}") for n in range(60)]
    assert at_once(work) == []
    comment.refresh_from_db()
    assert comment.report_count == comment.reports.count() == 30
