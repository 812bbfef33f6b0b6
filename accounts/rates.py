"""How much somebody may send in a while: counted per network and per account, in the cache all processes share."""

from __future__ import annotations

import itertools
import logging
import time
import zlib
from typing import Any

from django.http import HttpRequest
from django_ratelimit.core import get_usage
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from accounts.addresses import client_network

log = logging.getLogger(__name__)

# What is sent: how often, within how many seconds.
RATES = {
    "comment": [(8, 60), (60, 3600)],
    "edit": [(10, 60), (60, 3600)],
    "report": [(10, 600)],
    "appeal": [(5, 3600)],
    "hearing": [(10, 3600)],
    # Who takes back what they pressed presses again.
    "like": [(120, 3600)],
    "follow": [(120, 3600)],
}
# A press of a button is soon done by many in one office: members are counted by themselves alone.
OF_ONESELF = {"like", "follow"}
# django-redis passes on what it cannot reach in either of these shapes.
UNCOUNTABLE = (ConnectionInterrupted, RedisError)

# Seconds the cache is left alone after it did not answer: everybody whose words are kept would wait for it as well.
LEFT_ALONE = 5.0
_away = {"until": 0.0}


def seconds_to_wait(request: HttpRequest, what: str) -> int:
    """Count one more of what this caller sends; 0 where it is within the limits, else for how long to wait.

    A cache that does not answer holds nobody up: comments are kept all the same.
    """
    callers = [f"network {client_network(request)}"]
    if request.user.is_authenticated:
        itself = f"user {request.user.pk}"
        callers = [itself] if what in OF_ONESELF else [*callers, itself]
    waits = [
        seconds_left(counted(request, f"conversation-{what}", name, f"{most}/{seconds}s"))
        for (most, seconds), caller in itertools.product(RATES[what], callers)
        for name in _staggered(caller, seconds)
    ]
    return max(waits)


def counted(request: HttpRequest, what: str, by: str, rate: str, *, more: bool = True) -> dict[str, Any] | None:
    """What django-ratelimit knows of a caller after one more, or as it is; None while nobody can count."""
    if time.monotonic() < _away["until"]:
        return None
    try:
        return get_usage(request, group=what, key=lambda group, request: by, rate=rate, increment=more)
    except UNCOUNTABLE as error:
        _away["until"] = time.monotonic() + LEFT_ALONE
        log.warning("The cache for limits does not answer (%s); nobody is held up.", type(error).__name__)
        return None


def seconds_left(usage: dict[str, Any] | None) -> int:
    """For how long somebody has to wait whose count is this; 0 for who is within it."""
    return max(1, usage["time_left"]) if usage and usage["should_limit"] else 0


def _offset(name: str, seconds: int) -> int:
    """When within such a time django-ratelimit begins to count anew for a name."""
    return zlib.crc32(name.encode()) % seconds


def _staggered(caller: str, seconds: int) -> tuple[str, str]:
    """Two names under which a caller is counted, the second beginning anew about half a time after the first.

    A burst over the edge of one count lies within the other, so that it does not get through twice.
    """
    start = _offset(caller, seconds)
    others = (f"{caller} {number}" for number in itertools.count())
    fits = (name for name in others if abs((_offset(name, seconds) - start) % seconds - seconds / 2) <= seconds / 8)
    return caller, next(fits)
