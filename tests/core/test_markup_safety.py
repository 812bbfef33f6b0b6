"""No text may run anything in a reader's browser, and none may hold up the house."""

import json
import re
import threading
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from core.markup import MAX_SOURCE_BYTES, MarkupError, bounds, render, sanitise

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "data" / "corpora"
XSS = [CORPORA / "xss" / "xss.jsonl", CORPORA / "markdown-xss" / "markdown-xss.jsonl"]
BOMBS = CORPORA / "markdown-pathological"
needs_corpora = pytest.mark.skipif(not CORPORA.exists(), reason="the shared corpora are not beside this checkout")

HARMLESS_TAGS = set(
    "a abbr aside audio b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em "
    "figcaption figure h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p picture pre q rp rt ruby s samp section small "
    "source span strong sub summary sup table tbody td tfoot th thead time tr u ul var video wbr".split()
)
HARMLESS_ATTRIBUTES = set(
    "aria-hidden aria-label alt cite class colspan controls data-embed data-id datetime decoding dir headers height "
    "href hreflang id lang loading open poster preload rel reversed role rowspan scope sizes span src srcset "
    "start tabindex title type value width".split()
)
IGNORED_BY_BROWSERS = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\ufeff]")


class Inspector(HTMLParser):
    """A second pair of eyes that shares no code with the sanitiser."""

    def __init__(self):
        super().__init__()
        self.faults = []

    def handle_starttag(self, tag, attrs):
        if tag not in HARMLESS_TAGS:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if name not in HARMLESS_ATTRIBUTES:
                self.faults.append(f"{tag} {name}")
            addresses = [value] if name in ("href", "src", "poster", "cite") else []
            addresses += (value or "").split(",") if name == "srcset" else []
            for address in addresses:
                scheme = re.match(r"([^/?#]*?):", IGNORED_BY_BROWSERS.sub("", address or ""))
                if scheme and scheme.group(1).lower() not in ("http", "https", "mailto", "tel"):
                    self.faults.append(f"{name}={value}")
            if name == "id" and not value.startswith("s-"):
                self.faults.append(f"id={value}")

    def handle_decl(self, decl):
        self.faults.append(f"<!{decl}>")

    handle_pi = unknown_decl = handle_comment = handle_decl


def faults_in(html):
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.faults


def test_the_inspector_sees_what_it_must():
    seen = faults_in('<p onclick="x" id="a" style="b"><a href="java\tscript:x"><script></script><!-- c -->')
    assert seen == ["p onclick", "id=a", "p style", "href=java\tscript:x", "<script>", "<! c >"]
    assert faults_in('<img srcset="/a 1w, data:x 2w">') == ["srcset=/a 1w, data:x 2w"]


@needs_corpora
@pytest.mark.parametrize("path", XSS, ids=lambda path: path.stem)
def test_nothing_of_the_corpus_is_left(path):
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    faults = {row["id"]: found for row in rows if (found := faults_in(render(row["payload"]).html))}
    assert faults == {}
    assert len(rows) >= (2806 if path.stem == "xss" else 43)


@needs_corpora
def test_nothing_of_the_corpus_is_left_inside_other_marks():
    shapes = [
        "[{}](/x)",
        "![{}](/x)",
        "[x]({})",
        '[x](/y "{}")',
        "> {}",
        "# {}",
        "```{}\nx\n```",
        "*[x]: {}\n\nx",
        "|a|\n|-|\n|{}|",
    ]
    rows = [json.loads(line)["payload"] for path in XSS for line in path.read_text().splitlines()][::6]
    for payload in rows:
        page = "\n\n".join(shape.format(payload.replace("\n", " ")) for shape in shapes)
        assert faults_in(render(page).html) == []


@pytest.mark.parametrize(
    "source",
    [
        "[x](javascript:alert(1))", "[x](java&#10;script:alert(1))", "![x](data:text/html;base64,PHM+)",
        "[x][r]\n\n[r]: vbscript:x", "<javascript:alert(1)>", "x{onclick=alert(1)}", "<svg/onload=alert(1)>",
        "# h {onmouseover=alert(1) style=x}", '![x](/y "t"){onerror=alert(1)}', "<iframe srcdoc=x>",
        "<form action=/x><input name=q></form>", "<a name=body href=//x>x</a>", "<img name=getElementById src=x>",
        '<video poster="javascript:x"></video>', "<meta http-equiv=refresh content=0>",
        "```<script>alert(1)</script>\nx\n```", '```x title="<script>"\ny\n```', "*[A]: \"onx='1\n\nA",
    ],
)  # fmt: skip
def test_every_road_for_attributes_and_addresses_is_closed(source):
    assert faults_in(render(source).html) == []


def test_only_our_own_classes_and_data_stay():
    html = sanitise(
        '<p class="btn pull admin" data-x="1">a</p><figure data-embed="evil" data-id="a b" class="embed">b</figure>'
    )
    assert html == '<p class="pull">a</p><figure class="embed">b</figure>'


def test_the_same_text_gives_the_same_bytes():
    source = '![a](/a "b") <video src=/v.mp4 preload=none></video> <audio src=/a.mp3></audio> [x](https://a.example)'
    assert len({render(source).html for _ in range(50)}) == 1


def test_sanitising_twice_changes_nothing():
    html = render('## A "b"\n\n[x](#a) ![i](/i "t")\n\n[^1]\n\n[^1]: n\n\n```py\nx = 1\n```\n\n|a|\n|-|\n|b|').html
    assert sanitise(html) == html


def test_a_text_over_one_megabyte_is_refused_in_a_sentence():
    with pytest.raises(MarkupError, match=r"The text is 1\.14 MB long; at most 1 MB"):
        render("é" * 600_000)
    assert MAX_SOURCE_BYTES == 2**20


def test_a_long_ordinary_text_is_rendered_whole():
    rendered = render("Some *words* of a long book, again and again.\n\n" * 15_000)
    assert rendered.word_count == 15_000 * 9


def test_the_child_process_says_the_same(monkeypatch):
    source = '# A\n\n"b"[^1]\n\n[^1]: n\n\n```python\nx = 1\n```\n\nhttps://vimeo.com/76979871'
    here = render(source, language="de")
    monkeypatch.setattr(bounds, "is_ordinary", lambda source: False)
    assert render(source, language="de") == here


@pytest.fixture
def short_limit(monkeypatch):
    monkeypatch.setattr(bounds, "TIME_LIMIT", 1)


SMALL_BOMBS = {
    "nested list": "- " * 700 + "x",
    "nested quotation": "> " * 2000 + "x",
    "brackets": "[" * 10_000,
    "pictures": "![" * 5000,
    "headings": "# a\n" * 5000,
    "definitions": "a\n: b\n" * 5000,
    "footnotes": "[^a] " * 5000 + "\n\n[^a]: x",
    "quotes": "\"'" * 20_000,
    "html": "<div>" * 5000,
    "comments": "<!-- " * 5000,
    "addresses": "http://" * 5000,
    "code": "```html\n" + "<" * 20_000,
}


def test_a_post_full_of_code_is_ordinary():
    lines = "\n".join(f"    rows[{n}] = table_of[key_{n}](x_{n} * 2, y__{n} | z)" for n in range(80))
    assert bounds.is_ordinary(f"Text\n\n```python\ndef f():\n{lines}\n```\n\nMore text.")
    assert not bounds.is_ordinary("```\n" + "x[" * 20_000 + "\n```")
    assert not bounds.is_ordinary("```java\n" + "\n" * 6_000)


@pytest.mark.parametrize("opening", ["    ```", "> ```", "```a`b", "``` \n```"])
def test_a_bomb_cannot_pass_for_code(opening):
    assert not bounds.is_ordinary(f"{opening}\n" + "[" * 5000)


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL_BOMBS)
def test_a_small_bomb_is_over_soon(name, short_limit):
    started = time.monotonic()
    try:
        render(SMALL_BOMBS[name])
    except MarkupError as error:
        assert re.search("nested too deeply|longer than 1 seconds", str(error))
    assert time.monotonic() - started < bounds.TIME_LIMIT * bounds.PATIENCE + 2


@pytest.mark.slow
@needs_corpora
def test_no_text_of_the_corpus_hangs(short_limit):
    sources = [path.read_text(errors="replace") for path in sorted(BOMBS.glob("*.md"))]
    for line in (BOMBS / "patterns.jsonl").read_text().splitlines():
        row = json.loads(line)
        sources.append("".join(part * (row["n_for_30k"] // 3 if repeat else 1) for part, repeat in row["parts"]))
    for source in sources:
        started = time.monotonic()
        try:
            render(source)
        except MarkupError as error:
            assert str(error).endswith(".")
        assert time.monotonic() - started < bounds.TIME_LIMIT * bounds.PATIENCE + 2
    assert len(sources) >= 37


def test_others_go_on_while_a_bomb_is_rendered(monkeypatch):
    monkeypatch.setattr(bounds, "TIME_LIMIT", 3)
    bomb = threading.Thread(target=lambda: pytest.raises(MarkupError, render, "[" * 20_000))
    bomb.start()
    for _ in range(20):
        render("A *short* text.")
    assert bomb.is_alive()
    bomb.join()


def test_five_thousand_words_take_well_under_a_second():
    source = "A line with *marks*, `code`, [a link](https://example.org) and “words” enough to fill it.\n\n" * 385
    render(source)
    started = time.thread_time()
    assert render(source).word_count > 5_000
    assert 0 < time.thread_time() - started < 0.5
