"""Lists of posts: pages, walks, links, shapes, filters, and how many questions they ask the database."""

import pytest
from django.core.cache import caches

from blog import front_page, trending
from blog.models import Post
from blog.views.lists import rows
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)

PRIVATE = (
    *("author__email", "author__password", "author__password__startswith", "author__is_superuser", "password"),
    *("author_id", "author__username__contains", "status__in", "content_markdown__contains", "title__startswith"),
    *("focus_keyword", "pending_change__version__snapshot__title", "id__gt", "trashed_at__isnull", "search", "q"),
    *("translation_group", "versions__snapshot", "co_authors__email", "order_by", "limit", "offset"),
)


@pytest.fixture
def twenty(publish, author, editor):  # noqa: F811
    posts = [publish(f"Post {number}", tags=[f"tag {number}", "all"]) for number in range(20)]
    for post in posts:
        post.co_authors.set([editor])
    return posts


@pytest.mark.parametrize("name", PRIVATE)
def test_no_column_answers_that_is_not_declared(program, publish, author, name):  # noqa: F811
    publish("Boats")
    for asks in (program(), program(author)):
        for value in ("a", "author@example.org", "true"):
            answer = asks.get(f"/posts/?{name}={value}")
            assert answer.status_code == 400 and list(answer.json()["errors"]) == [name]


@pytest.mark.parametrize("ordering", ["author__password", "-author__email", "password", "?", "id", "-pk", "title,id"])
def test_no_order_is_taken_that_is_not_in_the_list(program, publish, ordering):  # noqa: F811
    publish("Boats")
    assert program().get(f"/posts/?ordering={ordering.replace('?', '%3F')}").status_code == 400


@pytest.mark.parametrize("shape", ["fields=author__email", "fields=content_markdown", "expand=author.user", "expand=x"])
def test_nothing_private_is_reached_by_a_shape(program, publish, shape):  # noqa: F811
    publish("Boats")
    assert program().get(f"/posts/?{shape}").status_code == 400


def test_no_answer_has_an_address_or_a_hash_in_it(program, twenty, editor):
    for asks in (program(), program(editor)):
        for path in ("/posts/?expand=author,category,tags,co_authors", "/posts/post-1/?expand=author,co_authors"):
            text = asks.get(path).content.decode()
            assert "@example.org" not in text and "password" not in text and "md5$" not in text


EXPANDED = ["", "author,category,tags,co_authors"]


@pytest.mark.parametrize(("expand", "most"), [(EXPANDED[0], 3), (EXPANDED[1], 4)])
def test_a_list_of_twenty_asks_a_stranger_five_questions_at_most(
    program, twenty, django_assert_num_queries, expand, most
):
    with django_assert_num_queries(most):
        assert len(program().get(f"/posts/?expand={expand}").json()["results"]) == 20


@pytest.mark.parametrize(("expand", "most"), [(EXPANDED[0], 5), (EXPANDED[1], 6)])
def test_a_list_of_twenty_asks_two_more_of_somebody_signed_in(
    program, twenty, author, django_assert_num_queries, expand, most
):
    """Whose token it is, and what the role may."""
    mine = program(author)
    mine.get("/posts/")
    with django_assert_num_queries(most):
        assert len(mine.get(f"/posts/?expand={expand}").json()["results"]) == 20


def test_one_post_asks_three_questions_however_much_is_expanded(program, twenty, django_assert_num_queries):
    for query in ("", "?expand=author,category,tags,co_authors"):
        with django_assert_num_queries(3):
            assert program().get(f"/posts/post-1/{query}").status_code == 200


def test_pages_say_where_the_next_are_in_the_body_and_in_the_header(program, twenty):
    first = program().get("/posts/?page_size=8&fields=id")
    assert first.json()["count"] == 20 and first.json()["previous"] is None
    assert f'<{first.json()["next"]}>; rel="next"' in first["Link"] and 'rel="first"' in first["Link"]
    second = program().get(first.json()["next"].partition("testserver")[2])
    assert f'<{second.json()["previous"]}>; rel="prev"' in second["Link"]
    seen = [each["id"] for answer in (first, second) for each in answer.json()["results"]]
    assert len(set(seen)) == 16 and list(first.json()["results"][0]) == ["id"]


def test_a_walk_sees_each_post_once_while_posts_are_added_and_taken_away(program, twenty, publish):  # noqa: F811
    asks, seen, address = program(), [], "/posts/?cursor=&page_size=3"
    while address:
        answer = asks.get(address)
        seen += [each["id"] for each in answer.json()["results"]]
        assert answer.json()["count"] is None
        publish("Added meanwhile")
        Post.objects.filter(pk=seen[0]).update(status="archived")
        address = (answer.json()["next"] or "").partition("testserver")[2]
    assert sorted(seen) == sorted(post.pk for post in twenty)


def test_filters_narrow_by_what_they_say(program, publish, author, editor):  # noqa: F811
    from blog.models import Category, TopicCluster
    from blog.taxonomy import save_category

    top = save_category(Category(name="Places"))
    below = save_category(Category(name="Bridges", parent=top))
    topic = TopicCluster.objects.create(name="Water", slug="water")
    publish("Boats", category=below, tags=["Sea"], topic_cluster=topic)
    publish("Sheds", by=editor)
    publish("About", kind="page")

    def found(query):
        return {each["slug"] for each in program().get(f"/posts/?{query}").json()["results"]}

    assert found("category=places") == found("category=places/bridges") == {"boats"}
    assert found("tag=sea") == found("topic=water") == {"boats"} and found("tag=none") == set()
    assert found("author=editor") == {"sheds"} and found("kind=page") == {"about"}
    assert found("published_after=2100-01-01") == set() == found("status=draft")
    assert found("published_before=2100-01-01T00:00:00Z") == {"boats", "sheds", "about"}
    assert program().get("/posts/?status=nothing").status_code == 400


def test_trending_has_the_order_of_the_front_page(program, publish):  # noqa: F811
    likes = {"Lead": 0, "One": 3, "Two": 9, "Three": 1, "Four": 5, "Five": 0, "Six": 0, "Seven": 0, "Eight": 0}
    for title, count in likes.items():
        post = publish(title)
        Post.objects.filter(pk=post.pk).update(like_count=count, is_featured=title == "Lead")
    for cache in caches.all():
        cache.clear()
    trend = [each["title"] for each in program().get("/posts/trending/?fields=title").json()["results"]]
    assert trend == ["Two", "Four", "One", "Three"]
    front = front_page.front_page("lead", rows(Post.objects.all()))
    assert front.read_most and [post.title for post in front.beside] == trend[: len(front.beside)]
    assert len(front.beside) == 2


def test_popular_counts_all_time_and_nothing_that_is_not_live(program, publish, write, editor):  # noqa: F811
    from blog import publishing

    for title, counts in {"Old": {"view_count": 90}, "New": {"share_count": 10}, "Gone": {"like_count": 99}}.items():
        Post.objects.filter(pk=publish(title).pk).update(**counts)
    publishing.archive(Post.objects.get(slug="gone"), by=editor)
    Post.objects.filter(pk=write("Draft").pk).update(view_count=10**6)
    answer = program().get("/posts/popular/").json()
    assert [each["title"] for each in answer["results"]] == ["Old", "New"] and answer["count"] == 2
    assert trending.popular() == [Post.objects.get(slug="old").pk, Post.objects.get(slug="new").pk]
