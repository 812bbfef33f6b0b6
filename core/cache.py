"""The one way to the cache.

A `Group` names a kind of thing that is kept, and for how long. What is kept belongs to generations: a token per thing,
never used twice, that is part of the key. Renewing a token makes everything kept under it unreachable at once, without
a scan; the old entries fade by themselves. A cache that does not answer slows the site down and does nothing worse:
it is left alone for two seconds at a time, and renewals it did not hear are repeated until it does, before anything is
read.
"""

import hashlib
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, TypeVar

from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import transaction

from core.cache_server import _away, cache  # noqa: F401
from core.cache_server import guarded as _guarded
from core.cache_server import redis_behind as _redis  # noqa: F401
from core.counting import Counts, Recent, Tally  # noqa: F401  (this is where they are asked for)

T = TypeVar("T")

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

# A cache in the process's own memory does not hear what other processes renew (a command, a shell): it forgets soon.
_ALONE_TIMEOUT = 5.0


counts = Counts()
# Every group of this process by its name.
groups: dict[str, "Group"] = {}


class Group:
    """One named kind of kept thing, such as Group("post-list", timeout=300); `timeout` is in seconds.

    `by_content` says that a key holds all that decides the value, so that nothing kept is ever out of date and a cache
    of one process need not forget it soon.
    """

    def __init__(self, name: str, timeout: float, *, by_content: bool = False) -> None:
        self.name = name
        self.timeout = timeout
        self.by_content = by_content
        groups[name] = self

    def get_or_compute(self, key: str, compute: Callable[[], T], *, generation: str | Sequence[str] = ()) -> T:
        """What is kept under `key`, or else the result of `compute`, which is then kept (None as well).

        However many threads and processes miss at once, one computes and the others wait for it, a few seconds at most.
        The entry is out of date as soon as one of the `generation` names is renewed. An error of `compute` is raised to
        its caller and nothing is kept.
        """
        full = self._full_key(key, generation)
        found = _MISSING if full is None else _get(full)
        if found is not _MISSING:
            counts.add(self.name, "hits")
            return found
        counts.add(self.name, "misses")
        if full is None:
            counts.add(self.name, "computed")
            return compute()
        return self._compute_once(full, compute)

    def peek(self, key: str, *, generation: str | Sequence[str] = ()) -> Any:
        """What is kept under `key`; None when nothing is. Nobody waits, nothing is computed."""
        full = self._full_key(key, generation)
        found = _MISSING if full is None else _get(full)
        return None if found is _MISSING else found

    def keep(self, key: str, value: Any, *, generation: str | Sequence[str] = ()) -> None:
        """Keep `value` under `key` for a whole new term, whatever is kept there."""
        full = self._full_key(key, generation)
        if full is not None:
            self._set(full, value)

    def forget(self, key: str, *, generation: str | Sequence[str] = ()) -> None:
        """Drop what is kept under `key`, if anything."""
        full = self._full_key(key, generation)
        if full is not None:
            _guarded(lambda: cache.delete(full), None)

    def _full_key(self, key: str, generation: str | Sequence[str]) -> str | None:
        if _left_alone.get():
            return None
        names = [generation] if isinstance(generation, str) else list(generation)
        tokens = _tokens(names)
        if tokens is None:
            return None
        return _short(self.name, ":".join([*tokens, str(key)]))

    def _compute_once(self, full: str, compute: Callable[[], T]) -> T:
        lock, owner = f"{full}:lock", uuid.uuid4().hex
        for _ in range(_ATTEMPTS):
            if _guarded(lambda: cache.add(lock, owner, LOCK_SECONDS), True):
                break
            # The one ahead of us may fail and give up its lock; then the next in line takes it, not everybody.
            found = _wait_for(full, lock)
            if found is not _MISSING:
                counts.add(self.name, "waited")
                return found
        try:
            # Somebody may have finished between our look and our lock.
            found = _get(full)
            if found is _MISSING:
                counts.add(self.name, "computed")
                found = compute()
                self._set(full, found)
            return found
        finally:
            # Only our own lock: one that ran out may belong to somebody else by now.
            if _guarded(lambda: cache.get(lock), None) == owner:
                _guarded(lambda: cache.delete(lock), None)

    def _set(self, full: str, value: Any) -> None:
        timeout = self.timeout if self.by_content else _lasting(self.timeout)
        _guarded(lambda: cache.set(full, [value], timeout), None)


def _lasting(timeout: float) -> float:
    shared = not isinstance(caches["kept"], LocMemCache)
    return timeout if shared else min(timeout, _ALONE_TIMEOUT)


_left_alone: ContextVar[bool] = ContextVar("cache_left_alone", default=False)


@contextmanager
def left_alone() -> Iterator[None]:
    """Within this nothing is read from any group and nothing put into it, as if the cache were away."""
    token = _left_alone.set(True)
    try:
        yield
    finally:
        _left_alone.reset(token)


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
    return _short("generation", name)


def _short(kind: str, key: str) -> str:
    if len(kind) + len(key) < KEY_LENGTH and key.isascii() and key.isprintable() and " " not in key:
        return f"{kind}:{key}"
    return f"{kind}:h:{hashlib.sha256(key.encode()).hexdigest()}"


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
