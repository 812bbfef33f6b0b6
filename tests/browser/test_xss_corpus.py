"""The whole corpus of attacks, rendered and opened in a real Chromium: nothing runs."""

import json
from pathlib import Path

import pytest

from core.markup import render

pytestmark = pytest.mark.browser
CORPORA = Path(__file__).resolve().parents[3] / "shared" / "data" / "corpora"
FILES = [CORPORA / "xss" / "xss.jsonl", CORPORA / "markdown-xss" / "markdown-xss.jsonl"]
BATCH = 300

# Runs before anything of the page: whatever an attack would call to show itself is written down with its place.
HOOKS = """
window.ran = [];
window.place = () => {
  const at = (window.event && window.event.target) || document.currentScript;
  const box = at && at.closest && at.closest('[data-row]');
  return box ? box.dataset.row : 'unknown';
};
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open'])
  window[name] = (...args) => { window.ran.push([name, String(args[0]).slice(0, 80), window.place()]); return null; };
for (const name of ['write', 'writeln'])
  document[name] = (...args) => { window.ran.push([name, String(args[0]).slice(0, 80), window.place()]); };
document.addEventListener('click', event => {
  const link = event.target.closest && event.target.closest('a[href], area[href]');
  const scheme = link ? String(link.protocol) : '';
  if (['http:', 'https:', 'mailto:', 'tel:', ''].includes(scheme)) event.preventDefault();
}, true);
"""

EVENTS = """
() => {
  const names = ('click dblclick contextmenu mousedown mouseup mouseover mouseenter mousemove mouseout mouseleave ' +
    'pointerover pointerenter pointerdown pointermove focus focusin blur keydown keyup keypress input change submit ' +
    'reset select toggle load error animationstart animationend transitionend wheel scroll touchstart touchend drag ' +
    'dragstart drop copy cut paste play canplay begin beforetoggle').split(' ');
  const all = [...document.querySelectorAll('body *')];
  for (const details of document.querySelectorAll('details')) details.open = true;
  for (const element of all) {
    for (const name of names) element.dispatchEvent(new Event(name, {bubbles: name !== 'load', cancelable: true}));
    if (element.click && element.isConnected) element.click();
    if (element.focus && element.isConnected) element.focus();
  }
  return all.length;
}
"""


@pytest.fixture
def run(chromium):
    """Opens a page made of rows of HTML, plays every event on it and tells what ran and what it asked for."""
    context = chromium.new_context()
    context.add_init_script(HOOKS)

    def run_rows(rows):
        page, asked, opened = context.new_page(), [], []
        document = "".join(f'<div data-row="{number}">{html}</div>' for number, html in rows)

        def answer(route):
            request = route.request
            if request.url == "https://site.test/":
                route.fulfill(body=f"<!doctype html><title>t</title><body>{document}", content_type="text/html")
            else:
                if request.resource_type not in ("image", "media"):
                    asked.append((request.resource_type, request.url))
                route.abort()

        page.route("**/*", answer)
        page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
        page.goto("https://site.test/")
        count = page.evaluate(EVENTS)
        page.wait_for_timeout(150)
        assert page.url == "https://site.test/"
        ran = page.evaluate("window.ran")
        page.close()
        return ran + opened, asked, count

    yield run_rows
    context.close()


def test_the_oracle_sees_attacks_that_run(run):
    attacks = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(2)>",
        '<a href="javascript:alert(3)">x</a>',
        "<p onmouseover=alert(4)>x</p>",
        "<svg onload=alert(5)></svg>",
        "<details ontoggle=alert(6)><summary>x</summary></details>",
        '<iframe srcdoc="<script>parent.alert(7)</script>"></iframe>',
        "<input autofocus onfocus=alert(8)>",
    ]
    ran, asked, _ = run(enumerate(attacks))
    assert {what[1] for what in ran} >= {"1", "2", "3", "4", "5", "6", "7", "8"}
    _, asked, _ = run([(0, "<script src=https://evil.test/x.js></script>")])
    assert asked == [("script", "https://evil.test/x.js")]


@pytest.mark.skipif(not CORPORA.exists(), reason="the shared corpora are not beside this checkout")
def test_nothing_of_the_corpus_runs(run):
    rows = [json.loads(line) for path in FILES for line in path.read_text().splitlines()]
    rendered = [(row["id"], render(row["payload"]).html) for row in rows]
    assert len(rendered) >= 2849
    for start in range(0, len(rendered), BATCH):
        ran, asked, count = run(rendered[start : start + BATCH])
        assert ran == []
        assert asked == []
        assert count >= len(rendered[start : start + BATCH])
