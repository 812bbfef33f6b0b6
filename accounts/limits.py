"""Where the brakes on log-in, registration and mails keep their counts, and what is said while they cannot."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

T = TypeVar("T")
log = logging.getLogger(__name__)
# Seconds until somebody is asked to try again.
TRY_AGAIN_AFTER = 60


class CannotCount(Exception):
    """Nobody knows how often something was tried, so it is not done."""


class LimitsCache:
    """The part of a cache that allauth's rate limits use, on our "limits" cache.

    When that cache is away the limits close: whoever could switch the counter off could guess passwords and fill letter
    boxes without an end. Who is signed in stays signed in, and what readers write is counted elsewhere.
    """

    def get(self, key: str, default: Any = None) -> Any:
        return self._ask(lambda: caches["limits"].get(key, default))

    def add(self, key: str, value: Any, timeout: float | None = None) -> bool:
        return self._ask(lambda: caches["limits"].add(key, value, timeout))

    def set(self, key: str, value: Any, timeout: float | None = None) -> None:
        self._ask(lambda: caches["limits"].set(key, value, timeout))

    def delete(self, key: str) -> bool:
        return self._ask(lambda: caches["limits"].delete(key))

    def _ask(self, question: Callable[[], T]) -> T:
        try:
            return question()
        except Exception as error:
            log.exception("the cache for limits did not answer; refusing what it counts")
            raise CannotCount from error


def answer_uncounted(request: HttpRequest) -> HttpResponse:
    """The page in place of what was asked for while nobody can count: status 503, and when to try again."""
    response = render(request, "accounts/uncounted.html", status=503)
    response["Retry-After"] = str(TRY_AGAIN_AFTER)
    return response
