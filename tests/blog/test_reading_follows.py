"""Whom and what a reader follows, and the newest of it in one place."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import feed_address
from accounts import follows as people
from accounts.models import AuthorProfile, Follow, User
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


def test_three_questions_however_many_are_followed(magazine, reader, author, client_of, django_assert_num_queries):
    for subject in [magazine["places"], magazine["topic"], *Tag.objects.all(), *Category.objects.all()]:
        follows.follow(reader, subject)
    people.follow(reader, author)
    people.follow(reader, magazine["other"])
    client = client_of(reader)
    client.get("/me/feed/")  # fills what is kept for everybody
    # session, owner, face; posts, co-authors, all that is followed; suggested, which who follows hundreds is not
    with django_assert_num_queries(7):
        text = client.get("/me/feed/").content.decode()
    assert "In bridges" in text and "A draft" not in text and "Gone" not in text


@pytest.mark.slow
@pytest.mark.parametrize("address", ["/me/feed/", "private"])
def test_five_thousand_follows_cost_no_more_questions(magazine, reader, client_of, django_assert_num_queries, address):
    now = timezone.now()
    writers = User.objects.bulk_create(User(username=f"writer{number}") for number in range(2500))
    AuthorProfile.objects.bulk_create(AuthorProfile(user=user, slug=user.username) for user in writers)
    Follow.objects.bulk_create(Follow(follower=reader, followed=writer, created_at=now) for writer in writers)
    tags = Tag.objects.bulk_create(Tag(name=f"Tag {n}", slug=f"tag-{n}", key=f"tag {n}") for n in range(2500))
    SubjectFollow.objects.bulk_create(SubjectFollow(follower=reader, tag=tag) for tag in tags)
    people.follow(reader, magazine["other"])
    client = client_of(reader)
    # session, owner, face; posts, co-authors, all that is followed
    questions = 6
    if address == "private":
        # whose it is; posts, their pictures, tags, and what each tag is called, co-authors
        address, questions = f"/me/feed/{feed_address.renew(reader, at=now)}/", 6
    client.get(address)  # fills what is kept for everybody
    with django_assert_num_queries(questions):
        text = client.get(address).content.decode()
    assert "In bridges" in text and "A draft" not in text


def test_an_empty_feed_says_why(client, client_of, reader):
    assert "You follow nobody and nothing yet." in client_of(reader).get("/me/feed/").content.decode()
    assert client.get("/me/feed/")["Location"] == "/accounts/login/?next=/me/feed/"


def stretches(client) -> list[list[str]]:
    found, address = [], "/me/feed/"
    while address:
        page = client.get(address).content.decode()
        found.append(re.findall(r'<h3 class="ttl"[^>]*><a [^>]*>([^<]+)</a>', page))
        following = re.search(r'href="(/me/feed/\?before=[^"]+)" rel="next"', page)
        address = following[1] if following else ""
    return found


def test_the_feed_goes_on_where_it_stopped_whatever_is_published_meanwhile(
    magazine, reader, author, client_of, publish, settings
):
    settings.POSTS_PER_PAGE = 2
    people.follow(reader, author)
    people.follow(reader, magazine["other"])
    client = client_of(reader)
    first, second, *rest = stretches(client)
    assert [first, second, *rest] == [
        ["Together", "By the author"],
        ["Of the topic", "Tagged"],
        ["In tools", "In bridges"],
        ["In places"],
    ]
    following = re.search(r'before=([^"]+)" rel="next"', client.get("/me/feed/").content.decode())[1]
    publish("Breaking", at=NOON + timedelta(days=9))
    page = client.get("/me/feed/", {"before": following}).content.decode()
    assert all(title in page for title in second) and "Breaking" not in page and first[1] not in page
    assert "Newest first" in page and "Newest first" not in client.get("/me/feed/").content.decode()


def test_posts_of_one_moment_are_each_shown_once(reader, author, client_of, publish, settings):
    settings.POSTS_PER_PAGE = 2
    people.follow(reader, author)
    for number in range(5):
        publish(f"Piece {number}", at=NOON)
    shown = stretches(client_of(reader))
    assert [len(some) for some in shown] == [2, 2, 1]
    assert len({title for some in shown for title in some}) == 5


@pytest.mark.parametrize(
    "told", ["", "x", "-1", "0", "9" * 40, "9" * 17 + "." + "9" * 18, "-" + "9" * 17 + ".1", "1.", "\0"]
)
def test_an_odd_place_in_the_feed_is_answered(reader, author, client_of, publish, told):
    people.follow(reader, author)
    publish("Tides", at=NOON)
    assert client_of(reader).get("/me/feed/", {"before": told}).status_code == 200


def test_of_very_many_a_page_names_a_hundred_and_says_so(reader, client_of, monkeypatch):
    monkeypatch.setattr(follows, "MOST_NAMED", 3)
    tags = Tag.objects.bulk_create(Tag(name=f"Tag {n}", slug=f"tag-{n}", key=f"tag {n}") for n in range(4))
    client = client_of(reader)
    for tag in tags[:3]:
        follows.follow(reader, tag)
    assert "the first hundred are named" not in client.get("/me/feed/").content.decode()
    follows.follow(reader, tags[3])
    page = client.get("/me/feed/").content.decode()
    assert "the first hundred are named" in page and page.count('href="/tag/tag-') == 3


def test_one_person_s_follows_are_nobody_else_s(magazine, reader, author, client_of):
    follows.follow(reader, magazine["places"])
    people.follow(reader, magazine["other"])
    page = client_of(make_person("somebody")).get("/me/feed/").content.decode()
    assert "You follow nobody and nothing yet." in page and "In places" not in page
