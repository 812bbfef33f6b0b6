"""Whatever strangers put into an address, the answer is a page and never an error or another site."""

from urllib.parse import quote

import pytest
from django.test import Client

from tests.core.corpora import rows

DOORS = [
    "/blog/{}/",
    "/tag/{}/",
    "/category/{}/",
    "/topic/{}/",
    "/author/{}/",
    "/archive/{}/",
    "/{}/",
    "/blog/?page={}",
    "/feed/?x={}",
    "/tag/{}/feed/",
]


@pytest.mark.parametrize("corpus", ["naughty-strings", "sqli", "path-traversal", "open-redirect", "xss"])
def test_a_hostile_address_is_only_a_page_not_found(publish, corpus):
    publish("Tag", tags=["One"])
    client = Client()
    for number, payload in enumerate(rows(corpus)[:600]):
        path = DOORS[number % len(DOORS)].format(quote(payload[:2000], safe=""))
        response = client.get(path)
        assert response.status_code in {200, 301, 400, 404}, path
        location = response.headers.get("Location", "")
        assert not location or (location.startswith("/") and location[1:2] not in {"/", "\\"}), (path, location)


@pytest.mark.parametrize("page", ["0", "-1", "abc", "99999", "1e9", "9" * 5000, "1;drop", "²"])
def test_a_page_number_that_is_none_is_not_found(publish, page):
    publish()
    assert Client().get("/blog/", {"page": page}).status_code == 404


@pytest.mark.parametrize("path", ["/blog/%00/", "/%00/", "/tag/%ff%fe/", "/category/a%00b/", "/author/%00/feed/"])
def test_bytes_that_are_no_text_are_not_found(db, path):
    assert Client().get(path).status_code == 404


def test_a_very_long_address_is_not_found(db):
    assert Client().get("/blog/" + "a" * 10_000 + "/").status_code in {404, 414}
