"""Whatever strangers put into an address or a form, the answer is a page and never an error or another site."""

import re
from collections.abc import Iterator, Sequence
from itertools import cycle
from urllib.parse import quote, unquote, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from blog.models import ContactMessage, Post
from tests.blog.doors import doors
from tests.core.corpora import rows

CORPORA = {"naughty-strings": 310, "sqli": 300, "path-traversal": 72, "open-redirect": 193, "xss": 2806}
# What lists, the search, the forms of accounts and the reading list read from an address.
ASKED = ("page", "q", "category", "tag", "author", "topic", "year", "kind", "exactly", "next", "removed", "x")
# Where a reader's words are read again: each of these hears every row.
LISTENING = ["/search/", "/search/suggest/", "/blog/"]
# What a value is put into where an address takes several, so that each is the one that is hostile.
HARMLESS = {"year": "2026", "month": "5", "light": "204060", "dark": "a0c0e0", "uidb36": "1", "key": "a", "pk": "1"}


@pytest.fixture(autouse=True)
def unlimited(settings):
    settings.RATELIMIT_ENABLE = False
    settings.ACCOUNT_RATE_LIMITS = False


# What tells operators and monitors how the installation is, with a status that says so.
PROBES = ("readyz", "healthz", "metrics")


def plain_doors() -> list[str]:
    """Every public address in which nothing varies."""
    return [door.at() for door in doors() if not door.parameters and door.template not in PROBES]


def addresses_with(payload: str) -> list[str]:
    """Every public address that takes something, once for each thing it takes, with `payload` as that thing."""
    found = []
    for door in doors():
        for hostile in door.parameters:
            values = [payload if name == hostile else HARMLESS.get(name, "a") for name in door.parameters]
            # As a browser sends it, and as a program does that knows what a slash in a name can do.
            found += [door.at(*values, spell=quote), door.at(*values, spell=lambda text: quote(text, safe=""))]
    return list(dict.fromkeys(found))


def is_there(address: str) -> bool:
    """Whether some view is asked: all that are not get the one page for what is not found."""
    try:
        resolve(unquote(address))
    except Resolver404:
        return False
    return True


def check(response, address: str, payload: str) -> None:
    """No error of ours, no other site, and no markup of theirs."""
    assert response.status_code < 500 and response.status_code != 429, (response.status_code, address)
    location = response.headers.get("Location", "")
    assert not urlsplit(location.replace("\\", "/")).netloc, (location, address)
    assert not location or location[:1] in "/?" and location[1:2] not in {"/", "\\"}, (location, address)
    for name, value in response.headers.items():
        assert "\r" not in value and "\n" not in value, (name, address)
    if "html" in response["Content-Type"] and re.search(r"<[a-zA-Z!/?]", payload):
        assert payload not in response.content.decode(), address


# Markup is escaped in the same templates whichever database there is.
EVERY_CORPUS = [pytest.param(name, marks=pytest.mark.once) if name == "xss" else name for name in CORPORA]
# Rows take turns at the doors: each goes through one in so many, each door hears of every so many rows.
TURNS = 16


@pytest.mark.parametrize("corpus", EVERY_CORPUS)
def test_rows_go_into_every_address_there_is(publish, corpus):
    """Those no view answers share one page, which is asked through one door after the other."""
    publish("A ferry", tags=["ferries"])
    client, found = Client(), rows(corpus)
    assert len(found) == CORPORA[corpus]
    asked = set()
    for number, payload in enumerate(found):
        addresses = addresses_with(payload[:2000])
        if corpus == "xss":
            addresses = addresses[number * 2 % len(addresses) :][:2]
        there = [address for address in addresses if is_there(address)]
        lost = [address for address in addresses if address not in there]
        one_lost = lost[number % len(lost) :][:1] if lost and number % 4 == 0 else []
        for address in [*(there if corpus == "xss" else there[number % TURNS :: TURNS]), *one_lost]:
            asked.add(address.replace(quote(payload[:2000]), ""))
            check(client.get(address), address, payload)
    assert len(asked) > 20


# So many rows go at once, each under names of its own.
TOGETHER = 4


def batches(corpus: str) -> Iterator[list[str]]:
    found = rows(corpus)
    yield from (found[start : start + TOGETHER] for start in range(0, len(found), TOGETHER))


def said_as(names: Sequence[str], payloads: Sequence[str], turn: int) -> dict[str, str]:
    """Each name says one of them; every one of them is said."""
    return {name: payloads[(number + turn) % len(payloads)][:4000] for number, name in enumerate(names)}


@pytest.mark.parametrize("corpus", EVERY_CORPUS)
def test_every_row_is_asked_of_addresses_that_listen(publish, client_of, reader, corpus):
    """The addresses take turns. The search alone, and a letter, hear every row in their own tests."""
    publish("A ferry", tags=["ferries"])
    stranger, signed_in = Client(), client_of(reader)
    plain = [path for path in plain_doors() if path not in LISTENING]
    private = [path for path in plain if path.startswith("/me/")]
    others, own = cycle(plain), cycle(private)
    for turn, payloads in enumerate(batches(corpus)):
        said = said_as(ASKED, payloads, turn) | ({"page": "1"} if turn % 2 else {})
        asked = [*((stranger, address) for address in (*LISTENING, next(others))), (signed_in, next(own))]
        for visitor, address in (asked * 2)[turn % len(asked) :][:2]:
            answer = visitor.get(address, said)
            for payload in payloads:
                check(answer, address, payload)


@pytest.mark.parametrize("corpus", EVERY_CORPUS)
def test_every_row_goes_into_a_form(publish, client_of, reader, corpus):
    """Nothing comes of a form whose fields are all wrong, and what was typed is shown as what it is."""
    publish("A ferry")
    stranger, signed_in = Client(), client_of(reader)
    fields = ("name", "email", "subject", "message", "homepage", "opened", "login", "password", "username", "password1")
    more = ("next", "channel", "keep", "from", "position", "heading", "device", "action", "remember")
    forms = ["/contact/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/blog/a-ferry/share/"]
    deeds = cycle(["/blog/a-ferry/keep/", "/blog/a-ferry/position/", "/me/author-page/", "/me/sessions/"])
    others = cycle(forms[1:])
    for turn, payloads in enumerate(batches(corpus)):
        said = said_as((*fields, *more), payloads, turn) | {"message": "\n".join(payloads)[:4000]}
        asked = [(stranger, "/contact/"), (signed_in, next(deeds)), (stranger, next(others))]
        for visitor, address in asked[turn % 3 :][:1]:
            answer = visitor.post(address, said)
            for payload in payloads:
                check(answer, address, payload)
    assert not ContactMessage.objects.exists()
    assert Post.objects.count() == 1


NO_NUMBERS = ["0", "-1", "abc", "99999", "1e9", "9" * 5000, "1;drop", "²", "٣", "\0", "01", "+1", " 1"]


@pytest.mark.parametrize("page", NO_NUMBERS)
def test_a_page_number_that_is_none_is_not_found(publish, page):
    publish("A ferry", tags=["ferries"])
    for address in ("/blog/", "/tag/ferries/", "/author/author/", "/corrections/"):
        assert Client().get(address, {"page": page}).status_code == 404, address
    assert Client().get("/search/", {"q": "ferry", "page": page}).status_code == 404


def test_ten_kilobytes_of_question_change_nothing(publish):
    publish("A ferry")
    client = Client()
    for path in plain_doors():
        if not path.startswith(("/accounts/", "/me/", "/api/")):
            response = client.get(path, {"x": "x" * 10_000, "page": "1", "q": "y" * 10_000})
            assert response.status_code < 400 or response.status_code == 405, (path, response.status_code)


@pytest.mark.parametrize("path", ["/blog/%00/", "/%00/", "/tag/%ff%fe/", "/category/a%00b/", "/author/%00/feed/"])
def test_bytes_that_are_no_text_are_not_found(db, path):
    assert Client().get(path).status_code == 404


def test_a_very_long_address_is_not_found(db):
    assert Client().get("/blog/" + "a" * 10_000 + "/").status_code in {404, 414}


def test_other_spellings_of_an_address_are_not_second_copies_of_a_page(publish):
    """One page has one address: a missing slash leads on, every other spelling is not there."""
    address = publish("A ferry", tags=["ferries"]).get_absolute_url()
    client = Client()
    for path in (address, "/blog/", "/tag/ferries/", "/feed/"):
        assert client.get(path.rstrip("/")).headers["Location"] == path
        for other in (path.upper(), f"/{path}", path + "/", f"/.{path}", path.replace("/", "//", 1), path + "%20"):
            assert client.get("/", PATH_INFO=unquote(other)).status_code in {301, 404}, other
    for query in ("?utm_source=x", "?page=1", "?x=1&utm_medium=%22%3E"):
        for path in (address, "/blog/", "/tag/ferries/"):
            text = client.get(path + query).content.decode()
            assert f'<link rel="canonical" href="http://localhost:8000{path}">' in text, path + query
