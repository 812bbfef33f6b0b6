"""What became of the questions to each group is counted, for all processes together when they share a cache."""

import threading
import time

import pytest

import core.cache
from core.cache import Group, counts
from core.counting import Counts
from tests.core.test_cache import kept  # noqa: F401


@pytest.fixture(autouse=True)
def from_nought(kept):  # noqa: F811
    counts.reset()
    yield
    counts.reset()
    core.cache._away["until"] = 0.0


def numbers(group="posts"):
    found, _ = counts.read()
    return {key.partition(":")[2]: times for key, times in found.items() if key.startswith(f"{group}:")}


def test_a_miss_is_computed_and_then_hit():
    group = Group("posts", 60)
    for _ in range(4):
        group.get_or_compute("k", lambda: "value")
    assert numbers() == {"misses": 1, "computed": 1, "hits": 3}


def test_those_who_wait_for_another_are_counted_apart():
    group, barrier = Group("posts", 60), threading.Barrier(10)

    def ask():
        barrier.wait()
        group.get_or_compute("busy", lambda: time.sleep(0.2))

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers() == {"misses": 10, "computed": 1, "waited": 9}


def test_no_question_is_lost_while_many_ask_and_somebody_reads(monkeypatch):
    monkeypatch.setattr(Counts, "TELL_EVERY", 0.01)
    group = Group("posts", 60)
    group.get_or_compute("k", lambda: 1)
    threads = [
        threading.Thread(target=lambda: [group.get_or_compute("k", lambda: 1) for _ in range(100)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        counts.read()
    for thread in threads:
        thread.join()
    assert numbers()["hits"] == 400


def test_what_another_process_counted_is_added(kept):  # noqa: F811
    if core.cache._redis() is None:
        pytest.skip("each process counts for itself")
    other = Counts()
    other.add("posts", "hits")
    other.tell()
    counts.add("posts", "hits")
    assert numbers() == {"hits": 2}
    _, since = counts.read()
    assert abs(since - time.time()) < 60


def test_counting_asks_the_server_only_now_and_then(kept, monkeypatch):  # noqa: F811
    told = []
    monkeypatch.setattr(counts, "_add_up", lambda redis, numbers: told.append(dict(numbers)) or True)
    counts._told_at = time.monotonic()
    for _ in range(100):
        counts.add("posts", "hits")
    assert told == []


def test_what_could_not_be_told_is_kept(kept, monkeypatch):  # noqa: F811
    if core.cache._redis() is None:
        pytest.skip("there is nobody to tell")
    counts.add("posts", "hits")

    def away(redis, numbers):
        raise ConnectionError("away")

    with monkeypatch.context() as gone:
        gone.setattr(counts, "_add_up", away)
        counts.tell()
    core.cache._away["until"] = 0.0
    assert numbers() == {"hits": 1}


def test_counting_begins_anew_after_a_reset():
    counts.add("posts", "hits")
    counts.tell()
    counts.reset()
    assert numbers() == {}
