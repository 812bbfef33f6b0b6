"""Brakes on the account pages: where they count, and what happens when the counter is away."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.cache import caches
from django.urls import reverse_lazy

from accounts.models import OutgoingMail, User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
RESET = "/accounts/password/reset/"


def test_limits_outlive_an_emptied_page_cache(client):
    for _ in range(5):
        client.post(RESET, {"email": "nobody@example.org"})
    caches["default"].clear()
    assert client.post(RESET, {"email": "nobody@example.org"}).status_code == 429


def test_another_address_and_another_account_have_limits_of_their_own(client):
    for _ in range(6):
        client.post(RESET, {"email": "nobody@example.org"})
    assert client.post(RESET, {"email": "somebody@example.org"}).status_code == 302
    assert client.post(RESET, {"email": "vera@example.org"}, REMOTE_ADDR="203.0.113.9").status_code == 302


def test_the_page_of_a_limit_is_ours_and_says_when_to_try_again(client):
    for _ in range(6):
        page = client.post(RESET, {"email": "nobody@example.org"})
    assert page.status_code == 429 and b"Quoin" in page.content and b"too often" in page.content


class Away:
    def __getattr__(self, name):
        raise ConnectionError("the cache is away")


@pytest.fixture
def away(monkeypatch):
    monkeypatch.setattr("accounts.limits.caches", {"limits": Away()})


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/accounts/login/", {"login": "reader", "password": PASSWORD}),
        ("/accounts/login/", {"login": "reader", "password": "wrong"}),
        (
            "/accounts/signup/",
            {"username": "nina", "email": "nina@example.org", "password1": PASSWORD, "password2": PASSWORD},
        ),
        (RESET, {"email": "reader@example.org"}),
        (reverse_lazy("account_resend_confirmation"), {"email": "reader@example.org"}),
    ],
)
def test_what_cannot_be_counted_is_refused_in_words(client, reader, away, address, fields):
    assert client.get(address).status_code == 200, "reading counts nothing"
    page = client.post(address, fields)
    assert page.status_code == 503 and page["Retry-After"] == "60"
    assert b"The counter does not answer just now" in page.content and b"Quoin" in page.content
    assert SESSION_KEY not in client.session and not OutgoingMail.objects.exists()
    assert not User.objects.filter(username="nina").exists()


def test_whoever_is_signed_in_stays_signed_in_while_the_counter_is_away(client_of, reader, away):
    browser = client_of(reader)
    assert browser.get("/me/").status_code == 200
    assert browser.post("/accounts/logout/").status_code == 302


def test_people_sign_in_again_once_it_counts(client, reader, monkeypatch):
    with monkeypatch.context() as while_away:
        while_away.setattr("accounts.limits.caches", {"limits": Away()})
        for _ in range(6):
            client.post("/accounts/login/", {"login": "reader", "password": "wrong"})
    assert client.post("/accounts/login/", {"login": "reader", "password": PASSWORD}).status_code == 302


def test_the_wait_is_named_in_minutes_and_for_machines(client):
    for _ in range(6):
        page = client.post(RESET, {"email": "nobody@example.org"})
    assert b"60 minutes" in page.content and page["Retry-After"] == "3600"
