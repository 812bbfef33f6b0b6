"""What a text says and how long it takes to read it, taken from its HTML."""

import math
import re
from html.parser import HTMLParser

WORDS_PER_MINUTE = 240
EXCERPT_LENGTH = 300

# Han characters and kana are words of their own, as Chinese and Japanese writers count them; Korean has spaces.
_KANA = "\u3041-\u309f\u30a0-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CJK = _KANA + _HAN
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}](?:[^\W{_CJK}]|['’.\-](?=[^\W_]))*")

_BREAKS = frozenset(
    "p h1 h2 h3 h4 h5 h6 li dt dd tr caption blockquote pre div section figure figcaption details summary "
    "table ul ol dl br hr".split()
)
_SILENT = frozenset({"script", "style", "template"})
_NO_EXCERPT = frozenset("pre table figure section h1 h2 h3 h4 h5 h6 ul ol dl details".split())
_MARKS = frozenset({"anc", "fnref", "back"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.paragraphs: list[str] = []
        self.paragraph: list[str] | None = None
        self.silent = 0
        self.apart = 0
        self.mark = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        if tag in _BREAKS:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        if tag in _NO_EXCERPT:
            self.apart += 1
        if tag == "a" and any(name == "class" and value in _MARKS for name, value in attrs):
            self.mark = True
        if tag == "p" and not self.apart and not any(value == "admonition-title" for _, value in attrs):
            self.paragraph = []

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        if tag in _BREAKS:
            self.parts.append("\n")
        if tag in _NO_EXCERPT:
            self.apart = max(0, self.apart - 1)
        if tag == "a":
            self.mark = False
        if tag == "p" and self.paragraph is not None:
            text = " ".join("".join(self.paragraph).split())
            if text:
                self.paragraphs.append(text)
            self.paragraph = None

    def handle_data(self, data: str) -> None:
        if self.silent or self.mark:
            return
        self.parts.append(data)
        if self.paragraph is not None:
            self.paragraph.append(data)


def read(html: str) -> tuple[str, list[str]]:
    """The text of `html`, a line for each block, and the running paragraphs alone (no lists, tables, code, notes)."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line), reader.paragraphs


def plain_text(html: str) -> str:
    """The text of `html` without tags, a line for each block; marks of footnotes and headings left out."""
    return read(html)[0]


def count_words(text: str) -> int:
    """Words in `text`; each Chinese character or kana counts as one."""
    return sum(1 for _ in _WORD.finditer(text))


def reading_time_minutes(words: int) -> int:
    """Whole minutes that `words` take at 240 words a minute, never less than one."""
    return max(1, math.ceil(words / WORDS_PER_MINUTE))


def excerpt_of(paragraphs: list[str], limit: int = EXCERPT_LENGTH) -> str:
    """The first paragraphs, at most `limit` characters, cut at the end of a word with an ellipsis where cut."""
    text = ""
    for paragraph in paragraphs:
        text = f"{text} {paragraph}".strip()
        if len(text) >= limit // 2:
            break
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    if not text[limit - 1].isspace() and " " in cut[limit // 2 :]:
        cut = cut[: cut.rindex(" ")]
    return cut.rstrip(" ,;:.–—-") + "…"
