"""/ws/editing/: who is at a post and what they saved, told only to whoever may edit it."""

import json
import re
from contextlib import asynccontextmanager

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from channels.layers import channel_layers
from django.contrib.auth import logout
from django.contrib.auth.models import Group, Permission
from django.http import HttpRequest

from accounts.roles import Role
from blog import publishing, sockets, writing
from blog.models import Post
from config.asgi import application
from core import presence
from tests.conftest import make_person

pytestmark = pytest.mark.django_db(transaction=True)
in_thread = database_sync_to_async


class Window:
    """One open page."""

    def __init__(self, client, post_id) -> None:
        self.client = client
        cookie = f"sessionid={client.cookies['sessionid'].value}" if client else ""
        headers = [(b"host", b"localhost"), (b"origin", b"http://localhost"), (b"cookie", cookie.encode())]
        path = f"/ws/editing/{post_id}/"
        scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
        self.socket = ApplicationCommunicator(application, scope | {"subprotocols": []})

    async def open(self) -> None:
        await self.socket.send_input({"type": "websocket.connect"})
        assert (await self.socket.receive_output(timeout=3))["type"] == "websocket.accept"

    async def close(self) -> None:
        await self.socket.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.socket.wait(timeout=3)

    async def say(self, text: str | None = None, raw: bytes | None = None) -> None:
        await self.socket.send_input({"type": "websocket.receive", "text": text, "bytes": raw})

    async def hears_nothing(self, timeout: float = 0.2) -> bool:
        return await self.socket.receive_nothing(timeout=timeout)

    async def hear(self, kind: str, **facts) -> dict:
        """The next message of a kind, as told within three seconds."""
        while True:
            said = json.loads((await self.socket.receive_output(timeout=3))["text"])
            if said["type"] == kind and all(said[name] == value for name, value in facts.items()):
                return said

    async def hear_out(self) -> None:
        """Whatever is still on its way."""
        while not await self.hears_nothing():
            await self.socket.receive_output(timeout=3)

    async def code(self) -> int:
        """The code with which the server closes."""
        while True:
            said = await self.socket.receive_output(timeout=3)
            if said["type"] == "websocket.close":
                return said["code"]


@asynccontextmanager
async def windows(*asked):
    opened = [Window(client, getattr(post, "pk", post)) for client, post in asked]
    try:
        for window in opened:
            await window.open()
        yield opened
    finally:
        for window in opened:
            await window.close()


def run(story) -> None:
    async_to_sync(story)()


def names(here: dict) -> list[str]:
    return [each["name"] for each in here["people"]]


@pytest.fixture(autouse=True)
def own_layer():
    """A channel layer lives in one event loop; each story here has its own."""
    channel_layers.backends.clear()


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(sockets, "LOOKED_AT_EVERY", 0.1)


# --- who is here ----------------------------------------------------------------------------------------------------
def test_two_editors_see_each_other_come_and_go(write, author, editor, client_of):
    post = write()
    own, other = client_of(author), client_of(editor)

    async def story() -> None:
        async with windows((own, post)) as (first,):
            here = await first.hear("editing.here")
            assert names(here) == [author.display_name]
            assert here["me"] == author.pk
            assert here["newest"]["number"] == 1
            async with windows((other, post)) as (second,):
                assert names(await second.hear("editing.here")) == [author.display_name, editor.display_name]
                assert (await first.hear("editor.joined"))["person"]["name"] == editor.display_name
            assert (await first.hear("editor.left"))["person"]["id"] == editor.pk

    run(story)
    assert presence.present(sockets.room_of(post.pk)) == []


def test_one_person_in_two_windows_is_one(write, author, editor, client_of):
    post = write()
    own, other = client_of(author), client_of(editor)

    async def story() -> None:
        async with windows((own, post), (other, post)) as (first, second):
            await first.hear("editor.joined", person=sockets.person(editor))
            async with windows((other, post)) as (third,):
                assert len((await third.hear("editing.here"))["people"]) == 2
                await third.hear_out()
            assert await first.hears_nothing(timeout=0.2)
            await second.close()
            await first.hear("editor.left")

    run(story)


def test_another_post_is_another_room(write, author, editor, client_of):
    one, two = write(), write()
    own, other = client_of(author), client_of(editor)

    async def story() -> None:
        async with windows((own, one), (other, two)) as (first, second):
            assert len((await first.hear("editing.here"))["people"]) == 1
            assert len((await second.hear("editing.here"))["people"]) == 1
            assert await first.hears_nothing(timeout=0.2)

    run(story)


def test_a_killed_window_is_gone_without_a_word(write, author, client_of, quick):
    post = write()
    own, killed = client_of(author), make_person("killed", Role.EDITOR)

    async def story() -> None:
        async with windows((own, post)) as (window,):
            assert len((await window.hear("editing.here"))["people"]) == 1
            await in_thread(presence.enter)(sockets.room_of(post.pk), f"{killed.pk}:1000.000:dead", 1)
            await window.hear("editing.here")
            while len((await window.hear("editing.here"))["people"]) == 2:
                pass

    run(story)


def test_unknown_presence_stops_nobody(write, author, client_of, monkeypatch):
    post = write()
    own = client_of(author)
    monkeypatch.setattr(presence, "present", lambda room: None)

    async def story() -> None:
        async with windows((own, post)) as (window,):
            assert (await window.hear("editing.here"))["people"] is None

    run(story)


# --- what was saved -------------------------------------------------------------------------------------------------
def test_a_save_is_told_with_who_number_time_and_kind(write, author, editor, client_of):
    post = write()
    own = client_of(author)

    def save() -> None:
        mine = Post.objects.get(pk=post.pk)
        mine.title = "Another title"
        writing.save(mine, by=editor)

    async def story() -> None:
        async with windows((own, post)) as (window,):
            await window.hear("editing.here")
            await in_thread(save)()
            said = await window.hear("post.saved")
            assert (said["number"], said["by"]["name"], said["kind"]) == (2, editor.display_name, "save")
            assert said["at"]

    run(story)


def test_what_waits_for_a_live_post_is_told_too(publish, author, editor, client_of):
    post = publish()
    own = client_of(author)

    def save() -> None:
        mine = Post.objects.get(pk=post.pk)
        mine.title = "Another title"
        writing.save(mine, by=editor)

    async def story() -> None:
        async with windows((own, post)) as (window,):
            number = (await window.hear("editing.here"))["newest"]["number"]
            await in_thread(save)()
            assert (await window.hear("post.saved"))["number"] == number + 1

    run(story)


def test_another_state_is_told_to_the_room_only(write, author, editor, client_of):
    post, other = write(), write(title="Another")
    mine, theirs = client_of(author), client_of(editor)

    async def story():
        async with windows((mine, post), (theirs, other)) as (window, elsewhere):
            await window.hear("editing.here")
            await elsewhere.hear("editing.here")
            await in_thread(publishing.publish)(post, by=editor)
            told = await window.hear("post.moved")
            assert (told["status"], told["trashed"], told["label"]) == ("published", False, "Published")
            assert re.fullmatch(r"This post was published at \d\d:\d\d\.", told["sentence"])
            await in_thread(publishing.trash)(post, by=editor)
            assert (await window.hear("post.moved"))["state"] == "trashed"
            assert await elsewhere.hears_nothing()

    run(story)


def test_a_save_that_was_missed_is_in_the_next_answer(write, author, editor, client_of):
    post = write()
    own = client_of(author)

    async def story() -> None:
        async with windows((own, post)) as (window,):
            await window.hear("editing.here")
            await in_thread(publishing.publish)(post, by=editor)
            await window.hear("post.saved")
            await window.say('{"type": "who"}')
            assert (await window.hear("editing.here"))["newest"]["kind"] == "publish"

    run(story)


# --- who may --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["nobody", "reader"])
def test_who_is_not_on_the_staff_is_closed_out(write, who, request, client_of):
    post = write()
    client = client_of(request.getfixturevalue(who)) if who != "nobody" else None

    async def story() -> None:
        async with windows((client, post)) as (window,):
            assert await window.code() == sockets.SIGNED_OUT

    run(story)


def test_anothers_post_is_as_absent_as_none(write, editor, author, client_of):
    post = write(by=editor)
    own = client_of(author)

    async def story() -> None:
        for asked in (post, 10**17):
            async with windows((own, asked)) as (window,):
                assert await window.code() == sockets.NOT_THERE
                await window.say('{"type": "who"}')
                assert await window.hears_nothing(timeout=0.1)

    run(story)
    assert presence.present(sockets.room_of(post.pk)) == []


def test_a_log_out_closes_the_socket_at_once(write, author, client_of):
    post = write()
    own = client_of(author)

    def sign_out() -> None:
        request = HttpRequest()
        request.session, request.user = own.session, author
        logout(request)

    async def story() -> None:
        async with windows((own, post)) as (window,):
            await window.hear("editing.here")
            await in_thread(sign_out)()
            assert await window.code() == sockets.SIGNED_OUT

    run(story)


def test_who_may_no_longer_is_closed_out(write, editor, client_of, quick):
    """Here the role may do less from now on; who gets a lower one is signed out."""
    post = write()
    own = client_of(editor)

    def less_for_editors() -> None:
        Group.objects.get(name=Role.EDITOR).permissions.remove(Permission.objects.get(codename="change_others_post"))

    async def story() -> None:
        async with windows((own, post)) as (window,):
            await window.hear("editing.here")
            await in_thread(less_for_editors)()
            assert await window.code() == sockets.NOT_THERE

    run(story)


def test_a_session_that_ended_elsewhere_or_a_closed_account_is_noticed(write, author, client_of, quick):
    post = write()
    own = client_of(author)

    def close() -> None:
        author.is_active = False
        author.save()

    async def story() -> None:
        async with windows((own, post)) as (window,):
            await window.hear("editing.here")
            await in_thread(close)()
            assert await window.code() == sockets.SIGNED_OUT

    run(story)


def test_a_deleted_post_closes_its_sockets(write, author, client_of, quick):
    post = write()
    own = client_of(author)

    async def story() -> None:
        async with windows((own, post)) as (window,):
            await window.hear("editing.here")
            await in_thread(Post.objects.filter(pk=post.pk).delete)()
            assert await window.code() == sockets.NOT_THERE

    run(story)


# --- what pages send ------------------------------------------------------------------------------------------------
GARBAGE = ["", "{", "null", "[]", '"who"', '{"type": []}', "[" * 1000, '{"type": "post.saved"}', "\x00", "NaN", "🕛"]


def test_garbage_is_no_error_and_nobody_hears_it(write, author, editor, client_of):
    post = write()
    own, other = client_of(author), client_of(editor)

    async def story() -> None:
        async with windows((own, post), (other, post)) as (window, neighbour):
            await neighbour.hear_out()
            await window.hear_out()
            for frame in GARBAGE:
                await window.say(frame)
            await window.say(raw=b"\xff\x00")
            assert await window.hears_nothing(timeout=0.2)
            assert await neighbour.hears_nothing(timeout=0.1)
            await window.say('{"type": "who"}')
            await window.hear("editing.here")

    run(story)


def test_a_large_frame_closes(write, author, client_of):
    post = write()
    own = client_of(author)

    async def story() -> None:
        async with windows((own, post)) as (window,):
            await window.say("x" * (sockets.LONGEST_FRAME + 1))
            assert await window.code() == sockets.TOO_LARGE

    run(story)


def test_a_flood_of_frames_closes(write, author, client_of):
    post = write()
    own = client_of(author)

    async def story() -> None:
        async with windows((own, post)) as (window,):
            for _ in range(sockets.FRAMES_AT_ONCE + 5):
                await window.say("{}")
            assert await window.code() == sockets.TOO_MUCH

    run(story)


def test_a_database_that_is_away_asks_the_page_to_come_back(write, author, client_of, quick, monkeypatch):
    post = write()
    own = client_of(author)

    def away(*args):
        raise ConnectionError("refused")

    async def story() -> None:
        async with windows((own, post)) as (window,):
            await window.hear("editing.here")
            monkeypatch.setattr(sockets, "look", away)
            assert await window.code() == sockets.TRY_AGAIN

    run(story)
