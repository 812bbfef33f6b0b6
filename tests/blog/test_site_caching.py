"""What may be kept, by whom, and how little a stranger leaves behind."""

import pytest


@pytest.fixture
def addresses(publish):
    return ["/", "/blog/", publish("A piece").get_absolute_url(), "/archive/", "/feed/", "/sitemap.xml", "/robots.txt"]


def test_a_stranger_gets_no_cookie(client, addresses):
    for address in addresses:
        assert not client.get(address).cookies, address
    assert not client.cookies


def test_pages_for_strangers_may_be_shared_and_checked(client, addresses):
    for address in addresses:
        response = client.get(address)
        assert response["ETag"] and "public" in response["Cache-Control"], address
        again = client.get(address, headers={"if-none-match": response["ETag"]})
        assert again.status_code == 304 and not again.content, address


def test_the_feed_knows_when_it_last_changed(client, addresses):
    changed = client.get("/feed/")["Last-Modified"]
    assert client.get("/feed/", headers={"if-modified-since": changed}).status_code == 304


def test_a_page_for_somebody_is_kept_by_nobody(client_of, reader, addresses):
    response = client_of(reader).get("/")
    assert "no-store" in response["Cache-Control"] and "Cookie" in response["Vary"]
    assert reader.display_name in response.content.decode()


def test_the_masthead_offers_what_exists_and_nothing_else(client, addresses):
    text = client.get("/").content.decode()
    assert "Sign in" in text and 'href="/feed/about/"' in text
    assert "/search/" not in text and "/newsletter/" not in text
