"""Somebody types; a process is killed; what was typed more than ten seconds before is there when they come back.

The typist sends in the rhythm of the writing page and does not help afterwards: its browser is taken for gone as well.
"""

import html
import json
import math
import os
import re
import secrets
import signal
import threading
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

# The rhythm of the page while keys are pressed: the seconds it waits at most are read from the page's own module.
PAGE = Path(__file__).resolve().parents[2] / "static/js/admin/autosave.js"
LONGEST = int(re.search(r"^const LONGEST = ([\d_]+);$", PAGE.read_text(), re.M)[1]) / 1000
PROMISE = 10.0


class Typist:
    """Types two words a second into a new post."""

    def __init__(self, press) -> None:
        self.press = press
        self.key = f"new:{secrets.token_hex(8)}"
        self.typed: list[tuple[float, str]] = []
        self.sequence = 0
        self.statuses: list[int] = []
        self.gone = threading.Event()
        self.threads = [threading.Thread(target=self.type), threading.Thread(target=self.send_on)]

    def __enter__(self) -> "Typist":
        # The first text of a form goes straight to the database; what is tried here is the way of all others.
        self.send()
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.leave()

    def leave(self) -> None:
        """The browser ends without a last word."""
        self.gone.set()
        for thread in self.threads:
            thread.join()

    def type(self) -> None:
        while not self.gone.wait(0.5):
            self.typed.append((time.monotonic(), f"word{len(self.typed)}"))

    def send_on(self) -> None:
        while not self.gone.wait(LONGEST):
            self.send()

    def send(self) -> None:
        self.sequence += 1
        fields = {"title": "Typed", "content_markdown": " ".join(word for _, word in list(self.typed))}
        said = {"user": self.press.user, "key": self.key, "sequence": self.sequence, "base_version": None}
        self.statuses.append(
            self.press.ask("/admin/blog/post/autosave/", json.dumps(said | {"fields": fields}).encode())[0]
        )

    def due(self, moment: float) -> set[str]:
        """What must not be lost at `moment`."""
        return {word for at, word in self.typed if at < moment - PROMISE}

    def found(self) -> set[str]:
        """What the writing page has in it when they come back."""
        status, page = self.press.ask(f"/admin/blog/post/unsaved/{self.key}/write/")
        assert status == 200, status
        area = re.search(r'<textarea name="content_markdown"[^>]*>(.*?)</textarea>', page, re.S)
        return set(html.unescape(area[1]).split())


def type_until_something_is_due() -> None:
    """Until a moment before the next text is sent: the worst one to be killed in."""
    time.sleep(math.ceil((PROMISE + 4) / LONGEST) * LONGEST - 0.3)


@pytest.fixture(autouse=True)
def whole(press):
    """Every test begins with all processes there."""
    press.start("redis", "web", "worker", "beat")


@pytest.mark.parametrize("victims", [("web",), ("redis",), ("worker",), ("beat",), ("worker", "beat", "redis", "web")])
def test_killing_loses_nothing_older_than_ten_seconds(press, victims):
    with Typist(press) as typist:
        type_until_something_is_due()
        moment = time.monotonic()
        press.kill(*victims)
        typist.leave()
    assert len(typist.due(moment)) >= 4, "nothing was typed early enough to be due"
    press.start(*victims)
    assert typist.due(moment) <= typist.found()
    assert 200 in typist.statuses


def test_while_redis_is_away_everything_goes_to_the_database(press):
    with Typist(press) as typist:
        press.kill("redis")
        began = time.monotonic()
        typist.send()
        assert time.monotonic() - began < 6, "a Redis that is away must not keep anybody waiting"
        time.sleep(1.5)
        typist.send()
        typist.leave()
    assert set(typist.statuses) == {200}
    words = {word for _, word in typist.typed}
    assert words - {typist.typed[-1][1]} <= typist.found()


def test_while_redis_hangs_everything_goes_to_the_database(press):
    redis = press.processes["redis"]
    with Typist(press) as typist:
        time.sleep(1.2)
        os.killpg(redis.pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            typist.send()
            assert time.monotonic() - began < 6, "a Redis that hangs must not keep anybody waiting"
            typist.leave()
            assert set(typist.statuses) == {200}
            assert {word for _, word in typist.typed[:2]} <= typist.found()
        finally:
            os.killpg(redis.pid, signal.SIGCONT)


def test_with_the_worker_dead_for_longer_redis_may_be_killed_too(press):
    press.kill("worker")
    press.wait_for(lambda: not press.is_collecting(), "the sign of life did not fade", seconds=10)
    with Typist(press) as typist:
        time.sleep(1.2)
        typist.send()
        time.sleep(1)
        typist.send()
        sent = len(typist.typed)
        press.kill("redis")
        typist.leave()
    press.start("redis")
    assert {word for _, word in typist.typed[: sent - 1]} <= typist.found()


def test_two_beats_write_every_text_once(press):
    press.start("second beat")
    with Typist(press) as typist:
        for _ in range(3):
            time.sleep(1.1)
            typist.send()
        time.sleep(3)
        typist.leave()
    press.kill("second beat")
    rows = press.run(
        "from blog.models import Autosave\n"
        f"print(*Autosave.objects.filter(key='{typist.key}').values_list('sequence', flat=True))"
    )
    assert rows == str(typist.sequence)
