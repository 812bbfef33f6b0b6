"""Whoever reads the log can open nothing by it: tried at the handler that writes it, for every address with a key."""

import io
import logging

import pytest
from django.conf import settings
from django.urls import get_resolver, reverse

from core.logs import Mask

pytestmark = pytest.mark.django_db
SECRET = "a-s3cret:Key_nobody-knows"

ADDRESSES = [
    f"/comments/1/mine/?key={SECRET}",
    f"/comments/1/edit/?back=1&key={SECRET}&x=1",
    f"/de/comments/1/mine/?Key={SECRET}",
    f"/comments/1/mine/?key={SECRET}/and?more",
    f"/comments/confirm/{SECRET}/",
    f"/comments/hear/confirm/{SECRET}/",
    f"/comments/hear/end/{SECRET}/",
    f"/me/notifications/off/{SECRET}/",
    f"/de/me/notifications/off/{SECRET}/",
    f"/me/feed/{SECRET}/",
    f"/accounts/confirm-email/{SECRET}/",
    f"/accounts/password/reset/key/1a-{SECRET}/",
    f"/calendar/{SECRET}.ics",
    f"/blog/preview/{SECRET}/",
    f"/media/signed/{SECRET}",
    f"/anything/?token={SECRET}",
    f"/anything/?code={SECRET}&a=b",
]


@pytest.fixture
def written(monkeypatch) -> io.StringIO:
    """What the process's own handler writes, as talkative as in production."""
    [handler] = [each for each in logging.getLogger().handlers if any(isinstance(f, Mask) for f in each.filters)]
    kept = io.StringIO()
    monkeypatch.setattr(handler, "stream", kept)
    for name in ("django_structlog", "django", "uvicorn.access"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.INFO)
        logging.getLogger(name).manager._clear_cache()
    return kept


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_key_in_an_address_is_in_no_line(client, written, address):
    client.get(address)
    logging.getLogger("uvicorn.access").info('%s - "%s %s HTTP/%s" %d', "10.0.0.1:1", "GET", address, "1.1", 200)
    assert "request_finished" in written.getvalue() and "HTTP/1.1" in written.getvalue()
    assert "…" in written.getvalue()
    assert "s3cret" not in written.getvalue() and "nobody-knows" not in written.getvalue()


def test_other_addresses_are_read_as_they_were_asked_for(client, written):
    for address in ("/search/?q=tides&page=2", "/comments/hear/a-post/", "/comments/1/mine/?monkey=1", "/me/feed/"):
        client.get(address)
        assert f"GET {address}" in written.getvalue()


def patterns(resolver, before=""):
    for each in resolver.url_patterns:
        here = before + str(each.pattern)
        yield from patterns(each, here) if hasattr(each, "url_patterns") else [here]


def test_no_address_with_a_token_was_forgotten():
    mask = Mask(settings.LOGGING["filters"]["secrets"]["pattern"])
    secret = [each for each in patterns(get_resolver()) if "token>" in each or "<key>" in each]
    assert len(secret) > 6
    for each in secret:
        if "name:key" in each:  # it says to search engines that the site is ours, and is public
            continue
        written = "/" + each.split("<", 1)[0].lstrip("^").removesuffix("(?P")
        record = logging.LogRecord("x", logging.INFO, "", 0, f"GET {written}{SECRET}/", (), None)
        mask.filter(record)
        assert "nobody-knows" not in record.getMessage(), each
    assert reverse("mails_off", args=["x"]).startswith("/me/notifications/off/")
