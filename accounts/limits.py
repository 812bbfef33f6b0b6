"""Where the brakes on log-in, registration and mails keep their counts."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache import caches

log = logging.getLogger(__name__)


class LimitsCache:
    """The part of a cache that allauth's rate limits use, on our "limits" cache.

    When that cache is away the limit lets people through: the lock-out of accounts is kept in the database, and nobody
    should be kept out of their own publication because a counter is down.
    """

    def get(self, key: str, default: Any = None) -> Any:
        return self._ask(lambda: caches["limits"].get(key, default), default)

    def add(self, key: str, value: Any, timeout: float | None = None) -> bool:
        return self._ask(lambda: caches["limits"].add(key, value, timeout), True)

    def set(self, key: str, value: Any, timeout: float | None = None) -> None:
        self._ask(lambda: caches["limits"].set(key, value, timeout), None)

    def delete(self, key: str) -> bool:
        return self._ask(lambda: caches["limits"].delete(key), False)

    def _ask(self, question: Callable[[], Any], otherwise: Any) -> Any:
        try:
            return question()
        except Exception:
            log.exception("the cache for limits did not answer; letting the request through")
            return otherwise
