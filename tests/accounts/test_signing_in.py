"""Log-in by name or address, sessions, safe addresses to go on to, log-out."""

import json
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings as project
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.management import call_command

from accounts.models import OutgoingMail, User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password was hashed."""

    count = 0

    def encode(self, password, salt):
        CountingHasher.count += 1
        return super().encode(password, salt)


def sign_in(client, login, password=PASSWORD, **more):
    return client.post("/accounts/login/", {"login": login, "password": password, **more})


@pytest.mark.parametrize("login", ["reader", "READER", "reader@example.org", "Reader@Example.ORG", "  reader "])
def test_people_sign_in_by_name_or_address_in_any_case(client, reader, login):
    assert sign_in(client, login).status_code == 302
    assert client.session["_auth_user_id"] == str(reader.pk)


def test_readers_go_to_the_front_page_and_those_who_write_to_the_desk(client, reader, author):
    assert sign_in(client, "reader")["Location"] == "/"
    client.logout()
    assert sign_in(client, "author")["Location"] == "/admin/"


def test_a_session_ends_with_the_browser_unless_asked_to_last(client, reader):
    sign_in(client, "reader")
    assert client.cookies["sessionid"]["max-age"] == ""
    client.logout()
    sign_in(client, "reader", remember="on")
    assert int(client.cookies["sessionid"]["max-age"]) > 86400


def test_a_wrong_password_and_an_unknown_name_get_the_same_page(client, reader):
    known, unknown = (sign_in(client, name, "wrong-password") for name in ("reader", "nobody"))

    def neutral(page, name):
        return page.content.replace(name, b"").split(b"<main")[-1].split(b"csrfmiddlewaretoken")[0]

    assert known.status_code == unknown.status_code == 200
    assert neutral(known, b"reader") == neutral(unknown, b"nobody")
    assert b"The name or the password is not right" in known.content


@pytest.mark.parametrize("login", ["reader", "reader@example.org", "nobody", "nobody@example.org"])
def test_every_failed_log_in_costs_exactly_one_hash(client, reader, settings, login):
    settings.PASSWORD_HASHERS = ["tests.accounts.test_signing_in.CountingHasher"]
    reader.set_password(PASSWORD)
    reader.save()
    CountingHasher.count = 0
    sign_in(client, login, "wrong-password")
    assert CountingHasher.count == 1


def test_a_closed_account_cannot_sign_in_and_a_wrong_password_does_not_say_it_is_closed(client, reader):
    reader.is_active = False
    reader.save()
    assert sign_in(client, "reader")["Location"] == "/accounts/inactive/"
    assert "_auth_user_id" not in client.session
    assert b"closed" not in sign_in(client, "reader", "wrong-password").content


def test_signing_in_renews_the_session_key(client, reader):
    client.get("/accounts/login/")
    client.session["seen"] = 1
    before = client.session.session_key
    sign_in(client, "reader")
    assert client.session.session_key != before


def test_signing_out_needs_a_post(client_of, reader):
    client = client_of(reader)
    assert client.get("/accounts/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_the_desk_has_no_log_in_of_its_own(client, reader, client_of):
    assert client.get("/admin/login/?next=/admin/")["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    posted = client.post("/admin/login/", {"username": "reader", "password": PASSWORD})
    assert posted.status_code == 302 and "_auth_user_id" not in client.session
    assert client_of(reader).get("/admin/login/").status_code == 403


def test_after_signing_in_people_go_where_they_were_going(client, reader):
    assert sign_in(client, "reader", next="/me/?a=1")["Location"] == "/me/?a=1"


def leads_away(address):
    """Whether a browser on our page would leave the site for this Location."""
    cleaned = "".join(c for c in address if c not in "\t\r\n").strip().replace("\\", "/")
    parts = urlsplit(urljoin("http://testserver/accounts/login/", cleaned))
    return parts.scheme not in {"http", "https"} or parts.netloc != "testserver"


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "\\\\evil",
    ],
)
def test_nobody_is_sent_to_another_site(client, reader, address):
    assert sign_in(client, "reader", next=address)["Location"] == "/"


def test_no_payload_of_the_open_redirect_corpus_leads_away(client, reader, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    corpus = Path(project.BASE_DIR).parent / "shared/data/corpora/open-redirect/open-redirect.jsonl"
    if not corpus.exists():
        pytest.skip("the open-redirect corpus is not on this machine")
    for line in corpus.read_text().splitlines():
        payload = json.loads(line)["payload"]
        client.cookies.clear()
        location = sign_in(client, "reader", next=payload)["Location"]
        assert not leads_away(location), payload


@pytest.mark.parametrize(
    "login", ["' OR 1=1 --", "a\0b", "𝕬" * 200, "<b>x</b>", "\u202e", "x" * 100_000, "../../etc/passwd", "%s%n"]
)
def test_naughty_names_are_just_wrong(client, reader, login):
    page = sign_in(client, login)
    assert page.status_code == 200 and b"<b>x</b>" not in page.content


def test_the_own_page_shows_who_one_is_and_is_for_nobody_else(client, client_of, author):
    assert client.get("/me/")["Location"] == "/accounts/login/?next=/me/"
    page = client_of(author).get("/me/")
    assert b"Author" in page.content and b"author@example.org" in page.content
    assert "no-store" in page["Cache-Control"]


def test_a_superuser_made_at_the_machine_signs_in_without_a_mail(client, db):
    call_command("createsuperuser", username="boss", email="Boss@example.org", interactive=False)
    boss = User.objects.get(username="boss")
    boss.set_password(PASSWORD)
    boss.save()
    assert sign_in(client, "boss@example.org")["Location"] == "/admin/"
    assert boss.is_staff and not OutgoingMail.objects.exists()


def test_a_superuser_without_an_address_is_not_stuck(client, db):
    User.objects.create_superuser("boss", "", PASSWORD)
    assert sign_in(client, "boss")["Location"] == "/admin/"
