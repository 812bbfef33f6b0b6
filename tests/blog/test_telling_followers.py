"""Followers hear of what is published for the first time: each once, and nobody of what is live no more."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts import follows as people
from accounts.models import Notification, OutgoingMail
from blog import follows, news, publishing, taxonomy
from blog.models import Category, PostNews, Tag, TopicCluster
from tests.conftest import make_person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def heard():
    told = Notification.objects.filter(category="news")
    return sorted(told.values_list("recipient__username", flat=True))


def test_whoever_follows_writer_section_tag_or_topic_hears_once(publish, author, editor):
    sea = taxonomy.save_category(Category(name="Sea"))
    tides = taxonomy.save_category(Category(name="Tides", parent=sea))
    topic = TopicCluster.objects.create(name="Water", slug="water")
    names = [
        "of-author",
        "of-co-author",
        "of-section",
        "of-section-above",
        "of-tag",
        "of-topic",
        "of-all",
        "of-nothing",
    ]
    who = {name: make_person(name) for name in names}
    people.follow(who["of-author"], author)
    people.follow(who["of-co-author"], editor)
    follows.follow(who["of-section"], tides)
    follows.follow(who["of-section-above"], sea)
    post = publish("Springs", category=tides, topic_cluster=topic, tags=["moon"], at=NOW)
    post.co_authors.add(editor)
    moon = Tag.objects.get(name="moon")
    follows.follow(who["of-tag"], moon)
    follows.follow(who["of-topic"], topic)
    for subject in (sea, tides, moon, topic):
        follows.follow(who["of-all"], subject)
    people.follow(who["of-all"], author)
    people.follow(editor, author)
    assert news.tell_waiting(NOW) == 7
    assert heard() == sorted(set(names) - {"of-nothing"}), "and the co-author does not hear of their own"
    assert news.tell_waiting(NOW) == 0
    notice = Notification.objects.filter(category="news").first()
    assert notice.text == "author published “Springs”." and notice.url == post.get_absolute_url()


def test_it_waits_for_the_mail_of_the_day(publish, author, reader):
    people.follow(reader, author)
    publish("Springs", at=NOW)
    news.tell_waiting(NOW)
    assert Notification.objects.get(recipient=reader).mail == "daily"
    assert not OutgoingMail.objects.filter(recipient=reader.email).exists()


def test_only_the_first_time_is_news(publish, author, reader, editor):
    people.follow(reader, author)
    post = publish("Springs", at=NOW)
    news.tell_waiting(NOW)
    publishing.archive(post, by=editor)
    publishing.publish(post, by=editor)
    assert not PostNews.objects.exists() and news.tell_waiting() == 0
    assert heard() == ["reader"]


def test_what_is_live_no_more_is_told_to_nobody_until_it_is_again(publish, author, reader, editor):
    people.follow(reader, author)
    post = publish("Springs", at=NOW)
    publishing.archive(post, by=editor)
    assert news.tell_waiting(NOW) == 0 and heard() == []
    publishing.publish(post, by=editor)
    assert news.tell_waiting() == 1


def test_a_page_is_no_news(publish, author, reader):
    people.follow(reader, author)
    publish("About us", kind="page")
    assert not PostNews.objects.exists()


def test_a_worker_killed_in_the_middle_tells_all_the_next_time(publish, author, reader, monkeypatch):
    people.follow(reader, author)
    publish("Springs", at=NOW)
    monkeypatch.setattr("accounts.notifications.tell_unread", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        news.tell_waiting(NOW)
    monkeypatch.undo()
    assert heard() == [] and news.tell_waiting(NOW) == 1


def test_publishing_wakes_the_worker_and_a_rollback_leaves_nothing(publish, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        publish("Springs")
    assert ("blog.tasks.tell_followers", ()) in queued
    assert PostNews.objects.count() == 1


def test_the_number_of_questions_does_not_grow_with_the_followers(publish, author, django_assert_max_num_queries):
    for number in range(30):
        people.follow(make_person(f"follower{number}"), author)
    publish("Springs", at=NOW)
    with django_assert_max_num_queries(15):
        assert news.tell_waiting(NOW) == 30


def test_an_author_hears_of_followers_in_one_notice(author, editor, reader, moderator):
    people.follow(reader, author)
    people.follow(editor, author)
    people.follow(editor, author)
    people.follow(reader, editor)
    notice = Notification.objects.get(recipient=author)
    assert notice.text == "editor and one other follow you." and notice.mail == "daily"
    people.unfollow(reader, editor)
    assert not Notification.objects.filter(recipient=editor).exists(), "undone before it was read"
    assert Notification.objects.filter(recipient=author).exists()
    assert notice.expires_at > timezone.now() + timedelta(days=30)
