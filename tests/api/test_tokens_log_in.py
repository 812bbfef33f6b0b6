"""Logging a program in asks all that the site's log-in asks, with the same brakes, and tells strangers nothing."""

import datetime as dt

import pytest
import time_machine
from allauth.account.models import EmailAddress

from accounts.models import OutgoingMail, SignedInDevice, TokenFamily, User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
PROBLEM = "application/problem+json"


def log_in(program, login="reader", password=PASSWORD, **more):
    return program().post("/auth/token/", {"login": login, "password": password, **more})


def is_problem(answer, status: int, code: str) -> bool:
    said = answer.json()
    return (answer.status_code, answer["Content-Type"], said["status"], said["code"]) == (status, PROBLEM, status, code)


@pytest.mark.parametrize("login", ["reader", "READER", "reader@example.org", "Reader@Example.org"])
def test_a_name_or_an_address_in_any_case_logs_in(program, reader, login):
    said = log_in(program, login)
    assert said.status_code == 200 and said["Cache-Control"] == "no-store" and said.json()["expires_in"] == 300
    family = TokenFamily.objects.get()
    assert family.user == reader and family.network == "127.0.0.0"


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("curl/8.5.0", "curl/8.5.0"),
        ("x" * 2000, "x" * 60),
        ("a\0b\x1bc\u202ed", "abcd"),
        ("", ""),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
    ],
)
def test_a_program_is_known_again_by_what_it_calls_itself(program, reader, agent, device):
    sent = {"login": "reader", "password": PASSWORD}
    program()("POST", "/auth/token/", sent, User_Agent=agent)
    assert TokenFamily.objects.get().device == device


def test_five_wrong_passwords_lock_known_and_unknown_accounts_alike(program, reader):
    with time_machine.travel(NOON, tick=False):
        for name in ("reader", "nobody"):
            answers = [log_in(program, name, "wrong-password") for _ in range(5)]
            assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 429], name
            assert is_problem(answers[0], 401, "password") and is_problem(answers[4], 429, "locked")
            assert 0 < int(answers[4]["Retry-After"]) <= 300 and answers[0]["WWW-Authenticate"].startswith("Bearer")
        right = log_in(program)
        assert is_problem(right, 429, "locked"), "the right password does not open it"
        assert right.json() == log_in(program, "nobody").json()
    assert not TokenFamily.objects.exists()


def test_the_lock_is_one_with_the_sites(program, client, reader):
    for _ in range(3):
        client.post("/accounts/login/", {"login": "reader", "password": "wrong-password"})
    assert [log_in(program, password="wrong-password").status_code for _ in range(2)] == [401, 429]
    assert client.post("/accounts/login/", {"login": "reader", "password": PASSWORD}).status_code == 429


def test_one_network_that_tries_many_names_is_braked(program, reader):
    with time_machine.travel(NOON, tick=False):
        answers = [log_in(program, f"name{number}", "wrong-password") for number in range(21)]
        assert {answer.status_code for answer in answers[:20]} == {401}
        assert answers[20].status_code == 429 and answers[20]["Content-Type"] == PROBLEM
        assert int(answers[20]["Retry-After"]) > 0
        assert log_in(program).status_code == 429


def test_thirty_wrong_passwords_in_five_minutes_are_too_many_on_the_site_and_here(program, reader):
    with time_machine.travel(NOON, tick=False) as clock:
        answers = []
        for number in range(31):
            answers.append(log_in(program, f"name{number}", "wrong-password"))
            clock.shift(dt.timedelta(seconds=4))
        assert answers[29].status_code == 401 and is_problem(answers[30], 429, "locked")
        assert answers[30]["Retry-After"] == "300"


class Away:
    def __getattr__(self, name):
        raise ConnectionError("the cache is away")


def test_while_nobody_counts_nobody_logs_in(program, reader, monkeypatch):
    monkeypatch.setattr("accounts.limits.caches", {"limits": Away()})
    answer = log_in(program)
    assert is_problem(answer, 503, "unavailable") and answer["Retry-After"] == "60"
    assert not TokenFamily.objects.exists()


def test_while_the_api_cannot_count_nobody_logs_in_and_who_is_in_stays_in(program, reader, monkeypatch):
    pair = log_in(program).json()
    monkeypatch.setattr("accounts.rates.counted", lambda *args, **kwargs: None)
    answer = log_in(program)
    assert is_problem(answer, 503, "unavailable") and answer["Retry-After"] == "60"
    assert program().get("/posts/").status_code == 200, "reading goes on"
    following = program().post("/auth/token/refresh/", {"refresh": pair["refresh"]})
    assert following.status_code == 200
    assert program().post("/auth/token/revoke/", {"refresh": following.json()["refresh"]}).status_code == 204


def test_an_office_full_of_programs_is_refreshed(program, reader):
    with time_machine.travel(NOON, tick=False):
        pair = log_in(program).json()
        for _ in range(40):
            answer = program().post("/auth/token/refresh/", {"refresh": pair["refresh"]})
            assert answer.status_code == 200
            pair = answer.json()


def test_an_address_that_is_not_confirmed_gets_a_letter_and_no_tokens(program, reader):
    EmailAddress.objects.filter(user=reader).update(verified=False)
    wrong = log_in(program, password="wrong-password")
    assert is_problem(wrong, 401, "password") and not OutgoingMail.objects.exists(), "told to its owner alone"
    answer = log_in(program)
    assert is_problem(answer, 403, "unconfirmed") and not TokenFamily.objects.exists()
    assert OutgoingMail.objects.get().recipient == "reader@example.org"
    log_in(program)
    assert OutgoingMail.objects.count() == 1, "one letter in three minutes"


def test_a_closed_account_is_told_to_its_owner_alone(program, reader):
    User.objects.filter(pk=reader.pk).update(is_active=False)
    assert is_problem(log_in(program), 403, "closed")
    assert is_problem(log_in(program, password="wrong-password"), 401, "password")
    assert not TokenFamily.objects.exists()


def test_a_program_that_carries_the_cookie_of_somebody_else_takes_nothing_over(client, client_of, reader, author):
    browser = client_of(author)
    browser.get("/me/")
    row = SignedInDevice.objects.get()
    answer = browser.post(
        "/api/v1/auth/token/", {"login": "reader", "password": PASSWORD}, content_type="application/json"
    )
    assert answer.status_code == 200 and "sessionid" not in answer.cookies
    row.refresh_from_db()
    assert row.user == author and SignedInDevice.objects.count() == 1


@pytest.mark.parametrize(
    "sent",
    [
        {},
        [],
        "reader",
        {"login": "reader"},
        {"login": ["reader"], "password": PASSWORD},
        {"login": {"username": "reader"}, "password": PASSWORD},
        {"login": "x" * 255, "password": PASSWORD},
        {"login": "reader", "password": "x" * 1001},
        {"login": "rea\0der", "password": PASSWORD},
        {"login": "reader", "password": None},
    ],
)
def test_what_is_no_log_in_is_said_by_field(program, reader, sent):
    answer = program().post("/auth/token/", sent)
    assert answer.status_code == 400 and answer["Content-Type"] == PROBLEM
    assert not TokenFamily.objects.exists()


# --- Registering ------------------------------------------------------------------------------------------------------
def register(program, email="nina@example.org", username="nina", password="three grey horses"):
    return program().post("/auth/register/", {"email": email, "username": username, "password": password})


def test_registering_sends_a_letter_and_logs_nobody_in(program):
    answer = register(program)
    assert answer.status_code == 202 and set(answer.json()) == {"detail"}
    user = User.objects.get(username="nina")
    mail = OutgoingMail.objects.get()
    assert mail.recipient == "nina@example.org" and "confirm-email" in mail.text
    assert is_problem(log_in(program, "nina", "three grey horses"), 403, "unconfirmed")
    EmailAddress.objects.filter(user=user).update(verified=True)
    assert log_in(program, "nina", "three grey horses").status_code == 200


def test_an_address_that_is_known_gets_the_same_answer_and_another_letter(program, reader):
    known, unknown = register(program, "Reader@Example.org", "somebody"), register(program, "nina@example.org", "nina")
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())
    assert {name for name, _ in known.items()} == {name for name, _ in unknown.items()}
    assert not User.objects.filter(username="somebody").exists()
    kinds = dict(OutgoingMail.objects.values_list("recipient", "kind"))
    assert kinds["reader@example.org"] == "account/email/account_already_exists"
    assert "confirmation" in kinds["nina@example.org"]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"username": "reader"}, "username"),
        ({"username": "admin"}, "username"),
        ({"username": "a@b.example"}, "username"),
        ({"password": "short"}, "password"),
        ({"password": "1234567890123"}, "password"),
    ],
)
def test_what_is_wrong_with_a_registration_is_said_by_field(program, reader, sent, field):
    answer = register(program, **sent)
    assert answer.status_code == 400 and set(answer.json()["errors"]) == {field}
    assert User.objects.count() == 1 and not OutgoingMail.objects.exists()


def test_twenty_registrations_an_hour_come_from_one_network(program):
    with time_machine.travel(NOON, tick=False):
        codes = [register(program, f"n{number}@example.org", f"n{number}").status_code for number in range(21)]
    assert codes == [202] * 20 + [429]
