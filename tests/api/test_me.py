"""Oneself through the API: who I am, where I am signed in, the tokens of my programs."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import AuditEntry, PersonalToken, SignedInDevice, TokenFamily, User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
PAGE = {"website": "https://vera.example/", "links": ["https://b.example/"], "expertise": ["boats", "tides"]}


def in_days(number: float) -> str:
    return (timezone.now() + dt.timedelta(days=number)).isoformat()


# --- Who I am ---------------------------------------------------------------------------------------------------------
def test_strangers_are_asked_to_log_in_at_every_door(program):
    for path in ("/users/me/", "/users/me/sessions/", "/users/me/tokens/", "/notifications/", "/follows/"):
        answer = program().get(path)
        assert answer.status_code == 401 and answer["WWW-Authenticate"].startswith("Bearer"), path


def test_one_sees_who_one_is_and_nothing_of_the_password(program, author):
    said = program(author).get("/users/me/").json()
    assert (said["username"], said["email"], said["role"]) == ("author", "author@example.org", "author")
    assert said["author_page"]["slug"] == "author"
    assert not {"password", "feed_seed", "is_superuser"} & set(said) and author.password not in str(said)


def test_a_reader_has_no_author_page(program, reader):
    mine = program(reader)
    assert mine.get("/users/me/").json()["author_page"] is None
    refused = mine.patch("/users/me/", {"author_page": {"bio": "I write."}})
    assert refused.status_code == 400 and "author_page" in refused.json()["errors"]


def test_one_changes_what_the_site_lets_one_change(program, author):
    mine = program(author)
    said = mine.patch("/users/me/", {"timezone": "Asia/Tokyo", "digest_hour": 6, "shows_presence": True}).json()
    assert (said["timezone"], said["digest_hour"], said["shows_presence"]) == ("Asia/Tokyo", 6, True)
    author.refresh_from_db()
    assert (author.timezone, author.digest_hour, author.shows_presence) == ("Asia/Tokyo", 6, True)
    page = mine.patch("/users/me/", {"author_page": PAGE}).json()["author_page"]
    assert {name: page[name] for name in PAGE} == PAGE and page["bio"] == ""
    assert mine.patch("/users/me/", {"author_page": {"bio": "I sail."}}).json()["author_page"]["links"] == PAGE["links"]
    assert AuditEntry.objects.filter(actor=author, action="changed").count() == 2


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"digest_hour": 24}, "digest_hour"),
        ({"digest_hour": None}, "digest_hour"),
        ({"shows_presence": "perhaps"}, "shows_presence"),
        ({"author_page": {"website": "javascript:alert(1)"}}, "author_page.website"),
        ({"author_page": {"links": ["ftp://x.example/"]}}, "author_page.links"),
        ({"author_page": {"links": ["https://x.example/"] * 11}}, "author_page.links"),
        ({"author_page": {"links": ["https://a.example/\nhttps://b.example/ <x>"]}}, "author_page.links"),
        ({"author_page": {"bio": "x" * 2001}}, "author_page.bio"),
        ({"author_page": []}, "author_page"),
    ],
)
def test_what_is_wrong_is_said_by_field_and_nothing_is_written(program, author, sent, field):
    before = User.objects.values().get(pk=author.pk)
    answer = program(author).patch("/users/me/", {"digest_hour": 5, **sent})
    assert answer.status_code == 400 and set(answer.json()["errors"]) == {field}
    after = User.objects.values().get(pk=author.pk)
    assert {**after, "last_seen_at": None} == {**before, "last_seen_at": None}


def test_nobody_makes_more_of_themselves(program, author):
    rise = {
        "is_staff": True, "is_superuser": True, "role": "administrator", "groups": [1], "email": "x@example.org",
        "username": "editor", "password": "x", "id": 1, "first_name": "The", "last_name": "Editor", "is_active": False,
    }  # fmt: skip
    before = User.objects.values().get(pk=author.pk)
    assert program(author).patch("/users/me/", rise).status_code == 200
    assert {**User.objects.values().get(pk=author.pk), "last_seen_at": None} == {**before, "last_seen_at": None}


def test_a_change_from_an_old_reading_is_refused(program, author):
    mine = program(author)
    etag = mine.get("/users/me/")["ETag"]
    assert mine.get("/users/me/", If_None_Match=etag).status_code == 304
    assert mine.patch("/users/me/", {"digest_hour": 3}, etag=etag).status_code == 200
    stale = mine.patch("/users/me/", {"digest_hour": 4}, etag=etag)
    assert stale.status_code == 412 and User.objects.get(pk=author.pk).digest_hour == 3


def test_a_personal_token_needs_the_scope_of_the_account(program, author):
    for path in ("/users/me/", "/users/me/sessions/", "/users/me/tokens/", "/notifications/", "/follows/"):
        refused = program(author, ["read", "write", "talk"]).get(path)
        assert refused.status_code == 403 and refused.json()["code"] == "scope", path
        assert program(author, ["account"]).get(path).status_code == 200, path
    assert program(author, ["read", "write"]).patch("/users/me/", {"digest_hour": 3}).status_code == 403


# --- Where I am signed in ---------------------------------------------------------------------------------------------
@pytest.fixture
def everywhere(program, author, client_of):
    """Two programs and two browsers; the first program asks."""
    browsers = [client_of(author), client_of(author)]
    for browser in browsers:
        browser.get("/me/")
    return program(author), program(author), browsers


def test_browsers_and_programs_stand_in_one_list(everywhere, reader, client_of, program):
    client_of(reader).get("/me/")
    program(reader)
    said = everywhere[0].get("/users/me/sessions/").json()
    assert said["count"] == 4 and sorted(each["kind"] for each in said["results"]) == ["browser"] * 2 + ["program"] * 2
    assert [each["kind"] for each in said["results"] if each["is_current"]] == ["program"]
    first = everywhere[0].get("/users/me/sessions/?page_size=1").json()
    assert len(first["results"]) == 1 and first["next"]
    assert everywhere[0].get("/users/me/sessions/?cursor=").status_code == 400


def test_a_browser_knows_itself_in_the_list(everywhere):
    said = everywhere[2][0].get("/api/v1/users/me/sessions/").json()
    assert [each["kind"] for each in said["results"] if each["is_current"]] == ["browser"]


def test_one_is_ended_and_the_others_stay(everywhere):
    asks, other, (first, second) = everywhere
    listed = asks.get("/users/me/sessions/").json()["results"]
    program_id = next(each["id"] for each in listed if each["kind"] == "program" and not each["is_current"])
    assert asks.delete(f"/users/me/sessions/{program_id}/").status_code == 204
    assert other.get("/posts/").status_code == 401 and asks.get("/posts/").status_code == 200
    assert asks.delete(f"/users/me/sessions/{program_id}/").status_code == 404
    device = SignedInDevice.objects.order_by("pk").first()
    assert asks.delete(f"/users/me/sessions/browser-{device.pk}/").status_code == 204
    assert sorted(browser.get("/me/").status_code for browser in (first, second)) == [200, 302]


def test_all_others_are_ended_and_personal_tokens_stay(everywhere, program, author):
    personal = program(author, ["read"])
    asks, other, browsers = everywhere
    assert asks.delete("/users/me/sessions/").status_code == 204
    assert asks.get("/posts/").status_code == personal.get("/posts/").status_code == 200
    assert other.get("/posts/").status_code == 401 and {each.get("/me/").status_code for each in browsers} == {302}


def test_nobody_ends_what_is_somebody_elses(everywhere, program, reader):
    theirs = [f"browser-{SignedInDevice.objects.first().pk}", f"program-{TokenFamily.objects.first().pk}"]
    for each in (*theirs, "browser-0", "program-999999999999999999", "program-x", "browser-1%20OR%201=1"):
        assert program(reader).delete(f"/users/me/sessions/{each}/").status_code == 404, each
    program(reader).delete("/users/me/sessions/")
    assert TokenFamily.objects.filter(user__username="author", ended_at__isnull=True).count() == 2
    assert {each.get("/me/").status_code for each in everywhere[2]} == {200}


# --- Tokens of my programs --------------------------------------------------------------------------------------------
def make(mine, **more):
    return mine.post(
        "/users/me/tokens/", {"name": "Static site", "scopes": ["read", "write"], "expires_at": in_days(30), **more}
    )


def test_a_token_is_shown_once_and_lets_in_within_its_scopes(program, author):
    mine = program(author)
    made = make(mine)
    said = made.json()
    assert made.status_code == 201 and made["Cache-Control"] == "no-store" and said["token"].startswith("lpp_")
    assert said["token"].endswith(said["hint"]) and said["last_used_at"] is None
    again = mine.get(made["Location"].removeprefix("http://testserver")).json()
    assert "token" not in again and said["token"] not in mine.get("/users/me/tokens/").content.decode()
    theirs = Client(headers={"authorization": f"Bearer {said['token']}"})
    assert theirs.get("/api/v1/posts/").status_code == 200 and theirs.get("/api/v1/users/me/").status_code == 403
    row = PersonalToken.objects.get()
    assert row.last_used_at and row.network == "127.0.0.0" and said["token"] not in row.digest


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"name": " "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["read", "everything"]}, "scopes.1"),
        ({"scopes": "read"}, "scopes"),
        ({"expires_at": "yesterday"}, "expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2099-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": None}, "expires_at"),
    ],
)
def test_a_token_that_makes_no_sense_is_refused_by_field(program, author, sent, field):
    answer = make(program(author), **sent)
    assert answer.status_code == 400 and set(answer.json()["errors"]) == {field}
    assert not PersonalToken.objects.exists()


def test_a_personal_token_makes_no_other(program, author):
    refused = make(program(author, ["account", "read"]))
    assert refused.status_code == 403 and PersonalToken.objects.count() == 1


def test_an_open_page_makes_one_only_after_the_password_was_typed_again(client_of, author):
    browser = client_of(author)
    sent = {"name": "x", "scopes": ["read"], "expires_at": in_days(1)}
    refused = browser.post("/api/v1/users/me/tokens/", sent, content_type="application/json")
    assert refused.status_code == 403 and refused.json()["code"] == "reauthenticate"
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert browser.post("/api/v1/users/me/tokens/", sent, content_type="application/json").status_code == 201


def test_one_is_taken_back_and_lets_nobody_in(program, author, reader):
    mine = program(author)
    said = make(mine).json()
    assert program(reader).get(f"/users/me/tokens/{said['id']}/").status_code == 404
    assert program(reader).delete(f"/users/me/tokens/{said['id']}/").status_code == 404
    assert mine.delete(f"/users/me/tokens/{said['id']}/").status_code == 204
    theirs = Client(headers={"authorization": f"Bearer {said['token']}"})
    assert theirs.get("/api/v1/posts/").status_code == 401
    assert mine.delete(f"/users/me/tokens/{said['id']}/").status_code == 404
    assert list(AuditEntry.objects.filter(actor=author).values_list("note", flat=True)) == ["Static site"] * 2


def test_fifty_are_enough(program, author):
    mine, tomorrow = program(author), timezone.now() + dt.timedelta(days=1)
    for number in range(tokens.MOST_PERSONAL):
        tokens.make_personal(author, f"t{number}", ["read"], expires_at=tomorrow)
    refused = make(mine)
    assert refused.status_code == 409 and PersonalToken.objects.count() == tokens.MOST_PERSONAL


def test_lists_ask_the_same_few_questions_however_long(program, author, django_assert_max_num_queries):
    mine, tomorrow = program(author), timezone.now() + dt.timedelta(days=1)
    for number in range(20):
        tokens.make_personal(author, f"t{number}", ["read"], expires_at=tomorrow)
        tokens.begin(author, device=f"p{number}", network="")
    for path in ("/users/me/tokens/", "/users/me/sessions/"):
        with django_assert_max_num_queries(3):
            assert len(mine.get(path).json()["results"]) == 20
