"""What somebody typed into the search, read: words, "phrases", and -what must not be there.

A clause is one word or phrase, as all the sequences of words of the index that answer it: one for each language of the
publication. Both databases are asked from the same clauses, in letters and figures alone, so nothing anybody types is
ever read as a command.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from blog.search import words

LONGEST = 200
MOST_CLAUSES = 12
_PARTS = re.compile(r'(-?)"([^"]*)"?|(\S+)')
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "\x00": " "})


@dataclass(frozen=True, slots=True)
class Clause:
    """`typed` as it was typed, without signs; `answers` are sequences of words of the index, any of which will do."""

    typed: str
    answers: tuple[tuple[str, ...], ...]
    is_phrase: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """`wanted`: all of these; `unwanted`: none of these."""

    wanted: tuple[Clause, ...] = ()
    unwanted: tuple[Clause, ...] = ()
    typed: str = ""
    was_cut: bool = False

    def __bool__(self) -> bool:
        return bool(self.wanted)

    @property
    def wholes(self) -> list[tuple[str, ...]]:
        """All that is wanted one after the other, in each language."""
        together = [list(clause.answers) for clause in self.wanted]
        most = max((len(answers) for answers in together), default=0)
        several = (sum((answers[min(n, len(answers) - 1)] for answers in together), ()) for n in range(most))
        return list(dict.fromkeys(several))

    @property
    def key(self) -> str:
        """The same for questions that ask for the same."""
        return repr((self.wanted, self.unwanted))


def clean(typed: str) -> str:
    """What was typed on one line, without signs no keyboard makes."""
    shown = "".join(sign if sign.isprintable() else " " for sign in typed[: LONGEST * 20])
    return " ".join(shown.split())


def clause_of(text: str, languages: Sequence[str], *, is_phrase: bool = False) -> Clause | None:
    """A word, or a phrase of several; None where there is no word in it."""
    typed = [span.group() for span in words.spans(text) if words.spelt(words.fold(span.group())) != words.GAP]
    if not typed:
        return None
    answers = [tuple(words.stem(word, language) for word in typed) for language in ("", *languages)]
    return Clause(" ".join(typed), tuple(dict.fromkeys(answers)), is_phrase or len(typed) > 1)


def read(typed: str, languages: Sequence[str]) -> Question:
    """The question somebody typed; at most so many signs and clauses count, which it says."""
    line = clean(typed)
    cut = line[:LONGEST]
    wanted: list[Clause] = []
    unwanted: list[Clause] = []
    was_cut = len(line) > LONGEST
    for minus, phrase, word in _PARTS.findall(cut.translate(_QUOTES)):
        is_unwanted = bool(minus) or (word.startswith("-") and len(word) > 1)
        clause = clause_of(phrase or word, languages, is_phrase=bool(phrase))
        if clause is None:
            continue
        if len(wanted) + len(unwanted) == MOST_CLAUSES:
            was_cut = True
            break
        (unwanted if is_unwanted else wanted).append(clause)
    return Question(tuple(dict.fromkeys(wanted)), tuple(dict.fromkeys(unwanted)), cut, was_cut)


def with_word(question: Question, old: Clause, new: str, languages: Sequence[str]) -> Question:
    """The same question with another word in the place of one."""
    clause = clause_of(new, languages)
    if clause is None:
        return question
    typed = re.sub(rf"(?<!\w){re.escape(old.typed)}(?!\w)", lambda _: new, question.typed, count=1)
    return replace(question, wanted=tuple(clause if each == old else each for each in question.wanted), typed=typed)
