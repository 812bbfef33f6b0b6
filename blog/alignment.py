"""What two sequences have in common, found in bounded time.

The textbook algorithms are quadratic in what differs. Here the work is cut up at what is unmistakable (runs that occur
once in either sequence), the shortest edit is looked for only in what lies between, and where even that would take too
long the stretch counts as wholly different: coarser, never wrong.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

# Lengths of the runs that are tried as landmarks, the most trustworthy first.
LANDMARKS = (8, 3, 1)
# Up to this many items (on both sides together) the shortest edit is looked for first, then the landmarks.
SHORT = 600
# The shortest edit is given up when it needs more insertions and removals than this.
MOST_EDITS = 400


class Run(NamedTuple):
    """`length` items that are the same in both, from `old` in the one and `new` in the other."""

    old: int
    new: int
    length: int


class Effort:
    """How much work may still be spent, in elementary steps (about five million in a second); shared by what belongs
    together. `short` says whether something was left undone."""

    def __init__(self, steps: int) -> None:
        self.left = steps
        self.short = False

    def spend(self, steps: int) -> bool:
        """Whether there is as much left; once it was not, it was coarse."""
        if steps > self.left:
            self.short = True
            return False
        self.left -= steps
        return True


def align(old: Sequence[int], new: Sequence[int], effort: Effort) -> list[Run]:
    """The runs two sequences have in common, in order, none touching another on both sides.

    Items are numbers, so that comparing long stretches costs little. When `effort` is used up, the rest counts as
    different.
    """
    runs: list[Run] = []
    waiting = [(0, len(old), 0, len(new))]
    while waiting:
        low, high, below, above = waiting.pop()
        ahead = _same_ahead(old, new, low, high, below, above)
        if ahead:
            runs.append(Run(low, below, ahead))
            low, below = low + ahead, below + ahead
        behind = _same_behind(old, new, low, high, below, above)
        if behind:
            high, above = high - behind, above - behind
            runs.append(Run(high, above, behind))
        if low == high or below == above:
            continue
        is_short = high - low + above - below <= SHORT
        found = _shortest(old, new, (low, high, below, above), effort) if is_short else None
        if found is None:
            found = _landmarks(old, new, (low, high, below, above), effort)
            if found:
                # What lies between two landmarks is looked at again.
                edges = [(low, below), *((run.old + run.length, run.new + run.length) for run in found)]
                ends = [*((run.old, run.new) for run in found), (high, above)]
                for (start, first), (end, last) in zip(edges, ends, strict=True):
                    if start < end and first < last:
                        waiting.append((start, end, first, last))
            elif not is_short:
                found = _shortest(old, new, (low, high, below, above), effort)
                if found is None:
                    effort.short = True
        runs.extend(found or ())
    return _joined(sorted(runs))


def _joined(runs: list[Run]) -> list[Run]:
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last and last.old + last.length == run.old and last.new + last.length == run.new:
            joined[-1] = Run(last.old, last.new, last.length + run.length)
        else:
            joined.append(run)
    return joined


def _same_ahead(old: Sequence[int], new: Sequence[int], low: int, high: int, below: int, above: int) -> int:
    """How many items are the same from the beginning; compared in growing stretches, which is done in C."""
    most, count, stretch = min(high - low, above - below), 0, 16
    while count < most:
        step = min(stretch, most - count)
        if old[low + count : low + count + step] == new[below + count : below + count + step]:
            count += step
            stretch *= 2
        elif step == 1:
            break
        else:
            stretch = max(1, step // 2)
    return count


def _same_behind(old: Sequence[int], new: Sequence[int], low: int, high: int, below: int, above: int) -> int:
    most, count, stretch = min(high - low, above - below), 0, 16
    while count < most:
        step = min(stretch, most - count)
        if old[high - count - step : high - count] == new[above - count - step : above - count]:
            count += step
            stretch *= 2
        elif step == 1:
            break
        else:
            stretch = max(1, step // 2)
    return count


def _landmarks(
    old: Sequence[int], new: Sequence[int], bounds: tuple[int, int, int, int], effort: Effort
) -> list[Run] | None:
    """The longest chain of runs that occur once on either side, in the same order; None when there are none."""
    low, high, below, above = bounds
    for length in LANDMARKS:
        if not effort.spend((high - low + above - below) * (1 + length // 3)):
            return None
        mine = _once(old, low, high, length)
        theirs = _once(new, below, above, length)
        pairs = [(place, theirs[run]) for run, place in mine.items() if run in theirs]
        if pairs:
            return _without_overlaps(_longest_chain(pairs), length)
    return None


def _once(items: Sequence[int], start: int, end: int, length: int) -> dict[tuple[int, ...], int]:
    """Where each run begins that occurs only once, in order."""
    part = items[start:end]
    runs = list(zip(*(part[shift:] for shift in range(length)), strict=False))
    counted = Counter(runs)
    return {run: start + place for place, run in enumerate(runs) if counted[run] == 1}


def _longest_chain(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of `pairs` (ascending in the first number) that ascends in the second as well."""
    tops: list[int] = []
    at_top: list[int] = []
    before: list[int] = []
    for index, (_, place) in enumerate(pairs):
        pile = bisect_left(tops, place)
        before.append(at_top[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(place)
            at_top.append(index)
        else:
            tops[pile], at_top[pile] = place, index
    chain, index = [], at_top[-1]
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]


def _without_overlaps(chain: list[tuple[int, int]], length: int) -> list[Run]:
    runs: list[Run] = []
    for place, other in chain:
        last = runs[-1] if runs else None
        if last and place - other == last.old - last.new and place <= last.old + last.length:
            runs[-1] = Run(last.old, last.new, place + length - last.old)
        elif last is None or (place >= last.old + last.length and other >= last.new + last.length):
            runs.append(Run(place, other, length))
    return runs


def _shortest(
    old: Sequence[int], new: Sequence[int], bounds: tuple[int, int, int, int], effort: Effort
) -> list[Run] | None:
    """The fewest insertions and removals that make one stretch of the other; None when they are too many."""
    low, high, below, above = bounds
    width, height = high - low, above - below
    reached = {1: 0}
    history: list[dict[int, int]] = []
    for edits in range(min(MOST_EDITS, width + height) + 1):
        if not effort.spend(2 * edits + 1):
            return None
        history.append(reached)
        furthest: dict[int, int] = {}
        for diagonal in range(-edits, edits + 1, 2):
            right, down = reached.get(diagonal - 1, -1), reached.get(diagonal + 1, -1)
            x = down if diagonal == -edits or (diagonal != edits and right < down) else right + 1
            y = x - diagonal
            if x < 0 or x > width or y < 0 or y > height:
                continue
            if x < width and y < height and old[low + x] == new[below + y]:
                x += _same_ahead(old, new, low + x, high, below + y, above)
            furthest[diagonal] = x
            if x == width and x - diagonal == height:
                history.append(furthest)
                return _way_back(history, low, below, width, height)
        reached = furthest
    return None


def _way_back(history: list[dict[int, int]], low: int, below: int, x: int, y: int) -> list[Run]:
    runs: list[Run] = []
    for edits in range(len(history) - 2, -1, -1):
        reached, diagonal = history[edits], x - y
        right, down = reached.get(diagonal - 1, -1), reached.get(diagonal + 1, -1)
        came_down = diagonal == -edits or (diagonal != edits and right < down)
        start = down if came_down else right + 1
        if edits == 0:
            start = 0
        if x > start:
            runs.append(Run(low + start, below + start - diagonal, x - start))
        if edits:
            before = diagonal + 1 if came_down else diagonal - 1
            x = down if came_down else right
            y = x - before
    return runs
