"""The socket of the bell: for whoever is signed in, as long as they are, and deaf to what pages say."""

import json

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async

from accounts import notifications, people, sockets
from config.asgi import application

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/ws/notifications/"


class Page:
    """An open page of somebody's browser."""

    def __init__(self, session_key: str = "") -> None:
        headers = [(b"host", b"localhost"), (b"origin", b"http://localhost")]
        if session_key:
            headers.append((b"cookie", f"sessionid={session_key}".encode()))
        scope = {"type": "websocket", "path": ADDRESS, "raw_path": ADDRESS.encode(), "query_string": b""}
        self.wire = ApplicationCommunicator(application, scope | {"headers": headers, "subprotocols": []})

    async def open(self) -> dict:
        await self.wire.send_input({"type": "websocket.connect"})
        assert (await self.hear())["type"] == "websocket.accept"
        return await self.hear()

    async def hear(self) -> dict:
        said = await self.wire.receive_output(timeout=3)
        return json.loads(said["text"]) if "text" in said else said

    async def say(self, text: str) -> None:
        await self.wire.send_input({"type": "websocket.receive", "text": text})

    async def leave(self) -> None:
        await self.wire.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wire.wait(timeout=3)


@pytest.fixture
def page_of(client_of):
    return lambda user: Page(client_of(user).session.session_key)


def converse(talk):
    """Run a conversation; the test's own database work is done in a thread."""
    return async_to_sync(talk)()


def in_thread(call):
    return database_sync_to_async(call)()


def test_a_stranger_is_told_so_and_closed():
    async def talk():
        return await Page().open()

    closed = converse(talk)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4401)


def test_it_begins_with_the_count_and_brings_what_is_told(page_of, editor, author):
    notifications.notify([editor], category="review", text="Before.")
    page = page_of(editor)

    async def talk():
        first = await page.open()
        await in_thread(lambda: notifications.notify([author, editor], category="review", text="Now.", actor=author))
        created, unread = await page.hear(), await page.hear()
        await page.leave()
        return first, created, unread

    first, created, unread = converse(talk)
    assert first == {"type": "notification.unread", "count": 1}
    assert (created["type"], created["text"]) == ("notification.created", "Now.")
    assert unread == {"type": "notification.unread", "count": 2}


def test_nobody_hears_what_others_are_told(page_of, editor, author):
    page = page_of(author)

    async def talk():
        await page.open()
        await in_thread(lambda: notifications.notify([editor], category="review", text="For the editor."))
        silent = await page.wire.receive_nothing(timeout=0.3)
        await page.leave()
        return silent

    assert converse(talk)


def test_reading_elsewhere_is_heard_here(page_of, editor):
    (notice,) = notifications.notify([editor], category="review", text="One.")
    page = page_of(editor)

    async def talk():
        await page.open()
        await in_thread(lambda: notifications.mark_read(editor, notice.pk))
        said = await page.hear()
        await page.leave()
        return said

    assert converse(talk) == {"type": "notification.unread", "count": 0}


def test_logging_out_closes_the_pages_of_that_session_alone(client_of, editor):
    leaving, staying = client_of(editor), client_of(editor)
    one, other = Page(leaving.session.session_key), Page(staying.session.session_key)

    async def talk():
        await one.open()
        await other.open()
        await in_thread(lambda: leaving.post("/admin/logout/"))
        closed = await one.hear()
        silent = await other.wire.receive_nothing(timeout=0.3)
        await other.leave()
        return closed, silent

    closed, silent = converse(talk)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4401)
    assert silent


@pytest.mark.parametrize("how", ["closed account", "new password", "ended sessions"])
def test_a_session_that_is_over_is_found_out_by_the_clock(page_of, admin, editor, monkeypatch, how):
    monkeypatch.setattr(sockets, "CHECKED_EVERY", 0.05)
    page = page_of(editor)

    def end() -> None:
        if how == "closed account":
            editor.is_active = False
            editor.save()
        elif how == "new password":
            editor.set_password("another-long-one")
            editor.save()
        else:
            people.end_sessions(editor)

    async def talk():
        await page.open()
        still = await page.wire.receive_nothing(timeout=0.2)
        await in_thread(end)
        return still, await page.hear()

    still, closed = converse(talk)
    assert still
    assert (closed["type"], closed["code"]) == ("websocket.close", 4401)


def test_what_a_page_says_is_not_listened_to(page_of, editor):
    page = page_of(editor)

    async def talk():
        await page.open()
        for text in ("", "{", '{"type": "notification.unread", "count": 99}', "[]"):
            await page.say(text)
        silent = await page.wire.receive_nothing(timeout=0.3)
        await page.leave()
        return silent

    assert converse(talk)


@pytest.mark.parametrize("frames", [["x" * 2000], ["x"] * 101])
def test_a_page_that_talks_too_much_is_closed(page_of, editor, frames):
    page = page_of(editor)

    async def talk():
        await page.open()
        for text in frames:
            await page.say(text)
        return await page.hear()

    assert converse(talk)["code"] == 4413


def test_no_session_key_goes_over_the_wire(client_of, editor, monkeypatch):
    heard = []
    monkeypatch.setattr("core.live.send", lambda group, message: heard.append(repr(message)))
    client = client_of(editor)
    key = client.session.session_key
    client.post("/admin/logout/")
    assert len(heard) == 1 and key not in heard[0]
