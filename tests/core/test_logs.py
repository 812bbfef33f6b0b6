"""Secret addresses stay out of the log, whatever goes wrong behind them."""

import logging

import pytest
from django.conf import settings
from django.test import Client

from core.logs import Mask


def masked(said: str, *args: object) -> str:
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, said, args, None)
    assert Mask(settings.LOGGING["filters"]["secrets"]["pattern"]).filter(record)
    return record.getMessage()


def test_what_stands_in_a_secret_address_is_masked():
    assert masked("%s: %s", "Not Found", "/calendar/abc.ics") == "Not Found: /calendar/…"
    assert masked("Internal Server Error: %s", "/blog/preview/abc/") == "Internal Server Error: /blog/preview/…/"
    assert masked("Not Found: %s", "/blog/a-post/") == "Not Found: /blog/a-post/"
    assert masked("%s", "/media/signed/abc:def") == "/media/signed/…"


def test_it_is_masked_in_the_fields_of_a_structured_line_as_well():
    said = {"event": "request_finished", "request": "GET /media/signed/abc:def", "code": 404}
    record = logging.LogRecord("django_structlog", logging.WARNING, "", 0, said, (), None)  # type: ignore[arg-type]
    assert Mask(settings.LOGGING["filters"]["secrets"]["pattern"]).filter(record)
    assert record.msg == {"event": "request_finished", "request": "GET /media/signed/…", "code": 404}
    assert said["request"].endswith("abc:def")  # other handlers have their own filters


@pytest.mark.django_db
def test_the_log_says_nothing_of_a_token_that_is_not_found_or_fails(caplog, monkeypatch):
    client = Client(raise_request_exception=False)
    client.get("/calendar/a-token-nobody-has.ics")
    monkeypatch.setattr("blog.calendar_feed.reader_of", lambda *args, **kwargs: 1 / 0)
    assert client.get("/calendar/a-token-that-fails.ics").status_code == 500
    assert "Internal Server Error: /calendar/…" in caplog.text
    assert "a-token" not in caplog.text


def test_the_tags_of_the_library_have_no_page(client_of, admin):
    assert client_of(admin).get("/admin/taggit/tag/").status_code == 404
