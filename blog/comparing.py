"""Two versions of a post compared: paragraph by paragraph and word by word, and every field beside the text.

`compare` looks at what was written, `compare_rendered` at what readers see. Both take bounded time (see
`blog.alignment`) and grow coarser where a text is built to make comparing slow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from blog import versions
from blog.alignment import Effort, Run
from blog.marking import html_of, rendered_paragraphs
from blog.models import Post
from blog.paragraphs import (
    ADDED,
    CHANGED,
    MOVED_HERE,
    REMOVED,
    SAME,
    Block,
    Step,
    common_words,
    paragraphs_of,
    steps_between,
)
from blog.words import is_word, parted, words_of

# Elementary steps one comparison may cost; about a second at the most.
STEPS = 3_000_000


@dataclass(frozen=True)
class Piece:
    """A stretch of text that is in both versions ("same"), only in the newer ("added") or only in the older
    ("removed")."""

    kind: str
    text: str

    @property
    def parted(self) -> tuple[str, str, str]:
        """The spaces before its words, the words, the spaces after them; spaces alone are all there is to mark."""
        return parted(self.text)


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of the comparison. `before` and `after` count from 0 and are None where it does not stand.

    `kind`: "same", "changed", "added", "removed", "moved" (at its new place; `up` says which way), or "left" (the place
    something moved away from, which has no text of its own). `html` is there in a rendered comparison only.
    """

    kind: str
    before: int | None
    after: int | None
    pieces: tuple[Piece, ...] = ()
    html: SafeString = field(default_factory=SafeString)
    up: bool = False

    @property
    def visible(self) -> list[Piece]:
        """Its pieces without the blank lines behind it."""
        pieces = list(self.pieces)
        while pieces and not pieces[-1].text.strip():
            pieces.pop()
        if pieces:
            pieces[-1] = Piece(pieces[-1].kind, pieces[-1].text.rstrip())
        return pieces


@dataclass(frozen=True)
class Field:
    """A field beside the text that says something else now, with what editors call it and what changed word by word."""

    name: str
    label: str
    before: str
    after: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Comparison:
    """What became of an older version. `added` and `removed` count words of the text; `coarse` says that a part was
    too tangled to be looked at word by word in the time there is."""

    paragraphs: tuple[Paragraph, ...]
    fields: tuple[Field, ...]
    added: int
    removed: int
    coarse: bool = False

    @property
    def touched(self) -> int:
        """How many paragraphs were changed, added or removed where they stand."""
        return sum(paragraph.kind in (CHANGED, ADDED, REMOVED) for paragraph in self.paragraphs)

    @property
    def moved(self) -> int:
        return sum(paragraph.kind == MOVED_HERE for paragraph in self.paragraphs)

    @property
    def is_empty(self) -> bool:
        return not self.fields and not self.touched and not self.moved


def compare(old: dict[str, Any], new: dict[str, Any]) -> Comparison:
    """Compare two snapshots as they were written.

    The pieces give both texts back exactly: the same and the removed ones of the paragraphs in the order of `before`
    are the older text, the same and the added ones in the order of `after` the newer.
    """
    effort = Effort(STEPS)
    before, after = (paragraphs_of(said.get("content_markdown") or "") for said in (old, new))
    steps = steps_between(before, after, effort)
    paragraphs = [
        Paragraph(step.kind, step.before, step.after, _pieces_of(step, before, after), up=step.up) for step in steps
    ]
    return _comparison(paragraphs, steps, (before, after), compare_fields(old, new), effort)


def compare_rendered(old: dict[str, Any], new: dict[str, Any]) -> Comparison:
    """Compare two snapshots as readers see them; words that changed are marked in the HTML of each paragraph.

    Raises core.markup.MarkupError when one of them cannot be rendered, or is too long to be rendered for this.
    """
    effort = Effort(STEPS)
    before, after = (rendered_paragraphs(said) for said in (old, new))
    steps = steps_between(before, after, effort)
    paragraphs = [
        Paragraph(step.kind, step.before, step.after, html=html_of(step, before, after), up=step.up) for step in steps
    ]
    return _comparison(paragraphs, steps, (before, after), compare_fields(old, new), effort)


def compare_fields(old: dict[str, Any], new: dict[str, Any]) -> list[Field]:
    """The fields beside the text in which two snapshots differ."""
    found = []
    for name in versions.differences(old, new):
        if name == "content_markdown":
            continue
        before, after = (said_in(name, said.get(name, versions.default_of(name))) for said in (old, new))
        label = versions.label_of(name)
        found.append(Field(name, label[:1].upper() + label[1:], before, after, compare_words(before, after)))
    return found


def compare_words(old: str, new: str) -> tuple[Piece, ...]:
    """Two short texts compared word by word."""
    before, after = Block(old, old, words_of(old)), Block(new, new, words_of(new))
    return _pieces(before, after, common_words(before, after, Effort(STEPS // 10)))


def said_in(name: str, value: Any) -> str:
    """What a field of a snapshot said, as words a person reads; "" when it said nothing."""
    if value in (None, "", []):
        return ""
    if name in versions.TIME_FIELDS:
        moment = parse_datetime(str(value))
        return date_format(timezone.localtime(moment), "j F Y, H:i") if moment else str(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if name not in versions.RELATIONS and name not in versions.LISTS:
        described = Post._meta.get_field(name)
        if isinstance(described, models.Field) and described.choices:
            return str(dict(described.flatchoices).get(value, value))
        return str(value)
    return versions.value_in_words(name, value)


def _pieces(old: Block, new: Block, runs: list[Run]) -> tuple[Piece, ...]:
    pieces = []
    at_old = at_new = 0
    for run in [*runs, Run(len(old.words), len(new.words), 0)]:
        for kind, words in (
            (REMOVED, old.words[at_old : run.old]),
            (ADDED, new.words[at_new : run.new]),
            (SAME, new.words[run.new : run.new + run.length]),
        ):
            if words:
                pieces.append(Piece(kind, "".join(words)))
        at_old, at_new = run.old + run.length, run.new + run.length
    return tuple(pieces)


def _pieces_of(step: Step, old: Sequence[Block], new: Sequence[Block]) -> tuple[Piece, ...]:
    if step.before is None and step.after is None:
        return ()
    if step.before is None:
        return (Piece(ADDED, new[step.after].text),) if step.after is not None else ()
    if step.after is None:
        return (Piece(REMOVED, old[step.before].text),)
    return _pieces(old[step.before], new[step.after], step.runs)


def _comparison(
    paragraphs: Iterable[Paragraph],
    steps: Iterable[Step],
    texts: tuple[Sequence[Block], Sequence[Block]],
    fields: list[Field],
    effort: Effort,
) -> Comparison:
    old, new = texts
    added = removed = 0
    for step in steps:
        if step.kind == SAME:
            continue
        before = old[step.before].words if step.before is not None else []
        after = new[step.after].words if step.after is not None else []
        same = sum(is_word(word) for run in step.runs for word in after[run.new : run.new + run.length])
        added += sum(map(is_word, after)) - same
        removed += sum(map(is_word, before)) - same
    return Comparison(tuple(paragraphs), tuple(fields), added, removed, coarse=effort.short)
