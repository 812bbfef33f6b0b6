"""Lists: what is in them, in which order, and how they turn pages."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from accounts.authors import ensure_profile
from blog import taxonomy
from blog.models import Category, Series, TopicCluster

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def five(publish, settings):
    settings.POSTS_PER_PAGE = 2
    return [publish(f"Piece {number}", at=NOON + timedelta(days=number)) for number in range(1, 6)]


def titles(response):
    return [post.title for post in response.context["page"]]


def test_the_newest_come_first(client, five):
    assert titles(client.get("/blog/")) == ["Piece 5", "Piece 4"]
    assert titles(client.get("/blog/?page=3")) == ["Piece 1"]


@pytest.mark.parametrize(
    "page", ["0", "-1", "abc", "99999", "", "1.0", "٣", "1e3", "2 ", "99999999999999999999", "%00"]
)
def test_a_page_that_is_not_there_is_not_found_in_the_face_of_the_site(client, five, page):
    response = client.get(f"/blog/?page={page}")
    assert response.status_code == 404
    assert "There is no page at this address" in response.content.decode()


def test_the_first_page_has_one_address(client, five):
    for address in ("/blog/", "/blog/?page=1", "/blog/?utm_source=x&page=1"):
        assert '<link rel="canonical" href="http://localhost:8000/blog/">' in client.get(address).content.decode()


def test_pages_point_at_each_other(client, five):
    text = client.get("/blog/?page=2&x=y").content.decode()
    assert '<link rel="canonical" href="http://localhost:8000/blog/?page=2">' in text
    assert '<link rel="prev" href="http://localhost:8000/blog/">' in text
    assert '<link rel="next" href="http://localhost:8000/blog/?page=3">' in text
    assert "page 2" in text.split("</title>")[0]
    first, last = client.get("/blog/").content.decode(), client.get("/blog/?page=3").content.decode()
    assert 'link rel="prev"' not in first and 'link rel="next"' not in last


def test_a_category_holds_what_hangs_below_it(client, publish):
    places = taxonomy.save_category(Category(name="Places", description="On foot."))
    bridges = taxonomy.save_category(Category(name="Bridges", parent=places))
    publish("On a bridge", category=bridges)
    publish("Elsewhere")
    response = client.get("/category/places/")
    assert titles(response) == ["On a bridge"]
    text = response.content.decode()
    assert 'href="/category/places/bridges/"' in text and "On foot." in text
    crumbs = (
        client.get("/category/places/bridges/").content.decode().split('aria-label="Breadcrumb"')[1].split("</nav>")[0]
    )
    assert 'href="/category/places/"' in crumbs
    assert client.get("/category/bridges/").status_code == 404


def test_a_tag_of_any_script_has_a_page(client, publish):
    post = publish("On boats", tags=["Fähren", "船"])
    for tag in post.tags.all():
        assert titles(client.get(tag.get_absolute_url())) == ["On boats"]


def test_a_topic_starts_with_its_pillar_once(client, publish):
    topic = TopicCluster.objects.create(name="Hours", slug="hours")
    pillar = publish("The pillar", topic_cluster=topic, at=NOON)
    publish("A newer piece", topic_cluster=topic, at=NOON + timedelta(days=3))
    topic.pillar_post = pillar
    topic.save()
    response = client.get("/topic/hours/")
    assert titles(response) == ["The pillar", "A newer piece"]
    assert "Start here" in response.content.decode()


def test_an_author_page_has_what_they_wrote_alone_and_together(client, publish, author, editor):
    own, shared = publish("Own"), publish("Shared", by=editor)
    publish("Of another", by=editor)
    shared.co_authors.add(author)
    response = client.get(ensure_profile(author).get_absolute_url())
    assert set(titles(response)) == {own.title, shared.title}


def test_months_follow_the_clock_of_the_site(client, publish, settings):
    settings.TIME_ZONE = "Europe/London"
    publish("Late in June", at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    assert titles(client.get("/archive/2026/7/")) == ["Late in June"]
    assert client.get("/archive/2026/6/").status_code == 404
    assert titles(client.get("/archive/2026/")) == ["Late in June"]
    assert "July" in client.get("/archive/").content.decode()


@pytest.mark.parametrize(
    "address", ["/archive/2026/07/", "/archive/2026/13/", "/archive/0/", "/archive/9999/", "/archive/2026/0/"]
)
def test_a_month_that_never_was_is_not_found(client, publish, address):
    publish("One", at=datetime(2026, 7, 3, tzinfo=UTC))
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("year", [201, 1, 999, 3020])
def test_a_year_nobody_meant_is_found_as_well(client, publish, year):
    publish("Misdated", at=datetime(year, 7, 3, tzinfo=UTC))
    assert f'href="/archive/{year}/7/"' in client.get("/archive/").content.decode()
    for address in (f"/archive/{year}/", f"/archive/{year}/7/"):
        assert titles(client.get(address)) == ["Misdated"]
    for address in ("/", "/blog/misdated/", "/feed/", "/sitemap.xml"):
        assert client.get(address).status_code == 200, address


def test_lists_begin_a_text_that_has_no_summary(client, publish):
    publish("Newest", text="The ferry leaves at noon. " * 40, at=NOON + timedelta(days=1))
    publish("Told", text="Other words.", excerpt="In my own words.", at=NOON)
    for address in ("/", "/blog/"):
        text = client.get(address).content.decode()
        assert "The ferry leaves at noon." in text and "In my own words." in text, address
        assert text.count("The ferry leaves at noon.") < 12 and "Other words." not in text, address


def test_home_leads_with_what_is_featured_and_shows_nothing_twice(client, publish):
    publish("Featured", is_featured=True, at=NOON)
    publish("Newer", at=NOON + timedelta(days=1))
    response = client.get("/")
    assert response.context["lead"].title == "Featured"
    assert [post.title for post in response.context["latest"]] == ["Newer"]


def test_an_empty_publication_has_a_front_page(client, db):
    response = client.get("/")
    assert response.status_code == 200 and "Nothing is published yet" in response.content.decode()
    assert client.get("/blog/").status_code == client.get("/archive/").status_code == 200


def test_what_is_published_appears_in_the_counts_at_once(client, publish, django_capture_on_commit_callbacks):
    places = taxonomy.save_category(Category(name="Places"))
    assert "Places" not in client.get("/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        publish("On a bridge", category=places)
    assert "Places" in client.get("/").content.decode()


def test_an_author_page_leads_to_what_they_write_on_and_where_it_is_filed(client, publish, author, editor):
    places, tools = (taxonomy.save_category(Category(name=name)) for name in ("Places", "Tools"))
    noon = Series.objects.create(name="Whose noon", slug="whose-noon")
    publish("Own", category=places, series=noon)
    publish("Of another", by=editor, category=tools)
    profile = ensure_profile(author)
    profile.expertise = "places, <b>Ferries</b> & tides"
    profile.save()
    text = client.get(profile.get_absolute_url()).content.decode().split("<main")[1].split("</main>")[0]
    facts, beside = text.split('class="meta facts"')[1].split("</p>")[0], text.split("<aside")[1]
    assert '<a href="/category/places/">places</a>' in facts
    found = f"/search/?q=%3Cb%3EFerries%3C%2Fb%3E+%26+tides&amp;author={profile.slug}"
    assert f'<a href="{found}">&lt;b&gt;Ferries&lt;/b&gt; &amp; tides</a>' in facts
    assert client.get(found.replace("&amp;", "&")).status_code == 200
    assert 'href="/category/places/"' in beside and 'href="/series/whose-noon/"' in beside
    assert "/category/tools/" not in beside


@pytest.mark.parametrize("address", ["/category/places/", "/corrections/"])
def test_a_list_of_nothing_counts_nothing(client, db, address):
    taxonomy.save_category(Category(name="Places"))
    text = client.get(address).content.decode()
    assert not re.search(r"\b0 (post|correction)", text) and "RSS feed" in text
