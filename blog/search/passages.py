"""Why something was found: the passage of its text round the words, with the words marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from blog.search import words
from blog.search.questions import Question

LENGTH, BEFORE = 34, 8
_LONGEST_PASSAGE = 320
# The end of a block that no sentence ends with.
_BLOCK = re.compile(r"(?<![.!?…:;,”’\"'])\n")

Range = tuple[int, int]


def _hits(body: Sequence[str], question: Question) -> list[tuple[int, int, int]]:
    """Where words of the index answer clauses: (first word, word after the last, number of the clause), in order."""
    beginnings: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
    for number, clause in enumerate(question.wanted):
        for answer in clause.answers:
            beginnings.setdefault(answer[0], []).append((number, answer))
    found = []
    for at, word in enumerate(body):
        for number, answer in beginnings.get(word, ()):
            if tuple(body[at : at + len(answer)]) == answer:
                found.append((at, at + len(answer), number))
                break
    return found


def _best_start(hits: Sequence[tuple[int, int, int]]) -> int:
    """The word the passage begins with: most different clauses in it, then most hits, then the earliest."""
    best, best_start, first = (0, 0), 0, 0
    for last, (_, end, _) in enumerate(hits):
        while end - hits[first][0] > LENGTH - BEFORE:
            first += 1
            if first > last:
                first = last
                break
        within = hits[first : last + 1]
        worth = (len({number for _, _, number in within}), len(within))
        if worth > best:
            best, best_start = worth, max(0, hits[first][0] - BEFORE)
    return best_start


def _apart(text: str) -> str:
    """Blocks of a text on one line: a heading or a cell of a table ends without a mark of its own."""
    return _BLOCK.sub(" · ", text)


def _marked(text: str, ranges: Iterable[Range]) -> SafeString:
    parts: list[tuple[object]] = []
    at = 0
    for start, end in ranges:
        if start < at:
            continue
        parts += [(_apart(text[at:start]),), (format_html("<mark>{}</mark>", text[start:end]),)]
        at = end
    parts.append((_apart(text[at:]),))
    return format_html_join("", "{}", parts)


def marked(text: str, question: Question, language: str) -> SafeString:
    """A short text, such as a title, whole, with the words of the question marked."""
    spans = [(span.start(), span.end()) for span in words.spans(text)]
    hits = _hits(words.stems(text, language), question)
    return _marked(text, [(spans[first][0], spans[after - 1][1]) for first, after, _ in hits])


def passage(text: str, body: str, question: Question) -> SafeString | None:
    """The passage of a text that answers the question best; None when nothing in the text does.

    `body` is the text in words of the index, one for each word that stands in it.
    """
    hits = _hits(body.split(" "), question)
    if not hits:
        return None
    start = _best_start(hits)
    spans: list[Range] = []
    for number, span in enumerate(words.spans(text)):
        if number >= start:
            spans.append(span.span())
        if number >= start + LENGTH:
            break
    if not spans:
        return None
    goes_on = len(spans) > LENGTH
    spans = spans[:LENGTH]
    begin = spans[0][0] if start else 0
    # A text without spaces has long passages of few words, and some words have no end.
    end = min(spans[-1][1] if goes_on else len(text), begin + _LONGEST_PASSAGE)
    cut = end < len(text)
    ranges = [
        (spans[first - start][0] - begin, spans[min(after - start, len(spans)) - 1][1] - begin)
        for first, after, _ in hits
        if start <= first < start + len(spans)
    ]
    shown = text[begin:end]
    inside = [(first, min(last, len(shown))) for first, last in ranges if first < len(shown)]
    return format_html("{}{}{}", "… " if start else "", _marked(shown, inside), " …" if cut else "")
