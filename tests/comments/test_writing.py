"""What readers write becomes safe HTML, in linear time, and nothing they typed is lost."""

import json
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from comments.models import Comment
from comments.models.comment import LONGEST
from comments.posting import edit, post_comment
from comments.rules import Writer
from comments.writing import is_empty, links_of, render, words_of
from core.refusals import Refusal

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "data" / "corpora"
needs_corpora = pytest.mark.skipif(not CORPORA.exists(), reason="the shared corpora are not beside this checkout")
TAGS = {"p", "br", "em", "strong", "a", "blockquote", "code", "pre", "ul", "ol", "li"}
REL = 'rel="ugc nofollow noopener"'


class Inspector(HTMLParser):
    """A second pair of eyes that shares no code with the sanitiser."""

    def __init__(self):
        super().__init__()
        self.faults = []

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        if tag not in TAGS:
            self.faults.append(f"<{tag}>")
        if known.keys() - {"a": {"href", "rel"}, "ol": {"start"}}.get(tag, set()):
            self.faults.append(f"{tag} {attrs}")
        if tag == "a" and "href" in known:
            bare = re.sub(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\ufeff]", "", known["href"])
            if not re.match(r"(?i)(https?://|mailto:)", bare) or known.get("rel") != "ugc nofollow noopener":
                self.faults.append(f"a {attrs}")

    def handle_decl(self, decl):
        self.faults.append(f"<!{decl}>")

    handle_pi = unknown_decl = handle_comment = handle_decl


def faults_in(html):
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.faults


def test_the_inspector_sees_what_it_must():
    seen = faults_in('<p onclick="x"><a href="java\tscript:x"></a><script></script><!-- c --><a href="https://x">')
    assert len(seen) == 5


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\ntwo\n\nthree", "<p>one<br>\ntwo</p>\n<p>three</p>"),
        ("*a* **b** `c<d`", "<p><em>a</em> <strong>b</strong> <code>c&lt;d</code></p>"),
        ("> said\n\nanswer", "<blockquote>\n<p>said</p>\n</blockquote>\n<p>answer</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("```py\nx < 1\n```", "<pre><code>x &lt; 1\n</code></pre>"),
        ("[a](https://b.example/?c=1&d)", f'<p><a href="https://b.example/?c=1&amp;d" {REL}>a</a></p>'),
        ("![a](https://b.example/c.png)", f'<p>!<a href="https://b.example/c.png" {REL}>a</a></p>'),
        ("[a [b](https://b.example) c](https://d.example)",
         f'<p>[a <a href="https://b.example" {REL}>b</a> c](<a href="https://d.example" {REL}>https://d.example</a>)</p>'),
        ("[a [b] \\] c](https://d.example)", f'<p><a href="https://d.example" {REL}>a [b] ] c</a></p>'),
        ("see https://b.example/c_d_e.", f'<p>see <a href="https://b.example/c_d_e" {REL}>https://b.example/c_d_e</a>.</p>'),
        ("(https://b.example/c_(d))", f'<p>(<a href="https://b.example/c_(d)" {REL}>https://b.example/c_(d)</a>)</p>'),
    ],
)  # fmt: skip
def test_the_marks_readers_know_work(text, html):
    assert render(text) == html


@pytest.mark.parametrize(
    "text",
    ["# a", "a\n===", "<b>a</b>", "|a|\n|-|", "***\n\n---", "[a]: https://b.example\n\n[a]",
     "[a](/relative)", "[a](javascript:alert(1))", "[a](data:text/html,x)", "[a](//b.example)", "https://", "~~a~~",
     "    a", "[" * 500],
)  # fmt: skip
def test_other_marks_stay_as_they_were_typed(text):
    html = render(text)
    assert faults_in(html) == []
    kept = words_of(html)
    for word in re.findall(r"[^\s\[\]()!]+", text):
        assert word in kept


def test_deep_quotes_and_lists_lose_no_words():
    for mark in ["> ", "- ", "1. ", ">", "> - "]:
        html = render(mark * 300 + "the end")
        assert words_of(html).endswith("the end"), mark
        assert html.count("<blockquote>") + html.count("<li>") <= 20


def test_what_turns_the_direction_of_text_around_is_taken_out_and_emoji_stay():
    assert render("a\u202egnp.exe\u202db") == "<p>agnp.exeb</p>"
    assert render("שלום 👩‍👩‍👧 می‌خواهم") == "<p>שלום 👩‍👩‍👧 می‌خواهم</p>"


@pytest.mark.parametrize("text", ["\u200b\u200d", "> ", "- \n- ", "&nbsp;", "\u202e", "&#8203;", "\u3164", "``` \n```"])
def test_what_shows_nothing_counts_as_empty(text):
    assert is_empty(render(text))


@pytest.mark.parametrize("text", ["\u200b", "> ", "&#8203;", "\u202e\u2066"])
def test_nobody_posts_what_shows_nothing(publish, moderator, text):
    post = publish()
    with pytest.raises(Refusal, match="Write something first"):
        post_comment(post, Writer(user=moderator), text)
    said = post_comment(post, Writer(user=moderator), "Words").comment
    with pytest.raises(Refusal, match="Write something first"):
        edit(said, text)
    assert list(Comment.objects.values_list("content", flat=True)) == ["Words"]


def test_words_and_links_are_read_from_what_is_shown():
    html = render("One *two* [three](https://a.example)\n\n- four &amp; five\n- https://b.example/?x=1&y=2")
    assert words_of(html) == "One two three four & five https://b.example/?x=1&y=2"
    assert links_of(html) == ["https://a.example", "https://b.example/?x=1&y=2"]
    assert not is_empty(html)


@needs_corpora
@pytest.mark.parametrize("name", ["xss", "markdown-xss"])
def test_nothing_of_the_corpus_is_left(name):
    rows = [json.loads(line)["payload"] for line in (CORPORA / name / f"{name}.jsonl").read_text().splitlines()]
    faults = {row: found for row in rows if (found := faults_in(render(row[:LONGEST])))}
    assert faults == {}
    assert len(rows) >= 43


@needs_corpora
def test_nothing_of_the_corpus_is_left_inside_other_marks():
    shapes = [
        "[{}](https://x.example)",
        "[x]({})",
        '[x](https://y.example "{}")',
        "> {}",
        "```{}\nx\n```",
        "<{}>",
        "https://{}",
    ]
    lines = (CORPORA / "xss" / "xss.jsonl").read_text().splitlines()[::4]
    for payload in (json.loads(line)["payload"].replace("\n", " ")[:600] for line in lines):
        assert faults_in(render("\n\n".join(shape.format(payload) for shape in shapes))) == []


ALSO = {
    "brackets": "[", "pictures": "![", "lists": "- ", "addresses": "https://", "closed": "https://)", "quotes": "> ",
    "stars": "*a_ ", "entities": "&#x", "mails": "[a](mailto:", "letters": "x", "links": "[a](https://b) ",
}  # fmt: skip


def bombs():
    """Every row of the corpus at 2,500 and at 5,000 characters."""
    lines = (CORPORA / "markdown-pathological" / "patterns.jsonl").read_text().splitlines() if CORPORA.exists() else []
    for line in lines:
        row = json.loads(line)
        yield row["name"], lambda size, parts=row["parts"]: _of_size(parts, size)
    for name, text in ALSO.items():
        yield name, lambda size, text=text: (text * size)[:size]


def _of_size(parts, size):
    once = sum(len(text) for text, repeats in parts if not repeats)
    each = sum(len(text) for text, repeats in parts if repeats) or 1
    times = max(1, (size - once) // each)
    return "".join(text * times if repeats else text for text, repeats in parts)[:size]


def _seconds(text):
    best = 10.0
    for _ in range(5):
        started = time.process_time()
        render(text)
        best = min(best, time.process_time() - started)
    return best


@pytest.mark.parametrize(("name", "make"), [pytest.param(*row, id=row[0]) for row in bombs()])
def test_no_bomb_takes_a_second_or_grows_faster_than_its_length(name, make):
    half, whole = _seconds(make(LONGEST // 2)), _seconds(make(LONGEST))
    assert whole < 1
    # Below some milliseconds the clock measures the machine.
    assert whole < 0.05 or whole <= 3 * half
