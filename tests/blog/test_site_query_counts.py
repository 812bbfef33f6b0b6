"""How many questions a page asks the database, with an empty cache and with a filled one."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.authors import ensure_profile
from blog import taxonomy
from blog.models import Category, Post, TopicCluster
from comments import rules
from core import cache, publication
from tests.blog.maps import map_of

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def magazine(publish, author, editor, settings):
    settings.POSTS_PER_PAGE = 8
    places = taxonomy.save_category(Category(name="Places"))
    below = taxonomy.save_category(Category(name="Bridges", parent=places))
    topic = TopicCluster.objects.create(name="Hours", slug="hours")
    publish("About", kind="page")
    for number in range(20):
        post = publish(
            f"Piece {number}",
            at=NOON + timedelta(days=number),
            category=below if number % 2 else places,
            topic_cluster=topic,
            tags=["ferries", "clocks"],
            is_featured=number % 3 == 0,
        )
        post.co_authors.add(editor)
    topic.pillar_post = post
    topic.save()
    ensure_profile(author)
    ensure_profile(editor)
    # Two questions after each change of the settings, not after each page that is cold.
    cache.groups["publication"].forget("said", generation="publication")
    publication.current()
    rules.current()


@pytest.mark.parametrize(
    ("address", "cold", "warm"),
    [
        ("/", 5, 2),
        ("/blog/", 4, 2),
        ("/blog/?page=2", 4, 2),
        ("/category/places/", 5, 3),
        ("/category/places/bridges/", 5, 3),
        ("/tag/ferries/", 5, 3),
        ("/topic/hours/", 5, 3),
        ("/author/author/", 5, 3),
        ("/archive/", 2, 0),
        ("/archive/2026/", 5, 2),
        ("/archive/2026/5/", 5, 2),
        # One of them asks for the pings, of pages too; see tests/comments for posts people have something to say about.
        ("/blog/piece-10/", 6, 3),
        ("/about/", 4, 2),
        ("/feed/", 4, 0),
        ("/category/places/feed/atom/", 5, 0),
        ("/sitemap.xml", 3, 0),
        ("/sitemap-posts-1.xml", 3, 0),
        ("/contact/", 2, 1),
    ],
)
def test_a_page_asks_at_most_five_questions(client, magazine, django_assert_num_queries, address, cold, warm):
    assert cold <= 5 + address.startswith("/blog/piece")
    address = address.replace("posts-1", map_of(Post.objects.articles().latest("pk")))
    with django_assert_num_queries(cold):
        assert client.get(address).status_code == 200
    with django_assert_num_queries(warm):
        client.get(address)


def test_an_address_where_nothing_is_asks_little(client, magazine, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        assert client.get("/blog/piece-one-hundred/").status_code == 404
    with django_assert_max_num_queries(3):
        assert client.get("/blog/piece-one-hundred/").status_code == 404
