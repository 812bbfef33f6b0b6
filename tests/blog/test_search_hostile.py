"""Whatever strangers type into the search, the answer is a page and never an error."""

import re

import pytest

from blog.search import finding, index, questions
from tests.core.corpora import rows


@pytest.fixture(autouse=True)
def unlimited(settings):
    settings.RATELIMIT_ENABLE = False


@pytest.mark.parametrize("corpus", ["naughty-strings", "sqli", "xss"])
def test_every_row_is_a_question_the_database_understands(publish, corpus):
    publish("A ferry")
    asked = 0
    for payload in rows(corpus):
        question = questions.read(payload, ["en", "de"])
        if question:
            asked += 1
            found = index.newest(index.of_question(question, *finding.within("")), 5)
            assert not found or re.search(r"ferr|\ba\b", payload.casefold()), payload
    assert asked > len(rows(corpus)) / 2
    question = questions.read("ferry", ["en", "de"])
    assert len(index.newest(index.of_question(question, *finding.within("")), 5)) == 1


# Markup is escaped in the same template whichever database there is.
CORPORA = ["naughty-strings", "sqli", "path-traversal", "open-redirect", pytest.param("xss", marks=pytest.mark.once)]


@pytest.mark.parametrize("corpus", CORPORA)
def test_every_row_is_answered_with_a_page(client, publish, corpus):
    publish("A ferry")
    for number, payload in enumerate(rows(corpus)):
        said = {"q": payload[:4000]}
        response = client.get("/search/", said)
        assert response.status_code == 200, payload
        if re.search(r"<[a-zA-Z!/?]", payload):
            assert payload not in response.content.decode(), payload
        if corpus != "xss" or number % 20 == 0:
            assert client.get("/search/suggest/", said).status_code == 200, payload


def test_operators_of_the_databases_are_words_like_others(client, publish):
    publish("NEAR AND OR NOT")
    for typed in (
        "NEAR(a b)",
        "title:ferry",
        "a* ^b",
        "a & b | !c <-> d:*",
        '"',
        '""',
        '"unclosed',
        "-",
        "--",
        "- a",
        "AND",
        "'",
        "\\",
        "%_",
        "a\x00b",
        "zzs",
        "zzxkpost",
        "_",
    ):
        assert client.get("/search/", {"q": typed}).status_code == 200, typed
        assert client.get("/search/suggest/", {"q": typed}).status_code == 200, typed
    assert len(client.get("/search/", {"q": "NOT near and OR"}).context["rows"]) == 1
    assert not client.get("/search/", {"q": "zzxkpost"}).context["rows"]


def test_ten_kilobytes_are_cut_and_said_to_be(client, publish):
    publish("A ferry")
    response = client.get("/search/", {"q": "ferry " * 1700})
    assert response.status_code == 200 and "Only the first 200 characters" in response.content.decode()
    assert client.get("/search/", {"q": "x" * 10_000}).status_code == 200
    assert client.get("/search/suggest/", {"q": "x" * 10_000}).json() == {"suggestions": []}


def test_very_long_words_and_texts_are_read_and_found(publish):
    publish("Long", text=f"{'ä' * 4000} {' '.join(f'wörd{number}' for number in range(20_000))} end")
    question = questions.read(f"{'ä' * 180}", finding.languages_read())
    assert len(finding.answer(question, finding.Filters()).found.hits) == 1


def test_only_reading_is_allowed(client, db):
    assert client.post("/search/", {"q": "ferry"}).status_code == 405
