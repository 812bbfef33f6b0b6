"""What became of each paragraph of a text: kept, rewritten, moved, added or removed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from blog.alignment import Effort, Run, align
from blog.words import is_word, words_of

# Share of words two paragraphs have in common to be one paragraph rewritten, one that also moved, or, where nothing
# else stands between, one in place of the other.
REWRITTEN, MOVED, IN_PLACE = 0.5, 0.6, 0.25
# Fewer words are no sign that a paragraph is the same one somewhere else.
WORDS_TO_MOVE = 3
# A pair of words that stands in more paragraphs than this tells none of them from the others.
COMMON = 8
# Up to so many pairs of paragraphs are all looked at.
FEW_PAIRS = 100

SAME, CHANGED, ADDED, REMOVED, MOVED_HERE, MOVED_AWAY = "same", "changed", "added", "removed", "moved", "left"


@dataclass(frozen=True)
class Block:
    """A paragraph: `key` is the same for equal ones, `words` is what it is compared by."""

    key: str
    text: str
    words: list[str]


@dataclass(frozen=True)
class Step:
    """What became of one paragraph: its kind, where it stands in the older and in the newer text (from 0), and which
    words are in both. `up`: it moved up."""

    kind: str
    before: int | None
    after: int | None
    runs: list[Run] = field(default_factory=list)
    up: bool = False


_GAP = re.compile(r"\n(?:[^\S\n]*\n)+")


def paragraphs_of(text: str) -> list[Block]:
    """The paragraphs of a text, each with the blank lines after it."""
    found, start = [], 0
    for gap in _GAP.finditer(text):
        found.append(text[start : gap.end()])
        start = gap.end()
    if start < len(text):
        found.append(text[start:])
    return [Block(part.strip("\n").rstrip(), part, words_of(part)) for part in found]


def steps_between(old: Sequence[Block], new: Sequence[Block], effort: Effort) -> list[Step]:
    """What became of every paragraph, in the order of the newer text, with the removed ones where they stood."""
    kept, moved = _partners(old, new, effort)
    anchors = [((before, after), SAME if old[before].key == new[after].key else CHANGED) for before, after in kept]
    came_from = {after: before for before, after in moved}
    went_away = set(came_from.values())
    steps: list[Step] = []
    at_old = at_new = 0
    for (before, after), kind in [*anchors, ((len(old), len(new)), "")]:
        steps += [
            Step(MOVED_AWAY, None, None) if place in went_away else Step(REMOVED, place, None)
            for place in range(at_old, before)
        ]
        for place in range(at_new, after):
            origin = came_from.get(place)
            if origin is None:
                steps.append(Step(ADDED, None, place))
                continue
            runs = common_words(old[origin], new[place], effort)
            steps.append(Step(MOVED_HERE, origin, place, runs, up=origin >= before))
        if kind:
            runs = common_words(old[before], new[after], effort)
            steps.append(Step(kind, before, after, runs))
        at_old, at_new = before + 1, after + 1
    return steps


def _partners(
    old: Sequence[Block], new: Sequence[Block], effort: Effort
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

    def __init__(self, old: Sequence[Block], new: Sequence[Block]) -> None:
        self.sides = (old, new)
        self.counted: dict[tuple[int, int], Counter[str]] = {}

    def of(self, side: int, place: int) -> Counter[str]:
        if (side, place) not in self.counted:
            self.counted[side, place] = Counter(filter(is_word, self.sides[side][place].words))
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
    old: Sequence[Block], new: Sequence[Block], gone: list[int], come: list[int], words: _Words
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
    old: Sequence[Block], new: Sequence[Block], gone: list[int], come: list[int]
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


def _signs_of(block: Block) -> set[Any]:
    """By what a paragraph is known again: its words and the pairs of neighbouring words."""
    words = [word for word in block.words if is_word(word)]
    return {*words, *zip(words, words[1:], strict=False)}


def common_words(old: Block, new: Block, effort: Effort) -> list[Run]:
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
    return sum(len(word) for word in words[start:end] if is_word(word))
