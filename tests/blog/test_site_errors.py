"""Pages for what went wrong."""

import pytest
from django.test import Client, RequestFactory

from blog.models import Redirect
from blog.nearest import nearest_to
from blog.views import errors


def test_a_lost_reader_gets_the_nearest_matches(client, publish):
    publish("The harbour that kept two clocks")
    publish("Bread at five")
    text = client.get("/blog/harbour-with-two-clock/").content.decode()
    assert "The harbour that kept two clocks" in text and "Bread at five" not in text.split("<main")[1]
    assert 'name="q" type="search" value="harbour two clock"' in text


def test_what_an_address_says_is_only_ever_text(client, db):
    text = client.get("/blog/%22%3E%3Cscript%3Ealert(1)/").content.decode()
    assert 'value="script alert"' in text and "<script>alert" not in text


def test_whoever_works_on_the_site_sees_the_page_readers_see(client, publish, settings):
    settings.DEBUG = True
    publish("The harbour that kept two clocks")
    for address in ("/blog/harbour-with-two-clock/", "/blog/harbour/clocks/of/two/"):
        response = client.get(address)
        text = response.content.decode()
        assert response.status_code == 404 and "The harbour that kept two clocks" in text, address
        assert "Using the URLconf" not in text and "no-store" in response["Cache-Control"]


def test_old_addresses_lead_on_and_files_keep_their_own_page_while_somebody_works_on_the_site(
    client_of, admin, db, settings
):
    settings.DEBUG = True
    Redirect.objects.create(old_path="/old/", new_path="/archive/")
    client = client_of(admin)
    assert client.get("/old/").url == "/archive/"
    for address in ("/admin/nowhere/", "/static/none.css", "/media/none.png"):
        response = client.get(address)
        assert response.status_code == 404 and b"There is no page at this address" not in response.content, address


@pytest.mark.parametrize(
    "path", ["/wp-login.php", "/x" * 400, "/", "/%ff%fe/", "/a/b/c/", "/.env", "/blog/%00/", "/\u202e/"]
)
def test_probes_match_nothing_and_harm_nothing(client, publish, path):
    publish("The harbour that kept two clocks")
    assert nearest_to(path) == []


@pytest.mark.parametrize(
    "path",
    [
        "/nope/",
        "/blog/%F0%9F%92%A9/",
        "/blog/%ff/",
        "/category/a//b/",
        "/tag/%00/",
        "/%2e%2e/etc/passwd",
        "/author/'--/",
    ],
)
def test_naughty_addresses_are_not_found(client, db, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "?page[]=1",
        "?page=1&page=2&page=x",
        "?%00=1",
        "?" + "a=1&" * 500,
        "?page=\ud83d\udca9",
        "?format=json",
        "?order=password",
    ],
)
def test_naughty_questions_never_break_a_list(client, db, query):
    assert client.get("/blog/" + query.encode("utf-8", "surrogatepass").decode("latin-1")).status_code in (
        200,
        400,
        404,
    )


def test_the_page_for_our_own_errors_asks_the_database_nothing(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        response = errors.server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    text = response.content.decode()
    assert "failed on our side" in text and "<style" not in text and " style=" not in text


def test_even_a_broken_template_gives_an_answer(monkeypatch):
    monkeypatch.setattr(errors.loader, "get_template", lambda name: 1 / 0)
    assert errors.server_error(RequestFactory().get("/")).status_code == 500


def test_a_view_that_breaks_shows_the_page(monkeypatch, db):
    from blog.views import lists

    monkeypatch.setattr(lists, "count_of_posts", lambda: 1 / 0)
    response = Client(raise_request_exception=False).get("/")
    assert response.status_code == 500 and "failed on our side" in response.content.decode()


def test_a_forbidden_page_says_what_would_help(db, rf):
    from django.contrib.auth.models import AnonymousUser

    request = rf.get("/")
    request.user = AnonymousUser()
    response = errors.forbidden(request)
    assert response.status_code == 403 and "Sign in" in response.content.decode()


def test_a_bad_request_is_answered_plainly(rf):
    assert errors.bad_request(rf.get("/")).status_code == 400
