"""Messages to open pages, over their sockets. At most once: a page that missed some asks the database again."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db import transaction

log = logging.getLogger(__name__)

# The loop the sockets of this process live in: the in-memory layer delivers late when it is fed from another one.
_loops: set[asyncio.AbstractEventLoop] = set()


def remember_loop() -> None:
    """Called by every consumer when it connects."""
    for loop in [loop for loop in _loops if loop.is_closed()]:
        _loops.discard(loop)
    _loops.add(asyncio.get_running_loop())


def tell(group: str, kind: str, /, **facts: Any) -> None:
    """Send {"type": kind, …facts} to every socket of `group` once the surrounding transaction has committed.

    `facts` are what JSON holds. A layer that does not answer is logged and disturbs nobody.
    """
    transaction.on_commit(lambda: send(group, {"type": "live.message", "content": {"type": kind, **facts}}))


def send(group: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    try:
        if isinstance(layer, InMemoryChannelLayer):
            for loop in [loop for loop in _loops if loop.is_running()]:
                asyncio.run_coroutine_threadsafe(layer.group_send(group, message), loop)
        else:
            async_to_sync(layer.group_send)(group, message)
    except Exception:
        log.warning("open pages could not be told: %s", group, exc_info=True)
