"""What was searched for in vain is kept within bounds, and a flood of nonsense does not keep later words out."""

from datetime import timedelta

import pytest

from blog.models import SearchMiss
from blog.search import misses
from tests.blog.conftest import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted():
    """Where there is no Redis the process counts, whatever test it runs."""
    misses._tally.drain()


def kept() -> dict[str, int]:
    return dict(SearchMiss.objects.values_list("key", "count"))


def count(now, *words: str) -> int:
    for word in words:
        misses.note(word)
    return misses.write(now)


def test_new_words_take_the_place_of_those_asked_for_least_and_longest_ago(monkeypatch):
    monkeypatch.setattr(misses, "MOST_KEPT", 3)
    count(NOON, "harbour", "harbour")
    count(NOON + timedelta(hours=1), "oldjunk")
    count(NOON + timedelta(hours=2), "newjunk")
    assert count(NOON + timedelta(hours=3), "ferry", "ferry", "harbour") == 2
    assert kept() == {"harbour": 3, "newjunk": 1, "ferry": 2}


def test_never_more_are_kept_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(misses, "MOST_KEPT", 3)
    assert count(NOON, "harbour", "harbour", *(f"flood {chr(97 + number)}" for number in range(9))) == 3
    assert len(kept()) == 3 and kept()["harbour"] == 2


def test_a_flood_of_different_words_does_not_fill_the_memory(monkeypatch):
    assert misses._tally.most == misses.MOST_COUNTED
    monkeypatch.setattr(misses._tally, "most", 4)
    for number in range(50):
        misses.note(f"flood {chr(97 + number % 26)}{chr(97 + number // 26)}")
        misses.note("flood aa")
    assert len(counted := misses._tally.drain()) == 4 and counted["flood aa"] == 51


def test_words_that_fold_to_the_same_are_one(monkeypatch):
    assert count(NOON, "Zürich", "zurich", "ZURICH") == 1
    assert kept() == {"zurich": 3}


def test_a_word_asked_for_once_is_forgotten_in_a_month_and_others_in_half_a_year():
    count(NOON, "once", "twice", "twice")
    assert misses.forget_old(NOON + timedelta(days=29)) == 0
    assert misses.forget_old(NOON + timedelta(days=31)) == 1
    assert list(kept()) == ["twice"]
    assert misses.forget_old(NOON + timedelta(days=179)) == 0
    assert misses.forget_old(NOON + timedelta(days=181)) == 1
