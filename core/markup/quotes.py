"""Typographic quotes, dashes and ellipses, in the manner of the text's language.

Works on the finished element tree, after all links and code spans are known: `alt` text, addresses and code are never
touched, and a quotation may open before an emphasised word and close after it.
"""

import re
from xml.etree.ElementTree import Element

from .words import quotes_in

_SKIP = {"code", "pre", "kbd", "samp", "script", "style"}
_STASHED = re.compile("\x02[^\x03]*\x03")
_MARKS = re.compile(r"\"|'|(?<!-)---?(?!-)|\.\.\.")
_OPENS_AFTER = frozenset(" \t\n\r\u00a0\u202f([{—–-/<\u201c\u2018„‚«‹»›")
_DIGITS_AHEAD = re.compile(r"\d0s\b|\d\d\b(?![\"'])")


def set_quotes(root: Element, language: str) -> None:
    """Replace straight quotes, `--`, `---` and `...` in every text under `root`, in place."""
    _Setter(quotes_in(language)).walk(root)


class _Setter:
    def __init__(self, quotes: tuple[str, str, str, str]) -> None:
        self.open, self.close, self.inner_open, self.inner_close = quotes
        self.before = " "
        self.inner_depth = 0

    def walk(self, element: Element) -> None:
        stack: list[tuple[Element, bool]] = [(element, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                if node.tail:
                    node.tail = self._set(node.tail)
                continue
            if node.tag in _SKIP:
                self.before = "x"
                stack.append((node, True))
                continue
            if node.tag in _BLOCKS:
                self.before, self.inner_depth = " ", 0
            if node.text and not getattr(node, "_plain", False):
                node.text = self._set(node.text)
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node))

    def _set(self, text: str) -> str:
        if not _MARKS.search(text):
            visible = _STASHED.sub("", text)
            if visible:
                self.before = visible[-1]
            return text
        out, position = [], 0
        for mark in _MARKS.finditer(text):
            visible = _STASHED.sub("", text[position : mark.start()])
            if visible:
                self.before = visible[-1]
            out.append(text[position : mark.start()])
            out.append(self._replace(mark.group(), text, mark.end()))
            self.before = out[-1][-1]
            position = mark.end()
        rest = text[position:]
        visible = _STASHED.sub("", rest)
        if visible:
            self.before = visible[-1]
        out.append(rest)
        return "".join(out)

    def _replace(self, mark: str, text: str, end: int) -> str:
        if mark == "...":
            return "…"
        if mark == "--":
            return "–"
        if mark == "---":
            return "—"
        ahead = text[end : end + 1]
        opens = self.before in _OPENS_AFTER and not (ahead and ahead.isspace())
        if mark == '"':
            return self.open if opens else self.close
        if opens and not _DIGITS_AHEAD.match(text, end):
            self.inner_depth += 1
            return self.inner_open
        if self.inner_depth and not (self.before.isalnum() and ahead.isalnum()):
            self.inner_depth -= 1
            return self.inner_close
        return "’"


_BLOCKS = frozenset("p h1 h2 h3 h4 h5 h6 li dt dd td th blockquote figcaption caption div section".split())
