"""What is put down in Redis for a while, the newest under each name, until somebody has written it to the database.

Nothing here is the only truth for long: whoever puts something down learns whether a collector is at work, and writes
it to the database himself when there is none, or no Redis, or one that does not answer within its second.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from core.cache import _guarded, _redis, cache

# Put down a text with its number unless a newer or another one of the same number lies there, or it was just dropped.
_PUT = """
if redis.call('EXISTS', KEYS[4]) == 1 then
  return {0, 0, 0}
end
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held and held ~= ARGV[3] and tonumber(string.match(held, '^%d+')) >= tonumber(ARGV[2]) then
  return {0, 0, 0}
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('SADD', KEYS[2], ARGV[5])
return {1, held and 0 or 1, redis.call('EXISTS', KEYS[3])}
"""

# Strike a name from the list of those that wait, unless something newer was put down under it meanwhile.
_STRIKE = """
local held = redis.call('HGET', KEYS[1], ARGV[1])
if not held or tonumber(string.match(held, '^%d+')) <= tonumber(ARGV[2]) then
  redis.call('SREM', KEYS[2], ARGV[3])
end
return redis.call('EXISTS', KEYS[3])
"""

COLLECTED_AT_ONCE = 500

# Seconds in which nothing that was still on its way is put down again after it was dropped.
STAYS_DROPPED = 60


class Put(NamedTuple):
    """What became of something put down: whether it lies there now, whether nothing did before, whether it will be
    collected soon."""

    lies: bool
    first: bool
    collected: bool


class Shelf:
    """Texts of owners, each under a key, kept for `timeout` seconds; `patience`: how long after its last sign of life
    the collector counts as gone, in seconds."""

    def __init__(self, name: str, *, timeout: int, patience: int) -> None:
        self.name, self.timeout, self.patience = name, timeout, patience

    def put(self, owner: int, key: str, number: int, text: str) -> Put | None:
        """Put down `text` unless what lies there has a higher `number`; None without a Redis that answers."""
        redis = _redis()
        if redis is None:
            return None
        names = [self._of(owner), self._named("waiting"), self._named("collector"), self._dropped(owner, key)]
        held = f"{number}:{text}".encode()
        said = _guarded(
            lambda: redis.eval(_PUT, len(names), *names, key, number, held, self.timeout, f"{owner}:{key}"), None
        )
        return Put(*map(bool, said)) if said else None

    def get(self, owner: int, key: str) -> tuple[int, str] | None:
        """The number and the text that lie there."""
        redis = _redis()
        held = _guarded(lambda: redis.hget(self._of(owner), key), None) if redis is not None else None
        return _apart(held) if held else None

    def keys(self, owner: int) -> list[str]:
        """Under what somebody has something lying here."""
        redis = _redis()
        found = _guarded(lambda: redis.hkeys(self._of(owner)), None) if redis is not None else None
        return sorted(key.decode() for key in found or ())

    def drop(self, owner: int, key: str) -> None:
        """Forget it, and what arrives late as well."""
        redis = _redis()
        if redis is not None:
            pipe = redis.pipeline(transaction=True)
            pipe.hdel(self._of(owner), key)
            pipe.set(self._dropped(owner, key), 1, ex=STAYS_DROPPED)
            _guarded(pipe.execute, None)

    def waiting(self) -> Iterator[tuple[int, str, int, str]]:
        """Owner, key, number and text of what has not been collected; read one by one, each may be large."""
        redis = _redis()
        if redis is None:
            return
        nothing: list[bytes] = []
        for name in _guarded(lambda: redis.srandmember(self._named("waiting"), COLLECTED_AT_ONCE), nothing):
            owner, key = name.decode().split(":", 1)
            held = self.get(int(owner), key)
            if held:
                yield int(owner), key, *held
            else:
                self.strike(int(owner), key, 0)

    def strike(self, owner: int, key: str, number: int) -> bool:
        """Number `number` is in the database and waits no more; False when it was dropped while it was written."""
        redis = _redis()
        if redis is None:
            return True
        names = [self._of(owner), self._named("waiting"), self._dropped(owner, key)]
        return not _guarded(lambda: redis.eval(_STRIKE, len(names), *names, key, number, f"{owner}:{key}"), 0)

    def sign(self) -> None:
        """The collector's sign of life."""
        redis = _redis()
        if redis is not None:
            _guarded(lambda: redis.set(self._named("collector"), int(time.time()), ex=self.patience), None)

    def _dropped(self, owner: int, key: str) -> str:
        return self._named(f"dropped:{owner}:{key}")

    def _of(self, owner: int) -> str:
        return self._named(f"of:{owner}")

    def _named(self, part: str) -> str:
        return cache.make_key(f"shelf:{self.name}:{part}")


def _apart(held: Any) -> tuple[int, str]:
    number, _, text = held.decode().partition(":")
    return int(number), text
