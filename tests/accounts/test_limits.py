"""Brakes on the account pages: where they count, and what happens when the counter is away."""

import pytest
from django.core.cache import caches

from accounts.limits import LimitsCache
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


def test_people_still_sign_in_while_the_counter_is_away(client, reader, monkeypatch):
    monkeypatch.setattr("accounts.limits.caches", {"limits": Away()})
    assert LimitsCache().add("key", 1) is True and LimitsCache().get("key", []) == []
    assert client.post("/accounts/login/", {"login": "reader", "password": PASSWORD}).status_code == 302


def test_the_lock_out_holds_while_the_counter_is_away(client, reader, monkeypatch):
    monkeypatch.setattr("accounts.limits.caches", {"limits": Away()})
    codes = [client.post("/accounts/login/", {"login": "reader", "password": "wrong"}).status_code for _ in range(5)]
    assert codes[-1] == 429


def test_the_wait_is_named_in_minutes_and_for_machines(client):
    for _ in range(6):
        page = client.post(RESET, {"email": "nobody@example.org"})
    assert b"60 minutes" in page.content and page["Retry-After"] == "3600"
