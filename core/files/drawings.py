"""Drawings (SVG): kept without all that runs, fetches or hides another document, or refused."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Any
from xml.parsers import expat

import py_svg_hush

from core.files import DAMAGED, FileError, Limits, unfolding
from core.files.unfolding import Part, Rule

MAX_BYTES = 1024 * 1024
MAX_ELEMENTS = 50_000
MAX_DEPTH = 100
MAX_SIDE = 20_000
SVG = "http://www.w3.org/2000/svg"
# What an SVG is drawn as that says no size (CSS Images, default object size).
DEFAULT_SIZE = (300, 150)
SHOWN = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "use"}
NEVER = {"script", "foreignobject", "iframe", "object", "embed", "handler", "listener", "audio", "video", "animation"}
STYLED = {"style", "mask", "filter", "clip-path", "cursor", *unfolding.PAINTS, *unfolding.MARKERS}
MOVING = {"animate", "set", "animatemotion", "animatetransform", "animatecolor"}
UNITS = {"": 1, "px": 1, "pt": 4 / 3, "pc": 16, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4}
_LENGTH = re.compile(r"\s*(\d*\.?\d+(?:e[+-]?\d+)?)\s*([a-z]*)\s*", re.IGNORECASE)
# A place outside of the drawing, in any attribute; and what could hide one, in styles.
_FETCHED = re.compile(
    r"url\((?!\s*(?:[\"']\s*)?#[^\s\"'();]*[\"']?\s*\))|@import|javascript:|expression\(|-moz-binding"
    r"|(?:image-set|image|src|cross-fade)\(",
    re.IGNORECASE,
)
_HIDING = re.compile(r"/\*|\*/|//|\\|initial-value", re.IGNORECASE)
# Marks of order at the beginning, and the encodings drawing programs of all countries write.
MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_ENCODINGS = re.compile(
    r"ascii|utf-(?:8|16)|iso8859-\d+|cp125\d|koi8-[ru]|mac-roman|shift_jis|euc_(?:jp|kr)|gb2312|gbk|gb18030|big5"
)
_DECLARED = re.compile(rb"\s*<\?xml\s[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"\']([\w.:-]{1,40})[\"\']", re.ASCII)
_FIRST_LINE = re.compile(r"\A\s*<\?xml\s[^>]*\?>", re.ASCII)
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]{0,1000}>", re.IGNORECASE)


def clean(source: Path, target: Path, limits: Limits) -> dict[str, Any]:
    """Write the drawing without what is dangerous to `target`; the facts of `CleanFile`. Raises FileError."""
    if not limits.drawings:
        raise FileError(
            "This is an SVG drawing, and this site does not take them, for they can carry programs. Save it as PNG."
        )
    if source.stat().st_size > MAX_BYTES:
        raise FileError("The drawing is larger than 1 MB. Simplify it, or save it as PNG.")
    content = _DOCTYPE.sub(b"", in_utf8(source.read_bytes()), count=1)
    # Read once before anything else looks at it: entities and their bombs end here.
    Reading(content)
    try:
        kept = py_svg_hush.filter_svg(content, {})
    except Exception as error:
        raise FileError(DAMAGED) from error
    drawing = Reading(kept)
    if drawing.dangers:
        raise FileError(
            f"The drawing holds {drawing.dangers[0]}, which cannot be taken out. Remove it, or save it as PNG."
        )
    drawing.require_bounded()
    if not drawing.shows_something:
        raise FileError(
            "Nothing is left of the drawing once scripts and links to other files are removed. Save it as PNG."
        )
    target.write_bytes(kept)
    width, height = drawing.size()
    return {"mime_type": "image/svg+xml", "width": width, "height": height}


def in_utf8(content: bytes) -> bytes:
    """A drawing without its first line `<?xml …?>`, read as its mark or that line says. Raises FileError."""
    mark = next((name for start, name in MARKS.items() if content.startswith(start)), "")
    said = _DECLARED.match(content)
    name = mark or (said[1].decode("ascii", "replace") if said else "utf-8")
    try:
        encoding = codecs.lookup(name).name
        if not mark and encoding.startswith("utf-16"):
            # That it could be read this far shows that it is not.
            raise LookupError
        if not _ENCODINGS.fullmatch(encoding):
            raise LookupError
        text = content.decode(encoding)
    except (LookupError, ValueError):
        raise FileError("The letters of the drawing are not written as it says. Save it as UTF-8.") from None
    return _FIRST_LINE.sub("", text.lstrip("\ufeff"), count=1).encode("utf-8", "replace")


class Reading:
    """One pass over the marks of a drawing. Raises FileError for what is no drawing, or declares entities."""

    def __init__(self, content: bytes) -> None:
        self.dangers: list[str] = []
        self.shows_something = False
        self.root: dict[str, str] = {}
        self._open: list[str] = []
        self._parts: list[Part] = []
        self._numbers: list[int] = []
        self._sheet: list[str] = []
        self._rules: list[Rule] = []
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._refuse_declarations
        parser.EntityDeclHandler = self._refuse_declarations
        parser.ProcessingInstructionHandler = lambda *_: self.dangers.append("an instruction to another program")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._read_text
        parser.buffer_text = True
        try:
            parser.Parse(content, True)
        except FileError:
            raise
        except (expat.ExpatError, ValueError) as error:
            raise FileError("The drawing is no well-formed SVG. Export it again and upload the new file.") from error

    def _refuse_declarations(self, *_: Any) -> None:
        raise FileError("The drawing declares entities, which can unfold without end. Export it again as plain SVG.")

    def _start(self, full_name: str, attributes: dict[str, str]) -> None:
        space, _, name = full_name.rpartition(" ")
        if not self._open:
            if (space, name) != (SVG, "svg"):
                raise FileError("This is an XML file, but no SVG drawing. Export it as SVG, PNG or JPEG.")
            self.root = attributes
        self._open.append(name.lower())
        if len(self._parts) >= MAX_ELEMENTS or len(self._open) > MAX_DEPTH:
            raise FileError(unfolding.TOO_MANY)
        self._remember(name.lower(), {key.rpartition(" ")[2].lower(): value for key, value in attributes.items()})
        self.shows_something |= space == SVG and name in SHOWN
        if name.lower() in NEVER or (space and space != SVG):
            self.dangers.append(f"“{name}”")
        for key, value in attributes.items():
            local = key.rpartition(" ")[2].lower()
            if local.startswith("on") or _FETCHED.search(value) or ("\\" in value and "(" in value):
                self.dangers.append(f"“{local}”")
            elif local in STYLED and _HIDING.search(value):
                self.dangers.append(f"“{local}” with something hidden in it")
            elif name.lower() in MOVING and "url(" in value.lower():
                self.dangers.append(f"“{name}” of something else")
            elif local in {"href", "src"} and not value.strip().startswith("#"):
                # Links are taken with the picture as dead text: nothing in an <img> can be followed.
                if self._open[-1] != "a":
                    self.dangers.append("something to be fetched")

    def _remember(self, name: str, attributes: dict[str, str]) -> None:
        part = unfolding.part_of(name, self._numbers[-1] if self._numbers else -1, attributes)
        if part.parent >= 0:
            self._parts[part.parent].inside.append(len(self._parts))
        self._require_said_openly(part.named)
        self._numbers.append(len(self._parts))
        self._parts.append(part)

    def _require_said_openly(self, named: dict[str, list[str]]) -> None:
        # What a variable names is drawn wherever the variable is said.
        if any(key.startswith("--") for key in named):
            self.dangers.append("a variable that names a part")

    def _end(self, _: str) -> None:
        self._numbers.pop()
        if self._open.pop() == "style":
            sheet = "".join(self._sheet)
            self._sheet.clear()
            if _FETCHED.search(sheet) or _HIDING.search(sheet):
                self.dangers.append("a style sheet with comments, escapes or something to be fetched")
            rules = list(unfolding.rules(sheet))
            for rule in rules:
                self._require_said_openly(rule.named)
            self._rules += rules

    def _read_text(self, text: str) -> None:
        # The parser hands a long text over in pieces.
        if self._open and self._open[-1] == "style":
            self._sheet.append(text)

    def require_bounded(self) -> None:
        """Raises FileError where a browser would draw far more than the file holds."""
        unfolding.require_bounded(self._parts, self._rules)

    def size(self) -> tuple[int, int]:
        """In CSS pixels, from width and height, else from viewBox, whole numbers from 1 to MAX_SIDE."""
        wide, high = _length(self.root.get("width", "")), _length(self.root.get("height", ""))
        box = [_length(part) or 0 for part in re.split(r"[\s,]+", self.root.get("viewBox", "").strip())]
        if len(box) == 4 and box[2] and box[3]:
            if wide or high:
                wide, high = wide or (high or 0) * box[2] / box[3], high or (wide or 0) * box[3] / box[2]
            else:
                wide, high = box[2], box[3]
        sides = (wide or DEFAULT_SIZE[0], high or DEFAULT_SIZE[1])
        return max(1, min(MAX_SIDE, round(sides[0]))), max(1, min(MAX_SIDE, round(sides[1])))


def _length(value: str) -> float | None:
    found = _LENGTH.fullmatch(value.lstrip("-+"))
    if not found or found[2].lower() not in UNITS:
        return None
    return min(float(found[1]), 1e9) * UNITS[found[2].lower()] or None
