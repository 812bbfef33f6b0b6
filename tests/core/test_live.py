"""News to open pages: sent after the commit, at once, and never in the way."""

import asyncio
import threading
import time

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from core import live


@pytest.fixture
def sent(monkeypatch):
    found = []
    monkeypatch.setattr(live, "send", lambda group, message: found.append((group, message)))
    return found


@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_before_the_commit_or_after_a_rollback(sent):
    with transaction.atomic():
        live.tell("editing.1", "post.saved", number=2)
        assert not sent
    message = {"type": "live.message", "content": {"type": "post.saved", "number": 2}}
    assert sent == [("editing.1", message)]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        live.tell("editing.1", "post.saved", number=3)
        raise ZeroDivisionError
    assert len(sent) == 1


def test_a_message_from_another_thread_arrives_at_once():
    async def listen() -> float:
        live.remember_loop()
        layer = get_channel_layer()
        mine = await layer.new_channel()
        await layer.group_add("live-test", mine)
        waiting = asyncio.create_task(layer.receive(mine))
        await asyncio.sleep(0.05)
        told = time.monotonic()
        threading.Thread(target=live.send, args=("live-test", {"type": "live.message"})).start()
        assert await asyncio.wait_for(waiting, 10) == {"type": "live.message"}
        await layer.group_discard("live-test", mine)
        return time.monotonic() - told

    assert async_to_sync(listen)() < 1


def test_a_layer_that_fails_disturbs_nobody(monkeypatch, caplog):
    class Broken:
        async def group_send(self, group, message):
            raise ConnectionError("refused")

    monkeypatch.setattr(live, "get_channel_layer", Broken)
    live.send("editing.1", {"type": "live.message"})
    assert "could not be told" in caplog.text


def test_a_layer_that_never_answers_is_waited_for_once_and_left_alone_for_a_while(monkeypatch):
    asked = []

    class Silent:
        async def group_send(self, group, message):
            asked.append(group)
            await asyncio.sleep(60)

    monkeypatch.setattr(live, "get_channel_layer", Silent)
    started = time.monotonic()
    for number in range(5):
        live.send(f"reading.{number}", {"type": "live.message"})
    assert asked == ["reading.0"] and time.monotonic() - started < 2 * live.LONGEST
    assert 0 < live._away["until"] - time.monotonic() <= live.LEFT_ALONE
    live._away["until"] = time.monotonic()
    live.send("reading.5", {"type": "live.message"})
    assert asked == ["reading.0", "reading.5"]
