"""How many elements a drawing becomes when it is shown: what is used again, painted, masked or marked counts each time.

A drawing of two kilobytes can ask a browser for a thousand million elements (`use` of groups of `use`). Nothing is
unfolded here: what each part becomes is counted once, and multiplied where it is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from core.files import FileError

MAX_SHOWN = 50_000
# Elements inside elements, through what they name as well.
MAX_CHAIN = 200
ENDLESS = 10**12
# Rules of style sheets tried on elements.
MAX_LOOKS = 1_000_000
TOO_MANY = "The drawing has too many parts to be shown quickly. Simplify it, or save it as PNG."
# Handed down to what is inside, and drawn by each shape there again.
PAINTS = ("fill", "stroke")
MARKERS = ("marker", "marker-start", "marker-mid", "marker-end")
# Their target is read, and not drawn again.
ASIDE = {"a", "textpath", "mpath", "lineargradient", "radialgradient"}
SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "textpath", "use"}
LOCAL = re.compile(r"url\(\s*(?:[\"']\s*)?#([^\s\"'();]*)", re.IGNORECASE)
_PLAIN = re.compile(r"(\*|[\w-]+)?((?:[.#][\w-]+)*)")
_NUMBER = re.compile(r"\d+\.?\d*|\.\d+")


@dataclass(slots=True)
class Part:
    """An element: what it is found by, the places it names by property, and how many corners markers may stand at."""

    name: str
    parent: int
    id: str = ""
    classes: frozenset[str] = frozenset()
    named: dict[str, list[str]] = field(default_factory=dict)
    inside: list[int] = field(default_factory=list)
    corners: int = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """What a style sheet names, for elements of this name with this id and these classes; empty: for all."""

    name: str
    id: str
    classes: frozenset[str]
    named: dict[str, list[str]]

    def fits(self, part: Part) -> bool:
        return self.name in {"", part.name} and self.id in {"", part.id} and self.classes <= part.classes


def part_of(name: str, parent: int, attributes: dict[str, str]) -> Part:
    """An element as it is met; names and keys in lower case and without their namespace."""
    named = {key: found for key, value in attributes.items() if (found := LOCAL.findall(value))}
    named.pop("style", None)
    named |= declared(attributes.get("style", ""))
    target = attributes.get("href", "").strip()
    if target.startswith("#") and name not in ASIDE:
        named["href"] = [target[1:]]
    outline = attributes.get("d", "") + attributes.get("points", "")
    return Part(
        name=name,
        parent=parent,
        id=attributes.get("id", ""),
        classes=frozenset(attributes.get("class", "").split()),
        named=named,
        corners=1 + sum(1 for _ in _NUMBER.finditer(outline)),
    )


def declared(text: str) -> dict[str, list[str]]:
    """The places named in declarations of CSS, by property."""
    found: dict[str, list[str]] = {}
    for declaration in text.split(";"):
        key, _, value = declaration.partition(":")
        if places := LOCAL.findall(value):
            found.setdefault(key.strip().lower(), []).extend(places)
    return found


def rules(sheet: str) -> Iterator[Rule]:
    """The rules of a style sheet that name places. What is not understood is taken to be meant for every element."""
    pieces = ["", "", *re.split(r"([{}])", sheet), ""]
    for at in range(2, len(pieces), 2):
        before, text, after = pieces[at - 1 : at + 2]
        if before == "{" and after == "}":
            if named := declared(text):
                for selector in pieces[at - 2].rpartition(";")[2].split(","):
                    yield _rule((re.split(r"[\s>+~]+", selector.strip()) or [""])[-1], named)
        elif named := declared(text.rpartition(";")[0] if after == "{" else text):
            yield Rule("", "", frozenset(), named)


def _rule(selector: str, named: dict[str, list[str]]) -> Rule:
    plain = _PLAIN.fullmatch(selector)
    if not plain:
        return Rule("", "", frozenset(), named)
    marks = re.findall(r"([.#])([\w-]+)", plain[2])
    ids = [word for mark, word in marks if mark == "#"]
    classes = frozenset(word for mark, word in marks if mark == ".")
    return Rule((plain[1] or "").replace("*", "").lower(), ids[0] if ids else "", classes, named)


def require_bounded(parts: list[Part], sheets: list[Rule]) -> None:
    """Raises FileError where showing the drawing would never end, or not soon. `parts`: in the order they are met."""
    # Markers are handed down to what is used again, whose corners stand elsewhere.
    most = max((part.corners for part in parts), default=1)
    for part in parts:
        part.corners = most if part.name == "use" else part.corners
    places: dict[str, int] = {}
    for number, part in enumerate(parts):
        if part.id:
            places.setdefault(part.id, number)
    naming = _with_rules(parts, sheets)
    handed_down: list[dict[str, list[str]]] = []
    for part, named in zip(parts, naming, strict=True):
        above = handed_down[part.parent] if part.parent >= 0 else {}
        own = {key: named[key] for key in (*PAINTS, *MARKERS) if key in named}
        handed_down.append({**above, **own} if own else above)

    def targets(words: list[str]) -> list[int]:
        found = [places[word] if word in places else places.get(unquote(word)) for word in words]
        return [at for at in found if at is not None and parts[at].name not in ASIDE]

    def drawn(number: int) -> dict[str, list[int]]:
        is_shape = parts[number].name in SHAPES
        alone = {key: words for key, words in naming[number].items() if key not in (*PAINTS, *MARKERS)}
        return {key: targets(words) for key, words in {**alone, **(handed_down[number] if is_shape else {})}.items()}

    _count(parts, [drawn(number) for number in range(len(parts))])


def _with_rules(parts: list[Part], sheets: list[Rule]) -> list[dict[str, list[str]]]:
    """What each part names, itself and through the rules that fit it."""
    found_by: dict[str, list[Rule]] = {}
    for rule in sheets:
        found_by.setdefault(next(iter(rule.classes), "") or rule.id or rule.name, []).append(rule)
    found, looked_at = [], 0
    for part in parts:
        named = {key: list(words) for key, words in part.named.items()}
        for word in {"", part.name, part.id, *part.classes}:
            for rule in found_by.get(word, ()):
                looked_at += 1
                if looked_at > MAX_LOOKS:
                    raise FileError(TOO_MANY)
                if rule.fits(part):
                    for key, words in rule.named.items():
                        named.setdefault(key, []).extend(words)
        found.append(named)
    return found


def _count(parts: list[Part], drawn: list[dict[str, list[int]]]) -> None:
    """Count from the inside out, without recursion: chains may be as long as the file."""
    shown, chain, opened = [0] * len(parts), [0] * len(parts), [False] * len(parts)
    waiting = [0] if parts else []
    while waiting:
        number = waiting[-1]
        if shown[number]:
            waiting.pop()
            continue
        part = parts[number]
        below = part.inside + [at for found in drawn[number].values() for at in found]
        if not opened[number]:
            opened[number] = True
            for at in below:
                if opened[at] and not shown[at]:
                    raise FileError("The drawing has parts that contain themselves. Simplify it, or save it as PNG.")
            waiting += below
            continue
        waiting.pop()
        chain[number] = 1 + max((chain[at] for at in below), default=0)
        shown[number] = _becomes(part, drawn[number], shown)
        if shown[number] > MAX_SHOWN or chain[number] > MAX_CHAIN:
            raise FileError(TOO_MANY)


def _becomes(part: Part, drawn: dict[str, list[int]], shown: list[int]) -> int:
    def all_of(*keys: str) -> int:
        return sum(shown[at] for key in keys for at in drawn.get(key, ()))

    alone = 1 + sum(shown[at] for at in part.inside) + all_of(*(drawn.keys() - set(PAINTS) - set(MARKERS)))
    markers = part.corners * all_of("marker", "marker-mid") + all_of("marker-start", "marker-end")
    # What is used again is painted by whatever the place where it is used hands down.
    return min(ENDLESS, alone * (1 + all_of(*PAINTS)) + markers * (1 + all_of(*PAINTS)) * alone)
