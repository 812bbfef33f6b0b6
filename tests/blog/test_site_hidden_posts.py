"""A post that is not live walks past every public door and is never seen."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.authors import ensure_profile
from blog import publishing, taxonomy
from blog.models import Category, Post, TopicCluster
from blog.nearest import words_of
from core import cache

SECRET = "Unseenwombat"


@pytest.fixture
def category(db):
    return taxonomy.save_category(Category(name="Places"))


@pytest.fixture
def topic(db):
    return TopicCluster.objects.create(name="Hours", slug="hours")


@pytest.fixture
def live(publish, category, topic):
    """A live neighbour with the same category, topic, tag and author, so that every list has something in it."""
    return publish("A live neighbour", category=category, topic_cluster=topic, tags=["ferries"])


@pytest.fixture(params=["draft", "pending", "scheduled", "archived", "trashed"])
def hide(request, write, editor, author, category, topic):
    """Write a post that is not live, in each way in which it can be that."""

    def make():
        post = write(f"{SECRET} neighbour", category=category, topic_cluster=topic, tags=["ferries"], is_featured=True)
        topic.pillar_post = post
        topic.save()
        match request.param:
            case "pending":
                publishing.submit(post, by=author)
            case "scheduled":
                publishing.schedule(post, by=editor, at=timezone.now() + timedelta(days=1))
            case "archived" | "trashed":
                publishing.publish(post, by=editor)
                publishing.archive(post, by=editor)
                if request.param == "trashed":
                    publishing.trash(post, by=editor)
        post.refresh_from_db()
        return post

    return make


@pytest.fixture
def hidden(live, hide):
    return hide()


def doors(category, topic, author, live):
    profile = ensure_profile(author)
    month = timezone.localtime(live.published_at)
    lists = [category, topic, live.tags.first(), profile]
    return [
        reverse("home"),
        reverse("posts"),
        reverse("archive"),
        reverse("year", args=[month.year]),
        reverse("month", args=[month.year, month.month]),
        reverse("feed"),
        reverse("sitemap"),
        live.get_absolute_url(),
        "/blog/unseenwombat-neighbours/",
        *(thing.get_absolute_url() for thing in lists),
        *(thing.get_absolute_url() + "feed/" for thing in lists),
    ]


def test_what_is_not_live_is_behind_no_public_door(client, hidden, live, category, topic, author):
    for address in doors(category, topic, author, live):
        response = client.get(address)
        text = response.content.decode()
        assert response.status_code == (404 if "wombat" in address else 200), address
        assert SECRET not in text and hidden.slug not in text.replace("/blog/unseenwombat-neighbours/", ""), address


def test_names_that_only_hidden_posts_use_are_behind_no_public_door_either(client, hide, category, topic, author):
    tag = hide().tags.first()
    for thing in (topic, tag, ensure_profile(author)):
        for address in (thing.get_absolute_url(), thing.get_absolute_url() + "feed/"):
            response = client.get(address)
            assert response.status_code == 404, address
            # The page asks for the words of its own address.
            text = response.content.decode().replace(address, "").replace(f'value="{" ".join(words_of(address))}"', "")
            assert str(thing) not in text, address
    assert client.get("/feed/").status_code == client.get("/blog/").status_code == 200


def test_a_category_keeps_its_address_while_nothing_is_live_in_it(client, hide, category):
    hide()
    for address in (category.get_absolute_url(), category.get_absolute_url() + "feed/"):
        response = client.get(address)
        assert response.status_code == 200, address
        assert SECRET not in response.content.decode()


def test_a_category_with_something_live_below_it_has_its_page_and_feed(client, publish, category):
    below = taxonomy.save_category(Category(name="Bridges", parent=category))
    publish("On a bridge", category=below)
    for thing in (category, below):
        assert client.get(thing.get_absolute_url()).status_code == 200
        assert client.get(thing.get_absolute_url() + "feed/").status_code == 200


def test_nobody_has_a_page_before_something_of_theirs_is_live(
    client, write, publish, author, editor, django_capture_on_commit_callbacks
):
    shared = publish("Shared", by=editor)
    write("Not yet", by=author)
    page = ensure_profile(author).get_absolute_url()
    assert [client.get(page).status_code, client.get(page + "feed/").status_code] == [404, 404]
    shared.co_authors.add(author)
    with django_capture_on_commit_callbacks(execute=True):
        cache.renew("posts")
    author.is_active = False
    author.save()
    assert [client.get(page).status_code, client.get(page + "feed/").status_code] == [200, 200]


def test_the_address_of_what_is_not_live_says_nothing_is_there(client, client_of, hidden, reader):
    assert client.get(hidden.get_absolute_url()).status_code == 404
    assert SECRET not in client.get(hidden.get_absolute_url()).content.decode()
    assert client_of(reader).get(hidden.get_absolute_url()).status_code == 404


def test_what_is_not_live_is_not_counted(client, hidden, live, category):
    assert ">1 post<" in client.get(category.get_absolute_url()).content.decode()
    assert ">1 post<" in client.get("/blog/").content.decode()


def test_a_page_that_is_not_live_is_in_no_menu_and_has_no_address(client, write, publish):
    publish("About us", kind="page")
    write("Unseen page", kind="page")
    text = client.get("/").content.decode()
    assert "About us" in text and "Unseen page" not in text
    assert client.get("/unseen-page/").status_code == 404


def test_its_author_and_editors_see_a_draft_with_a_bar_and_nobody_keeps_it(client_of, write, author, editor):
    draft = write("Not yet")
    for person in (author, editor):
        response = client_of(person).get(draft.get_absolute_url())
        assert response.status_code == 200
        assert "only you and editors see this" in response.content.decode()
        assert '<meta name="robots" content="noindex">' in response.content.decode()
        assert "no-store" in response["Cache-Control"] and "private" in response["Cache-Control"]


def test_another_author_does_not_see_a_draft(client_of, write, editor, author, moderator):
    draft = write("Not yet", by=editor)
    assert client_of(author).get(draft.get_absolute_url()).status_code == 404
    assert client_of(moderator).get(draft.get_absolute_url()).status_code == 404


def test_pages_are_in_no_list_and_no_feed(client, publish):
    publish("About us", kind="page")
    assert client.get("/about-us/").status_code == 200
    assert client.get("/blog/about-us/").status_code == 404
    assert b"About us" not in client.get("/feed/").content
    assert Post.objects.published().articles().count() == 0


def test_a_post_has_no_address_as_a_page(client, publish):
    publish("A piece")
    assert client.get("/blog/a-piece/").status_code == 200
    assert client.get("/a-piece/").status_code == 404
