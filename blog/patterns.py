"""Regular expressions looked at without being run against readers: what they match, by example, and what they would
cost an engine that goes back and tries again.

Patterns are RE2's, which has no such trouble; they are named all the same, because rules are carried to other servers.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

import re2

# Characters by which classes are compared: all of ASCII that is printed, and some letters beyond.
ALPHABET = "".join(map(chr, range(32, 127))) + "äéßñяλ東あ"
_PREFERRED = "abcdefghijklmnopqrstuvwxyz0123456789-_"
# More strings than this are no list any more.
MOST_STRINGS = 200
# Examples are addresses, so they are short; what is made of more parts than this is none.
MOST_PARTS = 1_500
# What costs more than so many steps to look through is left undecided; so many take a quarter of a second.
MOST_STEPS = 300_000
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
            each = _strings(part)
            if len(each) ** most > MOST_STRINGS:
                raise OverflowError
            found = ["".join(pieces) for times in range(least, most + 1) for pieces in product(each, repeat=times)]
    if len(found) > MOST_STRINGS:
        raise OverflowError
    return found


def samples(node: Node, *, count: int = 24) -> list[str]:
    """Some of the strings it matches, the same ones each time: the shortest first, then others."""
    dice = random.Random(7)  # noqa: S311  (nothing secret)
    drawn: list[str] = []
    for each in (None, *(dice,) * (count * 2)):
        with suppress(OverflowError):
            drawn.append(_Drawing(each).one(node))
    return [one for one in dict.fromkeys(drawn) if len(one) <= 700][:count]


@dataclass
class _Drawing:
    """One string; without dice the first choice everywhere and no more than must be. Raises OverflowError for one that
    takes more than MOST_PARTS, as repetitions inside each other may."""

    dice: random.Random | None
    parts: int = 0

    def one(self, node: Node) -> str:
        dice = self.dice
        self.parts += 1
        if self.parts > MOST_PARTS:
            raise OverflowError
        match node:
            case Chars():
                found = node.allowed()
                if not found:
                    return ""
                return found[0] if dice is None else dice.choice(found[:30] if dice.random() < 0.9 else found)
            case Row(parts):
                return "".join(self.one(part) for part in parts)
            case Choice(parts):
                return self.one(parts[0] if dice is None else dice.choice(parts))
            case Repeat(part, least, most):
                more = 0 if dice is None else dice.choice((0, 1, 1, 3, 6))
                times = least + more if most is None else min(most, least + more)
                return "".join(self.one(part) for _ in range(min(times, 60)))
        raise AssertionError(node)


# --- what it costs ----------------------------------------------------------------------------------------------------
Pair = tuple[int, int]


@dataclass
class _Automaton:
    """Glushkov's: one state for each letter written, and how many ways lead from one straight to another.

    Raises OverflowError once it has cost MOST_STEPS; so does what asks it with `spend`.
    """

    letters: list[int] = field(default_factory=list)
    ways: Counter[Pair] = field(default_factory=Counter)
    # For each state the outermost endless repetition it is in: from each of its states one gets to all others.
    circles: list[int | None] = field(default_factory=list)
    bits: dict[str, int] = field(default_factory=dict)
    steps: int = 0

    def spend(self, steps: int) -> None:
        self.steps += steps
        if self.steps > MOST_STEPS:
            raise OverflowError

    def add(self, node: Node) -> tuple[bool, set[int], set[int]]:
        """Whether it may be empty, and the states it can begin and end with."""
        self.spend(1)
        match node:
            case Chars(written):
                # A class of none of the alphabet has a letter of its own.
                bits = [self.bits.setdefault(one, len(self.bits)) for one in node.allowed() or (written,)]
                self.letters.append(sum(1 << bit for bit in bits))
                self.circles.append(None)
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
                begin = len(self.letters)
                empty, first, last = self.add(part)
                self.join(last, first)
                size = len(self.letters) - begin
                self.circles[begin:] = [begin] * size
                self.spend(size)
                return empty or least == 0, first, last
        raise AssertionError(node)

    def join(self, last: set[int], first: set[int]) -> None:
        self.spend(len(last) * len(first))
        self.ways.update(product(last, first))


@lru_cache(maxsize=1000)
def explodes(pattern: str) -> bool | None:
    """Whether an engine that goes back may need time without measure: some string leads from a state back to it on two
    ways, so each repetition doubles the work. Exact but for the alphabet; None where telling would take too long.
    """
    node = read(pattern)
    if node is None:
        return None
    automaton = _Automaton()
    try:
        automaton.add(node)
        return _doubles(automaton)
    except (OverflowError, RecursionError):
        return None


def _doubles(automaton: _Automaton) -> bool:
    """Whether two ways on one string leave a state and both come back to it.

    Looked for among pairs of states that one string leads to: there, a state paired with itself and a pair of two
    states lie on one circle. Circles are put together as they are found, by Gabow's algorithm.
    """
    letters, circles = automaton.letters, automaton.circles
    onward: dict[int, list[int]] = {state: [] for state, circle in enumerate(circles) if circle is not None}
    for (before, after), number in automaton.ways.items():
        if circles[before] is not None and circles[before] == circles[after]:
            if number > 1:
                return True
            onward[before].append(after)

    def both(pair: Pair) -> Iterator[Pair]:
        for one in onward[pair[0]]:
            automaton.spend(len(onward[pair[1]]))
            for other in onward[pair[1]]:
                if letters[one] & letters[other]:
                    yield (one, other) if one <= other else (other, one)

    met: dict[Pair, int] = {}
    finished: set[Pair] = set()
    way: list[Pair] = []
    # Each circle on the way so far: when its first pair was met, and whether it has pairs of one state and of two.
    found: list[tuple[int, set[bool]]] = []

    def meet(pair: Pair) -> tuple[Pair, Iterator[Pair]]:
        found.append((len(met), {pair[0] == pair[1]}))
        met[pair] = len(met)
        way.append(pair)
        return pair, both(pair)

    for state in onward:
        waiting = [] if (state, state) in met else [meet((state, state))]
        while waiting:
            pair, following = waiting[-1]
            for beyond in following:
                if beyond not in met:
                    waiting.append(meet(beyond))
                    break
                if beyond in finished:
                    continue
                while found[-1][0] > met[beyond]:
                    _, kinds = found.pop()
                    found[-1][1].update(kinds)
                if len(found[-1][1]) == 2:
                    return True
            else:
                waiting.pop()
                if found[-1][0] == met[pair]:
                    found.pop()
                    begin = way.index(pair)
                    finished.update(way[begin:])
                    del way[begin:]
    return False
