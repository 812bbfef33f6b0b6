"""What a text is made of, read from its HTML: headings, links, pictures, paragraphs, and where each stands in Markdown.

Pure text work, linear in its length, and free of rows: whoever judges or indexes a text starts here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser

from media_assets import addresses

# Parts of the page the renderer adds; nobody wrote them.
_OURS = frozenset({"anc", "fnref", "back"})
_APART = frozenset("pre table figure section blockquote ul ol dl details".split())
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_INLINE = re.compile(
    r"(!?)\[((?:[^\[\]\\]|\\.){0,1000})\]"
    r"\(\s{0,20}(?:<([^<>\n]{0,2000})>|([^\s()<>]{0,2000}(?:\([^\s()<>]{0,500}\)[^\s()<>]{0,500}){0,8}))"
    r"(?:\s{1,20}(?:\"[^\"\n]{0,1000}\"|'[^'\n]{0,1000}'))?\s{0,20}\)"
)
_HEADING_LINE = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.{1,500}?)[ \t]*#*[ \t]*$", re.MULTILINE)
# What is not running text in Markdown; blanked out before words are looked for.
_NOT_PROSE = re.compile(
    r"^(?P<fence>```+|~~~+)[^\n]*\n(?:(?!(?P=fence))[^\n]*\n)*(?:(?P=fence)[^\n]*|\Z)"
    r"|`[^`\n]{1,2000}`"
    r"|!?\[(?:[^\[\]\\]|\\.){0,1000}\](?:\([^\s()<>]{0,2000}(?:\([^\s()<>]{0,500}\)[^\s()<>]{0,500}){0,8}"
    r"(?:\s{1,20}(?:\"[^\"\n]{0,1000}\"|'[^'\n]{0,1000}'))?\s{0,20}\)|\[[^\[\]\n]{0,200}\])"
    r"|^ {0,3}\[[^\[\]\n]{1,200}\]:[^\n]*$"
    r"|<[^<>]{1,3000}>"
    r"|https?://[^\s<>]{1,2000}"
    r"|^ {0,3}#{1,6}[ \t][^\n]*$"
    r"|^(?: {4}|\t)[^\n]*$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True)
class Link:
    """`href` is None where the sanitiser left none, as of javascript: addresses."""

    href: str | None
    text: str
    has_picture: bool = False


@dataclass(frozen=True)
class Picture:
    src: str
    alt: str
    is_presentation: bool = False


@dataclass
class Anatomy:
    """The parts of one text in reading order; `ids` are those of its elements, as links within the page name them."""

    headings: list[Heading] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Anatomy()
        self.parts: list[str] = []
        self.heading: tuple[int, list[str]] | None = None
        self.link: tuple[str | None, list[str]] | None = None
        self.linked_picture = False
        self.paragraph: list[str] | None = None
        self.apart = self.notes = self.mute = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if "id" in said:
            self.found.ids.add(said["id"])
        if tag == "section" and (self.notes or said.get("class") == "notes"):
            self.notes += 1
        if tag in _APART:
            self.apart += 1
        if tag == "a":
            if said.get("class") in _OURS:
                self.mute = 1
            else:
                self.link, self.linked_picture = (said.get("href"), []), False
        elif tag == "img":
            alt = said.get("alt", "")
            self.found.pictures.append(Picture(said.get("src", ""), alt.strip(), said.get("role") == "presentation"))
            self.linked_picture = self.linked_picture or bool(alt.strip())
        elif tag in _HEADINGS and not self.notes:
            self.heading = (int(tag[1]), [])
        elif tag == "p" and not self.apart:
            self.paragraph = []
        if tag not in ("a", "em", "strong", "b", "i", "u", "s", "code", "span", "mark", "sub", "sup", "abbr"):
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "section" and self.notes:
            self.notes -= 1
        if tag in _APART:
            self.apart = max(0, self.apart - 1)
        if tag == "a":
            self.mute = 0
            if self.link is not None:
                href, words = self.link
                self.found.links.append(Link(href, _line(words), self.linked_picture))
                self.link = None
        elif tag in _HEADINGS and self.heading is not None:
            self.found.headings.append(Heading(self.heading[0], _line(self.heading[1])))
            self.heading = None
        elif tag == "p" and self.paragraph is not None:
            if text := _line(self.paragraph):
                self.found.paragraphs.append(text)
            self.paragraph = None

    def handle_data(self, data: str) -> None:
        if self.mute:
            return
        self.parts.append(data)
        for taking in (self.heading, self.link):
            if taking is not None:
                taking[1].append(data)
        if self.paragraph is not None:
            self.paragraph.append(data)


def _line(parts: list[str]) -> str:
    return " ".join("".join(parts).split())


def read(html: str) -> Anatomy:
    """The parts of a rendered text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    reader.found.text = "\n".join(line for line in lines if line)
    return reader.found


class Places:
    """Where the parts of a rendered text stand in its Markdown: the piece to select, or "" where it cannot be told."""

    def __init__(self, source: str) -> None:
        self.source = source

    @cached_property
    def _inline(self) -> dict[tuple[bool, str, str | None], str]:
        """The first piece for each address with its words, and for either alone."""
        found: dict[tuple[bool, str, str | None], str] = {}
        for match in _INLINE.finditer(self.source):
            is_picture, address = bool(match[1]), _meant(match[3] if match[3] is not None else match[4])
            words = " ".join(match[2].split())
            for key in ((is_picture, address, words), (is_picture, address, None), (is_picture, "", words)):
                found.setdefault(key, match[0])
        return found

    def of_link(self, link: Link) -> str:
        return self._find(False, link.href or "", link.text) or self._inline.get((False, "", link.text), "")

    def of_picture(self, picture: Picture) -> str:
        return self._find(True, picture.src, picture.alt)

    def _find(self, is_picture: bool, address: str, words: str) -> str:
        meant = _meant(address)
        keys = ((is_picture, meant, words), (is_picture, meant, None))
        return next((self._inline[key] for key in keys if key in self._inline), "") or self._bare(address)

    def of_heading(self, heading: Heading) -> str:
        return self._headings.get(heading.text, "")

    @cached_property
    def _headings(self) -> dict[str, str]:
        return {" ".join(match[2].split()): match[0].strip() for match in _HEADING_LINE.finditer(self.source)}

    def _bare(self, address: str | None) -> str:
        return address if address and len(address) > 1 and address in self.source else ""


def _meant(address: str) -> str:
    """One name for all sizes of a picture of the library; any other address is its own."""
    return addresses.key_of(address) or address


def prose_of(source: str) -> str:
    """Markdown with all that is not running text (links, code, headings, tags) blanked out, of the same length."""
    # With a line's end after it, a block of code that was never closed has one too, and nothing is read twice.
    blanked = _NOT_PROSE.sub(lambda match: re.sub(r"[^\n]", "\x00", match[0]), source + "\n")
    return blanked[: len(source)]
