"""Five wrong passwords close one account for one address, for five minutes."""

import datetime as dt

import pytest
import time_machine

from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)


def sign_in(client, login="reader", password="wrong-password", address="203.0.113.5"):
    return client.post("/accounts/login/", {"login": login, "password": password}, REMOTE_ADDR=address)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def locked(client, reader, clock):
    return [sign_in(client).status_code for _ in range(5)]


def test_the_fifth_failure_locks_and_the_right_password_does_not_open(client, locked):
    assert locked == [200, 200, 200, 200, 429]
    assert sign_in(client, password=PASSWORD).status_code == 429
    assert "_auth_user_id" not in client.session


def test_the_page_says_what_happened_and_when_to_try_again(client, locked, clock):
    clock.shift(dt.timedelta(minutes=2))
    page = sign_in(client)
    assert b"5 wrong passwords" in page.content and b"3 more minutes" in page.content
    assert page["Retry-After"] == "180"


def test_after_five_minutes_the_account_is_open_again(client, locked, clock):
    clock.shift(dt.timedelta(minutes=5, seconds=1))
    assert sign_in(client, password=PASSWORD).status_code == 302


def test_trying_while_locked_does_not_make_it_longer(client, locked, clock):
    clock.shift(dt.timedelta(minutes=4))
    sign_in(client)
    clock.shift(dt.timedelta(seconds=61))
    assert sign_in(client, password=PASSWORD).status_code == 302


@pytest.mark.parametrize("login", ["READER", "reader@example.org", "Reader@EXAMPLE.org", " reader "])
def test_another_spelling_of_the_same_account_is_locked_as_well(client, locked, login):
    assert sign_in(client, login, PASSWORD).status_code == 429


def test_spellings_count_together(client, reader, clock):
    for login in ["reader", "READER", "reader@example.org", "Reader@example.org"]:
        assert sign_in(client, login).status_code == 200
    assert sign_in(client, "rEADER").status_code == 429


def test_other_addresses_and_other_accounts_are_not_locked(client, locked, author):
    assert sign_in(client, "author", PASSWORD).status_code == 302
    client.logout()
    assert sign_in(client, password=PASSWORD, address="203.0.113.6").status_code == 302


def test_one_household_of_ipv6_addresses_counts_as_one(client, reader, clock):
    for number in range(5):
        answer = sign_in(client, address=f"2001:db8::{number}")
    assert answer.status_code == 429
    assert sign_in(client, address="2001:db8:0:1::1").status_code == 200


def test_a_success_starts_the_count_afresh(client, reader, clock):
    for _ in range(4):
        sign_in(client)
    assert sign_in(client, password=PASSWORD).status_code == 302
    client.logout()
    assert [sign_in(client).status_code for _ in range(4)] == [200] * 4


def test_failures_more_than_five_minutes_old_do_not_count(client, reader, clock):
    for _ in range(4):
        sign_in(client)
    clock.shift(dt.timedelta(minutes=5, seconds=1))
    assert sign_in(client).status_code == 200


def test_unknown_names_lock_just_the_same(client, locked, clock):
    answers = [sign_in(client, "nobody") for _ in range(5)]
    known = sign_in(client)
    assert [answer.status_code for answer in answers] == locked
    assert answers[-1].content == known.content and answers[-1]["Retry-After"] == known["Retry-After"]


def test_the_desk_is_behind_the_same_lock(client, locked, author):
    answer = client.post("/admin/login/", {"username": "reader", "password": PASSWORD}, REMOTE_ADDR="203.0.113.5")
    assert answer["Location"].startswith("/accounts/login/")


def test_confirming_the_own_password_is_behind_the_same_lock(client_of, reader, clock):
    client = client_of(reader)
    codes = [client.post("/accounts/reauthenticate/", {"password": "wrong"}).status_code for _ in range(5)]
    assert codes == [200, 200, 200, 200, 429]


def test_a_forwarded_address_is_believed_only_from_as_many_servers_as_we_run(rf, settings):
    from accounts.addresses import client_address

    request = rf.get("/", headers={"x-forwarded-for": "1.1.1.1, 198.51.100.7"}, REMOTE_ADDR="10.0.0.1")
    assert client_address(request) == "10.0.0.1"
    settings.TRUSTED_PROXIES = 1
    assert client_address(request) == "198.51.100.7"
    settings.TRUSTED_PROXIES = 3
    assert client_address(request) == "10.0.0.1"


@pytest.mark.parametrize("header", ["", "nonsense", "<script>", "1.2.3.4.5", ",,,", "\0"])
def test_nonsense_in_the_forwarding_header_falls_back_to_the_caller(rf, settings, header):
    from accounts.addresses import client_address

    settings.TRUSTED_PROXIES = 1
    assert client_address(rf.get("/", HTTP_X_FORWARDED_FOR=header, REMOTE_ADDR="10.0.0.1")) == "10.0.0.1"
