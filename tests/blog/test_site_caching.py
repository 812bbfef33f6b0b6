"""What may be kept, by whom, and how little a stranger leaves behind."""

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpResponse

from core.middleware import PageCacheHeadersMiddleware


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


def test_a_page_that_changes_a_cookie_is_kept_by_nobody(client_of, reader, addresses):
    client = client_of(reader)
    client.session.flush()  # as after a log-out elsewhere: the browser's cookie is taken away
    response = client.get("/")
    assert response.cookies["sessionid"]["max-age"] == 0
    assert response["Cache-Control"] == "private, no-store" and "ETag" not in response


@pytest.mark.parametrize("held", ["public, max-age=300", None])
def test_a_cookie_wins_over_what_the_view_says(rf, held):
    def answer(request):
        response = HttpResponse("a page", headers={"Cache-Control": held} if held else {})
        response.set_cookie("csrftoken", "x")
        return response

    assert PageCacheHeadersMiddleware(answer)(rf.get("/"))["Cache-Control"] == "private, no-store"


def test_pages_that_differ_by_visitor_say_so(client, addresses):
    for address in addresses[:5]:
        assert "Cookie" in client.get(address)["Vary"], address


def test_asking_for_the_head_alone_tells_as_much(client, addresses):
    for address in addresses:
        whole, head = client.get(address), client.head(address)
        assert head.status_code == 200 and not head.content
        assert head["ETag"] == whole["ETag"] and head["Cache-Control"] == whole["Cache-Control"], address


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_pages_for_reading_take_nothing(client, addresses, method):
    for address in [*addresses, "/about-us/", "/archive/2026/", "/tag/a/", "/topic/a/", "/category/a/", "/author/a/"]:
        response = getattr(client, method)(address)
        assert response.status_code == 405 and "no-store" in response["Cache-Control"], address


def test_a_session_that_ended_is_over_whatever_a_cache_still_holds(client_of, reader):
    client = client_of(reader)
    assert client.get("/me/").status_code == 200
    Session.objects.all().delete()  # what a log-out leaves when the cache did not hear of it
    assert client.get("/me/").status_code == 302


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
    assert 'href="/search/"' in text and "/newsletter/" not in text
