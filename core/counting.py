"""Numbers and names that all processes add to: in Redis when it is there, else in the memory of each."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.cache_server import cache, guarded, redis_behind


class Counts:
    """What became of the questions to each group: "hits", "misses", "computed", and "waited" for another's result.

    Added up in this process and told to Redis, where all processes add to the same numbers, with the first question
    after a few seconds. They are exact but for what a process has not told yet, which is lost when it ends. Without
    Redis each process has its own.
    """

    TELL_EVERY = 5.0

    def __init__(self) -> None:
        self._here: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._told_at = time.monotonic()
        self._since = time.time()

    def add(self, group: str, what: str) -> None:
        with self._lock:
            self._here[f"{group}:{what}"] += 1
            due = time.monotonic() - self._told_at >= self.TELL_EVERY
        if due:
            self.tell()

    def tell(self) -> None:
        """Hand what was counted here to the others; kept when Redis does not answer."""
        redis = redis_behind()
        with self._lock:
            self._told_at = time.monotonic()
            if redis is None or not self._here:
                return
            told, self._here = self._here, Counter()
        if not guarded(lambda: self._add_up(redis, told), False):
            with self._lock:
                self._here.update(told)

    def read(self) -> tuple[dict[str, int], float]:
        """All numbers as {"group:what": times}, and since when they are counted (seconds since 1970)."""
        self.tell()
        redis = redis_behind()
        if redis is None:
            with self._lock:
                return dict(self._here), self._since
        found: dict[Any, Any] = guarded(lambda: redis.hgetall(self._hash()), {})
        numbers = {key.decode() if isinstance(key, bytes) else key: float(value) for key, value in found.items()}
        since = numbers.pop("since", time.time())
        return {key: int(value) for key, value in numbers.items()}, since

    def reset(self) -> None:
        """Begin at nought. What other processes have not told yet is counted afterwards."""
        redis = redis_behind()
        with self._lock:
            self._here.clear()
            self._since = time.time()
        if redis is not None:
            guarded(lambda: redis.delete(self._hash()), None)

    def _add_up(self, redis: Any, told: Counter[str]) -> bool:
        pipe = redis.pipeline(transaction=True)
        pipe.hsetnx(self._hash(), "since", time.time())
        for key, times in told.items():
            pipe.hincrby(self._hash(), key, times)
        pipe.execute()
        return True

    def _hash(self) -> str:
        return cache.make_key("counts")


class Tally:
    """Counts that are added up in memory and written to the database now and then.

    With Redis all processes add to one hash there; otherwise each process keeps its own numbers. What `drain` handed
    out is lost with the process that was writing it; what is to be exact is written inside `taken`. Either way the
    numbers are no better kept than the Redis, or without one the process, that holds them.
    """

    # Seconds after which somebody who is still writing is taken for dead.
    WRITES_FOR = 600
    _here: dict[str, dict[str, int]] = {}
    _lock = threading.Lock()

    def __init__(self, name: str, *, most: int | None = None) -> None:
        """`most`: of more keys than this between two drains the later ones are not counted, give or take a few."""
        self.name = name
        self.most = most

    def add(self, key: str, n: int = 1) -> None:
        """Count `n` more for `key`."""
        redis = redis_behind()
        if redis is None:
            with self._lock:
                counts = self._here.setdefault(self.name, {})
                if self.most is None or key in counts or len(counts) < self.most:
                    counts[key] = counts.get(key, 0) + n
            return
        guarded(lambda: self._add_redis(redis, key, n), None)

    def _add_redis(self, redis: Any, key: str, n: int) -> None:
        if self.most is not None and redis.hlen(self._hash()) >= self.most and not redis.hexists(self._hash(), key):
            return
        redis.hincrby(self._hash(), key, n)

    def drain(self) -> dict[str, int]:
        """All counts since the last drain, each handed out exactly once, however many drain at the same time."""
        redis = redis_behind()
        if redis is None:
            with self._lock:
                return self._here.pop(self.name, {})
        return guarded(lambda: self._drain_redis(redis), {})

    def _drain_redis(self, redis: Any) -> dict[str, int]:
        # Taking and deleting in one transaction: no addition falls between the two.
        pipe = redis.pipeline(transaction=True)
        pipe.hgetall(self._hash())
        pipe.delete(self._hash())
        counts, _ = pipe.execute()
        return self._read(counts)

    @contextmanager
    def taken(self) -> Iterator[dict[str, int]]:
        """All counts since the last time, forgotten only once the block is through: write and commit inside it.

        Where the block fails or its process dies, the next one is handed the same numbers. One writes at a time; who
        comes meanwhile finds nothing.
        """
        redis = redis_behind()
        if redis is None:
            with self._taken_here() as counts:
                yield counts
            return
        lock = redis.lock(f"{self._aside()}:lock", timeout=self.WRITES_FOR)
        if not guarded(lambda: lock.acquire(blocking=False), False):
            yield {}
            return
        try:
            counts = guarded(lambda: self._set_aside(redis), {})
            yield counts
            if counts:
                guarded(lambda: redis.delete(self._aside()), None)
        finally:
            guarded(lock.release, None)

    @contextmanager
    def _taken_here(self) -> Iterator[dict[str, int]]:
        with self._lock:
            counts = self._here.pop(self.name, {})
        try:
            yield dict(counts)
        except BaseException:
            with self._lock:
                held = self._here.setdefault(self.name, {})
                for key, number in counts.items():
                    held[key] = held.get(key, 0) + number
            raise

    def _set_aside(self, redis: Any) -> dict[str, int]:
        """What a writer before this one left, else all there is, under a name nobody adds to."""
        if not redis.exists(self._aside()) and redis.exists(self._hash()):
            redis.rename(self._hash(), self._aside())
        return self._read(redis.hgetall(self._aside()))

    @staticmethod
    def _read(counts: dict[Any, Any]) -> dict[str, int]:
        return {key.decode() if isinstance(key, bytes) else key: int(value) for key, value in counts.items()}

    def _hash(self) -> str:
        return cache.make_key(f"tally:{self.name}")

    def _aside(self) -> str:
        return cache.make_key(f"tally-aside:{self.name}")


class Recent:
    """Names that were asked for lately, each with its last time; of more than `most` the oldest are forgotten.

    With Redis all processes share one list, to which each tells a name once a minute; without it each has its own.
    """

    _TELL_EVERY = 60.0

    def __init__(self, name: str, most: int, seconds: float) -> None:
        self.name = name
        self.most = most
        self.seconds = seconds
        self._here: dict[str, float] = {}
        self._lock = threading.Lock()

    def note(self, name: str) -> None:
        """`name` is asked for now."""
        now = time.time()
        with self._lock:
            if 0 <= now - self._here.get(name, 0.0) < self._TELL_EVERY:
                return
            # Taken out first, so that the order is that of the times.
            self._here.pop(name, None)
            self._here[name] = now
            if len(self._here) > self.most:
                del self._here[next(iter(self._here))]
        redis = redis_behind()
        if redis is not None:
            guarded(lambda: self._tell(redis, name, now), None)

    def names(self) -> list[str]:
        """Those of the last `seconds`, in no order."""
        since, redis = time.time() - self.seconds, redis_behind()
        if redis is None:
            with self._lock:
                return [name for name, at in self._here.items() if at >= since]
        found: list[Any] = guarded(lambda: redis.zrangebyscore(self._list(), since, "+inf"), [])
        return [name.decode() if isinstance(name, bytes) else name for name in found]

    def _tell(self, redis: Any, name: str, at: float) -> None:
        pipe = redis.pipeline(transaction=False)
        pipe.zadd(self._list(), {name: at})
        pipe.zremrangebyrank(self._list(), 0, -self.most - 1)
        pipe.expire(self._list(), int(self.seconds) + 60)
        pipe.execute()

    def _list(self) -> str:
        return cache.make_key(f"recent:{self.name}")
