"""Scheduled posts appear on time, once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections

from blog import publishing
from blog.models import Post, PostVersion, StatusChange
from core.refusals import Refusal
from tests.blog.conftest import NOON


@pytest.fixture
def scheduled(write, editor):
    post = write()
    publishing.schedule(post, by=editor, at=NOON, now=NOON - timedelta(hours=1))
    return post


def test_nothing_appears_before_its_time(scheduled):
    assert publishing.publish_due(NOON - timedelta(seconds=1)) == []
    assert not Post.objects.published().exists()


def test_a_post_appears_at_its_time_and_once(scheduled):
    assert publishing.publish_due(NOON) == [scheduled.pk]
    assert publishing.publish_due(NOON + timedelta(seconds=1)) == []
    post = Post.objects.published().get()
    assert (post.published_at, post.scheduled_at) == (NOON, None)
    assert PostVersion.objects.filter(kind="publish").count() == 1


def test_a_missed_time_is_made_good_at_once(scheduled):
    assert publishing.publish_due(NOON + timedelta(days=2)) == [scheduled.pk]
    assert Post.objects.published().get().published_at == NOON
    assert StatusChange.objects.first().at == NOON + timedelta(days=2)


def test_a_time_that_has_passed_is_refused(write, editor):
    with pytest.raises(Refusal, match="That time has passed"):
        publishing.schedule(write(), by=editor, at=NOON, now=NOON)


def test_rescheduling_moves_the_time(scheduled, editor):
    later = NOON + timedelta(days=1)
    assert publishing.schedule(scheduled, by=editor, at=later, now=NOON - timedelta(minutes=1))
    assert publishing.publish_due(NOON) == []
    assert publishing.publish_due(later) == [scheduled.pk]


def test_a_post_that_cannot_go_live_is_held_and_says_why(scheduled, write, editor):
    Post.objects.filter(pk=scheduled.pk).update(content_markdown="")
    other = write()
    publishing.schedule(other, by=editor, at=NOON, now=NOON - timedelta(hours=1))
    assert publishing.publish_due(NOON) == [other.pk]
    assert Post.objects.get(pk=scheduled.pk).status == "pending"
    assert "no text yet" in StatusChange.objects.get(post=scheduled, to_status="pending").note


def test_a_post_comes_down_at_its_time(publish):
    post = publish(unpublish_at=NOON + timedelta(days=1), at=NOON)
    publishing.publish_due(NOON)
    assert Post.objects.get(pk=post.pk).is_public
    publishing.publish_due(NOON + timedelta(days=1))
    assert Post.objects.get(pk=post.pk).status == "archived"


def test_a_post_whose_end_has_passed_does_not_go_live(write, editor):
    post = write(unpublish_at=NOON - timedelta(days=1))
    with pytest.raises(Refusal, match="comes down has passed"):
        publishing.publish(post, by=editor, at=NOON)
    assert Post.objects.get(pk=post.pk).status == "draft"


def test_one_broken_post_holds_nobody_up(scheduled, write, publish, editor):
    other, over = write(), publish(unpublish_at=NOON, at=NOON - timedelta(days=1))
    publishing.schedule(other, by=editor, at=NOON, now=NOON - timedelta(hours=1))
    # Its next version exists already, so publishing it breaks a rule of the database.
    PostVersion.objects.create(post=scheduled, number=2, snapshot={}, kind="save", created_at=NOON)
    assert publishing.publish_due(NOON) == [other.pk]
    assert Post.objects.get(pk=scheduled.pk).status == "scheduled"
    assert Post.objects.get(pk=over.pk).status == "archived"


@pytest.mark.django_db(transaction=True)
def test_two_clocks_publish_once(scheduled):
    if connection.vendor == "sqlite":
        pytest.skip("an in-memory SQLite database belongs to one thread; the PostgreSQL run tries this")
    found: list[list[int]] = []

    def tick():
        try:
            found.append(publishing.publish_due(NOON))
        finally:
            connections.close_all()

    clocks = [threading.Thread(target=tick) for _ in range(6)]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    assert sorted(map(len, found)) == [0, 0, 0, 0, 0, 1]
    assert PostVersion.objects.filter(kind="publish").count() == 1
    assert StatusChange.objects.filter(to_status="published").count() == 1
