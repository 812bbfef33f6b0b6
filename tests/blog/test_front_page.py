"""The front page: what stands where, and nothing twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from blog import front_page, publishing, taxonomy
from blog.models import Category, Post, Series, TopicCluster
from blog.views import lists
from core import publication

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def layout(monkeypatch):
    """Choose how the front page is laid out."""

    def choose(name: str) -> None:
        monkeypatch.setattr(lists, "current", lambda: replace(publication.current(), home_layout=name))

    return choose


@pytest.fixture
def issue(publish):
    """Twenty posts of the last twenty days, in two sections; every fifth is featured."""
    sections = [taxonomy.save_category(Category(name=name)) for name in ("Places", "Tools")]
    below = taxonomy.save_category(Category(name="Bridges", parent=sections[0]))
    filed = [below, sections[1]]
    return [
        publish(
            f"Piece {days}",
            at=NOON - timedelta(days=days),
            category=filed[days % 2],
            is_featured=days % 5 == 3,
        )
        for days in range(20)
    ]


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(front_page.timezone, "now", lambda: NOON)


def shown(response) -> list[str]:
    """Titles on the page in their order, the lead first."""
    page = response.context["front"]
    posts = [*([page.lead] if page.lead else []), *page.beside, *page.latest]
    return [post.title for post in [*posts, *(post for _, filed in page.sections for post in filed)]]


def links(response) -> list[str]:
    """Addresses of posts in the main part, as often as somebody who listens hears them."""
    main = response.content.decode().split("<main")[1].split("</main>")[0]
    return [part.split('"')[0] for part in main.split('<a href="/blog/')[1:] if part.split('"')[0]]


@pytest.mark.parametrize("name", ["lead", "sections", "stream"])
@pytest.mark.parametrize("popular", [False, True])
def test_no_post_stands_on_the_front_page_twice(client, issue, layout, name, popular):
    layout(name)
    if popular:
        Post.objects.filter(pk__in=[issue[number].pk for number in (0, 3, 4, 9, 15)]).update(view_count=500)
    response = client.get("/")
    titles = shown(response)
    assert len(titles) == len(set(titles)) > 8
    assert len(links(response)) == len(set(links(response))) == len(titles)


def test_readers_decide_what_is_read_most_and_time_wears_it_off(client, issue):
    Post.objects.filter(pk=issue[18].pk).update(view_count=1000)
    Post.objects.filter(pk=issue[2].pk).update(view_count=900)
    Post.objects.filter(pk=issue[9].pk).update(share_count=200)
    response = client.get("/")
    assert [post.title for post in response.context["front"].beside] == ["Piece 2", "Piece 9", "Piece 18"]
    text = response.content.decode()
    assert "Trending" in text and "Worth your time" not in text


def test_where_readers_said_nothing_editors_speak_under_their_own_name(client, issue):
    topic = TopicCluster.objects.create(name="Hours", slug="hours", pillar_post=issue[19])
    response = client.get("/")
    page = response.context["front"]
    assert page.lead.title == "Piece 3" and not page.read_most
    # What the latest do not show anyway comes first.
    assert [post.title for post in page.beside] == ["Piece 13", "Piece 18", "Piece 19", "Piece 8"]
    assert "Worth your time" in response.content.decode() and "Read most" not in response.content.decode()
    assert topic.name not in response.content.decode(), "a topic nothing live hangs on is not named"


def test_the_latest_are_the_newest_of_the_rest(client, issue):
    page = client.get("/").context["front"]
    assert [post.title for post in page.latest] == [f"Piece {days}" for days in (0, 1, 2, 4, 5, 6, 7, 9)]


def test_a_front_page_by_sections_has_the_newest_of_each(client, issue, layout):
    layout("sections")
    page = client.get("/").context["front"]
    assert [(entry.name, [post.title for post in posts]) for entry, posts in page.sections] == [
        ("Places", ["Piece 0", "Piece 2", "Piece 4", "Piece 6"]),
        ("Tools", ["Piece 1", "Piece 5", "Piece 7", "Piece 9"]),
    ]
    assert page.latest == []


def test_a_stream_leads_with_nothing_and_leaves_nothing_out(client, issue, layout):
    layout("stream")
    Post.objects.filter(pk=issue[1].pk).update(view_count=500)
    response = client.get("/")
    page = response.context["front"]
    assert page.lead is None and [post.title for post in page.latest] == [f"Piece {days}" for days in range(12)]
    assert "Lead story" not in response.content.decode()


@pytest.mark.parametrize("name", ["lead", "sections", "stream"])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_young_publication_has_a_front_page(client, publish, layout, name, number):
    layout(name)
    for each in range(number):
        publish(f"Piece {each}", at=NOON - timedelta(days=each))
    response = client.get("/")
    assert response.status_code == 200 and len(shown(response)) == number
    assert ("Nothing is published yet" in response.content.decode()) == (number == 0)
    assert "Worth your time" not in response.content.decode()


def test_topics_and_series_stand_beside_it(client, publish):
    topic = TopicCluster.objects.create(name="Hours", slug="hours")
    series = Series.objects.create(name="The agreement", slug="agreement")
    publish("One", topic_cluster=topic, series=series, series_position=1)
    text = client.get("/").content.decode()
    assert 'href="/topic/hours/"' in text and 'href="/series/agreement/"' in text


def test_strangers_are_offered_an_account_and_readers_their_page(client, client_of, reader, publish):
    publish("One")
    assert reverse("account_signup") in client.get("/").content.decode().split("<main")[1]
    text = client_of(reader).get("/").content.decode().split("<main")[1]
    assert reverse("account_signup") not in text and reverse("me") in text


def test_what_is_hidden_is_on_no_front_page(client, issue, write, editor, layout):
    hidden = [write("A draft", is_featured=True), write("For later")]
    publishing.schedule(hidden[1], by=editor, at=NOON + timedelta(days=900))
    publishing.archive(issue[0], by=editor)
    publishing.trash(issue[2], by=editor)
    Post.objects.filter(pk__in=[post.pk for post in [*hidden, issue[0], issue[2]]]).update(view_count=9000)
    for name in ("lead", "sections", "stream"):
        layout(name)
        titles = shown(client.get("/"))
        assert not {"A draft", "For later", "Piece 0", "Piece 2"} & set(titles) and titles


def test_what_came_down_after_it_was_chosen_is_not_shown(rf, issue):
    request = rf.get("/")
    request.user = AnonymousUser()
    assert lists.home(request).status_code == 200
    Post.objects.filter(pk=issue[1].pk).update(status="draft")
    assert "Piece 1<" not in lists.home(request).content.decode()
