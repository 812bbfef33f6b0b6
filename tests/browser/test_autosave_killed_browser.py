"""Somebody types in a browser; it is killed; another one, which knows nothing, offers what they typed."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.browser.conftest import CHROMIUM
from tests.faults.conftest import Press, press  # noqa: F401  (a fixture)
from tests.journeys.conftest import free_port

PROMISE = 10.0

pytestmark = [pytest.mark.slow, pytest.mark.browser]


class KillableChromium:
    """A browser as a process of its own, with a profile of its own."""

    def __init__(self, kind, running: Press, folder: Path) -> None:
        port = free_port()
        options = ["--headless=new", "--no-sandbox", "--no-first-run", f"--user-data-dir={folder}"]
        self.process = subprocess.Popen(
            [str(CHROMIUM), *options, f"--remote-debugging-port={port}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 30
        while True:
            try:
                self.browser = kind.connect_over_cdp(f"http://127.0.0.1:{port}")
                break
            except Exception:
                if time.monotonic() > deadline:
                    self.kill()
                    raise
                time.sleep(0.2)
        context = self.browser.contexts[0]
        context.add_cookies([{"name": "sessionid", "value": running.session, "url": running.url}])
        self.page = context.new_page()

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def test_killing_the_browser_loses_nothing_older_than_ten_seconds(chromium, press, tmp_path):  # noqa: F811
    first = KillableChromium(chromium.browser_type, press, tmp_path / "one")
    typed: list[tuple[float, str]] = []
    try:
        first.page.goto(f"{press.url}/admin/blog/post/add/")
        first.page.fill("#id_title", "Killed while typing")
        field = first.page.locator("#id_content_markdown")
        began = time.monotonic()
        while time.monotonic() - began < PROMISE + 4:
            word = f"word{len(typed)}"
            field.press_sequentially(f"{word} ", delay=20)
            typed.append((time.monotonic(), word))
    finally:
        moment = time.monotonic()
        first.kill()
    due = {word for at, word in typed if at < moment - PROMISE}
    assert len(due) >= 4
    second = KillableChromium(chromium.browser_type, press, tmp_path / "two")
    try:
        second.page.goto(f"{press.url}/admin/blog/post/add/")
        offer = second.page.locator(".lp-unsaved li", has_text="Killed while typing")
        offer.get_by_role("link", name="Go on with this text").click()
        found = set(second.page.locator("#id_content_markdown").input_value().split())
    finally:
        second.kill()
    assert due <= found
