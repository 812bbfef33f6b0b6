"""The socket of the bell: what its owner is told, while they are signed in."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from hashlib import sha256
from importlib import import_module
from typing import Any

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings

from accounts.models import User
from accounts.notifications import group_of, unread_count
from core import live
from core.sockets import ListeningConsumer

SIGNED_OUT = 4401
TOO_MUCH = 4413
# How often an open socket asks whether its session still lives; a log-out here is heard at once.
CHECKED_EVERY = 30.0
# Pages have nothing to say here; what they say all the same is not even read.
LONGEST_FRAME = 1024
MOST_FRAMES = 100


def mark_of(session_key: str) -> str:
    """A name for a session that tells nobody its key."""
    return sha256(session_key.encode()).hexdigest()


def tell_signed_out(user: User, session_key: str) -> None:
    """Close the sockets that were opened with this session."""
    live.tell(group_of(user.pk), "session.ended", session=mark_of(session_key))


class NotificationsConsumer(ListeningConsumer, AsyncJsonWebsocketConsumer):
    """/ws/notifications/: notification.created and notification.unread for whoever is signed in.

    Closed with 4401 when nobody is, or no longer; with 4413 when a page talks too much.
    """

    group = ""
    watch: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        user = self.scope["user"]
        await self.accept()
        if not user.is_authenticated:
            # Accepted first: a page cannot read the code of a socket that never opened.
            await self.close(code=SIGNED_OUT)
            return
        live.remember_loop()
        self.frames = 0
        self.session_key = self.scope["session"].session_key or ""
        self.group = group_of(user.pk)
        await self.channel_layer.group_add(self.group, self.channel_name)
        count = await database_sync_to_async(unread_count)(user)
        await self.send_json({"type": "notification.unread", "count": count})
        self.watch = asyncio.create_task(self.watch_session())

    async def disconnect(self, code: int) -> None:
        if self.watch is not None:
            self.watch.cancel()
        if self.group:
            with suppress(Exception):
                await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        self.frames += 1
        if self.frames > MOST_FRAMES or len(text_data or bytes_data or "") > LONGEST_FRAME:
            await self.close(code=TOO_MUCH)

    async def live_message(self, event: dict[str, Any]) -> None:
        content = event["content"]
        if content["type"] != "session.ended":
            await self.send_json(content)
        elif content["session"] == mark_of(self.session_key):
            await self.close(code=SIGNED_OUT)

    async def watch_session(self) -> None:
        """Close once the session is over, the account closed or the password another."""
        while True:
            await asyncio.sleep(CHECKED_EVERY)
            store = import_module(settings.SESSION_ENGINE).SessionStore
            user = await get_user({"session": store(session_key=self.session_key)})
            if user.pk != self.scope["user"].pk:
                await self.close(code=SIGNED_OUT)
                return
