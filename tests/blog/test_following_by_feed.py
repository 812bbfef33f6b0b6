"""What a member follows, for their feed reader, at an address that only they know and can end."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import feedparser
import pytest
import time_machine
from django.test import Client
from structlog.testing import capture_logs

from accounts import feed_address, personal_data
from accounts import follows as people
from accounts.models import AuditEntry, User
from blog import missing_paths, publishing
from tests.conftest import make_person

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def address(reader, author, publish):
    """Of a reader who follows somebody with two posts; it moves to another host with nothing."""
    publish("Springs", at=NOON)
    publish("Neaps", at=NOON + timedelta(hours=1), text="Some *words*.")
    people.follow(reader, author)
    return f"/me/feed/{feed_address.renew(reader, at=NOON)}/"


def titles(answer) -> list[str]:
    assert answer.status_code == 200
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    return [entry.title for entry in feed.entries]


def test_it_has_what_the_page_of_it_has_and_only_what_is_public(address, author, editor, reader, write, publish):
    write("A draft")
    publishing.trash(publish("Gone"), by=editor)
    publish("By somebody else", by=make_person("other", "Author"))
    publish("For no search engine", at=NOON - timedelta(days=1), noindex=True)
    answer = Client().get(address)
    assert titles(answer) == ["Neaps", "Springs", "For no search engine"]
    people.unfollow(reader, author)
    assert titles(Client().get(address)) == []


def test_nobody_on_the_way_keeps_it_or_lists_it(address):
    answer = Client().get(address)
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Robots-Tag"] == "noindex" and answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    assert b'rel="hub"' not in answer.content, "a hub would hear of the address"


def test_who_asks_again_is_told_that_nothing_changed_until_something_does(address, publish, editor):
    first = Client().get(address)
    for header, told in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        again = Client().get(address, headers={header: first[told]})
        assert again.status_code == 304 and again["ETag"] == first["ETag"]
    with time_machine.travel(NOON + timedelta(days=300), tick=False):
        publish("Slack water")
        for header, told in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
            assert titles(Client().get(address, headers={header: first[told]}))[0] == "Slack water"


def test_an_entry_keeps_its_id_in_every_feed_and_under_every_address(address, reader):
    def ids(path):
        return re.findall(r"<id>(tag:[^<]+)</id>", Client().get(path).content.decode())

    mine = ids(address)
    assert mine[1:] == ids("/feed/atom/")
    assert ids(f"/me/feed/{feed_address.renew(reader, at=NOON)}/") == mine, "the same feed under a new address"


def test_a_new_address_or_none_ends_the_old_one_at_once(address, reader, client_of):
    browser = client_of(reader)
    page = browser.get("/me/feed/").content.decode()
    assert address in page and "The address above stops at once" in page
    assert browser.post("/me/feed/address/", {"deed": "renew"})["Location"] == "/me/feed/#reader"
    reader.refresh_from_db()
    new = f"/me/feed/{feed_address.token_of(reader)}/"
    assert new != address and new in browser.get("/me/feed/").content.decode()
    assert Client().get(address).status_code == 410 and titles(Client().get(new)) == ["Neaps", "Springs"]
    browser.post("/me/feed/address/", {"deed": "revoke"})
    assert Client().get(new).status_code == 410
    assert "Give me an address" in browser.get("/me/feed/").content.decode()
    browser.post("/me/feed/address/", {"deed": "nonsense"})
    assert not User.objects.exclude(feed_seed="").exists()


def test_it_is_made_only_by_its_owner_and_only_when_asked(reader, client_of, client):
    browser = client_of(reader)
    browser.get("/me/feed/")
    assert browser.get("/me/feed/address/").status_code == 405
    assert client.post("/me/feed/address/", {"deed": "renew"})["Location"].startswith("/accounts/login/")
    assert client_of(reader, enforce_csrf_checks=True).post("/me/feed/address/").status_code == 403
    assert not User.objects.exclude(feed_seed="").exists()


def test_a_closed_account_has_no_feed(address, reader):
    User.objects.filter(pk=reader.pk).update(is_active=False)
    gone = Client().get(address)
    assert gone.status_code == 410 and b"Springs" not in gone.content


@pytest.mark.parametrize("token", ["x", "a.b", "%00", "a" * 500, "..%2F..%2Fetc", ".", "%F0%9F%95%B0"])
def test_what_nobody_made_here_is_not_there_and_asks_nobody(db, token, django_assert_num_queries):
    Client().get("/me/feed/made-up/")  # fills what is kept for the page that says so
    assert Client().get(f"/me/feed/{token}/").status_code in {302, 404}


def test_a_changed_letter_or_the_bare_seed_opens_nothing(address, reader):
    token = address.split("/")[3]
    reader.refresh_from_db()
    for wrong in (token[:-1], f"{token}x", reader.feed_seed, f"{reader.feed_seed}.", token.swapcase()):
        assert Client().get(f"/me/feed/{wrong}/").status_code == 404


def test_neither_database_nor_trail_nor_log_knows_the_address(address, reader):
    token = address.split("/")[3]
    assert token not in str(list(User.objects.values()))
    assert token not in str(list(AuditEntry.objects.values()))
    assert AuditEntry.objects.filter(action="made a feed address").count() == 1
    with capture_logs() as lines:
        Client().get(address)
        Client().get(f"/me/feed/{token[:-1]}/")
    assert token[:-1] not in str(lines) and any("/me/feed/…" in str(line) for line in lines)
    assert missing_paths.is_never_listed(address) and missing_paths.is_never_listed(f"/de{address}")


def test_whoever_asks_too_often_waits(address, monkeypatch):
    monkeypatch.setattr("blog.views.following.FETCHES", "2/h")
    answers = [Client().get(address) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) >= 60


def test_ones_own_data_say_since_when_there_is_one_but_not_which(address, reader):
    reader.refresh_from_db()
    said = "".join(personal_data.as_json(reader, NOON))
    assert '"feed_address_made_at": "2026-05-04T12:00:00Z"' in said
    assert reader.feed_seed not in said


def test_it_says_in_each_edition_what_it_is(address, as_publication):
    as_publication(editions=("de",))
    root = ElementTree.fromstring(Client().get(f"/de{address}").content)
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "de"
