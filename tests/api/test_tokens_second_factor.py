"""An account with a second factor asks programs for it, as it asks browsers: one check, one count of tries."""

import datetime as dt

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

from accounts import second_factor
from accounts.models import TokenFamily
from accounts.tasks import clear_expired_sessions
from tests.api.test_tokens_log_in import is_problem, log_in

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 21, 12, 0, 5, tzinfo=dt.UTC)


class Phone:
    """An app on somebody's telephone, and what they keep on paper."""

    def __init__(self, user) -> None:
        self.secret = generate_totp_secret()
        TOTP.activate(user, self.secret)
        self.paper = RecoveryCodes.activate(user).get_unused_codes()

    def code(self, at: dt.datetime, steps: int = 0) -> str:
        return format_hotp_value(hotp_value(self.secret, int(at.timestamp()) // 30 + steps))


@pytest.fixture
def phone(reader):
    return Phone(reader)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def test_the_password_alone_brings_nothing(program, phone, clock):
    for sent in ({}, {"code": ""}, {"code": "  "}):
        assert is_problem(log_in(program, **sent), 401, "second_factor")
    assert is_problem(log_in(program, password="wrong-password", code=phone.code(NOON)), 401, "password")
    assert not TokenFamily.objects.exists()
    assert log_in(program, code=phone.code(NOON)).status_code == 200


def test_an_account_without_one_is_not_asked(program, reader, author, clock):
    Phone(author)
    assert log_in(program).status_code == 200
    assert log_in(program, code="123456").status_code == 200


@pytest.mark.parametrize(("steps", "lets_in"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_half_a_minute_early_and_late(program, phone, clock, steps, lets_in):
    assert log_in(program, code=phone.code(NOON, steps)).status_code == (200 if lets_in else 401)


def test_a_code_is_good_once_and_none_before_it_afterwards(program, phone, clock):
    assert log_in(program, code=phone.code(NOON)).status_code == 200
    assert is_problem(log_in(program, code=phone.code(NOON)), 401, "second_factor")
    assert is_problem(log_in(program, code=phone.code(NOON, -1)), 401, "second_factor")
    clock.shift(dt.timedelta(seconds=40))
    assert is_problem(log_in(program, code=phone.code(NOON)), 401, "second_factor"), "still in its time, but used"
    assert log_in(program, code=phone.code(NOON, 1)).status_code == 200


def test_a_recovery_code_is_good_once(program, phone, clock):
    assert log_in(program, code=phone.paper[0]).status_code == 200
    assert is_problem(log_in(program, code=phone.paper[0]), 401, "second_factor")
    assert log_in(program, code=phone.paper[1]).status_code == 200


def test_nine_tries_are_too_many_from_wherever_they_come(program, phone, clock):
    def tried(number: int, code: str):
        sent = {"login": "reader", "password": "a-long-password", "code": code}
        return program().client.post(
            "/api/v1/auth/token/", sent, content_type="application/json", REMOTE_ADDR=f"203.0.113.{number}"
        )

    assert {tried(number, "000000").status_code for number in range(8)} == {401}
    locked = tried(9, phone.code(NOON))
    assert is_problem(locked, 429, "locked") and 0 < int(locked["Retry-After"]) <= 300
    clock.shift(dt.timedelta(minutes=10))
    assert tried(10, phone.code(NOON + dt.timedelta(minutes=10))).status_code == 200


def test_the_site_and_programs_count_together(client, program, phone, clock):
    client.post("/accounts/login/", {"login": "reader", "password": "a-long-password"})
    for _ in range(8):
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert is_problem(log_in(program, code=phone.code(NOON)), 429, "locked")


def test_while_nobody_counts_no_code_is_looked_at(program, phone, clock, monkeypatch):
    monkeypatch.setattr("accounts.second_factor.rates.counted", lambda *args, **kwargs: None)
    assert is_problem(log_in(program, code=phone.code(NOON)), 503, "unavailable")
    assert not TokenFamily.objects.exists()


def test_the_database_alone_makes_no_codes(phone, reader, settings):
    row = Authenticator.objects.get(user=reader, type="totp")
    assert phone.secret not in str(row.data) and second_factor.decrypt(row.data["secret"]) == phone.secret
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-secret-key" * 4, [settings.SECRET_KEY]
    assert second_factor.decrypt(row.data["secret"]) == phone.secret, "a new key reads what the old one wrote"


def test_an_old_key_may_be_forgotten_once_the_night_has_passed(program, phone, clock, settings):
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-secret-key" * 4, [old]
    clear_expired_sessions()
    settings.SECRET_KEY_FALLBACKS = []
    assert second_factor.bring_under_newest_key() == 0
    assert log_in(program, code=phone.code(NOON)).status_code == 200
    assert log_in(program, code=phone.paper[3]).status_code == 200


def test_a_key_that_was_forgotten_too_early_lets_nobody_in(program, phone, clock, settings):
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another-secret-key" * 4
    assert second_factor.bring_under_newest_key() == 0
    for code in (phone.code(NOON), phone.paper[0]):
        assert is_problem(log_in(program, code=code), 401, "second_factor")
    settings.SECRET_KEY_FALLBACKS = [old]
    assert log_in(program, code=phone.code(NOON)).status_code == 200
