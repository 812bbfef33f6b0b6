"""Who is in a room just now. Everybody signs in again before their time runs out; who does not is gone.

With Redis all processes see the same people, by Redis's own clock; without, the one process there is. A Redis that does
not answer makes presence unknown (None) and stops nobody.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from core.cache import _guarded, _redis, cache

# Seconds after which a room nobody signs into any more is forgotten altogether.
ROOM_KEPT = 24 * 3600

_here: dict[str, dict[str, float]] = {}
_lock = threading.Lock()


def enter(room: str, member: str, ttl: int) -> None:
    """`member` is in `room` for the next `ttl` seconds, or still is."""
    redis = _redis()
    if redis is None:
        with _lock:
            _here.setdefault(room, {})[member] = time.monotonic() + ttl
        return

    def sign() -> None:
        pipe = redis.pipeline(transaction=True)
        pipe.zadd(_key(room), {member: _now(redis) + ttl})
        pipe.expire(_key(room), max(ttl, ROOM_KEPT))
        pipe.execute()

    _guarded(sign, None)


def leave(room: str, member: str) -> None:
    """`member` is in `room` no more; nothing when they were not."""
    redis = _redis()
    if redis is None:
        with _lock:
            _here.get(room, {}).pop(member, None)
        return
    _guarded(lambda: redis.zrem(_key(room), member), None)


def present(room: str) -> list[str] | None:
    """Everybody in `room`, in no order that means anything; None when nobody can know."""
    redis = _redis()
    if redis is None:
        with _lock:
            now = time.monotonic()
            members = {member: until for member, until in _here.get(room, {}).items() if until > now}
            if members:
                _here[room] = members
            else:
                _here.pop(room, None)
            return sorted(members)
    return _guarded(lambda: _present_in_redis(redis, room), None)


def is_present(room: str, member: str) -> bool:
    """Whether `member` is in `room`, without a look at everybody else; False when nobody can know."""
    redis = _redis()
    if redis is None:
        with _lock:
            return _here.get(room, {}).get(member, 0.0) > time.monotonic()
    return _guarded(lambda: (redis.zscore(_key(room), member) or 0.0) > _now(redis), False)


def _present_in_redis(redis: Any, room: str) -> list[str]:
    now = _now(redis)
    pipe = redis.pipeline(transaction=True)
    pipe.zremrangebyscore(_key(room), "-inf", now)
    pipe.zrange(_key(room), 0, -1)
    _, members = pipe.execute()
    return sorted(member.decode() for member in members)


def _now(redis: Any) -> float:
    seconds, micro = redis.time()
    return float(seconds) + micro / 1_000_000


def _key(room: str) -> str:
    return cache.make_key(f"presence:{room}")
