"""Programs on the pages of whoever they act for: signed in ones, and tokens made by hand."""

import json
import re

import pytest

from accounts import tokens
from accounts.models import PersonalToken, TokenFamily
from tests.api.conftest import Program
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
SENT = {"name": "Static site", "scopes": ["read", "write"], "days": "30"}


@pytest.fixture
def mine(client_of, author):
    browser = client_of(author)
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return browser


def shown(page) -> str:
    return re.search(r'id="secret"[^>]*value="(lpp_[\w-]+)"', page.content.decode()).group(1)


def test_a_program_stands_beside_the_browsers_and_is_signed_out_there(mine, author):
    pair = tokens.begin(author, device="curl/8.5", network="203.0.113.0")
    page = mine.get("/me/sessions/")
    assert b"curl/8.5" in page.content and b"203.0.113.0" in page.content
    mine.post("/me/sessions/", {"program": pair.family.pk})
    assert Program(pair.access).get("/posts/").status_code == 401
    assert b"curl/8.5" not in mine.get("/me/sessions/").content and mine.get("/me/").status_code == 200


def test_everywhere_else_means_programs_too(mine, author):
    pair = tokens.begin(author, device="curl/8.5", network="")
    mine.post("/me/sessions/", {"device": "others"})
    assert Program(pair.access).get("/posts/").status_code == 401 and mine.get("/me/").status_code == 200


def test_nobody_signs_out_somebody_elses_program(mine, editor):
    pair = tokens.begin(editor, device="", network="")
    for sent in (str(pair.family.pk), "x", "", "9" * 30, "-1"):
        mine.post("/me/sessions/", {"program": sent})
    assert TokenFamily.objects.get().ended_at is None


def test_a_token_is_made_and_shown_once(mine, author):
    page = mine.post("/me/tokens/", SENT)
    secret = shown(page)
    assert page.status_code == 200 and "no-store" in page["Cache-Control"]
    assert Program(secret).get("/posts/").status_code == 200
    again = mine.get("/me/tokens/").content.decode()
    assert secret not in again and "Static site" in again and f"…{secret[-4:]}" in again
    assert "Write and publish" in again and "never used" not in again
    mine.post("/me/tokens/", {"take_back": PersonalToken.objects.get().pk})
    assert Program(secret).get("/posts/").status_code == 401 and not PersonalToken.objects.exists()


def test_making_one_needs_the_password_once_more_and_goes_on_from_there(client_of, author):
    browser = client_of(author)
    asked = browser.post("/me/tokens/", SENT)
    assert asked.status_code == 302 and asked["Location"].startswith("/accounts/reauthenticate/")
    assert not PersonalToken.objects.exists()
    page = browser.post(asked["Location"], {"password": PASSWORD})
    assert shown(page) and PersonalToken.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"name": " "}, {"scopes": []}, {"scopes": ["all"]}, {"days": "4000"}, {"days": ""}])
def test_what_is_missing_is_said_and_nothing_is_made(mine, wrong):
    page = mine.post("/me/tokens/", {**SENT, **wrong})
    assert page.status_code == 200 and b"hint bad" in page.content and not PersonalToken.objects.exists()


def test_a_name_is_text_and_nothing_more(mine, author):
    page = mine.post("/me/tokens/", {**SENT, "name": "<script>alert(1)</script>"})
    assert b"<script>alert" not in page.content and b"<script>alert" not in mine.get("/me/tokens/").content


def test_nobody_takes_back_what_is_somebody_elses(mine, client_of, editor, django_user_model):
    other = client_of(editor)
    other.post("/accounts/reauthenticate/", {"password": PASSWORD})
    other.post("/me/tokens/", SENT)
    mine.post("/me/tokens/", {"take_back": PersonalToken.objects.get().pk})
    mine.post("/me/tokens/", {"take_back": "x"})
    assert PersonalToken.objects.count() == 1 and b"Static site" not in mine.get("/me/tokens/").content


def test_strangers_are_asked_to_sign_in(client):
    for method in (client.get, client.post):
        assert method("/me/tokens/")["Location"].startswith("/accounts/login/")


def test_what_is_stored_about_somebody_names_programs_and_tells_no_secrets(mine, author):
    secret = shown(mine.post("/me/tokens/", SENT))
    pair = tokens.begin(author, device="curl/8.5", network="203.0.113.0")
    taken = b"".join(mine.post("/me/data/", {"as": "document"}).streaming_content).decode()
    said = json.loads(taken)["account"]
    assert said["programs_signed_in"][0]["program"] == "curl/8.5"
    assert (said["tokens_for_programs"][0]["name"], said["tokens_for_programs"][0]["may"]) == (
        "Static site",
        ["read", "write"],
    )
    row = PersonalToken.objects.get()
    for hidden in (secret, row.digest, row.password_mark, pair.refresh, pair.access):
        assert hidden not in taken
