"""The paragraphs readers see, compared, with the words that changed marked in their HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from blog import writing
from blog.alignment import Run
from blog.paragraphs import ADDED, REMOVED, Block, Step
from blog.words import parted, words_of
from core import markup
from core.markup.pictures import without_sizes

# Longer texts are compared as they were written only: rendering them twice would take seconds.
MOST_RENDERED = 250_000

_VOID = frozenset("br hr img col source wbr".split())
_INLINE = frozenset("a em strong b i u s del ins mark sup sub small kbd samp var code q cite dfn abbr span bdi".split())
# The end of one of these is a place words may stand before, and none may stand in what holds only these.
_HOLDS_WORDS = frozenset("p h2 h3 h4 h5 h6 li td th dt dd pre figcaption caption summary div blockquote".split())
_MACHINERY = frozenset({"anc", "back"})
# What the writer struck out or put in is no difference between two versions.
_AS_WRITTEN = {"del": "s", "ins": "u"}


@dataclass(frozen=True)
class Rendered(Block):
    """A rendered paragraph: `parts` are its tags (as HTML) and, as numbers, its words, which are `shown` as HTML."""

    parts: list[str | int]
    shown: list[str]


class _Splitter(HTMLParser):
    """Cuts sanitised HTML into its outermost elements, and those into tags and words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Rendered] = []
        self.open: list[str] = []
        self.silent = 0
        self.begin()

    def begin(self) -> None:
        self.parts: list[str | int] = []
        self.words: list[str] = []
        self.shown: list[str] = []

    def end(self) -> None:
        if any(isinstance(part, int) for part in self.parts):
            key = "".join(part if isinstance(part, str) else self.words[part] for part in self.parts)
            self.blocks.append(Rendered(key.strip(), "", self.words, self.parts, self.shown))
        self.begin()

    def say(self, word: str, shown: str) -> None:
        self.parts.append(len(self.words))
        self.words.append(word)
        self.shown.append(shown)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if self.silent or (tag == "a" and said.get("class") in _MACHINERY):
            self.silent += tag not in _VOID
            return
        # Two texts stand on one page: no name may be given twice, and no link within a text leads anywhere.
        attributes = "".join(
            f' {name}="{escape(value or "")}"'
            for name, value in attrs
            if name != "id" and not (name == "href" and (value or "").startswith("#"))
        )
        tag = _AS_WRITTEN.get(tag, tag)
        html = f"<{tag}{attributes}>"
        if tag in _VOID:
            self.say("\0" + html, html)
            if not self.open:
                self.end()
            return
        self.open.append(html if tag in _INLINE else tag)
        self.parts.append(html)

    def handle_endtag(self, tag: str) -> None:
        tag = _AS_WRITTEN.get(tag, tag)
        if self.silent:
            self.silent -= 1
            return
        if tag in _VOID or not self.open:
            return
        self.open.pop()
        if tag in _HOLDS_WORDS:
            self.say(f"\0/{tag}", "")
        self.parts.append(f"</{tag}>")
        if not self.open:
            self.end()

    def handle_data(self, data: str) -> None:
        if self.silent or (not self.open and not data.strip()):
            return
        marks = "\0".join(each for each in self.open if each.startswith("<"))
        for word in words_of(data):
            self.say(f"{word}\0{marks}" if marks else word, escape(word, quote=False))
        if not self.open:
            self.end()


def rendered_paragraphs(said: dict[str, Any]) -> list[Rendered]:
    """The outermost elements of a snapshot's text as readers see it. Raises MarkupError, also when it is too long."""
    text = said.get("content_markdown") or ""
    if len(text) > MOST_RENDERED:
        raise markup.MarkupError("The text is too long to be compared as readers see it.")
    splitter = _Splitter()
    splitter.feed(without_sizes(writing.rendered(text, said.get("content_language") or "en").html))
    splitter.close()
    splitter.end()
    return splitter.blocks


def html_of(step: Step, old: Sequence[Rendered], new: Sequence[Rendered]) -> SafeString:
    """The paragraph with its words marked; what the sanitiser leaves of it, so that nothing here can be unsafe."""
    if step.after is not None:
        block, kind = new[step.after], ADDED
        removed = _removed_before(old[step.before], block, step.runs) if step.before is not None else {}
    elif step.before is not None:
        block, kind, removed = old[step.before], REMOVED, {}
    else:
        return SafeString()
    common = {run.new + k for run in step.runs for k in range(run.length)}
    html: list[str] = []
    mark = ""
    element = "ins" if kind == ADDED else "del"
    for part in block.parts:
        shown = part if isinstance(part, str) else block.shown[part]
        gone = removed.get(part, "") if isinstance(part, int) else ""
        marked = isinstance(part, int) and part not in common and bool(shown)
        if mark and (gone or not marked):
            html.append(f"</{mark}>")
            mark = ""
        if gone:
            before, words, after = parted(gone)
            html.append(f"{before}<del>{words}</del>{after or (' ' if marked else '')}")
        if marked and not mark and not shown.isspace():
            mark = element
            html.append(f"<{mark}>")
        html.append(shown)
    if mark:
        html.append(f"</{mark}>")
    if removed.get(len(block.words)):
        html.append(f"<p><del>{removed[len(block.words)]}</del></p>")
    return mark_safe(markup.sanitise("".join(html)))


def _removed_before(old: Rendered, new: Rendered, runs: list[Run]) -> dict[int, str]:
    """The words that are gone, as HTML, by the word of the newer text they stood before."""
    removed: dict[int, str] = {}
    at_old = at_new = 0
    for run in [*runs, Run(len(old.words), len(new.words), 0)]:
        gone = "".join(word or " " for word in old.shown[at_old : run.old])
        if gone.strip():
            removed[at_new] = gone
        at_old, at_new = run.old + run.length, run.new + run.length
    return removed
