"""Two versions of a post compared: paragraph by paragraph and word by word, and every field beside the text.

`compare` looks at what was written, `compare_rendered` at what readers see. Both take bounded time (see
`blog.alignment`) and grow coarser where a text is built to make comparing slow.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from itertools import product
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe

from blog import versions, writing
from blog.alignment import Effort, Run, align
from blog.models import Post
from core import markup

# Elementary steps one comparison may cost; about a second at the most.
STEPS = 3_000_000
# Share of words two paragraphs have in common to be one paragraph rewritten, one that also moved, or, where nothing
# else stands between, one in place of the other.
REWRITTEN, MOVED, IN_PLACE = 0.5, 0.6, 0.25
# Fewer words are no sign that a paragraph is the same one somewhere else.
WORDS_TO_MOVE = 3
# A pair of words that stands in more paragraphs than this tells none of them from the others.
COMMON = 8
# Up to so many pairs of paragraphs are all looked at.
FEW_PAIRS = 100
# Longer texts are compared as they were written only: rendering them twice would take seconds.
MOST_RENDERED = 250_000

SAME, CHANGED, ADDED, REMOVED, MOVED_HERE, MOVED_AWAY = "same", "changed", "added", "removed", "moved", "left"


@dataclass(frozen=True)
class Piece:
    """A stretch of text that is in both versions ("same"), only in the newer ("added") or only in the older
    ("removed")."""

    kind: str
    text: str

    @property
    def parted(self) -> tuple[str, str, str]:
        """The spaces before its words, the words, the spaces after them; spaces alone are all there is to mark."""
        words = self.text.strip()
        if not words:
            return "", self.text, ""
        before, _, after = self.text.partition(words)
        return before, words, after


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
    before, after = (_paragraphs_of(said.get("content_markdown") or "") for said in (old, new))
    steps = _steps(before, after, effort)
    paragraphs = [
        Paragraph(step.kind, step.before, step.after, _pieces_of(step, before, after), up=step.up) for step in steps
    ]
    return _comparison(paragraphs, steps, (before, after), compare_fields(old, new), effort)


def compare_rendered(old: dict[str, Any], new: dict[str, Any]) -> Comparison:
    """Compare two snapshots as readers see them; words that changed are marked in the HTML of each paragraph.

    Raises core.markup.MarkupError when one of them cannot be rendered, or is too long to be rendered for this.
    """
    effort = Effort(STEPS)
    before, after = (_rendered_paragraphs(said) for said in (old, new))
    steps = _steps(before, after, effort)
    paragraphs = [
        Paragraph(step.kind, step.before, step.after, html=_html_of(step, before, after), up=step.up) for step in steps
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
    before, after = _Block(old, old, words_of(old)), _Block(new, new, words_of(new))
    return _pieces(before, after, _common_words(before, after, Effort(STEPS // 10)))


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


# --- words --------------------------------------------------------------------------------------------------------
# Scripts that leave no space between words are compared character by character: Thai, Lao, Burmese, Khmer, kana, Han.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
_UNSPACED += "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[^\W{_UNSPACED}]+(?:['’][^\W{_UNSPACED}]+)*|\n|[^\S\n]+|.", re.DOTALL)
# What belongs to the character before it: the joiners, the keycap, skin tones; marks are known by their category.
_JOINERS = frozenset("\u200d\u200c\ufe0f\ufe0e")


def words_of(text: str) -> list[str]:
    """`text` cut into words, spaces and signs; joined again they are the text. Nothing readers see as one is torn."""
    tokens = _TOKEN.findall(text)
    return tokens if text.isascii() else _with_marks(tokens)


def _with_marks(tokens: list[str]) -> list[str]:
    """Accents, vowel signs and joiners go with the character before them, and a word goes on after them."""
    kept: list[str] = []
    open_word = joined = False
    for token in tokens:
        first = token[0]
        if not first.isascii() and kept and (_clings(first)):
            kept[-1] += token
            open_word, joined = kept[-1][0].isalpha() and first != "\u200d", first == "\u200d"
        elif joined or (open_word and first.isalnum() and not _is_unspaced(first)):
            kept[-1] += token
            joined = False
        elif kept and _is_flag(first) and len(kept[-1]) == 1 and _is_flag(kept[-1]):
            kept[-1] += token
            open_word = joined = False
        else:
            kept.append(token)
            open_word = joined = False
    return kept


_UNSPACED_ONE = re.compile(f"[{_UNSPACED}]")


def _is_unspaced(sign: str) -> bool:
    return _UNSPACED_ONE.match(sign) is not None


def _clings(sign: str) -> bool:
    return sign in _JOINERS or "\U0001f3fb" <= sign <= "\U0001f3ff" or unicodedata.category(sign)[0] == "M"


def _is_flag(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _is_word(token: str) -> bool:
    return token[0].isalnum()


# --- paragraphs ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Block:
    """A paragraph: `key` is the same for equal ones, `words` is what it is compared by."""

    key: str
    text: str
    words: list[str]


@dataclass(frozen=True)
class _Step:
    kind: str
    before: int | None
    after: int | None
    runs: list[Run] = field(default_factory=list)
    up: bool = False


_GAP = re.compile(r"\n(?:[^\S\n]*\n)+")


def _paragraphs_of(text: str) -> list[_Block]:
    """The paragraphs of a text, each with the blank lines after it."""
    found, start = [], 0
    for gap in _GAP.finditer(text):
        found.append(text[start : gap.end()])
        start = gap.end()
    if start < len(text):
        found.append(text[start:])
    return [_Block(part.strip("\n").rstrip(), part, words_of(part)) for part in found]


def _steps(old: Sequence[_Block], new: Sequence[_Block], effort: Effort) -> list[_Step]:
    """What became of every paragraph, in the order of the newer text, with the removed ones where they stood."""
    kept, moved = _partners(old, new, effort)
    anchors = [((before, after), SAME if old[before].key == new[after].key else CHANGED) for before, after in kept]
    came_from = {after: before for before, after in moved}
    went_away = set(came_from.values())
    steps: list[_Step] = []
    at_old = at_new = 0
    for (before, after), kind in [*anchors, ((len(old), len(new)), "")]:
        steps += [
            _Step(MOVED_AWAY, None, None) if place in went_away else _Step(REMOVED, place, None)
            for place in range(at_old, before)
        ]
        for place in range(at_new, after):
            origin = came_from.get(place)
            if origin is None:
                steps.append(_Step(ADDED, None, place))
                continue
            runs = _common_words(old[origin], new[place], effort)
            steps.append(_Step(MOVED_HERE, origin, place, runs, up=origin >= before))
        if kind:
            runs = _common_words(old[before], new[after], effort)
            steps.append(_Step(kind, before, after, runs))
        at_old, at_new = before + 1, after + 1
    return steps


def _partners(
    old: Sequence[_Block], new: Sequence[_Block], effort: Effort
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Which paragraphs are one and the same: those that kept their order, the same or rewritten, and those that moved.

    What was rewritten counts as the same paragraph already when the order is looked for, so that of two texts the
    longer part stays and the shorter one has moved.
    """
    numbers: dict[str, int] = {}
    mine, theirs = ([numbers.setdefault(block.key, len(numbers)) for block in side] for side in (old, new))
    stays, stood = set(theirs), set(mine)
    words = _Words(old, new)
    gone = [place for place, number in enumerate(mine) if number not in stays]
    come = [place for place, number in enumerate(theirs) if number not in stood]
    for before, after in _alike_pairs(old, new, gone, come, words):
        theirs[after] = mine[before]
    kept = [(run.old + k, run.new + k) for run in align(mine, theirs, effort) for k in range(run.length)]
    gone, come = _without(kept, len(old), len(new))
    waiting: dict[int, deque[int]] = defaultdict(deque)
    for place in gone:
        waiting[mine[place]].append(place)
    moved = []
    for place in come:
        if waiting.get(theirs[place]) and words.count(place) >= WORDS_TO_MOVE:
            before = waiting[theirs[place]][0]
            if old[before].key == new[place].key or words.alike(before, place) >= MOVED:
                moved.append((waiting[theirs[place]].popleft(), place))
    gone, come = _without([*kept, *moved], len(old), len(new))
    hunk_of = _hunks(kept, gone, come)
    left: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, places in enumerate((gone, come)):
        for place in places:
            left[hunk_of[place, side]][side].append(place)
    for befores, afters in left.values():
        if len(befores) == len(afters) == 1 and words.alike(befores[0], afters[0]) >= IN_PLACE:
            kept.append((befores[0], afters[0]))
    return sorted(kept), moved


def _without(pairs: list[tuple[int, int]], old: int, new: int) -> tuple[list[int], list[int]]:
    """The places that are in no pair, of the older and of the newer text."""
    taken_old, taken_new = {before for before, _ in pairs}, {after for _, after in pairs}
    return [at for at in range(old) if at not in taken_old], [at for at in range(new) if at not in taken_new]


class _Words:
    """The words of paragraphs, counted once when they are asked for."""

    def __init__(self, old: Sequence[_Block], new: Sequence[_Block]) -> None:
        self.sides = (old, new)
        self.counted: dict[tuple[int, int], Counter[str]] = {}

    def of(self, side: int, place: int) -> Counter[str]:
        if (side, place) not in self.counted:
            self.counted[side, place] = Counter(filter(_is_word, self.sides[side][place].words))
        return self.counted[side, place]

    def count(self, after: int) -> int:
        return self.of(1, after).total()

    def alike(self, before: int, after: int) -> float:
        """The share of words an older and a newer paragraph have in common, from 0 to 1."""
        mine, theirs = self.of(0, before), self.of(1, after)
        both = sum(min(count, theirs[word]) for word, count in mine.items() if word in theirs)
        return 2 * both / max(1, mine.total() + theirs.total())


def _hunks(anchors: list[tuple[int, int]], gone: list[int], come: list[int]) -> dict[tuple[int, int], int]:
    """Behind how many anchors each remaining paragraph stands, of the older (0) and the newer text (1)."""
    hunk_of: dict[tuple[int, int], int] = {}
    for side, places in ((0, gone), (1, come)):
        passed = 0
        for place in places:
            while passed < len(anchors) and anchors[passed][side] < place:
                passed += 1
            hunk_of[place, side] = passed
    return hunk_of


def _alike_pairs(
    old: Sequence[_Block], new: Sequence[_Block], gone: list[int], come: list[int], words: _Words
) -> list[tuple[int, int]]:
    """The paragraphs that were rewritten, the most alike first, each in one pair at most."""
    candidates = []
    for before, after in _neighbours(old, new, gone, come):
        share = words.alike(before, after)
        if share >= REWRITTEN:
            candidates.append((-share, before, after))
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    pairs = []
    for _, before, after in sorted(candidates):
        if before not in taken_old and after not in taken_new:
            taken_old.add(before)
            taken_new.add(after)
            pairs.append((before, after))
    return pairs


def _neighbours(
    old: Sequence[_Block], new: Sequence[_Block], gone: list[int], come: list[int]
) -> Iterable[tuple[int, int]]:
    """The pairs worth a look: all when there are few, else those that share what hardly another paragraph has."""
    if len(gone) * len(come) <= FEW_PAIRS:
        yield from product(gone, come)
        return
    standing_in: dict[Any, list[int]] = defaultdict(list)
    for place in gone:
        for sign in _signs_of(old[place]):
            if len(standing_in[sign]) <= COMMON:
                standing_in[sign].append(place)
    for place in come:
        votes: Counter[int] = Counter()
        for sign in _signs_of(new[place]):
            places = standing_in.get(sign, ())
            if len(places) <= COMMON:
                votes.update(places)
        yield from ((before, place) for before, _ in votes.most_common(3))


def _signs_of(block: _Block) -> set[Any]:
    """By what a paragraph is known again: its words and the pairs of neighbouring words."""
    words = [word for word in block.words if _is_word(word)]
    return {*words, *zip(words, words[1:], strict=False)}


def _common_words(old: _Block, new: _Block, effort: Effort) -> list[Run]:
    """The words two paragraphs have in common, without those that stand alone between larger changes."""
    if old.words == new.words:
        return [Run(0, 0, len(old.words))] if old.words else []
    numbers: dict[str, int] = {}
    mine, theirs = ([numbers.setdefault(word, len(numbers)) for word in block.words] for block in (old, new))
    return _readable(align(mine, theirs, effort), old.words, new.words)


def _readable(runs: list[Run], old: list[str], new: list[str]) -> list[Run]:
    """Without the short runs between two longer changes: "the" in the middle of two new sentences helps nobody."""
    for _ in range(3):
        kept: list[Run] = []
        for place, run in enumerate(runs):
            last_old, last_new = (kept[-1].old + kept[-1].length, kept[-1].new + kept[-1].length) if kept else (0, 0)
            following = runs[place + 1] if place + 1 < len(runs) else Run(len(old), len(new), 0)
            ahead = max(_letters(old, last_old, run.old), _letters(new, last_new, run.new))
            behind = max(
                _letters(old, run.old + run.length, following.old), _letters(new, run.new + run.length, following.new)
            )
            length = _letters(old, run.old, run.old + min(run.length, 40))
            if length and ahead and behind and length <= ahead and length <= behind and run.length <= 40:
                continue
            if not length and ahead and behind:
                continue
            kept.append(run)
        if len(kept) == len(runs):
            break
        runs = kept
    return _slid(runs, old, new)


def _slid(runs: list[Run], old: list[str], new: list[str]) -> list[Run]:
    """With every addition and removal where it reads best: of "one. [Two.]" and "one[. Two]." it is the first."""
    runs = list(runs)
    for place in range(len(runs) - 1):
        first, second = runs[place], runs[place + 1]
        in_old = first.old + first.length, second.old
        in_new = first.new + first.length, second.new
        if (in_old[0] == in_old[1]) == (in_new[0] == in_new[1]):
            continue
        words, (start, end) = (old, in_old) if in_new[0] == in_new[1] else (new, in_new)
        is_last = place + 2 == len(runs) and second.old + second.length == len(old)
        is_last = is_last and second.new + second.length == len(new)
        right = second.length if is_last else second.length - 1
        best, shift = _reads(words[start:end]), 0
        for step in range(1, min(right, end - start, _FURTHEST) + 1):
            if words[start + step - 1] != words[end + step - 1]:
                break
            if (score := _reads(words[start + step : end + step])) > best:
                best, shift = score, step
        for step in range(1, min(first.length - 1, end - start, _FURTHEST) + 1):
            if words[start - step] != words[end - step]:
                break
            if (score := _reads(words[start - step : end - step])) > best:
                best, shift = score, -step
        runs[place] = Run(first.old, first.new, first.length + shift)
        runs[place + 1] = Run(second.old + shift, second.new + shift, second.length - shift)
    return [run for run in runs if run.length]


# How many words an addition may be shifted by.
_FURTHEST = 30


def _reads(words: list[str]) -> int:
    """How well a stretch of words reads as one: a space before it and a full stop at its end are best."""
    begins, ends = words[0], words[-1]
    return 2 * begins.isspace() + (not ends.isspace()) + (ends[0] in ".!?…。！？")


def _letters(words: list[str], start: int, end: int) -> int:
    """Letters in a stretch of words; beyond some hundred words it is simply long."""
    if end - start > 200:
        return end - start
    return sum(len(word) for word in words[start:end] if _is_word(word))


def _pieces(old: _Block, new: _Block, runs: list[Run]) -> tuple[Piece, ...]:
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


def _pieces_of(step: _Step, old: Sequence[_Block], new: Sequence[_Block]) -> tuple[Piece, ...]:
    if step.before is None and step.after is None:
        return ()
    if step.before is None:
        return (Piece(ADDED, new[step.after].text),) if step.after is not None else ()
    if step.after is None:
        return (Piece(REMOVED, old[step.before].text),)
    return _pieces(old[step.before], new[step.after], step.runs)


def _comparison(
    paragraphs: Iterable[Paragraph],
    steps: Iterable[_Step],
    texts: tuple[Sequence[_Block], Sequence[_Block]],
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
        same = sum(_is_word(word) for run in step.runs for word in after[run.new : run.new + run.length])
        added += sum(map(_is_word, after)) - same
        removed += sum(map(_is_word, before)) - same
    return Comparison(tuple(paragraphs), tuple(fields), added, removed, coarse=effort.short)


# --- as readers see it --------------------------------------------------------------------------------------------
_VOID = frozenset("br hr img col source wbr".split())
_INLINE = frozenset("a em strong b i u s del ins mark sup sub small kbd samp var code q cite dfn abbr span bdi".split())
# The end of one of these is a place words may stand before, and none may stand in what holds only these.
_HOLDS_WORDS = frozenset("p h2 h3 h4 h5 h6 li td th dt dd pre figcaption caption summary div blockquote".split())
_MACHINERY = frozenset({"anc", "back"})
# What the writer struck out or put in is no difference between two versions.
_AS_WRITTEN = {"del": "s", "ins": "u"}


@dataclass(frozen=True)
class _Rendered(_Block):
    """A rendered paragraph: `parts` are its tags (as HTML) and, as numbers, its words, which are `shown` as HTML."""

    parts: list[str | int]
    shown: list[str]


class _Splitter(HTMLParser):
    """Cuts sanitised HTML into its outermost elements, and those into tags and words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[_Rendered] = []
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
            self.blocks.append(_Rendered(key.strip(), "", self.words, self.parts, self.shown))
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


def _rendered_paragraphs(said: dict[str, Any]) -> list[_Rendered]:
    text = said.get("content_markdown") or ""
    if len(text) > MOST_RENDERED:
        raise markup.MarkupError("The text is too long to be compared as readers see it.")
    splitter = _Splitter()
    splitter.feed(writing.rendered(text, said.get("content_language") or "en").html)
    splitter.close()
    splitter.end()
    return splitter.blocks


def _html_of(step: _Step, old: Sequence[_Rendered], new: Sequence[_Rendered]) -> SafeString:
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
            before, words, after = Piece(REMOVED, gone).parted
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


def _removed_before(old: _Rendered, new: _Rendered, runs: list[Run]) -> dict[int, str]:
    """The words that are gone, as HTML, by the word of the newer text they stood before."""
    removed: dict[int, str] = {}
    at_old = at_new = 0
    for run in [*runs, Run(len(old.words), len(new.words), 0)]:
        gone = "".join(word or " " for word in old.shown[at_old : run.old])
        if gone.strip():
            removed[at_new] = gone
        at_old, at_new = run.old + run.length, run.new + run.length
    return removed
