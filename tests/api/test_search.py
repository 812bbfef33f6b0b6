"""The search through the API: what the page of it finds, and nothing that is not live."""

import pytest
from django.utils import timezone

from blog import publishing
from blog.models import Category, Post, SearchMiss, TopicCluster
from blog.search import misses
from blog.taxonomy import save_category
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)


@pytest.fixture
def magazine(publish, write):  # noqa: F811
    places = save_category(Category(name="Places"))
    publish("Harbour boats", text="Rowing across the water.", category=places, tags=["Sea"])
    publish("Sheds", text="A harbour is not needed.", tags=["Wood"])
    write("Secret harbour")
    TopicCluster.objects.create(name="Harbours", slug="harbours")


def test_it_finds_what_the_page_finds_in_its_order(program, magazine, client):
    said = program().get("/search/?q=harbour").json()
    assert [each["title"] for each in said["results"]] == ["Harbour boats", "Sheds"] and said["count"] == 2
    assert said["is_complete"] is True and said["next"] is None
    assert said["results"][0]["title_html"] == "<mark>Harbour</mark> boats"
    assert "<mark>harbour</mark>" in said["results"][1]["passage_html"]
    facets = {each["name"]: {choice["value"]: choice["count"] for choice in each["choices"]} for each in said["facets"]}
    assert facets["tag"] == {"sea": 1, "wood": 1}
    page = client.get("/search/?q=harbour").content.decode()
    assert page.index("/blog/harbour-boats/") < page.index("/blog/sheds/")


def test_it_is_narrowed_and_shaped(program, magazine):
    assert [each["slug"] for each in program().get("/search/?q=harbour&tag=wood").json()["results"]] == ["sheds"]
    assert program().get("/search/?q=harbour&category=places&fields=slug").json()["results"] == [
        {"slug": "harbour-boats"}
    ]
    assert program().get("/search/?q=harbour&fields=content_markdown").status_code == 400
    assert len(program().get("/search/?q=harbour&page_size=1&page=2").json()["results"]) == 1
    for wrong in ("q=", "", "q=a&order=x", "q=a&author__email=x", "q=a&cursor="):
        assert program().get(f"/search/?{wrong}").status_code == 400


def test_words_misspelt_are_mended_and_misses_kept(program, magazine):
    said = program().get("/search/?q=harbuor").json()
    assert said["mended"] == [{"typed": "harbuor", "meant": "harbour"}] and said["count"] == 2
    assert program().get("/search/?q=harbuor&exactly=1").json()["count"] == 0
    program().get("/search/?q=zeppelin")
    misses.write(timezone.now())
    assert SearchMiss.objects.filter(query="zeppelin").exists()


def test_what_came_down_is_not_found(program, magazine, editor, author):
    publishing.archive(Post.objects.get(slug="sheds"), by=editor)
    for asks in (program(), program(author)):
        assert [each["slug"] for each in asks.get("/search/?q=harbour").json()["results"]] == ["harbour-boats"]
        offered = asks.get("/search/suggest/?q=har").json()["suggestions"]
        assert [each["url"] for each in offered] == ["/blog/harbour-boats/"]


def test_a_question_asks_the_database_no_more_the_more_it_finds(program, publish, magazine):  # noqa: F811
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for more in (0, 10):
        for number in range(more):
            publish(f"Harbour {number}", tags=[f"t{number}"])
        with CaptureQueriesContext(connection) as asked:
            program().get(f"/search/?q=harbour&page_size={20 + more}&expand=author,tags,category")
        counts.append(len(asked))
    assert counts[1] <= counts[0] + 1


def test_the_same_question_is_not_answered_again_to_whoever_has_the_answer(program, magazine):
    first = program().get("/search/?q=harbour")
    assert program().get("/search/?q=harbour", If_None_Match=first["ETag"]).status_code == 304
