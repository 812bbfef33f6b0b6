"""Handing work to the queue. The queue carries hints, never facts: whatever is enqueued has a row, and a sweeper."""

import logging
import time
from collections.abc import Callable
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# Seconds the queue is left alone after it did not answer: everybody who waits for a page would wait for it as well.
LEFT_ALONE = 15.0
_away = {"until": 0.0}


def enqueue(task: Any, *args: Any) -> None:
    """Ask a worker to run `task` once the surrounding transaction commits; a queue that is down delays it, no more."""
    transaction.on_commit(lambda: _send(task, args))


def wake(name: str) -> None:
    """Ask a worker to run the task of that name now; for what lies below the tasks and cannot hand one over."""
    _ask(name, lambda: current_app.send_task(name, ignore_result=True))


def _send(task: Any, args: tuple[Any, ...]) -> None:
    _ask(task.name, lambda: task.apply_async(args))


def _ask(name: str, hand_over: Callable[[], object]) -> None:
    if time.monotonic() < _away["until"]:
        return
    try:
        hand_over()
    except (OperationalError, OSError) as error:
        _away["until"] = time.monotonic() + LEFT_ALONE
        logger.warning("The queue does not answer (%s); %s waits for its sweeper.", type(error).__name__, name)
