"""Handing work to the queue. The queue carries hints, never facts: whatever is enqueued has a row, and a sweeper."""

import logging
from typing import Any

from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def enqueue(task: Any, *args: Any) -> None:
    """Ask a worker to run `task` once the surrounding transaction commits; a queue that is down delays it, no more."""
    transaction.on_commit(lambda: _send(task, args))


def _send(task: Any, args: tuple[Any, ...]) -> None:
    try:
        task.apply_async(args)
    except (OperationalError, OSError) as error:
        logger.warning("The queue does not answer (%s); %s waits for its sweeper.", type(error).__name__, task.name)
