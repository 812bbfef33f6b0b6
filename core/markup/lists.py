"""Lists and quotations as people type them.

Python-Markdown wants a blank line before a list and four spaces for each step inwards; nearly everybody (and every
other editor) writes neither. One linear pass over the lines re-indents lists to what the parser wants and leaves the
rest alone.
"""

import re
from xml.etree.ElementTree import Element

from markdown.blockprocessors import BlockQuoteProcessor
from markdown.preprocessors import Preprocessor

_ITEM = re.compile(r"^( *)([-*+]|(\d{1,9})[.)])( +)(\S.*)$")
_RULE = re.compile(r"^ {0,3}(?:(?:- *){3,}|(?:\* *){3,}|(?:_ *){3,})$")
_INTERRUPTS = re.compile(r"^(?:#{1,6}[ ]|>|\x02wzxhzdk:)")
_QUOTED = re.compile(r"^ {0,3}> ?")
_QUOTE_DEPTH = 10
_VERBATIM = re.compile(r"^ {0,3}<(pre|script|style|textarea|!--)", re.IGNORECASE)


class ListPreprocessor(Preprocessor):
    """Normalises the indentation of lists; runs after fenced code has been taken out."""

    def run(self, lines: list[str]) -> list[str]:
        return _Normaliser().run(lines)


class SeparateQuoteProcessor(BlockQuoteProcessor):
    """Two quotations with an empty line between them stay two."""

    def lastChild(self, parent: Element) -> None:
        return None


class _Normaliser:
    def __init__(self, depth: int = 0) -> None:
        self.depth = depth
        self.out: list[str] = []
        # One entry per open item: column of its marker, column of its text, whether it is numbered.
        self.open: list[tuple[int, int, bool]] = []
        self.after_blank = True
        self.in_text = False
        self.verbatim_end = ""

    def run(self, lines: list[str]) -> list[str]:
        position = 0
        while position < len(lines):
            end = position
            while end < len(lines) and self.depth < _QUOTE_DEPTH and _QUOTED.match(lines[end]):
                end += 1
            if end > position and not self.open and not self.verbatim_end:
                self._quotation(lines[position:end])
                position = end
            else:
                self._take(lines[position])
                position += 1
        return self.out

    def _quotation(self, lines: list[str]) -> None:
        """What is quoted is a text of its own."""
        inner = _Normaliser(self.depth + 1).run([_QUOTED.sub("", line) for line in lines])
        self.out.extend(f"> {line}" if line else ">" for line in inner)
        self.after_blank, self.in_text = False, False

    def _take(self, line: str) -> None:
        if self.verbatim_end:
            self.out.append(line)
            if self.verbatim_end in line.lower():
                self.verbatim_end = ""
            return
        if not line.strip():
            self.out.append("")
            self.after_blank, self.in_text = True, False
            return
        verbatim = _VERBATIM.match(line) if "<" in line else None
        if verbatim and not self.open:
            tag = verbatim.group(1).lower()
            end = "-->" if tag == "!--" else f"</{tag}"
            if end not in line.lower():
                self.verbatim_end = end
            self.out.append(line)
            self.after_blank = False
            return
        item = None if _RULE.match(line) else _ITEM.match(line)
        if item and (self.open or len(item.group(1)) < 4) and self._may_start(item):
            self._item(item)
        else:
            self._text(line)
        self.after_blank = False

    def _may_start(self, item: re.Match[str]) -> bool:
        """Inside running text only a bullet or the number one begins a list; a year at a line's start does not."""
        return bool(self.open) or not self.in_text or item.group(3) in (None, "1")

    def _item(self, item: re.Match[str]) -> None:
        indent, marker, number, gap, text = item.groups()
        column = len(indent)
        sibling = None
        while self.open and column <= self.open[-1][0] + 1:
            sibling = self.open.pop()
        if not self.open and (self.in_text or (sibling and sibling[2] != bool(number))):
            self.out.append("")
        level = len(self.open)
        self.open.append((column, column + len(marker) + min(len(gap), 4), bool(number)))
        marker = number + "." if number else marker
        self.out.append(" " * 4 * level + marker + " " + text)
        self.in_text = False

    def _text(self, line: str) -> None:
        stripped = line.lstrip(" ")
        column = len(line) - len(stripped)
        if not self.open:
            self.out.append(line)
            self.in_text = column < 4 and not _INTERRUPTS.match(stripped)
            return
        if self.after_blank:
            while self.open and column <= self.open[-1][0] + 1:
                self.open.pop()
        elif column == 0 and (_INTERRUPTS.match(stripped) or _RULE.match(line)):
            self.open.clear()
            self.out.append("")
        if not self.open:
            self.out.append(line)
            self.in_text = not _INTERRUPTS.match(stripped)
            return
        extra = max(0, column - self.open[-1][1]) if self.after_blank else 0
        self.out.append(" " * (4 * len(self.open) + extra) + stripped if column or self.after_blank else line)
