"""Two people wrote at one post: what each changed, put together, and what nobody but they can decide.

The text is compared by paragraphs (blocks between blank lines; fenced code is one, whatever is in it), every other
field as a whole. What only one of them touched is taken; what both touched differently is a conflict, with what it said
before (base), what the other saved (theirs) and what is being saved (mine). No sentence either of them added ever
disappears: it is in the merged text or in a conflict.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from blog import versions
from blog.alignment import Effort, Run, align
from blog.models import Post, PostVersion

TEXT = "content_markdown"
# More places than this to decide are one place from there on: nobody decides five hundred, and forms have bounds.
MAX_CONFLICTS = 60

# Elementary steps one comparison may cost, a fraction of a second; and how many neighbours are looked at one by one.
STEPS = 1_000_000
NEIGHBOURS = 1_000

_FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(`{3,}(?=[^`]*\Z)|~{3,})")

Kind = Literal["same", "theirs", "mine", "agreed", "both", "conflict"]
Side = Literal["theirs", "mine", "both"]


# --- Comparing two sequences ------------------------------------------------------------------------------------------
class Change(NamedTuple):
    """`old[start:end]` became `new[new_start:new_end]`."""

    start: int
    end: int
    new_start: int
    new_end: int


def changes(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Change]:
    """Where two sequences differ, in order. Bounded for any input: what would take too long counts as replaced."""
    known: dict[Hashable, int] = {}
    before, after = ([known.setdefault(item, len(known)) for item in items] for items in (old, new))
    found: list[Change] = []
    at = new_at = 0
    for run in (*align(before, after, Effort(STEPS)), Run(len(old), len(new), 0)):
        if run.old > at or run.new > new_at:
            found.append(Change(at, run.old, new_at, run.new))
        at, new_at = run.old + run.length, run.new + run.length
    return found


# --- The text ---------------------------------------------------------------------------------------------------------
class Block(NamedTuple):
    """A paragraph, a heading, a list, a piece of code; `gap` is the white space after it, as written."""

    text: str
    gap: str


def lines_of(text: str) -> str:
    """The same text with one kind of line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def blocks(text: str) -> tuple[str, list[Block]]:
    """The white space before the first block, and the blocks. Put together again they are the text, to the letter."""
    found: list[Block] = []
    held: list[str] = []
    blank: list[str] = []
    lead = fence = ""

    def close(followed: bool) -> None:
        nonlocal lead
        empty = "".join(f"{line}\n" for line in blank) if followed else "\n".join(blank)
        if held:
            found.append(Block("\n".join(held), f"\n{empty}" if blank else ""))
        else:
            lead = empty

    for line in text.split("\n"):
        if not line.strip(" \t") and not fence:
            blank.append(line)
            continue
        if blank:
            close(followed=True)
            held, blank = [], []
        held.append(line)
        opening = _FENCE.match(line)
        if not fence:
            fence = opening[1] if opening else ""
        elif opening and opening[1].startswith(fence) and not line[opening.end() :].strip(" \t"):
            fence = ""
    while held and not held[-1].strip(" \t"):
        # A fence nobody closed: the blank lines after it are a gap all the same.
        blank.insert(0, held.pop())
    close(followed=False)
    return lead, found


def said(passage: Iterable[Block]) -> str:
    """What some blocks say, without the white space after the last."""
    text, gap = "", ""
    parts = []
    for text, gap in passage:
        parts += [text, gap]
    return "".join(parts[:-1])


@dataclass(frozen=True)
class Chunk:
    """A stretch of the text as each of the three has it.

    `kind`: nobody changed it ("same"), one did ("theirs", "mine"), both did the same ("agreed"), both added something
    at one place and it stands one after the other ("both"), or it must be decided ("conflict").
    """

    kind: Kind
    base: tuple[Block, ...]
    theirs: tuple[Block, ...]
    mine: tuple[Block, ...]

    @property
    def merged(self) -> tuple[Block, ...]:
        """What stands there when nobody is asked; of a conflict both, one after the other."""
        if self.kind in {"both", "conflict"}:
            return self.theirs + self.mine
        return self.theirs if self.kind == "theirs" else self.mine


def merge_text(base: str, theirs: str, mine: str) -> list[Chunk]:
    """Three texts (with one kind of line end) as stretches, in order.

    To two texts that began from nothing nothing is known in common: all in which they differ is asked.
    """
    ours, yours, news = (blocks(text)[1] for text in (base, theirs, mine))
    if not ours:
        return _bounded(_compare_two(yours, news))
    sides = {"theirs": yours, "mine": news}
    steps = [
        (each, side)
        for side, new in sides.items()
        for change in changes([block.text for block in ours], [block.text for block in new])
        for each in _one_by_one(change, ours, new)
    ]
    steps.sort(key=lambda step: (step[0].start, step[0].end))
    found: list[Chunk] = []
    at = 0
    moved = {"theirs": 0, "mine": 0}

    def stretch(start: int, end: int, grown: Mapping[str, int]) -> dict[str, tuple[Block, ...]]:
        parts = {"base": tuple(ours[start:end])}
        for side, new in sides.items():
            parts[side] = tuple(new[start + moved[side] : end + moved[side] + grown.get(side, 0)])
            moved[side] += grown.get(side, 0)
        return parts

    first = 0
    while first < len(steps):
        start, end = steps[first][0].start, steps[first][0].end
        grown: dict[str, int] = {}
        after = first
        while after < len(steps):
            change, side = steps[after]
            # Two insertions at one place meet; otherwise touching is not overlapping.
            meets = change.start < end or change.start == change.end == start == end
            if after > first and not meets:
                break
            end = max(end, change.end)
            grown[side] = grown.get(side, 0) + (change.new_end - change.new_start) - (change.end - change.start)
            after += 1
        if start > at:
            found.append(_stay(**stretch(at, start, {})))
        parts = stretch(start, end, grown)
        found.append(Chunk(_kind(set(grown), **parts), **parts))
        first, at = after, end
    if at < len(ours):
        found.append(_stay(**stretch(at, len(ours), {})))
    return _bounded(found)


def _one_by_one(change: Change, old: list[Block], new: list[Block]) -> list[Change]:
    """Neighbouring paragraphs that were each rewritten are changes of their own, so that they are decided apart."""
    count = change.end - change.start
    if not 2 <= count <= NEIGHBOURS or count != change.new_end - change.new_start:
        return [change]
    found: list[Change] = []
    was_alike = True
    for place, new_place in zip(range(change.start, change.end), range(change.new_start, change.new_end), strict=True):
        alike = _alike(old[place].text, new[new_place].text)
        if alike or was_alike:
            found.append(Change(place, place + 1, new_place, new_place + 1))
        else:
            found[-1] = found[-1]._replace(end=place + 1, new_end=new_place + 1)
        was_alike = alike
    return found


def _alike(old: str, new: str) -> bool:
    """Whether half of the words, or of the signs where words are not parted, are the same."""
    parts = (Counter(re.findall(r"[^\W\u3040-\uffff]+|[\u3040-\uffff]", text)) for text in (old, new))
    words, new_words = parts
    return 2 * (words & new_words).total() >= max(words.total(), new_words.total(), 1)


def _stay(base: tuple[Block, ...], theirs: tuple[Block, ...], mine: tuple[Block, ...]) -> Chunk:
    """Nobody changed these blocks; who changed the white space after one has it so."""
    kept = tuple(block if block.gap != was.gap else other for was, other, block in zip(base, theirs, mine, strict=True))
    return Chunk("same", base, theirs, kept)


def _kind(touched: set[str], base: tuple[Block, ...], theirs: tuple[Block, ...], mine: tuple[Block, ...]) -> Kind:
    if len(touched) == 1:
        return "theirs" if "theirs" in touched else "mine"
    yours, news = [block.text for block in theirs], [block.text for block in mine]
    if yours == news:
        return "agreed"
    if not base and not set(yours) & set(news):
        return "both"
    if not base and _is_within(news, yours):
        return "theirs"
    if not base and _is_within(yours, news):
        return "mine"
    return "conflict"


def _is_within(some: list[str], all_of: list[str]) -> bool:
    """Whether the blocks of one are among those of the other, in the same order."""
    rest = iter(all_of)
    return all(text in rest for text in some)


def _compare_two(theirs: list[Block], mine: list[Block]) -> list[Chunk]:
    """Without knowing what either began from, what differs is a conflict."""
    if not theirs or not mine:
        return [Chunk("mine" if mine else "theirs", (), tuple(theirs), tuple(mine))] if theirs or mine else []
    found, at, new_at = [], 0, 0
    ends = Change(len(theirs), len(theirs), len(mine), len(mine))
    for change in (*changes([block.text for block in theirs], [block.text for block in mine]), ends):
        if change.start > at:
            same = tuple(mine[new_at : change.new_start])
            found.append(Chunk("same", (), tuple(theirs[at : change.start]), same))
        if change is not ends:
            yours, news = tuple(theirs[change.start : change.end]), tuple(mine[change.new_start : change.new_end])
            found.append(Chunk("conflict", (), yours, news))
        at, new_at = change.end, change.new_end
    return found


def _bounded(chunks: list[Chunk]) -> list[Chunk]:
    """With so many conflicts that nobody would decide them the last ones, and what lies between them, are one."""
    places = [number for number, chunk in enumerate(chunks) if chunk.kind == "conflict"]
    if len(places) <= MAX_CONFLICTS:
        return chunks
    first, last = places[MAX_CONFLICTS - 1], places[-1] + 1
    rest = chunks[first:last]
    one = Chunk(
        "conflict",
        tuple(block for chunk in rest for block in chunk.base),
        tuple(block for chunk in rest for block in chunk.theirs),
        tuple(block for chunk in rest for block in chunk.mine),
    )
    return [*chunks[:first], one, *chunks[last:]]


# --- The whole post ---------------------------------------------------------------------------------------------------
FIELDS = tuple(
    name
    for name in (*versions.PLAIN_FIELDS, *versions.TIME_FIELDS, *versions.RELATIONS, *versions.LISTS)
    if name != TEXT
)


@dataclass(frozen=True)
class Merge:
    """Three snapshots put together.

    `fields` has every field but the text that at least one of them changed, with the kind of a chunk; `settled` the
    value of each that is no conflict, the unchanged ones too.
    """

    base: dict[str, Any]
    theirs: dict[str, Any]
    mine: dict[str, Any]
    fields: dict[str, Kind]
    settled: dict[str, Any]
    chunks: list[Chunk]

    @property
    def conflicts(self) -> list[str]:
        """What is to be decided: names of fields, and "text-0", "text-1" … for places in the text."""
        places = sum(chunk.kind == "conflict" for chunk in self.chunks)
        return [
            *(name for name, kind in self.fields.items() if kind == "conflict"),
            *(f"text-{number}" for number in range(places)),
        ]

    @property
    def is_all_theirs(self) -> bool:
        """Whether nothing was changed here that the other has not saved already."""
        return all(kind in {"theirs", "agreed"} for kind in self.fields.values()) and all(
            chunk.kind in {"same", "theirs", "agreed"} for chunk in self.chunks
        )

    @property
    def is_all_mine(self) -> bool:
        """Whether the other brought nothing that is not here as well."""
        return all(kind in {"mine", "agreed"} for kind in self.fields.values()) and all(
            chunk.kind in {"same", "mine", "agreed"} for chunk in self.chunks
        )

    def settle(self, choices: Mapping[str, Side], by_hand: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The whole snapshot. `choices` says for each conflict whose is taken, `by_hand` what somebody wrote instead.

        Where neither says anything the text keeps both, another field mine.
        """
        written = by_hand or {}
        content = dict(self.settled)
        for name in (name for name, kind in self.fields.items() if kind == "conflict"):
            side = self.theirs if choices.get(name) == "theirs" else self.mine
            content[name] = written.get(name, side[name])
        content[TEXT] = self._text(choices, written)
        return content

    def _text(self, choices: Mapping[str, Side], written: Mapping[str, str]) -> str:
        three = [lines_of(each[TEXT]) for each in (self.base, self.theirs, self.mine)]
        if three[1] == three[0]:
            return three[2]
        if three[2] in (three[0], three[1]):
            return three[1]
        parts: list[Block] = []
        places = 0
        for chunk in self.chunks:
            passage = chunk.merged
            if chunk.kind == "conflict":
                name = f"text-{places}"
                places += 1
                if name in written:
                    passage = (Block(lines_of(written[name]).strip("\n"), "\n\n"),)
                elif choices.get(name) in {"theirs", "mine"}:
                    passage = chunk.theirs if choices[name] == "theirs" else chunk.mine
            parts += [block for block in passage if block.text]
        pieces = [leads := _newer(*(blocks(text)[0] for text in three))]
        for block in parts[:-1]:
            pieces += [block.text, block.gap if block.gap.count("\n") > 1 else "\n\n"]
        ends = [(found[-1].gap if found else "") for found in (blocks(text)[1] for text in three)]
        pieces += [parts[-1].text, _newer(*ends)] if parts else []
        return "".join(pieces) if parts else leads


def _newer(base: Any, theirs: Any, mine: Any) -> Any:
    return theirs if mine == base else mine


def merge(base: Mapping[str, Any] | None, theirs: Mapping[str, Any], mine: Mapping[str, Any]) -> Merge:
    """Put three snapshots (`blog.versions.snapshot`) together; `base` None is one nobody knows any more, so empty."""
    three = [_complete(each or {}) for each in (base, theirs, mine)]
    was, yours, news = three
    fields: dict[str, Kind] = {}
    settled: dict[str, Any] = {}
    for name in FIELDS:
        before, their, my = (_comparable(name, each[name]) for each in three)
        if name in versions.LISTS:
            put_together = (set(was[name]) & set(yours[name]) & set(news[name])) | (
                (set(yours[name]) | set(news[name])) - set(was[name])
            )
            settled[name] = sorted(put_together)
            if their != before or my != before:
                fields[name] = "theirs" if my == before else "mine" if their == before else "both"
            if their == my != before:
                fields[name] = "agreed"
        elif their == before:
            settled[name] = was[name] if my == before else news[name]
            if my != before:
                fields[name] = "mine"
        elif my == before or their == my:
            settled[name] = yours[name]
            fields[name] = "theirs" if my == before else "agreed"
        else:
            fields[name] = "conflict"
    chunks = merge_text(*(lines_of(each[TEXT]) for each in three))
    return Merge(was, yours, news, fields, settled, chunks)


def _complete(content: Mapping[str, Any]) -> dict[str, Any]:
    """A snapshot with what those older than a field do not say."""
    return {name: content[name] if name in content else versions.default_of(name) for name in (TEXT, *FIELDS)}


def _comparable(name: str, value: Any) -> Any:
    """Two values that mean the same are equal: line ends, white space around, and the order of names."""
    if isinstance(value, str):
        return lines_of(value).strip()
    return sorted(value) if name in versions.LISTS else value


class ThreeTexts(NamedTuple):
    """What a writing began from (None when nobody knows), what was saved meanwhile and what is being saved."""

    base: dict[str, Any] | None
    theirs: dict[str, Any]
    mine: dict[str, Any]
    base_version: PostVersion | None
    newest: PostVersion | None

    def merge(self) -> Merge:
        return merge(self.base, self.theirs, self.mine)


def three_texts(
    post: Post, base_number: int | None, mine: Mapping[str, Any], *, newest: int | None = None
) -> ThreeTexts:
    """The three snapshots behind a stale save. `newest` is a version number to take as theirs instead of the latest.

    Fields that `mine` does not have are taken not to have been touched.
    """
    wanted = {number for number in (base_number, newest) if number and 0 < number <= post.content_version}
    found = {
        each.number: each for each in PostVersion.objects.select_related("editor").filter(post=post, number__in=wanted)
    }
    theirs = found.get(newest or 0) or PostVersion.objects.select_related("editor").filter(post=post).first()
    base = found.get(base_number or 0)
    content = theirs.snapshot if theirs else versions.snapshot(post)
    return ThreeTexts(
        base.snapshot if base else None, content, {**(base.snapshot if base else content), **mine}, base, theirs
    )
