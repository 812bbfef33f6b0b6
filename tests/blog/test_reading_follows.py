"""Whom and what a reader follows, and the newest of it in one place."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts import follows as people
from accounts.models import Follow
from blog import follows, publishing, taxonomy
from blog.models import Category, SubjectFollow, Tag, TopicCluster
from core.refusals import Refusal
from tests.conftest import make_person

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def titles(user) -> list[str]:
    return [post.title for post in follows.feed_of(user)]


def test_following_twice_is_once_and_ends(reader, author, publish):
    assert [people.follow(reader, author), people.follow(reader, author)] == [True, False]
    assert people.follows(reader, author) and people.follower_count(author) == 1
    assert list(people.followed_by(reader)) == [author]
    assert [people.unfollow(reader, author), people.unfollow(reader, author)] == [True, False]
    tag = Tag.objects.create(name="Ferries", slug="ferries")
    assert [follows.follow(reader, tag), follows.follow(reader, tag)] == [True, False]
    assert follows.follows(reader, tag) and follows.subjects_of(reader) == [tag]
    assert [follows.unfollow(reader, tag), follows.unfollow(reader, tag)] == [True, False]


def test_nobody_follows_themselves_or_somebody_who_does_not_write(author, reader):
    for follower, followed in ((author, author), (author, reader)):
        with pytest.raises(Refusal):
            people.follow(follower, followed)
    with pytest.raises(IntegrityError), transaction.atomic():
        Follow.objects.create(follower=author, followed=author)
    with pytest.raises(Refusal):
        follows.follow(reader, author)
    with pytest.raises(IntegrityError), transaction.atomic():
        SubjectFollow.objects.create(follower=reader)
    assert not Follow.objects.exists() and not SubjectFollow.objects.exists()


@pytest.fixture
def magazine(publish, write, author, editor):
    places = taxonomy.save_category(Category(name="Places"))
    bridges = taxonomy.save_category(Category(name="Bridges", parent=places))
    tools = taxonomy.save_category(Category(name="Tools"))
    topic = TopicCluster.objects.create(name="Hours", slug="hours")
    other = make_person("other", "Author")
    publish("In places", at=NOON, category=places, by=other)
    publish("In bridges", at=NOON + timedelta(days=1), category=bridges, by=other)
    publish("In tools", at=NOON + timedelta(days=2), category=tools, by=other)
    publish("Tagged", at=NOON + timedelta(days=3), tags=["ferries", "clocks"], by=other)
    publish("Of the topic", at=NOON + timedelta(days=4), topic_cluster=topic, by=other)
    publish("By the author", at=NOON + timedelta(days=5))
    publish("Together", at=NOON + timedelta(days=6), by=other).co_authors.add(author)
    write("A draft", category=places, tags=["ferries"])
    publishing.trash(publish("Gone", category=places, tags=["ferries"]), by=editor)
    publish("A page", kind="page")
    return {"places": places, "topic": topic, "author": author, "other": other}


def test_the_feed_has_what_is_followed_and_what_hangs_below_it(magazine, reader, author):
    assert titles(reader) == []
    follows.follow(reader, magazine["places"])
    assert titles(reader) == ["In bridges", "In places"]
    follows.follow(reader, Tag.objects.get(name="ferries"))
    follows.follow(reader, Tag.objects.get(name="clocks"))
    follows.follow(reader, magazine["topic"])
    people.follow(reader, author)
    assert titles(reader) == ["Together", "By the author", "Of the topic", "Tagged", "In bridges", "In places"]
    assert titles(make_person("somebody")) == []


def test_three_questions_however_many_are_followed(
    magazine, reader, author, client_of, django_assert_num_queries, django_assert_max_num_queries
):
    for subject in [magazine["places"], magazine["topic"], *Tag.objects.all(), *Category.objects.all()]:
        follows.follow(reader, subject)
    people.follow(reader, author)
    people.follow(reader, magazine["other"])
    client = client_of(reader)
    client.get("/me/feed/")  # fills what is kept for everybody
    with django_assert_max_num_queries(8):  # session, owner, their face, people, subjects; count, posts, co-authors
        text = client.get("/me/feed/").content.decode()
    assert "In bridges" in text and "A draft" not in text and "Gone" not in text


def test_an_empty_feed_says_why(client, client_of, reader):
    assert "You follow nobody and nothing yet." in client_of(reader).get("/me/feed/").content.decode()
    assert client.get("/me/feed/")["Location"] == "/accounts/login/?next=/me/feed/"
