"""The socket of the writing page: who else is at this post, and what they have saved."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.notifications import group_of
from accounts.roles import may
from accounts.sockets import mark_of
from blog.models import Post, PostVersion
from core import live, presence
from core.sockets import ListeningConsumer

log = logging.getLogger(__name__)

SIGNED_OUT = 4403
# Absent or somebody else's: nobody is told which.
NOT_THERE = 4404
TOO_LARGE = 4413
TOO_MUCH = 4429
TRY_AGAIN = 1013

# Seconds between two looks at rights and neighbours, and until somebody who gives no sign any more is gone. Both
# together are how long a killed browser or web process is still seen.
LOOKED_AT_EVERY = 15.0
GONE_AFTER = 40

MOVES = {
    Post.Status.DRAFT: "This post was made a draft at {clock}.",
    Post.Status.PENDING: "This post was submitted for review at {clock}.",
    Post.Status.SCHEDULED: "This post was scheduled at {clock}.",
    Post.Status.PUBLISHED: "This post was published at {clock}.",
    Post.Status.ARCHIVED: "This post was archived at {clock}.",
    "trashed": "This post is in the trash now, since {clock}.",
}

LONGEST_FRAME = 1024
FRAMES_AT_ONCE = 20
FRAMES_A_SECOND = 1.0


def room_of(post_id: int) -> str:
    """The group of the open pages of a post, and the room they are in."""
    return f"editing.{post_id}"


def person(user: User) -> dict[str, Any]:
    """What neighbours see of somebody."""
    return {"id": user.pk, "name": user.display_name, "initial": user.initial, "colour": user.pk % 3}


def saved(version: PostVersion) -> dict[str, Any]:
    """What open pages are told of a version."""
    return {
        "number": version.number,
        "by": person(version.editor) if version.editor else None,
        "at": timezone.localtime(version.created_at).isoformat(),
        "kind": version.kind,
    }


def moved(state: str, at: datetime) -> dict[str, str]:
    """What open pages are told of a post that went to a state, "trashed" or a Post.Status, at a time."""
    return {
        "state": state,
        "label": "Trashed" if state == "trashed" else str(Post.Status(state).label),
        "sentence": MOVES[state].format(clock=timezone.localtime(at).strftime("%H:%M")),
    }


@dataclass
class Neighbours:
    """Who may be shown what: None for `user` when nobody is signed in any more, for `post` when it is not theirs."""

    user: User | None
    post: Post | None


def look(session_key: str, post_id: int) -> Neighbours:
    """Whose session this is now, and the post when they may edit it."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    if isinstance(user, AnonymousUser) or not user.is_staff or not user.is_active:
        return Neighbours(None, None)
    post = Post.objects.only("pk", "author_id", "content_version").filter(pk=post_id).first()
    return Neighbours(user, post if post is not None and may(user, "blog.change_post", post) else None)


def people_in(room: str) -> list[dict[str, Any]] | None:
    """Everybody who is there, each once however many windows they have, with the time they came; the first first."""
    members = presence.present(room)
    if members is None:
        return None
    came: dict[int, float] = {}
    for member in members:
        user_id, since, _ = member.split(":")
        came[int(user_id)] = min(float(since), came.get(int(user_id), float(since)))
    users = User.objects.in_bulk(came)
    return [
        {
            **person(users[user_id]),
            "since": datetime.fromtimestamp(since, tz=timezone.get_current_timezone()).isoformat(),
        }
        for user_id, since in sorted(came.items(), key=lambda each: each[1])
        if user_id in users
    ]


class EditingConsumer(ListeningConsumer):
    """/ws/editing/<post id>/ for whoever may edit the post.

    It says: editing.here {me, people, newest} on connecting, when asked ({"type": "who"}) and when something changed
    without a message; `people` is None when nobody can know. editor.joined {person, since}, editor.left {person},
    post.saved {number, by, at, kind} and post.moved {status, trashed, state, label, sentence} as they happen.
    """

    room = ""
    watch: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        # Accepted first: a page cannot read the code of a socket that never opened.
        await self.accept()
        self.post_id = int(self.scope["url_route"]["kwargs"]["pk"])
        self.session_key = self.scope["session"].session_key or ""
        self.tokens, self.filled_at = float(FRAMES_AT_ONCE), time.monotonic()
        self.told: Any = None
        neighbours = await database_sync_to_async(look)(self.session_key, self.post_id)
        if await self.refuse(neighbours):
            return
        assert neighbours.user is not None
        self.user = neighbours.user
        live.remember_loop()
        self.room = room_of(self.post_id)
        now = timezone.now()
        self.member = f"{self.user.pk}:{now.timestamp():.3f}:{secrets.token_hex(4)}"
        for group in self.groups_of():
            await self.channel_layer.group_add(group, self.channel_name)
        came = await database_sync_to_async(self.come_in)()
        if came:
            await self.tell("editor.joined", person=person(self.user), since=now.isoformat())
        await self.say_who_is_here()
        self.watch = asyncio.create_task(self.keep_watch())

    async def disconnect(self, code: int) -> None:
        if self.watch is not None:
            self.watch.cancel()
        if not self.room:
            return
        with suppress(Exception):
            for group in self.groups_of():
                await self.channel_layer.group_discard(group, self.channel_name)
            if await database_sync_to_async(self.go_out)():
                await self.tell("editor.left", person=person(self.user))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Pages only ever ask who is here; whatever else they say is not an error either."""
        if len(text_data or bytes_data or "") > LONGEST_FRAME:
            await self.close(code=TOO_LARGE)
            return
        now = time.monotonic()
        self.tokens = min(FRAMES_AT_ONCE, self.tokens + (now - self.filled_at) * FRAMES_A_SECOND) - 1
        self.filled_at = now
        if self.tokens < 0:
            await self.close(code=TOO_MUCH)
            return
        try:
            content = json.loads(text_data or "null")
        except (ValueError, RecursionError):
            return
        if self.room and isinstance(content, dict) and content.get("type") == "who":
            await self.say_who_is_here()

    async def live_message(self, event: dict[str, Any]) -> None:
        content = event["content"]
        if content["type"] == "session.ended":
            if content["session"] == mark_of(self.session_key):
                await self.close(code=SIGNED_OUT)
        elif content["type"] in {"post.saved", "post.moved"}:
            await self.send_json(content)
        elif content["type"].startswith("editor.") and content["person"]["id"] != self.user.pk:
            await self.send_json(content)

    # --- what happens in between --------------------------------------------------------------------------------------
    async def keep_watch(self) -> None:
        """Ask again and again whether they still may, say that they are still here, and correct what was missed."""
        while True:
            await asyncio.sleep(LOOKED_AT_EVERY)
            try:
                if await self.refuse(await database_sync_to_async(look)(self.session_key, self.post_id)):
                    return
                await database_sync_to_async(presence.enter)(self.room, self.member, GONE_AFTER)
                await self.say_who_is_here(only_news=True)
            except Exception:
                # Whether they may stay cannot be known; the page comes back when it can.
                log.warning("an editing socket could not be looked after: %s", self.room, exc_info=True)
                await self.close(code=TRY_AGAIN)
                return

    async def refuse(self, neighbours: Neighbours) -> bool:
        """Close the door on who may not (or no longer) be here."""
        if neighbours.post is None:
            await self.close(code=SIGNED_OUT if neighbours.user is None else NOT_THERE)
        return neighbours.post is None

    async def say_who_is_here(self, *, only_news: bool = False) -> None:
        content = await database_sync_to_async(self.who_is_here)()
        if content != self.told or not only_news:
            self.told = content
            await self.send_json(content)

    async def tell(self, kind: str, **facts: Any) -> None:
        message = {"type": "live.message", "content": {"type": kind, **facts}}
        await self.channel_layer.group_send(self.room, message)

    async def send_json(self, content: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(content, ensure_ascii=False))

    def groups_of(self) -> tuple[str, str]:
        """The post's room, and their own, where a log-out is told."""
        return self.room, group_of(self.user.pk)

    def who_is_here(self) -> dict[str, Any]:
        newest = PostVersion.objects.select_related("editor").defer("snapshot").filter(post=self.post_id).first()
        return {
            "type": "editing.here",
            "me": self.user.pk,
            "people": people_in(self.room),
            "newest": saved(newest) if newest else None,
        }

    def come_in(self) -> bool:
        """Enter; whether they were not here in another window already."""
        was_here = self.is_here()
        presence.enter(self.room, self.member, GONE_AFTER)
        return was_here is False

    def go_out(self) -> bool:
        """Leave; whether no other window of theirs is left."""
        presence.leave(self.room, self.member)
        return self.is_here() is False

    def is_here(self) -> bool | None:
        members = presence.present(self.room)
        return None if members is None else any(member.startswith(f"{self.user.pk}:") for member in members)
