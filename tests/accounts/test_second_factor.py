"""The second factor on the site: switched on and off, asked for at log-in, and codes for when the app is lost."""

import datetime as dt
import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib import admin as admin_pages
from django.contrib.auth import SESSION_KEY
from django.core.management import CommandError, call_command

from accounts import tokens
from accounts.models import AuditEntry, OutgoingMail, TokenFamily
from tests.accounts.test_passwords import ask_for_link, use
from tests.api.test_tokens_second_factor import NOON, Phone
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
CODE = "/accounts/2fa/authenticate/"


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def sign_in(client, login="reader"):
    return client.post("/accounts/login/", {"login": login, "password": PASSWORD})


def prove(client) -> None:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def test_log_in_asks_for_the_code_before_anything_is_open(client, reader, clock):
    phone = Phone(reader)
    assert sign_in(client)["Location"] == CODE and SESSION_KEY not in client.session
    assert client.get("/me/").status_code == 302
    page = client.get(CODE)
    assert page.status_code == 200 and b"The password is right" in page.content and b"Quoin" in page.content
    wrong = client.post(CODE, {"code": "000000"})
    assert wrong.status_code == 200 and b"This is not the code of this moment" in wrong.content
    assert SESSION_KEY not in client.session
    assert client.post(CODE, {"code": phone.code(NOON)}).status_code == 302
    assert client.get("/me/").status_code == 200


def test_a_recovery_code_opens_as_well_and_once(client, reader, clock):
    phone = Phone(reader)
    for opens in (True, False):
        sign_in(client)
        client.post(CODE, {"code": phone.paper[0]})
        assert (SESSION_KEY in client.session) is opens
        client.post("/accounts/logout/")


def test_the_door_to_the_desk_asks_as_well(client, editor, clock):
    Phone(editor)
    sign_in(client, "editor")
    assert SESSION_KEY not in client.session
    assert client.get("/admin/").status_code == 302


def test_nobody_gets_to_the_code_without_the_password(client, reader):
    Phone(reader)
    assert client.get(CODE)["Location"] == "/accounts/login/"
    assert client.post(CODE, {"code": "000000"})["Location"] == "/accounts/login/"


def test_switching_it_on_needs_the_password_and_a_code(
    client_of, client, reader, clock, django_capture_on_commit_callbacks
):
    browser, other = client_of(reader), client_of(reader)
    other.get("/me/")
    program = tokens.begin(reader, device="", network="")
    assert browser.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
    prove(browser)
    page = browser.get("/accounts/2fa/totp/activate/")
    assert b"<svg" in page.content and b"<?xml" not in page.content and "no-store" in page["Cache-Control"]
    secret = re.search(rb'id="key"[^>]*value="([A-Z2-7]+)"', page.content).group(1).decode()
    assert b"not the code" in browser.post("/accounts/2fa/totp/activate/", {"code": "000000"}).content
    phone = Phone.__new__(Phone)
    phone.secret = secret
    with django_capture_on_commit_callbacks(execute=True):
        done = browser.post("/accounts/2fa/totp/activate/", {"code": phone.code(NOON)})
    assert done["Location"] == "/accounts/2fa/recovery-codes/"
    assert len(re.findall(rb"<code>\d{8}</code>", browser.get(done["Location"]).content)) == 10
    assert other.get("/me/").status_code == 302 and browser.get("/me/").status_code == 200
    assert TokenFamily.objects.get(pk=program.family.pk).ended_at, "programs came in without it"
    assert AuditEntry.objects.filter(action="switched on the second factor of").exists()
    assert OutgoingMail.objects.get().kind == "mfa/email/totp_activated"
    assert sign_in(client)["Location"] == CODE


def test_switching_it_off_needs_the_password_and_takes_the_paper_with_it(client_of, reader, clock):
    Phone(reader)
    browser = client_of(reader)
    assert browser.post("/accounts/2fa/totp/deactivate/")["Location"].startswith("/accounts/reauthenticate/")
    assert Authenticator.objects.count() == 2
    prove(browser)
    assert b"password alone" in browser.get("/accounts/2fa/totp/deactivate/").content
    browser.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert OutgoingMail.objects.get().kind == "mfa/email/totp_deactivated"


def test_new_recovery_codes_end_the_old_ones(client_of, reader, clock, django_capture_on_commit_callbacks):
    phone = Phone(reader)
    browser = client_of(reader)
    assert browser.get("/accounts/2fa/recovery-codes/")["Location"].startswith("/accounts/reauthenticate/")
    prove(browser)
    assert browser.get("/accounts/2fa/recovery-codes/generate/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        browser.post("/accounts/2fa/recovery-codes/generate/")
    page = browser.get("/accounts/2fa/recovery-codes/")
    assert phone.paper[0].encode() not in page.content
    assert OutgoingMail.objects.get().kind == "mfa/email/recovery_codes_generated"


def test_the_pages_say_whether_it_is_on(client_of, reader, clock):
    browser = client_of(reader)
    assert b"Switch it on" in browser.get("/accounts/2fa/").content
    assert b"Ask for a code when signing in" in browser.get("/me/").content
    Phone(reader)
    assert b"10 are left" in browser.get("/accounts/2fa/").content
    assert b"Signing in asks for a code" in browser.get("/me/").content


def test_one_may_prove_oneself_by_a_code(client_of, reader, clock):
    phone = Phone(reader)
    browser = client_of(reader)
    assert browser.get("/accounts/2fa/reauthenticate/").status_code == 200
    browser.post("/accounts/2fa/reauthenticate/", {"code": phone.code(NOON)})
    assert browser.get("/accounts/2fa/totp/deactivate/").status_code == 200


def test_an_address_is_changed_as_before(client_of, reader, clock):
    Phone(reader)
    browser = client_of(reader)
    prove(browser)
    page = browser.post("/accounts/email/", {"action_add": "", "email": "new@example.org"})
    assert page.status_code == 302 and OutgoingMail.objects.filter(recipient="new@example.org").exists()


def test_a_reset_password_does_not_go_round_it(client, reader, clock):
    Phone(reader)
    use(client, ask_for_link(client))
    client.post("/accounts/login/", {"login": "reader", "password": "three grey horses"})
    assert SESSION_KEY not in client.session


def test_while_nobody_counts_no_code_is_looked_at(client, reader, clock, monkeypatch):
    phone = Phone(reader)
    sign_in(client)
    monkeypatch.setattr("accounts.second_factor.rates.counted", lambda *args, **kwargs: None)
    page = client.post(CODE, {"code": phone.code(NOON)})
    assert page.status_code == 503 and page["Retry-After"] == "60" and SESSION_KEY not in client.session
    clock.shift(dt.timedelta(seconds=1))


def test_whoever_lost_both_is_let_in_again_at_the_machine_alone(client, reader, author, clock):
    Phone(reader)
    Phone(author)
    call_command("take_away_second_factor", "READER")
    assert AuditEntry.objects.get(action="took away the second factor of").actor is None
    sign_in(client)
    assert SESSION_KEY in client.session and Authenticator.objects.filter(user=author).count() == 2
    for wrong in ("reader", "nobody"):
        with pytest.raises(CommandError):
            call_command("take_away_second_factor", wrong)


def test_no_page_of_the_desk_shows_what_codes_are_made_of():
    assert not admin_pages.site.is_registered(Authenticator)
