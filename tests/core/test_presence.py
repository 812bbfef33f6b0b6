"""Who is here: in Redis or in memory, gone when the time is up, unknown without an answer."""

import itertools

import pytest

from core import cache, presence

numbers = itertools.count()


@pytest.fixture
def room() -> str:
    return f"room-{next(numbers)}"


@pytest.fixture
def clock(monkeypatch):
    """The time of both kinds of presence, moved by hand."""

    class Clock:
        now = 1_000_000.25

    monkeypatch.setattr(presence.time, "monotonic", lambda: Clock.now)
    monkeypatch.setattr(presence, "_now", lambda redis: Clock.now)
    return Clock


def test_members_come_and_go(room):
    presence.enter(room, "ana", 60)
    presence.enter(room, "ben", 60)
    presence.enter(room, "ben", 60)
    presence.enter(f"{room}-other", "cem", 60)
    assert presence.present(room) == ["ana", "ben"]
    presence.leave(room, "ana")
    presence.leave(room, "nobody")
    assert presence.present(room) == ["ben"]
    presence.leave(room, "ben")
    assert presence.present(room) == []


def test_who_gives_no_sign_is_gone_when_the_time_is_up(room, clock):
    presence.enter(room, "ana", 40)
    clock.now += 30
    presence.enter(room, "ben", 40)
    clock.now += 9.9
    assert presence.present(room) == ["ana", "ben"]
    clock.now += 0.2
    assert presence.present(room) == ["ben"]
    presence.enter(room, "ana", 40)
    assert presence.present(room) == ["ana", "ben"]


def test_a_room_nobody_comes_to_takes_no_memory(room, clock):
    presence.enter(room, "ana", 40)
    clock.now += 41
    assert presence.present(room) == []
    assert room not in presence._here


def test_without_an_answer_presence_is_unknown_and_nobody_is_stopped(room, monkeypatch):
    class Away:
        def __getattr__(self, name):
            raise ConnectionError("refused")

    monkeypatch.setattr(presence, "_redis", Away)
    monkeypatch.setitem(cache._away, "until", 0.0)
    presence.enter(room, "ana", 40)
    assert presence.present(room) is None
    presence.leave(room, "ana")
    monkeypatch.setitem(cache._away, "until", 0.0)
