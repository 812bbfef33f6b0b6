"""The socket of a post's page: what is said, changed, removed and liked there, and how many read it."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from channels.db import database_sync_to_async

from accounts.addresses import network_of
from accounts.models import User
from blog.models import Post
from comments.live import forget_readers, is_past, mark_of, member_of, newest_mark, readers_of, room_of
from core import live, presence
from core.sockets import ListeningConsumer

# Absent, a draft or trashed: nobody is told which.
NOT_THERE = 4404
TOO_MUCH = 1008
# Seconds between two looks at who is here, and until somebody who gives no sign any more is gone.
LOOKS_EVERY = 15.0
GONE_AFTER = 40
# Likes come in storms: the first is told at once, then the newest count of each thing, at most this often.
LIKES_EVERY = 0.4
# Pages have nothing to say here.
LONGEST_FRAME = 512
FRAMES_AT_ONCE = 10
FRAMES_A_SECOND = 0.5


# Of one network a process keeps no more than so many open: enough for an office or a school whose people all read the
# same post, and less than half of the 500 a process is measured with, so that one caller does not take all there is.
# nginx lets as many through (deploy/nginx.conf).
SOCKETS_OF_A_NETWORK = 200

_open: Counter[str] = Counter()


class ReadingConsumer(ListeningConsumer):
    """/ws/posts/<slug>/ for whoever may read the post, which is anybody.

    It says: reading.here {mark, comments, likes} first, and again where words may have been lost; comment.created {id,
    parent, heading}, comment.updated {id, html, edited}, comment.deleted {id, words, heading} and like.count {what,
    count} as they happen; presence {readers, said} when it is another. Never what waits for a moderator, and nobody's
    name who did not agree. Closed with 4404 where there is no such live post, or no longer; with 1008 when a page talks
    too much.
    """

    passed_on = frozenset({"live.message", "say.likes"})
    post: Post | None = None
    network = ""
    watch: asyncio.Task[None] | None = None
    likes: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        # Accepted first: a page cannot read the code of a socket that never opened.
        await self.accept()
        self.tokens, self.filled_at = float(FRAMES_AT_ONCE), time.monotonic()
        self.counts: dict[str, int] = {}
        self.told: Any = None
        self.mark, self.has_heard = "", False
        user = self.scope["user"]
        self.network = network_of(self.scope)
        if _open[self.network] >= SOCKETS_OF_A_NETWORK:
            self.network = ""
            await self.close(code=TOO_MUCH)
            return
        _open[self.network] += 1
        self.member = member_of(user if isinstance(user, User) else None, secrets.token_hex(6), self.network)
        post = await database_sync_to_async(self.look)()
        if post is None:
            await self.close(code=NOT_THERE)
            return
        live.remember_loop()
        self.post, self.room = post, room_of(post.pk)
        # From here on everything is heard; what was before, the mark tells.
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.say_where_we_are(self.begin)
        self.watch = asyncio.create_task(self.keep_watch())

    async def disconnect(self, code: int) -> None:
        if self.network:
            _open[self.network] -= 1
            if not _open[self.network]:
                del _open[self.network]
            self.network = ""
        for task in (self.watch, self.likes):
            if task is not None:
                task.cancel()
        if self.post is not None:
            with suppress(Exception):
                await self.channel_layer.group_discard(self.room, self.channel_name)
                await asyncio.to_thread(self.go_out)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        now = time.monotonic()
        self.tokens = min(FRAMES_AT_ONCE, self.tokens + (now - self.filled_at) * FRAMES_A_SECOND) - 1
        self.filled_at = now
        if self.tokens < 0 or len(text_data or bytes_data or "") > LONGEST_FRAME:
            await self.close(code=TOO_MUCH)

    async def live_message(self, event: dict[str, Any]) -> None:
        content = event["content"]
        if content["type"] == "post.gone":
            await self.close(code=NOT_THERE)
        elif content["type"] == "like.count":
            self.counts[content["what"]] = content["count"]
            if self.likes is None or self.likes.done():
                await self.say_likes(event)
        else:
            self.has_heard = True
            await self.say(content)

    async def say_likes(self, event: dict[str, Any]) -> None:
        counts, self.counts = self.counts, {}
        if counts:
            self.likes = asyncio.create_task(self.later("say.likes", LIKES_EVERY))
        for what, count in counts.items():
            await self.say({"type": "like.count", "what": what, "count": count})

    async def look_around(self, event: dict[str, Any]) -> None:
        await self.say_where_we_are(self.look_again)

    async def say_where_we_are(self, look: Callable[[], tuple[dict[str, Any] | None, dict[str, Any] | None]]) -> None:
        here, readers = await database_sync_to_async(look)()
        if here is not None:
            await self.say({"type": "reading.here", **here})
        if readers is not None and readers != self.told:
            self.told = readers
            await self.say({"type": "presence", **readers})

    async def say(self, content: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(content, ensure_ascii=False))

    async def keep_watch(self) -> None:
        while True:
            await self.later("look.around", LOOKS_EVERY)

    async def later(self, kind: str, seconds: float) -> None:
        """Do something in a while, in turn with everything else: one message after another goes out."""
        # Hundreds of pages that wait for the same moment would be too much at once for the layer.
        await asyncio.sleep(seconds * random.uniform(0.75, 1.25))  # noqa: S311  (no secret)
        for _ in range(10):
            try:
                await self.channel_layer.send(self.channel_name, {"type": kind})
                return
            except Exception:
                await asyncio.sleep(random.uniform(0.1, 0.5))  # noqa: S311

    # --- in a thread --------------------------------------------------------------------------------------------------
    def look(self) -> Post | None:
        known = Post.objects.published().articles().only("pk", "content_language")
        return known.filter(slug=self.scope["url_route"]["kwargs"]["slug"]).first()

    def begin(self) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        assert self.post is not None
        forget_readers(self.post.pk)
        self.mark = mark_of(self.post.pk)
        return self.here(), self.who_reads()

    def look_again(self) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """Messages come at most once. Something changed and not a word was heard: they are to ask for it."""
        assert self.post is not None
        mark, has_heard, is_lost = newest_mark(self.post.pk), self.has_heard, False
        if mark != self.mark and (has_heard or is_past(mark)):
            self.mark, self.has_heard, is_lost = mark, False, not has_heard
        return self.here() if is_lost else None, self.who_reads()

    def here(self) -> dict[str, Any]:
        assert self.post is not None
        comments, likes = Post.objects.values_list("comment_count", "like_count").get(pk=self.post.pk)
        return {"mark": self.mark, "comments": comments, "likes": likes}

    def who_reads(self) -> dict[str, Any] | None:
        assert self.post is not None
        presence.enter(self.room, self.member, GONE_AFTER)
        return readers_of(self.post)

    def go_out(self) -> None:
        assert self.post is not None
        presence.leave(self.room, self.member)
        forget_readers(self.post.pk)
