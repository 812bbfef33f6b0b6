"""How long the preview of a text takes: rendering it, the server's answer, and, with --browser, from key to picture.

`python bench/preview.py [--words 5000] [--rounds 30] [--browser]`. The text is prose with links, emphasis, notes,
lists, tables and code; each round changes one word in its middle, so that nothing is remembered from the one before.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
scratch = tempfile.TemporaryDirectory()
sys.path.insert(0, str(ROOT))
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DATABASE_URL": f"sqlite:///{scratch.name}/bench.sqlite3",
    "MEDIA_ROOT": f"{scratch.name}/media",
    "LOG_LEVEL": "ERROR",
}

SENTENCE = "The *noon gun* of the [town](/blog/noon/) fires “at” twelve, and `nobody` looks up; the **clock** says so. "
CODE = "```python\nfor hour in range(24):\n    print(hour)\n```"
TABLE = "| Tide | Hour |\n| --- | ---: |\n| High | 9 |\n| Low | 15 |"


def text_of(words: int) -> str:
    parts: list[str] = []
    count = number = 0
    while count < words:
        number += 1
        if number % 6 == 1:
            parts.append(f"## Part {number}")
        if number % 9 == 0:
            parts.append(CODE)
        if number % 11 == 0:
            parts.append(TABLE)
        if number % 7 == 0:
            parts.append(f"- one\n- two\n- three [^{number}]\n\n[^{number}]: A note.")
        parts.append(SENTENCE * 5)
        count += len(parts[-1].split())
    return "\n\n".join(parts)


def timed(rounds: int, act: Callable[[int], Any]) -> str:
    """By the clock, and how much of it this process itself was at work: on a busy machine the second counts."""
    act(-1)
    taken, worked = [], []
    for number in range(rounds):
        began, busy = time.perf_counter(), time.process_time()
        act(number)
        taken.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - busy) * 1000)
    return f"{said(taken)}   at work {statistics.median(worked):6.1f} ms"


def said(taken: list[float]) -> str:
    ordered = sorted(taken)
    last = ordered[min(len(ordered) - 1, round(len(ordered) * 0.95))]
    return f"median {statistics.median(taken):6.1f} ms   95 % within {last:6.1f} ms   worst {ordered[-1]:6.1f} ms"


def from_key_to_picture(server: str, cookie: str, source: str, rounds: int) -> str:
    """Keys typed in the middle of the text in Chromium: until the changed word is laid out in the preview."""
    from playwright.sync_api import sync_playwright

    measure = """async () => {
      const field = document.querySelector('#id_content_markdown');
      const sheet = document.querySelector('iframe.lp-paper').contentDocument;
      const middle = field.value.indexOf('noon', field.value.length / 2);
      field.focus();
      field.setSelectionRange(middle, middle);
      const changed = new Promise((resolve) => {
        new MutationObserver((all, observer) => { observer.disconnect(); resolve(); })
          .observe(sheet.querySelector('[data-part=text]'), { childList: true, characterData: true, subtree: true });
      });
      const began = performance.now();
      document.execCommand('insertText', false, String.fromCharCode(97 + Math.floor(Math.random() * 26)));
      await changed;
      sheet.body.offsetHeight;
      return performance.now() - began;
    }"""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": server}])
        page = context.new_page()
        page.goto(f"{server}/admin/blog/post/add/")
        page.fill("#id_content_markdown", source)
        page.wait_for_timeout(2500)
        taken = []
        for _ in range(rounds):
            taken.append(page.evaluate(measure))
            page.wait_for_timeout(700)
        browser.close()
    return said(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--browser", action="store_true")
    options = parser.parse_args()

    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from accounts.models import User
    from accounts.roles import Role, set_role, synchronise
    from core import markup

    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    synchronise()
    person = User.objects.create_user("bench", "bench@example.org", "a-long-password")
    set_role(person, Role.EDITOR)
    client = Client()
    client.force_login(person, backend="accounts.backends.RoleBackend")
    source = text_of(options.words)
    middle = source.index("noon", len(source) // 2)

    def changed(number: int) -> str:
        return f"{source[:middle]}word{number} {source[middle:]}"

    print(f"{markup.render(source).word_count:,} words, {len(source.encode()):,} bytes")
    print("rendered       ", timed(options.rounds, lambda number: markup.render(changed(number))))
    print(
        "answered       ",
        timed(
            options.rounds,
            lambda number: client.post("/admin/blog/post/preview/", {"content_markdown": changed(number)}),
        ),
    )
    print(
        "asked again    ",
        timed(options.rounds, lambda _: client.post("/admin/blog/post/preview/", {"content_markdown": source})),
    )
    if options.browser:
        import subprocess
        import urllib.request

        port = "8139"
        with open(f"{scratch.name}/log", "w") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "config.serve"],
                env=os.environ | {"PORT": port},
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(120):
                try:
                    urllib.request.urlopen(f"{address}/healthz", timeout=1)
                    break
                except OSError:
                    time.sleep(0.5)
            cookie = client.cookies["sessionid"].value
            print("key to picture ", from_key_to_picture(address, cookie, source, options.rounds))
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
