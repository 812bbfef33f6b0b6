"""Named facts, announced after commit."""

import logging
from typing import Any

from django.db import transaction
from django.dispatch import Signal

log = logging.getLogger(__name__)


def announce(signal: Signal, **facts: Any) -> None:
    """Send `signal` with plain facts once the transaction has committed."""

    def send() -> None:
        for receiver, answer in signal.send_robust(sender=None, **facts):
            if isinstance(answer, Exception):
                log.error("receiver %r failed", receiver, exc_info=answer)

    transaction.on_commit(send)
