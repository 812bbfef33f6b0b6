"""A like and what is told of it are one thing: kept together, taken back together, at whatever moment."""

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Notification
from blog import likes as post_likes
from blog.likes import Reader
from comments import likes
from comments.models import Comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(publish):
    return publish("One")


@pytest.fixture
def comment(post, reader):
    now = timezone.now()
    facts = {"user": reader, "status": "approved", "created_at": now, "approved_at": now}
    return Comment.objects.create(post=post, content="Well said.", content_html="<p>Well said.</p>", **facts)


@pytest.fixture(params=["post", "comment"])
def switch(request, post, comment):
    thing, like = {"post": (post, post_likes.like), "comment": (comment, likes.like)}[request.param]
    return lambda who, wanted: like(thing, Reader(who), wanted=wanted)


def told() -> int:
    return Notification.objects.filter(category="like").count()


def test_what_is_told_is_written_with_the_like(switch, moderator):
    # Nothing runs after this commit: a process that is killed there has told of it all the same.
    switch(moderator, True)
    assert told() == 1
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        switch(moderator, False)
        raise ZeroDivisionError
    assert told() == 1


def test_what_is_taken_back_is_not_told_however_late_the_news_of_both_is_heard(
    switch, moderator, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as liked:
        switch(moderator, True)
    with django_capture_on_commit_callbacks() as taken_back:
        switch(moderator, False)
    for callback in [*taken_back, *liked]:
        callback()
    assert told() == 0
