"""The one way to the cache.

A `Group` names a kind of thing that is kept, and for how long. What is kept belongs to generations: a token per thing,
never used twice, that is part of the key. Renewing a token makes everything kept under it unreachable at once, without
a scan; the old entries fade by themselves. A cache that does not answer slows the site down and does nothing worse:
it is left alone for two seconds at a time, and renewals it did not hear are repeated until it does, before anything is
read.
"""

import hashlib
import logging
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import transaction
from django.utils.connection import ConnectionProxy

logger = logging.getLogger(__name__)

T = TypeVar("T")

# The alias that raises when its server is away; the forgiving one would hide a renewal that was not heard.
cache = ConnectionProxy(caches, "kept")

# Keys stay readable up to this length, then become a digest: some caches refuse more than 250 characters.
KEY_LENGTH = 180

# Seconds a generation token is kept; one that is lost is replaced by another random one, so nothing old comes back.
GENERATION_TIMEOUT = 30 * 24 * 3600

# Seconds one computation may hold the others back, and how long the others wait before they compute for themselves.
LOCK_SECONDS = 15
WAIT_SECONDS = 5.0

_ATTEMPTS = 3
_FIRST_PAUSE = 0.005
_LONGEST_PAUSE = 0.1
_COMPLAIN_EVERY = 60.0
_LEFT_ALONE = 2.0

# A cache in the process's own memory does not hear what other processes renew (a command, a shell): it forgets soon.
_ALONE_TIMEOUT = 5.0


class Group:
    """One named kind of kept thing, such as Group("post-list", timeout=300); `timeout` is in seconds."""

    def __init__(self, name: str, timeout: float) -> None:
        self.name = name
        self.timeout = timeout

    def get_or_compute(self, key: str, compute: Callable[[], T], *, generation: str | Sequence[str] = ()) -> T:
        """What is kept under `key`, or else the result of `compute`, which is then kept (None as well).

        However many threads and processes miss at once, one computes and the others wait for it, a few seconds at most.
        The entry is out of date as soon as one of the `generation` names is renewed. An error of `compute` is raised to
        its caller and nothing is kept.
        """
        full = self._full_key(key, generation)
        if full is None:
            return compute()
        found = _get(full)
        if found is not _MISSING:
            return found
        return self._compute_once(full, compute)

    def forget(self, key: str, *, generation: str | Sequence[str] = ()) -> None:
        """Drop what is kept under `key`, if anything."""
        full = self._full_key(key, generation)
        if full is not None:
            _guarded(lambda: cache.delete(full), None)

    def _full_key(self, key: str, generation: str | Sequence[str]) -> str | None:
        names = [generation] if isinstance(generation, str) else list(generation)
        tokens = _tokens(names)
        if tokens is None:
            return None
        return _short(":".join([self.name, *tokens, str(key)]))

    def _compute_once(self, full: str, compute: Callable[[], T]) -> T:
        lock, owner = f"{full}:lock", uuid.uuid4().hex
        for _ in range(_ATTEMPTS):
            if _guarded(lambda: cache.add(lock, owner, LOCK_SECONDS), True):
                break
            # The one ahead of us may fail and give up its lock; then the next in line takes it, not everybody.
            found = _wait_for(full, lock)
            if found is not _MISSING:
                return found
        try:
            # Somebody may have finished between our look and our lock.
            found = _get(full)
            if found is _MISSING:
                found = compute()
                value = [found]
                _guarded(lambda: cache.set(full, value, _lasting(self.timeout)), None)
            return found
        finally:
            # Only our own lock: one that ran out may belong to somebody else by now.
            if _guarded(lambda: cache.get(lock), None) == owner:
                _guarded(lambda: cache.delete(lock), None)


def _lasting(timeout: float) -> float:
    shared = not isinstance(caches["kept"], LocMemCache)
    return timeout if shared else min(timeout, _ALONE_TIMEOUT)


def generation(name: str) -> str | None:
    """The current token of the thing called `name`, such as "post:12"; None when the cache does not answer."""
    tokens = _tokens([name])
    return tokens[0] if tokens else None


def renew(*names: str) -> None:
    """Put everything kept under these generations out of reach; inside a transaction, once it commits."""

    transaction.on_commit(lambda: _unheard.add(names))


class _Unheard:
    """Names whose renewal the cache has not heard yet. As long as there are any, nothing it keeps may be used."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.lock = threading.Lock()
        self.repeating = False

    def add(self, names: Sequence[str]) -> None:
        with self.lock:
            self.names.update(names)
        if not self.tell():
            self.repeat()

    def tell(self) -> bool:
        """Renew what is waiting; whether nothing waits any more."""
        with self.lock:
            names = set(self.names)
            if not names:
                return True
            fresh = {_generation_key(name): uuid.uuid4().hex for name in names}
            if not _guarded(lambda: (cache.set_many(fresh, GENERATION_TIMEOUT), True)[1], False):
                return False
            self.names -= names
            return True

    def repeat(self) -> None:
        """Keep telling from a thread, so that other processes are not left with old pages once the cache is back."""
        with self.lock:
            if self.repeating:
                return
            self.repeating = True

        def keep_telling() -> None:
            while not self.tell():
                time.sleep(0.5)
            with self.lock:
                self.repeating = False

        threading.Thread(target=keep_telling, name="cache-renewals", daemon=True).start()


_unheard = _Unheard()


def _tokens(names: list[str]) -> list[str] | None:
    """The token of each name, made where missing; None when the cache does not answer, so nothing may be kept."""
    if not names:
        return []
    if _unheard.names and not _unheard.tell():
        return None
    keys = [_generation_key(name) for name in names]
    found = _guarded(lambda: cache.get_many(keys), None)
    if found is None:
        return None
    tokens = []
    for key in keys:
        token = found.get(key)
        if token is None:
            fresh = uuid.uuid4().hex
            added = _guarded(partial(cache.add, key, fresh, GENERATION_TIMEOUT), None)
            token = fresh if added else _guarded(partial(cache.get, key), None)
            if token is None:
                return None
        tokens.append(token)
    return tokens


def _generation_key(name: str) -> str:
    return _short(f"generation:{name}")


def _short(key: str) -> str:
    if len(key) <= KEY_LENGTH and key.isascii() and key.isprintable() and " " not in key:
        return key
    return "h:" + hashlib.sha256(key.encode()).hexdigest()


_MISSING: Any = object()


def _get(full: str) -> Any:
    # Values are kept inside a list, so that a kept None differs from a miss.
    held = _guarded(lambda: cache.get(full), None)
    return held[0] if isinstance(held, list) and held else _MISSING


def _wait_for(full: str, lock: str) -> Any:
    """The value another process is computing; missing when it takes too long or gives up."""
    deadline, pause = time.monotonic() + WAIT_SECONDS, _FIRST_PAUSE
    while time.monotonic() < deadline:
        time.sleep(pause)
        found = _get(full)
        if found is not _MISSING:
            return found
        if _guarded(lambda: cache.get(lock), None) is None:
            return _get(full)
        pause = min(pause * 1.5, _LONGEST_PAUSE)
    return _MISSING


_complaint = {"at": -_COMPLAIN_EVERY}
_away = {"until": 0.0}


def _guarded(ask: Callable[[], T], otherwise: T) -> T:
    """The cache's answer, or `otherwise` when it cannot be reached; the log hears of it once a minute."""
    now = time.monotonic()
    if now < _away["until"]:
        return otherwise
    try:
        return ask()
    except Exception:
        now = time.monotonic()
        _away["until"] = now + _LEFT_ALONE
        if now - _complaint["at"] >= _COMPLAIN_EVERY:
            _complaint["at"] = now
            logger.exception("The cache does not answer; pages are computed each time until it does.")
        return otherwise


class Tally:
    """Counts that are added up in memory and written to the database now and then.

    With Redis all processes add to one hash there; otherwise each process keeps its own numbers. Numbers not yet
    drained are lost with the Redis or the process that held them, so count only what may be a little short.
    """

    _here: dict[str, dict[str, int]] = {}
    _lock = threading.Lock()

    def __init__(self, name: str) -> None:
        self.name = name

    def add(self, key: str, n: int = 1) -> None:
        """Count `n` more for `key`."""
        redis = _redis()
        if redis is None:
            with self._lock:
                counts = self._here.setdefault(self.name, {})
                counts[key] = counts.get(key, 0) + n
            return
        _guarded(lambda: redis.hincrby(self._hash(), key, n), None)

    def drain(self) -> dict[str, int]:
        """All counts since the last drain, each handed out exactly once, however many drain at the same time."""
        redis = _redis()
        if redis is None:
            with self._lock:
                return self._here.pop(self.name, {})
        return _guarded(lambda: self._drain_redis(redis), {})

    def _drain_redis(self, redis: Any) -> dict[str, int]:
        # Taking and deleting in one transaction: no addition falls between the two.
        pipe = redis.pipeline(transaction=True)
        pipe.hgetall(self._hash())
        pipe.delete(self._hash())
        counts, _ = pipe.execute()
        return {key.decode() if isinstance(key, bytes) else key: int(value) for key, value in counts.items()}

    def _hash(self) -> str:
        return cache.make_key(f"tally:{self.name}")


def _redis() -> Any:
    """The Redis connection behind the default cache, or None when that cache is another kind."""
    client = getattr(cache, "client", None)
    if client is None or not hasattr(client, "get_client"):
        return None
    from django_redis import get_redis_connection

    return get_redis_connection("kept")
