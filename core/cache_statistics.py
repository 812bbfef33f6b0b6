"""What each group of the cache is good for: how often it had the answer, how much it keeps and for how long."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache

from core.cache import counts, groups
from core.cache_server import cache, guarded, redis_behind

# Keys looked at, and seconds spent on them; a larger cache is counted as far as that goes.
MOST_KEYS = 100_000
MOST_SECONDS = 2.0
# Entries of a group that are weighed; the others are taken to weigh the same.
WEIGHED = 50
# What the groups use besides their entries.
_NO_ENTRY = re.compile(r":lock$")


@dataclass
class Kept:
    """One group. Sizes in bytes as the cache keeps them; `seconds` an entry is kept, None when it is not known here."""

    name: str
    seconds: float | None = None
    hits: int = 0
    misses: int = 0
    computed: int = 0
    waited: int = 0
    entries: int = 0
    size: int = 0

    @property
    def asked(self) -> int:
        return self.hits + self.misses

    @property
    def hit_ratio(self) -> float | None:
        """Between 0 and 1; None when nobody asked."""
        return self.hits / self.asked if self.asked else None

    @property
    def hit_percent(self) -> float | None:
        return None if self.hit_ratio is None else 100 * self.hit_ratio


@dataclass
class Report:
    """All groups by name, since when questions are counted, and how far to trust the sizes."""

    groups: list[Kept]
    since: datetime
    is_shared: bool
    is_whole: bool = True
    answers: bool = True


@dataclass
class _Sizes:
    entries: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    bytes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    is_whole: bool = True


def report() -> Report:
    """What is known now. Never fails: of a cache that does not answer nothing is known."""
    numbers, since = counts.read()
    redis = redis_behind()
    sizes: _Sizes | None = guarded(lambda: _sizes_in_redis(redis) if redis is not None else _sizes_here(), None)
    found = {name: Kept(name, group.timeout) for name, group in groups.items()}
    for key, times in numbers.items():
        name, _, what = key.rpartition(":")
        if what in {"hits", "misses", "computed", "waited"}:
            setattr(found.setdefault(name, Kept(name)), what, times)
    if sizes is not None:
        for name, kept in found.items():
            kept.entries, kept.size = sizes.entries[name], sizes.bytes[name]
    return Report(
        groups=sorted(found.values(), key=lambda kept: kept.name),
        since=datetime.fromtimestamp(since, UTC),
        is_shared=redis is not None,
        is_whole=sizes is not None and sizes.is_whole,
        answers=sizes is not None,
    )


def _group_of(key: str) -> str | None:
    name, _, rest = key.partition(":")
    return name if rest and not _NO_ENTRY.search(rest) else None


def _sizes_in_redis(redis: Any) -> _Sizes:
    sizes, weighed = _Sizes(), defaultdict[str, list[Any]](list)
    start, deadline = cache.make_key(""), time.monotonic() + MOST_SECONDS
    pattern = re.sub(r"([\[\]*?\\])", r"\\\1", start) + "*"
    for number, raw in enumerate(redis.scan_iter(match=pattern, count=1000)):
        if number >= MOST_KEYS or time.monotonic() > deadline:
            sizes.is_whole = False
            break
        name = _group_of(raw.decode(errors="replace").removeprefix(start))
        if name is not None:
            sizes.entries[name] += 1
            if len(weighed[name]) < WEIGHED:
                weighed[name].append(raw)
    for name, keys in weighed.items():
        pipe = redis.pipeline(transaction=False)
        for key in keys:
            pipe.memory_usage(key)
        weights = [weight for weight in pipe.execute() if weight]
        sizes.bytes[name] = round(sum(weights) / len(weights) * sizes.entries[name]) if weights else 0
    return sizes


def _sizes_here() -> _Sizes:
    sizes = _Sizes()
    for key, size in _entries_here():
        name = _group_of(key)
        if name is not None:
            sizes.entries[name] += 1
            sizes.bytes[name] += size
    return sizes


def _entries_here() -> Iterator[tuple[str, int]]:
    """The entries of a cache in this process's memory; of another kind of cache none can be listed."""
    if not isinstance(caches["kept"], LocMemCache):
        return
    local: Any = caches["kept"]
    start, now = local.make_key(""), time.time()
    with local._lock:
        there = [(key, len(value), local._expire_info.get(key)) for key, value in local._cache.items()]
    for key, size, expires in there:
        if key.startswith(start) and (expires is None or expires > now):
            yield key.removeprefix(start), size
