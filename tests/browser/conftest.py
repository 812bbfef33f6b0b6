"""A real Chromium against a real server."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.roles import Role
from tests.conftest import make_person

# The shell is the same engine without the windows it would draw for nobody: stories take two thirds of the time.
CHROMIUMS = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
CHROMIUM = next((path for path in CHROMIUMS if path.exists()), None)


@pytest.fixture(scope="session")
def chromium():
    """One Chromium for all browser tests of the run."""
    playwright_api = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    # Playwright keeps an event loop in this thread, which the ORM would mistake for an asynchronous program.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def browser_page(chromium, live_server) -> Callable:
    """Open a window: browser_page(width=390, scheme="dark", script=False).

    `page.complaints`: what its console said; `page.asked`: what it asked for and has no answer to yet.
    """
    contexts = []

    def open_window(*, width: int = 1440, height: int = 900, scheme: str = "light", script: bool = True):
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            java_script_enabled=script,
        )
        contexts.append(context)
        # This server has no sockets: theirs stay open and silent, so that no page asks for them again and again.
        context.route_web_socket("**/ws/**", lambda socket: None)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.asked = set()
        page.on("request", lambda request: page.asked.add(request))
        for over in ("requestfinished", "requestfailed"):
            page.on(over, lambda request: page.asked.discard(request))
        return page

    yield open_window
    for context in contexts:
        context.close()
    # What is still being answered is finished before the tables are emptied.
    until = time.monotonic() + 10
    while any("process_request" in thread.name for thread in threading.enumerate()) and time.monotonic() < until:
        time.sleep(0.02)


@pytest.fixture
def desk_of(browser_page, client_of, live_server) -> Callable:
    """Open a window in which somebody is signed in: desk_of(editor, width=390)."""

    def open_desk(user, **options):
        page = browser_page(**options)
        cookie = client_of(user).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        return page

    return open_desk


@pytest.fixture
def author(transactional_db):
    return make_person("author", Role.AUTHOR)


@pytest.fixture
def editor(transactional_db):
    return make_person("editor", Role.EDITOR)
