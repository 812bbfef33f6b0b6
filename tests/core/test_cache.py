"""One way to the cache: kept once, renewed after commit, harmless when it is down. On memory, and on Redis if given."""

import os
import threading
import time
import uuid
from collections import Counter

import pytest
from django.db import transaction

import core.cache
from config.settings import numbered
from core.cache import Group, Tally, cache, generation, renew
from core.cache_server import redis_behind

REDIS = os.environ.get("TEST_REDIS_URL") or os.environ.get("REDIS_URL", "")
BACKENDS = ["memory", pytest.param("redis", marks=pytest.mark.skipif(not REDIS, reason="no TEST_REDIS_URL is set"))]


def memory():
    return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": uuid.uuid4().hex}


def redis(url, forgiving=True):
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": f"test-{uuid.uuid4().hex}",
        "OPTIONS": {"IGNORE_EXCEPTIONS": forgiving, "SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1},
    }


def use(settings, configuration):
    settings.CACHES = {**settings.CACHES, "kept": configuration}


@pytest.fixture(params=BACKENDS)
def kept(request, settings):
    use(settings, memory() if request.param == "memory" else redis(numbered(REDIS, 9)))
    Tally._here.clear()
    yield cache
    if request.param == "redis":
        cache.delete_pattern("*")


class Away:
    """A cache whose server does not answer."""

    def __getattr__(self, name):
        raise ConnectionError("away")


@pytest.fixture(autouse=True)
def forgiven():
    """No test inherits the trouble another one had with its cache."""
    yield
    core.cache._unheard.names.clear()
    core.cache._away["until"] = 0.0


@pytest.fixture
def group():
    return Group("posts", timeout=60)


def counting(result=None):
    calls = []

    def compute():
        calls.append(1)
        return result

    compute.calls = calls
    return compute


def test_a_thing_is_computed_once(kept, group):
    compute = counting(["a"])
    assert [group.get_or_compute("k", compute) for _ in range(3)] == [["a"]] * 3
    assert len(compute.calls) == 1


def test_none_is_kept_too(kept, group):
    compute = counting(None)
    assert group.get_or_compute("k", compute) is None
    assert group.get_or_compute("k", compute) is None
    assert len(compute.calls) == 1


def test_groups_and_keys_do_not_meet(kept, group):
    group.get_or_compute("k", counting(1))
    assert group.get_or_compute("other", counting(2)) == 2
    assert Group("pages", 60).get_or_compute("k", counting(3)) == 3
    assert group.get_or_compute("k" * 500 + " ä", counting(4)) == 4


def test_fifty_misses_at_once_compute_once(kept, group):
    calls, answers, barrier = [], [], threading.Barrier(50)

    def compute():
        calls.append(1)
        time.sleep(0.2)
        return "value"

    def ask():
        barrier.wait()
        answers.append(group.get_or_compute("busy", compute))

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["value"] * 50
    assert len(calls) == 1


def test_an_error_is_raised_and_nothing_is_kept(kept, group):
    with pytest.raises(ZeroDivisionError):
        group.get_or_compute("k", lambda: 1 // 0)
    assert group.get_or_compute("k", counting("fine")) == "fine"


@pytest.mark.django_db(transaction=True)
def test_renewing_one_generation_is_enough(kept, group):
    names = ["post:1", "tag:2"]
    group.get_or_compute("k", counting("old"), generation=names)
    group.get_or_compute("other", counting("stays"), generation="post:9")
    renew("tag:2")
    assert group.get_or_compute("k", counting("new"), generation=names) == "new"
    assert group.get_or_compute("other", counting("new"), generation="post:9") == "stays"


@pytest.mark.django_db(transaction=True)
def test_a_generation_is_renewed_when_the_transaction_commits(kept):
    before = generation("post:1")
    with transaction.atomic():
        renew("post:1")
        assert generation("post:1") == before
    assert generation("post:1") != before


@pytest.mark.django_db(transaction=True)
def test_a_generation_that_was_evicted_never_comes_back(kept, group):
    before = generation("post:1")
    group.get_or_compute("k", counting("old"), generation="post:1")
    kept.delete("generation:post:1")
    assert generation("post:1") not in (None, before)
    assert group.get_or_compute("k", counting("new"), generation="post:1") == "new"


@pytest.mark.parametrize("forgiving", [True, False])
@pytest.mark.django_db(transaction=True)
def test_a_broken_cache_slows_down_and_does_nothing_worse(settings, group, forgiving):
    use(settings, redis("redis://127.0.0.1:1/0", forgiving))
    started = time.monotonic()
    compute = counting("computed")
    assert group.get_or_compute("k", compute, generation="post:1") == "computed"
    assert group.get_or_compute("k", compute) == "computed"
    renew("post:1")
    Tally("hits").add("a")
    assert Tally("hits").drain() == {}
    assert generation("post:1") is None
    assert time.monotonic() - started < 2


def test_a_tally_is_drained_once(kept):
    tally = Tally("hits")
    for _ in range(3):
        tally.add("a")
    tally.add("b", 5)
    assert tally.drain() == {"a": 3, "b": 5}
    assert tally.drain() == {}


def test_what_could_not_be_written_is_handed_out_again(kept):
    tally = Tally("hits")
    tally.add("a", 3)
    with pytest.raises(KeyError), tally.taken() as counts:
        assert counts == {"a": 3}
        tally.add("a")
        raise KeyError("no database")
    found = Counter()
    for _ in range(3):
        with tally.taken() as counts:
            found.update(counts)
            with tally.taken() as others:
                assert others == {}, "one writes at a time"
    assert found == {"a": 4}


@pytest.mark.parametrize("kept", BACKENDS[1:], indirect=True)
def test_what_a_killed_process_was_writing_is_handed_out_again_and_first(kept):
    tally = Tally("hits")
    tally.add("a", 3)
    assert tally._set_aside(redis_behind()) == {"a": 3}
    tally.add("a")
    with tally.taken() as counts:
        assert counts == {"a": 3}
    with tally.taken() as counts:
        assert counts == {"a": 1}
    with tally.taken() as counts:
        assert counts == {}


def test_nothing_is_lost_while_a_tally_is_drained(kept):
    tally, drained = Tally("hits"), []
    adders = [threading.Thread(target=lambda: [tally.add("a") for _ in range(200)]) for _ in range(4)]
    for thread in adders:
        thread.start()
    while any(thread.is_alive() for thread in adders):
        drained.append(tally.drain().get("a", 0))
    drained.append(tally.drain().get("a", 0))
    assert sum(drained) == 800


def test_what_changed_while_the_cache_was_away_is_not_served_from_it_afterwards(
    db, kept, group, monkeypatch, django_capture_on_commit_callbacks
):
    assert group.get_or_compute("k", counting("old"), generation="post:1") == "old"
    with monkeypatch.context() as away:
        away.setattr(core.cache, "cache", Away())
        with django_capture_on_commit_callbacks(execute=True):
            renew("post:1")
        assert group.get_or_compute("k", counting("new"), generation="post:1") == "new"
    core.cache._away["until"] = 0.0
    assert group.get_or_compute("k", counting("newer"), generation="post:1") == "newer"


def test_other_processes_hear_of_it_soon_after_the_cache_is_back(
    db, kept, monkeypatch, django_capture_on_commit_callbacks
):
    before = generation("post:1")
    with monkeypatch.context() as away:
        away.setattr(core.cache, "cache", Away())
        with django_capture_on_commit_callbacks(execute=True):
            renew("post:1")
    core.cache._away["until"] = 0.0
    deadline = time.monotonic() + 5
    while core.cache._unheard.names and time.monotonic() < deadline:
        time.sleep(0.05)
    assert generation("post:1") not in {None, before}


def test_a_cache_that_is_away_is_left_alone_for_a_while(monkeypatch, group):
    asked = []

    class Slow(Away):
        def __getattr__(self, name):
            asked.append(name)
            raise ConnectionError("away")

    monkeypatch.setattr(core.cache, "cache", Slow())
    for number in range(20):
        assert group.get_or_compute(f"k{number}", counting(number)) == number
    assert len(asked) == 1


def test_a_cache_of_this_process_alone_keeps_nothing_for_long(settings, group, monkeypatch):
    use(settings, memory())
    kept_for = []
    monkeypatch.setattr(
        type(cache._connections["kept"]), "set", lambda self, key, value, timeout: kept_for.append(timeout)
    )
    Group("sitemap", timeout=3600).get_or_compute("k", counting(1))
    assert kept_for == [5.0]
