"""The cache that is shared, asked in a way that never fails: when its server is away it is left alone for a while."""

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import caches
from django.utils.connection import ConnectionProxy

logger = logging.getLogger(__name__)

T = TypeVar("T")

# The alias that raises when its server is away; the forgiving one would hide a renewal that was not heard.
cache = ConnectionProxy(caches, "kept")

_COMPLAIN_EVERY = 60.0
_LEFT_ALONE = 2.0

_complaint = {"at": -_COMPLAIN_EVERY}
_away = {"until": 0.0}


def guarded(ask: Callable[[], T], otherwise: T) -> T:
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


def redis_behind() -> Any:
    """The Redis connection behind the default cache, or None when that cache is another kind."""
    client = getattr(cache, "client", None)
    if client is None or not hasattr(client, "get_client"):
        return None
    from django_redis import get_redis_connection

    return get_redis_connection("kept")
