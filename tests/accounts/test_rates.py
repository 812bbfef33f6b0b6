"""How much somebody may send: no burst gets through twice, no forged address helps, and no dead cache stops anybody."""

import itertools

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django_redis.exceptions import ConnectionInterrupted

from accounts import rates

START = 1_780_000_000


@pytest.fixture
def clock(monkeypatch):
    """Stands still until it is set."""
    now = [START]
    monkeypatch.setattr("django_ratelimit.core.time.time", lambda: now[0])
    return now


def sent(address="192.0.2.1", user=None, what="comment", **headers):
    request = RequestFactory().post("/", REMOTE_ADDR=address, **headers)
    request.user = user or AnonymousUser()
    return rates.seconds_to_wait(request, what)


def test_so_many_a_minute_and_no_more(db, clock):
    answers = [sent() for _ in range(10)]
    assert answers[:8] == [0] * 8
    assert all(0 < wait <= 60 for wait in answers[8:])
    assert sent("192.0.2.2") == 0
    clock[0] += 121
    assert sent() == 0


@pytest.mark.parametrize("address", ["192.0.2.1", "198.51.100.77", "2001:db8::1", "203.0.113.9"])
def test_a_burst_over_the_edge_of_a_minute_does_not_get_through_twice(db, clock, address):
    for start in range(0, 60, 5):
        clock[0] = START + start + 600 * (start + 1)
        passed = 0
        for _second in range(10):
            clock[0] += 1
            passed += sum(sent(address) == 0 for _ in range(4))
        assert passed <= 8, start


def test_two_hundred_a_minute_become_a_handful(db, clock):
    passed = 0
    for _ in range(60):
        clock[0] += 1
        passed += sum(sent() == 0 for _ in range(4))
    assert passed <= 12


def test_an_hour_has_its_own_measure(db, clock):
    passed = 0
    for _ in range(30):
        clock[0] += 60
        passed += sum(sent() == 0 for _ in range(4))
    assert passed <= 60


def test_a_member_is_counted_on_every_network(db, clock, reader):
    answers = [sent(f"192.0.2.{number}", user=reader) for number in range(10)]
    assert answers[:8] == [0] * 8
    assert all(answers[8:])


def test_a_forged_address_does_not_help(db, clock, settings):
    settings.TRUSTED_PROXIES = 1
    answers = [sent("10.0.0.1", HTTP_X_FORWARDED_FOR=f"203.0.113.{n}, 192.0.2.1") for n in range(10)]
    assert answers[7] == 0 and answers[8]
    assert sent("10.0.0.1", HTTP_X_FORWARDED_FOR="192.0.2.1, 192.0.2.50") == 0
    settings.TRUSTED_PROXIES = 0
    answers = [sent("192.0.2.60", HTTP_X_FORWARDED_FOR=f"203.0.113.{n}") for n in range(10)]
    assert answers[8]


def test_a_household_is_one_caller(db, clock):
    answers = [sent(f"2001:db8:0:1::{number:x}") for number in range(1, 11)]
    assert answers[8] and answers[9]
    assert sent("2001:db8:0:2::1") == 0


def test_a_cache_that_is_away_stops_nobody(db, monkeypatch):
    def away(*args, **how):
        raise ConnectionInterrupted(connection=None)

    monkeypatch.setattr(rates, "get_usage", away)
    assert [sent() for _ in range(20)] == [0] * 20


def test_a_cache_that_is_away_is_waited_for_once_and_left_alone_for_a_while(db, monkeypatch):
    asked = []

    def away(*args, **how):
        asked.append(how["group"])
        raise ConnectionInterrupted(connection=None)

    monkeypatch.setattr(rates, "get_usage", away)
    for what in ("comment", "like", "follow"):
        assert sent(what=what) == 0
    assert asked == ["conversation-comment"]
    rates._away["until"] = 0.0
    sent(what="like")
    assert asked == ["conversation-comment", "conversation-like"]


@pytest.mark.parametrize("what", ["like", "follow"])
def test_an_edge_of_an_hour_lets_no_burst_of_presses_through_twice(db, clock, monkeypatch, what):
    monkeypatch.setitem(rates.RATES, what, [(8, 3600)])
    for start in range(0, 3600, 300):
        clock[0] = START + start + 36_000 * (start + 1)
        passed = 0
        for _minute in range(20):
            clock[0] += 60
            passed += sum(sent(what=what) == 0 for _ in range(2))
        assert passed == 8, start


def test_members_of_an_office_press_as_often_each_and_write_as_often_together(db, clock, monkeypatch, reader, author):
    monkeypatch.setitem(rates.RATES, "like", [(2, 3600)])
    for user in (None, reader, author):
        assert [bool(sent(user=user, what="like")) for _ in range(3)] == [False, False, True]
    assert [bool(sent(user=user)) for user in (reader, author) for _ in range(5)] == [False] * 8 + [True] * 2


def test_the_two_counts_of_a_caller_begin_apart():
    for number, seconds in itertools.product(range(200), (60, 600, 3600)):
        first, second = rates._staggered(f"network 192.0.2.{number}", seconds)
        apart = (rates._offset(second, seconds) - rates._offset(first, seconds)) % seconds
        assert seconds * 3 / 8 <= apart <= seconds * 5 / 8
