"""Messages to open pages, over their sockets. At most once: a page that missed some asks the database again."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db import transaction

log = logging.getLogger(__name__)

# Seconds one message may take, and how long the layer is left alone when it took longer or failed: everybody whose
# comment is kept would wait for it as well. Pages that hear nothing look again by themselves.
LONGEST = 1.0
LEFT_ALONE = 15.0
_away = {"until": 0.0}

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
    if time.monotonic() < _away["until"]:
        return
    layer = get_channel_layer()
    try:
        if isinstance(layer, InMemoryChannelLayer):
            for loop in [loop for loop in _loops if loop.is_running()]:
                asyncio.run_coroutine_threadsafe(layer.group_send(group, message), loop)
        else:
            async_to_sync(_send_in_time)(layer, group, message)
    except Exception:
        _away["until"] = time.monotonic() + LEFT_ALONE
        log.warning("open pages could not be told: %s", group, exc_info=True)


async def _send_in_time(layer: Any, group: str, message: dict[str, Any]) -> None:
    """On a server that took the connection and is silent it would never come back, nor let the next one through."""
    async with asyncio.timeout(LONGEST):
        await layer.group_send(group, message)
