"""News between apps that may not import each other: named signals, sent once the change they speak of is committed."""

import logging
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal

logger = logging.getLogger(__name__)

_PLAIN = (str, int, float, bool, Decimal, datetime, date, time, timedelta, UUID, type(None))


def announce(signal: Signal, **facts: Any) -> None:
    """Send `signal` with `facts` after the surrounding transaction commits; at once when there is none.

    Nothing is sent when the transaction is rolled back. Facts are plain values (ids, text, numbers, times, and lists,
    tuples, sets or mappings of them): a model instance would be stale by the time somebody reads it and raises
    TypeError. A receiver that fails is logged and never disturbs the caller or the other receivers.
    """
    for name, value in facts.items():
        _require_plain(name, value)
    transaction.on_commit(lambda: _send(signal, facts))


def _send(signal: Signal, facts: dict[str, Any]) -> None:
    for receiver, answer in signal.send_robust(sender=None, **facts):
        if isinstance(answer, Exception):
            name = getattr(receiver, "__qualname__", repr(receiver))
            logger.error("A receiver of news failed: %s", name, exc_info=answer)


def _require_plain(name: str, value: Any) -> None:
    if isinstance(value, _PLAIN):
        return
    if isinstance(value, list | tuple | set | frozenset):
        for item in value:
            _require_plain(name, item)
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            _require_plain(name, key)
            _require_plain(name, item)
        return
    kind = type(value).__name__
    raise TypeError(f"The fact {name!r} is a {kind}; announce plain values such as its id instead.")
