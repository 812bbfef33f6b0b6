"""HTML of unknown quality as a small tree: parsed as browsers do, freed of scripts, never deeper than can be walked."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3

MAX_DEPTH = 100

BLOCKS = frozenset(
    "address article aside blockquote center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 "
    "h5 h6 header hr li main nav ol p pre section summary table ul caption tbody thead tfoot tr td th menu "
    "x-classic x-embed".split()
)
INLINE = frozenset(
    "a abbr acronym b bdi bdo big br button cite code del dfn em font i img ins kbd mark q ruby rt rp s samp small "
    "span strike strong sub sup time tt u var wbr audio video source iframe embed object param x-more x-note".split()
)
SILENT = frozenset("script style template noscript noembed noframes svg math title select xmp plaintext head".split())
VOID = frozenset("br hr img wbr embed param source col".split())
_ATTRIBUTES = {
    "*": {"id", "class", "title", "lang", "dir"},
    "a": {"href", "name"},
    "img": {"src", "alt", "width", "height", "data-src"},
    "audio": {"src"},
    "video": {"src", "poster"},
    "source": {"src", "type"},
    "iframe": {"src"},
    "embed": {"src"},
    "object": {"data"},
    "param": {"name", "value"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "abbr": {"title"},
    "sup": {"data-fn"},
    "x-note": {"data-number"},
}


class Element:
    """One element and what is inside it: strings and elements."""

    __slots__ = ("attrs", "children", "tag")

    def __init__(
        self, tag: str, attrs: dict[str, str] | None = None, children: list[Element | str] | None = None
    ) -> None:
        self.tag, self.attrs = tag, attrs or {}
        self.children: list[Element | str] = children or []

    def get(self, name: str) -> str:
        return self.attrs.get(name, "")

    @property
    def classes(self) -> list[str]:
        return self.get("class").split()

    def elements(self) -> list[Element]:
        return [child for child in self.children if isinstance(child, Element)]

    def walk(self) -> list[Element]:
        """The element and all elements inside it, in reading order."""
        found, stack = [], [self]
        while stack:
            element = stack.pop()
            found.append(element)
            stack.extend(reversed(element.elements()))
        return found

    def first(self, tag: str) -> Element | None:
        return next((element for element in self.walk() if element.tag == tag), None)

    def text(self) -> str:
        """All text inside, line breaks and edges of blocks as line feeds."""
        parts: list[str] = []
        stack: list[Element | str] = [self]
        while stack:
            node = stack.pop()
            if isinstance(node, str):
                parts.append(node)
            elif node.tag == "br":
                parts.append("\n")
            elif node.tag in BLOCKS and node is not self:
                stack.extend(["\n", *reversed(node.children), "\n"])
            else:
                stack.extend(reversed(node.children))
        return "".join(parts)

    @property
    def has_blocks(self) -> bool:
        return any(element.tag in BLOCKS for element in self.walk()[1:])


class TooDeep(ValueError):
    """The HTML nests deeper than any page does; its plain text is in `text`."""

    def __init__(self, text: str) -> None:
        super().__init__("The HTML is nested too deep.")
        self.text = text


def clean(html: str) -> str:
    """Well-formed HTML of the same content, without scripts, comments and unknown attributes."""
    return nh3.clean(
        html,
        tags=BLOCKS | INLINE | {"col", "colgroup"},
        clean_content_tags=SILENT,
        attributes=_ATTRIBUTES,
        link_rel=None,
        url_schemes={"http", "https", "mailto", "tel"},
    )


def parse(html: str) -> Element:
    """The tree of `html`. Raises TooDeep, which carries the text, where it nests more than 100 levels."""
    if _nesting(html) > 20 * MAX_DEPTH:
        raise TooDeep(strip_tags(html))
    builder = _Builder()
    builder.feed(clean(html))
    builder.close()
    if builder.deepest > MAX_DEPTH:
        raise TooDeep(builder.root.text())
    return builder.root


def _nesting(html: str) -> int:
    # The browser-grade parser slows down with the square of the depth, so absurd depth is noticed before it.
    depth = deepest = 0
    for tag in re.finditer(r"<(/?)([a-z][a-z0-9]*)", html, re.IGNORECASE):
        if tag[2].lower() in VOID or tag[2].lower() in ("p", "li", "td", "tr", "th", "dd", "dt"):
            continue
        depth = max(0, depth - 1) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def strip_tags(html: str) -> str:
    """The text of `html`, found without building a tree, however deep it nests."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    return "".join(reader.parts)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.silent += tag in SILENT
        if tag in BLOCKS or tag == "br":
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.silent = max(0, self.silent - (tag in SILENT))
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data)


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("div")
        self.stack = [self.root]
        self.deepest = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.stack[-1].children.append(element)
        if tag not in VOID:
            self.stack.append(element)
            self.deepest = max(self.deepest, len(self.stack))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and len(self.stack) > 1 and self.stack[-1].tag == tag:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        self.stack[-1].children.append(data)
