"""Regular expressions looked at without being run against readers: what they match, by example, and what they would
cost an engine that goes back and tries again.

Patterns are RE2's, which has no such trouble; they are named all the same, because rules are carried to other servers.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

import re2

# Characters by which classes are compared: all of ASCII that is printed, and some letters beyond.
ALPHABET = "".join(map(chr, range(32, 127))) + "äéßñяλ東あ"
_PREFERRED = "abcdefghijklmnopqrstuvwxyz0123456789-_"
# More letters than this are not told apart, more strings than that are no list any more.
MOST_POSITIONS = 80
MOST_STRINGS = 200
# A repetition with a bound this high strains as if it had none.
_AS_GOOD_AS_ENDLESS = 10
_COUNT = re.compile(r"\{(\d+)(,)?(\d+)?\}")
_GROUP = re.compile(r"\((?:\?(?:P?<\w+>|([imsU]*)(?:-[imsU]+)?(:|\))))?")
_ESCAPE = re.compile(r"\\(?:[pP](?:\{\^?\w+\}|\w)|x(?:\{[0-9A-Fa-f]+\}|[0-9A-Fa-f]{2})|0?[0-7]{1,3}|.)", re.DOTALL)
_CLASS = re.compile(r"\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]", re.DOTALL)


@dataclass(frozen=True)
class Chars:
    """One character: a letter, a class or a dot, as it is written."""

    written: str

    def allowed(self) -> tuple[str, ...]:
        """Those of the alphabet, and the letter itself where it is none of them; the most ordinary first."""
        return _allowed(self.written)


@lru_cache(maxsize=2000)
def _allowed(written: str) -> tuple[str, ...]:
    found = re2.compile(written, options()).findall(ALPHABET)
    if not found and len(written) == 1:
        return (written,)
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (_PREFERRED.find(one) % 1000, one)))


@dataclass(frozen=True)
class Row:
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Repeat:
    part: Node
    least: int
    most: int | None


Node = Chars | Row | Choice | Repeat
EMPTY = Row(())


def options() -> re2.Options:
    """How patterns are read: whole characters, little memory, nothing in the log."""
    made = re2.Options()
    made.max_mem = 1 << 18
    made.log_errors = False
    return made


# --- reading ----------------------------------------------------------------------------------------------------------
class _Reader:
    """Reads what RE2 has found to be sound; raises ValueError for what it does not know itself."""

    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.at = 0
        self.flags = ""

    def choice(self) -> Node:
        before, branches = self.flags, [self.row()]
        while self.text[self.at : self.at + 1] == "|":
            self.at += 1
            branches.append(self.row())
        self.flags = before
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def row(self) -> Node:
        parts: list[Node] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            parts += self.repeated(self.one())
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def one(self) -> list[Node]:
        """The next thing a quantifier can stand behind; several letters for a quotation."""
        letter = self.text[self.at]
        if letter == "(":
            return [self.group()]
        if letter == "\\":
            if self.text.startswith("\\Q", self.at):
                quoted, _, rest = self.text[self.at + 2 :].partition("\\E")
                self.at = len(self.text) - len(rest)
                return [self.chars(re2.escape(one)) for one in quoted]
            found = _take(_ESCAPE, self)
            return [EMPTY] if found in {r"\b", r"\B", r"\A", r"\z"} else [self.chars(found)]
        if letter == "[":
            return [self.chars(_take(_CLASS, self))]
        self.at += 1
        return [EMPTY] if letter in "^$" else [self.chars("\\{" if letter == "{" else letter)]

    def group(self) -> Node:
        begins = _GROUP.match(self.text, self.at)
        if begins is None:
            raise ValueError("a group of an unknown kind")
        self.at = begins.end()
        outside = self.flags
        if begins[1] is not None:
            self.flags += begins[1]
            if begins[2] == ")":
                return EMPTY
        inside = self.choice()
        self.flags = outside
        self.at += 1
        return inside

    def chars(self, written: str) -> Chars:
        kept = "".join(sorted(set(self.flags) & set("is")))
        return Chars(f"(?{kept}:{written})" if kept else written)

    def repeated(self, parts: list[Node]) -> list[Node]:
        """`parts` with the quantifier that follows, if one does, on the last of them."""
        counted = _COUNT.match(self.text, self.at)
        letter = self.text[self.at : self.at + 1]
        if counted:
            least = int(counted[1])
            most = int(counted[3]) if counted[3] else (None if counted[2] else least)
            self.at = counted.end()
        elif letter and letter in "*+?":
            least, most = (1 if letter == "+" else 0), (1 if letter == "?" else None)
            self.at += 1
        else:
            return parts
        if self.text[self.at : self.at + 1] == "?":
            self.at += 1
        return self.repeated([*parts[:-1], Repeat(parts[-1], least, most)])


def _take(what: re.Pattern[str], reader: _Reader) -> str:
    found = what.match(reader.text, reader.at)
    if found is None:
        raise ValueError("a letter that cannot be read")
    reader.at = found.end()
    return found[0]


def read(pattern: str) -> Node | None:
    """The parts of a pattern RE2 takes; None for one that is written in a way this does not know."""
    reader = _Reader(pattern)
    try:
        found = reader.choice()
    except (ValueError, IndexError, RecursionError):
        return None
    return found if reader.at == len(pattern) else None


# --- what it matches --------------------------------------------------------------------------------------------------
def strings(node: Node) -> list[str] | None:
    """Every string it matches; None when they are more than a list."""
    try:
        return list(dict.fromkeys(_strings(node)))
    except OverflowError:
        return None


def _strings(node: Node) -> list[str]:
    match node:
        case Chars():
            found = list(node.allowed())
            if len(found) > 2:  # a class; its letters beyond the alphabet are not known
                raise OverflowError
        case Row(parts):
            every = [_strings(part) for part in parts]
            size = 1
            for each in every:
                size *= len(each)
                if size > MOST_STRINGS:
                    raise OverflowError
            found = ["".join(pieces) for pieces in product(*every)]
        case Choice(parts):
            found = [one for part in parts for one in _strings(part)]
        case Repeat(part, least, most):
            if most is None or most > _AS_GOOD_AS_ENDLESS:
                raise OverflowError
            found = [one for times in range(least, most + 1) for one in _strings(Row((part,) * times))]
    if len(found) > MOST_STRINGS:
        raise OverflowError
    return found


def samples(node: Node, *, count: int = 24) -> list[str]:
    """Some of the strings it matches, the same ones each time: the shortest first, then others."""
    dice = random.Random(7)  # noqa: S311  (nothing secret)
    drawn = [_draw(node, None)] + [_draw(node, dice) for _ in range(count * 2)]
    return [one for one in dict.fromkeys(drawn) if len(one) <= 700][:count]


def _draw(node: Node, dice: random.Random | None) -> str:
    """One string; without dice the first choice everywhere and no more than must be."""
    match node:
        case Chars():
            found = node.allowed()
            if not found:
                return ""
            return found[0] if dice is None else dice.choice(found[:30] if dice.random() < 0.9 else found)
        case Row(parts):
            return "".join(_draw(part, dice) for part in parts)
        case Choice(parts):
            return _draw(parts[0] if dice is None else dice.choice(parts), dice)
        case Repeat(part, least, most):
            more = 0 if dice is None else dice.choice((0, 1, 1, 3, 6))
            times = least + more if most is None else min(most, least + more)
            return "".join(_draw(part, dice) for _ in range(min(times, 60)))
    raise AssertionError(node)


# --- what it costs ----------------------------------------------------------------------------------------------------
@dataclass
class _Automaton:
    """Glushkov's: one state for each letter written, and how many ways lead from one straight to another."""

    letters: list[frozenset[str]] = field(default_factory=list)
    ways: Counter[tuple[int, int]] = field(default_factory=Counter)

    def add(self, node: Node) -> tuple[bool, set[int], set[int]]:
        """Whether it may be empty, and the states it can begin and end with."""
        match node:
            case Chars():
                if len(self.letters) >= MOST_POSITIONS:
                    raise OverflowError
                self.letters.append(frozenset(node.allowed()))
                return False, {len(self.letters) - 1}, {len(self.letters) - 1}
            case Choice(parts):
                each = [self.add(part) for part in parts]
                return any(e[0] for e in each), set().union(*(e[1] for e in each)), set().union(*(e[2] for e in each))
            case Row(parts):
                empty, first, last = True, set[int](), set[int]()
                for part in parts:
                    other_empty, other_first, other_last = self.add(part)
                    self.join(last, other_first)
                    first |= other_first if empty else set()
                    last = last | other_last if other_empty else other_last
                    empty = empty and other_empty
                return empty, first, last
            case Repeat(part, least, most):
                if most is not None and most < _AS_GOOD_AS_ENDLESS:
                    if (least, most) == (0, 1):
                        return True, *self.add(part)[1:]
                    # Each further one within the one before, so that there is one way to have so many.
                    further: Node = EMPTY
                    for _ in range(most - least):
                        further = Repeat(Row((part, further)), 0, 1)
                    return self.add(Row((*(part,) * least, further)))
                empty, first, last = self.add(part)
                self.join(last, first)
                return empty or least == 0, first, last
        raise AssertionError(node)

    def join(self, last: set[int], first: set[int]) -> None:
        self.ways.update(product(last, first))


def explodes(node: Node) -> bool | None:
    """Whether an engine that goes back may need time without measure: some string leads from a state back to it on two
    ways, so each repetition doubles the work. Exact but for the alphabet; None for patterns too long to tell.
    """
    automaton = _Automaton()
    try:
        automaton.add(node)
    except (OverflowError, RecursionError):
        return None
    onward: dict[int, list[int]] = {}
    for before, after in automaton.ways:
        onward.setdefault(before, []).append(after)
    letters = automaton.letters

    def both(pair: tuple[int, int]) -> Iterator[tuple[int, int]]:
        for one, other in product(onward.get(pair[0], ()), onward.get(pair[1], ())):
            if letters[one] & letters[other]:
                yield one, other

    for state in range(len(letters)):
        reached = _reached((state, state), both)
        if (state, state) not in reached:
            continue
        if any(automaton.ways[way] > 1 and _leads_back(way, state, reached, onward) for way in automaton.ways):
            return True
        if any(one != other and (state, state) in _reached((one, other), both) for one, other in reached):
            return True
    return False


def _leads_back(way: tuple[int, int], state: int, reached: set[tuple[int, int]], onward: dict[int, list[int]]) -> bool:
    """Whether a way that exists twice lies on a circle through `state`."""
    before, after = way
    if before != state and (before, before) not in reached:
        return False
    return after == state or state in _reached(after, lambda one: iter(onward.get(one, ())))


def _reached(start, onward):  # type: ignore[no-untyped-def]
    """What can be got to from `start`, itself only when something leads back."""
    found, waiting = set(), [start]
    while waiting:
        for following in onward(waiting.pop()):
            if following not in found:
                found.add(following)
                waiting.append(following)
    return found
