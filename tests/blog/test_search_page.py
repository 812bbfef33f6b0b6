"""The page of the search: what readers see, what they can narrow it by, and what nobody may see."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.authors import ensure_profile
from blog import publishing, taxonomy
from blog.models import Category, SearchMiss, TopicCluster
from blog.search import misses
from blog.views import search as view

from .conftest import NOON

SECRET = "Unseenwombat"


@pytest.fixture(autouse=True)
def nothing_counted():
    """Where there is no Redis the process counts, whatever test it runs."""
    misses._tally.drain()


@pytest.fixture
def magazine(publish, author, editor):
    places = taxonomy.save_category(Category(name="Places"))
    bridges = taxonomy.save_category(Category(name="Bridges", parent=places))
    tools = taxonomy.save_category(Category(name="Tools"))
    topic = TopicCluster.objects.create(name="Ferries and tides", slug="ferries")
    ensure_profile(author)
    publish("The ferry home", category=places, tags=["boats"], topic_cluster=topic, at=NOON)
    publish("A ferry under a bridge", category=bridges, tags=["boats", "iron"], at=NOON - timedelta(days=400))
    publish("Tools of a ferryman", text="He has a ferry.", category=tools, at=NOON - timedelta(days=1))
    publish("About our ferry", kind="page")
    publish("Nothing of the kind", text="Only trains.")


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_what_was_found_is_shown_with_the_words_marked(client, magazine):
    text = text_of(client.get("/search/?q=ferries"))
    assert "The <mark>ferry</mark> home" in text and "He has a <mark>ferry</mark>." in text
    assert "For <b>ferries</b>: 3 posts · 1 page · 1 topic." in text and "Posts and pages</h2>" in text
    assert "1 person" not in text and "Wrote 4 of these" in text
    assert "Ferries and tides" in text and "Nothing of the kind" not in text
    assert '<meta name="robots" content="noindex">' in text


def test_without_a_question_there_is_a_field_and_where_to_begin(client, magazine):
    text = text_of(client.get("/search/"))
    assert 'name="q"' in text and "Ferries and tides" in text and "noindex" not in text
    assert '<meta name="description" content="Search the posts, pages, people and topics of ' in text


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("category=places", {"The ferry home", "A ferry under a bridge"}),
        ("category=places/bridges", {"A ferry under a bridge"}),
        ("category=places/bridges&category=tools", {"A ferry under a bridge", "Tools of a ferryman"}),
        ("tag=boats&year=2026", {"The ferry home"}),
        ("year=2025", {"A ferry under a bridge"}),
        ("author=author&tag=iron", {"A ferry under a bridge"}),
        ("year=1999", set()),
        ("year=abc&category=nowhere&tag=&author=%00&colour=blue", None),
    ],
)
def test_filters_are_any_of_a_kind_and_all_of_different_kinds(client, magazine, filters, found):
    rows = client.get(f"/search/?q=ferry&{filters}").context["rows"]
    everything = {"The ferry home", "A ferry under a bridge", "Tools of a ferryman", "About our ferry"}
    assert {row.post.title for row in rows} == (everything if found is None else found)


def test_filters_do_the_same_where_more_is_found_than_is_ranked(client, magazine, monkeypatch):
    monkeypatch.setattr("blog.search.finding.MOST", 2)
    response = client.get("/search/?q=ferry&category=places")
    assert {row.post.title for row in response.context["rows"]} == {"The ferry home", "A ferry under a bridge"}
    assert "For <b>ferry</b>: 2 posts · 1 topic." in text_of(response)
    assert "For <b>ferry</b>: 3 posts · 1 page · 1 topic. The first 2 are here." in text_of(
        client.get("/search/?q=ferry")
    )


def test_facets_count_all_that_is_found_where_not_all_is_ranked(client, magazine, monkeypatch):
    monkeypatch.setattr("blog.search.finding.MOST", 2)
    response = client.get("/search/?q=ferry&tag=iron")
    facets = {facet.name: {each.label: each.count for each in facet.choices} for facet in response.context["facets"]}
    assert facets["category"] == {"Places": 2, "Tools": 1, "Bridges": 1} and facets["tag"] == {"boats": 2, "iron": 1}
    assert "numbers are of the newest" not in text_of(response)


def test_facets_of_more_than_is_counted_say_that_they_are_of_the_newest(client, magazine, monkeypatch):
    monkeypatch.setattr("blog.search.finding.MOST", 2)
    monkeypatch.setattr("blog.search.finding.COUNTED", 3)
    response = client.get("/search/?q=ferry")
    text = text_of(response)
    assert "More than 3 posts and pages for <b>ferry</b>. The first 2 are here." in text
    assert "The numbers are of the newest 3 found." in text
    facets = {facet.name: {each.label: each.count for each in facet.choices} for facet in response.context["facets"]}
    assert facets["category"] == {"Places": 1, "Tools": 1} and facets["year"] == {"2026": 3, "2025": None}
    narrowed = text_of(client.get("/search/?q=ferry&year=2025"))
    assert "For <b>ferry</b>: 1 post" in narrowed and "The numbers are of the newest 3 found." in narrowed


def test_facets_count_what_choosing_them_would_show(client, magazine):
    facets = {
        facet.name: {choice.label: choice.count for choice in facet.choices}
        for facet in client.get("/search/?q=ferry&category=tools").context["facets"]
    }
    assert facets["category"] == {"Places": 2, "Tools": 1, "Bridges": 1}
    assert facets["tag"] == {"boats": 2, "iron": 1}
    assert facets["year"]["2025"] == 1


def test_nothing_found_offers_titles_like_it(client, magazine, write, publish):
    write("Ferrymasters of old")
    publish("Trains", text="The ferrymasters.")
    text = text_of(client.get("/search/?q=ferrymanship"))
    assert "Nothing was found for <b>ferrymanship</b>. These have titles like it." in text
    assert "Tools of a" in text and "Ferrymasters of old" not in text and ">Trains<" not in text
    exactly = text_of(client.get("/search/?q=ferrymanship&exactly=1"))
    assert "titles like it" not in exactly and "Tools of a" not in exactly
    assert misses.write(timezone.now()) == 1


def test_nothing_found_offers_something_near(client, magazine):
    text = text_of(client.get("/search/?q=quux"))
    assert "Nothing was found for <b>quux</b>" in text and "Perhaps one of these" in text and "Ferries" in text
    mended = text_of(client.get("/search/?q=fery"))
    assert "Nothing has “fery” in it." in mended and "/search/?q=fery&amp;exactly=1" in mended
    assert "The <mark>ferry</mark> home" in mended
    assert "Nothing was found" in text_of(client.get("/search/?q=fery&exactly=1"))


def test_pages_of_results(client, magazine, settings):
    settings.POSTS_PER_PAGE = 2
    text = text_of(client.get("/search/?q=ferry&category=places&category=tools"))
    assert "/search/?q=ferry&amp;category=places&amp;category=tools&amp;page=2" in text
    assert len(client.get("/search/?q=ferry&page=2").context["rows"]) == 2
    for page in ("0", "-1", "99999", "abc", "3"):
        assert client.get("/search/", {"q": "ferry", "page": page}).status_code == 404, page


@pytest.mark.parametrize("state", ["draft", "scheduled", "archived", "trashed"])
def test_what_is_not_live_is_neither_found_nor_counted_nor_suggested(client, magazine, write, editor, state):
    post = write(f"{SECRET} ferry", text=f"The {SECRET} ferry.", tags=[f"{SECRET}tag"])
    if state == "scheduled":
        publishing.schedule(post, by=editor, at=timezone.now() + timedelta(days=1))
    elif state != "draft":
        publishing.publish(post, by=editor)
        assert len(client.get(f"/search/?q={SECRET}").context["rows"]) == 1
        (publishing.archive if state == "archived" else publishing.trash)(post, by=editor)
    for address in (f"/search/?q={SECRET}", "/search/?q=ferry", f"/search/?q={SECRET[:-1]}"):
        text = text_of(client.get(address))
        assert f"{SECRET} ferry" not in text and f"{SECRET}tag" not in text, address
    assert client.get("/search/suggest/?q=unseen").json() == {"suggestions": []}


def test_an_index_that_drifted_shows_nothing_that_is_not_live(client, publish):
    post = publish(f"{SECRET} ferry")
    type(post).objects.filter(pk=post.pk).update(status="archived")
    text = text_of(client.get(f"/search/?q={SECRET}"))
    assert f"{SECRET}</mark>" not in text and client.get("/search/suggest/?q=unseen").json() == {"suggestions": []}


def test_what_somebody_wrote_is_text_and_no_markup(client, publish):
    publish("<script>alert(1)</script> ferry", text="A `<img src=x onerror=alert(1)>` ferry & more")
    text = text_of(client.get("/search/?q=ferry%20<script>alert(1)</script>"))
    assert "<script>alert(1)" not in text and "<img src=x" not in text
    assert "&lt;img src=x onerror=alert(1)&gt; <mark>ferry</mark> &amp; more" in text_of(client.get("/search/?q=ferry"))


def test_suggestions_begin_as_was_typed(client, magazine):
    found = client.get("/search/suggest/?q=fer").json()["suggestions"]
    assert found[0] == {"what": "Topic", "label": "Ferries and tides", "url": "/topic/ferries/"}
    labels = [each["label"] for each in found]
    assert {"The ferry home", "A ferry under a bridge", "About our ferry"} <= set(labels)
    assert [each["label"] for each in client.get("/search/suggest/?q=ferry hom").json()["suggestions"]] == [
        "The ferry home"
    ]
    assert client.get("/search/suggest/?q=brid").json()["suggestions"][0]["what"] == "Section"
    assert client.get("/search/suggest/?q=auth").json()["suggestions"][0]["what"] == "Person"
    assert client.get("/search/suggest/?q=f").json() == client.get("/search/suggest/").json() == {"suggestions": []}


def test_who_asks_too_often_waits(client, magazine, monkeypatch):
    monkeypatch.setattr(view, "RATE", "1/m")
    monkeypatch.setattr(view, "SUGGESTIONS_RATE", "1/m")
    assert [client.get("/search/?q=ferry").status_code for _ in range(2)] == [200, 429]
    assert [client.get("/search/suggest/?q=fer").status_code for _ in range(2)] == [200, 429]
    assert client.get("/search/").status_code == 200


def test_how_many_questions_a_search_asks(client, magazine, django_assert_num_queries):
    client.get("/")
    client.get("/search/?q=trains")
    # one for the places of what is found, one for the best of it, whatever is found
    with django_assert_num_queries(10):
        client.get("/search/?q=ferry")
    with django_assert_num_queries(8):
        client.get("/search/?q=ferry")
    with django_assert_num_queries(4):
        client.get("/search/suggest/?q=fer")
    with django_assert_num_queries(0):
        client.get("/search/suggest/?q=fer")


def test_searches_that_find_nothing_are_counted_without_saying_who_asked(client, magazine):
    for words in ("Quux", "quux", "me@example.org", "+44 131 496 0000", "4111 1111 1111 1111", "x" * 130, "ferry"):
        client.get("/search/", {"q": words})
    client.get("/search/?q=quux&category=places")
    client.get("/search/?q=fery")
    now = timezone.now()
    assert misses.write(now) == 1
    row = SearchMiss.objects.get()
    assert (row.key, row.count, row.last_at) == ("quux", 2, now)
    assert misses.forget_old(now + timedelta(days=181)) == 1


def test_a_flood_of_misses_fills_no_table(db, monkeypatch):
    monkeypatch.setattr(misses, "MOST_KEPT", 3)
    for number in range(9):
        misses.note(f"flood {chr(97 + number)}")
    misses.write(timezone.now())
    misses.note("flood a")
    misses.note("flood z")
    misses.write(timezone.now())
    assert SearchMiss.objects.count() == 3


def test_an_edition_names_only_people_and_topics_it_has_pages_of(client, magazine, publish, author, as_publication):
    as_publication(editions=("de",))
    for address in ("/de/search/?q=ferries", f"/de/search/?q={author.username}"):
        page = text_of(client.get(address))
        assert "/de/topic/ferries/" not in page and "/de/author/" not in page
    assert "ferries" not in text_of(client.get("/de/search/suggest/?q=ferries and"))
    publish("Mit der Fähre", content_language="de", topic_cluster=TopicCluster.objects.get(slug="ferries"))
    page = text_of(client.get(f"/de/search/?q={author.username}")) + text_of(client.get("/de/search/?q=ferries"))
    found = set(re.findall(r'href="(/de/(?:topic|author)/[^"]+)"', page))
    assert {address.split("/")[2] for address in found} == {"topic", "author"}
    assert {client.get(address).status_code for address in found} == {200}


def test_a_passage_keeps_headings_and_cells_apart(client, publish):
    publish(
        "Where things live", text="## The quay\n\nFerries land here.\n\n| Boat | Berth |\n|---|---|\n| Ada | Two |\n"
    )
    page = text_of(client.get("/search/?q=ferries"))
    assert "The quay · <mark>Ferries</mark> land here. Boat · Berth · Ada · Two" in " ".join(page.split())
