"""What all our sockets have in common: they pass on what is told, drop who takes nothing, and let go of everything."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

# Who has not taken what they were told within so many seconds is dropped; their page comes back by itself.
SLOW_AFTER = 10.0
# The code for whoever went without a word.
LOST = 1006


class ListeningConsumer(AsyncWebsocketConsumer):
    """A socket that listens to groups. `disconnect` is called once, however it ends."""

    # Kinds of messages that ask no database: hundreds of sockets would wait in line for the one thread that tidies up
    # connections to it before any other.
    passed_on = frozenset({"live.message"})

    async def dispatch(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        try:
            if kind in self.passed_on:
                await getattr(self, kind.replace(".", "_"))(message)
            else:
                await super().dispatch(message)
        except BaseException:
            # Too slow, gone in the middle of a word, or a mistake of ours: nobody says good-bye then.
            if kind != "websocket.disconnect":
                with suppress(Exception):
                    await self.disconnect(LOST)
            if not kind.startswith("websocket."):
                await self.let_go()
            raise

    async def send(self, text_data: str | None = None, bytes_data: bytes | None = None, close: Any = False) -> None:
        try:
            async with asyncio.timeout(SLOW_AFTER):
                await super().send(text_data=text_data, bytes_data=bytes_data, close=close)
        except TimeoutError:
            # Not even a closing frame would go out: the server hangs up.
            raise StopConsumer from None

    async def let_go(self) -> None:
        """A layer forgets a channel when somebody stops waiting at it, and here nobody waits any more."""
        with suppress(Exception):
            while True:
                await asyncio.wait_for(self.channel_layer.receive(self.channel_name), 0.05)
