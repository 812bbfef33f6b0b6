"""Texts as the words the index keeps: folded, stemmed, spelt in letters both databases read alike.

All work on language is done here and not in a database, so that PostgreSQL and SQLite find the same. A word of the
index is its stem, without accents and case, in the letters a to z and figures; what has other letters is written as the
hexadecimal figures of its bytes after "zz". Nothing else begins with "zz" but the marks of `entries`.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

import snowballstemmer

# Longer words are cut, in texts as in questions.
LONGEST_WORD = 40
# What parts two things that no phrase may join, and stands for what is no word after all.
GAP = "zzs"

STEMMERS = dict(
    pair.split(":")
    for pair in (
        "ar:arabic ca:catalan cs:czech da:danish de:german el:greek en:english es:spanish et:estonian eu:basque "
        "fi:finnish fr:french ga:irish hi:hindi hu:hungarian hy:armenian id:indonesian it:italian lt:lithuanian "
        "nb:norwegian ne:nepali nl:dutch nn:norwegian no:norwegian pl:polish pt:portuguese ro:romanian ru:russian "
        "sr:serbian sv:swedish ta:tamil tr:turkish yi:yiddish"
    ).split()
)

# Scripts that leave no space between words are kept sign by sign, and asked for as phrases of signs.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
_UNSPACED += "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"


def _ranges_of_marks() -> str:
    """Accents and vowel signs, which belong to the letter before them, as ranges of a regular expression."""
    found: list[list[int]] = []
    for code in range(0x300, 0x11A00):
        if unicodedata.category(chr(code))[0] == "M":
            if found and found[-1][1] == code - 1:
                found[-1][1] = code
            else:
                found.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in found)


_MARKS = _ranges_of_marks()
_WORD = re.compile(rf"[{_UNSPACED}][{_MARKS}]*|[^\W_{_UNSPACED}](?:[^\W_{_UNSPACED}]|[{_MARKS}])*")
_PLAIN = re.compile(r"[a-z0-9]+")
# Latin and Greek accents, Arabic and Hebrew points. The breve of й is a letter's own and stays.
_FOLDED = re.compile("(?<![\u0438\u0418])[\u0300-\u036f]|[\u0591-\u05c7\u0640\u064b-\u0652\u0670]")
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "n", "ς": "σ"}
)


def spans(text: str) -> Iterator[re.Match[str]]:
    """The words of a text where they stand in it, in order."""
    return _WORD.finditer(text)


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """One word without case, accents and ligatures: Straße and STRASSE, élève and eleve are the same."""
    if word.isascii():
        return word.lower()
    bare = _FOLDED.sub("", unicodedata.normalize("NFKD", word.casefold()))
    return unicodedata.normalize("NFKC", bare).casefold().translate(_LETTERS)


# One of each language for each thread: a stemmer keeps the word it works on.
_own = threading.local()


def has_stemmer(language: str) -> bool:
    return _base(language) in STEMMERS


def _base(language: str) -> str:
    return language.lower().replace("_", "-").partition("-")[0]


@lru_cache(maxsize=131_072)
def _stem(folded: str, base: str) -> str:
    name = STEMMERS.get(base)
    if name is None or len(folded) < 3:
        return folded
    made = _own.__dict__.setdefault("stemmers", {})
    if name not in made:
        made[name] = snowballstemmer.stemmer(name)
    stem: str = made[name].stemWord(folded)
    return fold(stem) or folded


def spelt(folded: str) -> str:
    """A folded word in the letters of the index."""
    folded = folded[:LONGEST_WORD]
    if _PLAIN.fullmatch(folded) and not folded.startswith("zz"):
        return folded
    return "zz" + folded.encode("utf-8", "replace").hex() if any(map(str.isalnum, folded)) else GAP


@lru_cache(maxsize=131_072)
def stem(word: str, language: str) -> str:
    """A word as texts of a language have it in the index."""
    return spelt(_stem(fold(word)[:LONGEST_WORD], _base(language)))


def stems(text: str, language: str, most: int | None = None) -> list[str]:
    """The words of a text in the index, one for each word that stands in it, in order; the first `most`."""
    found = []
    for number, span in enumerate(spans(text)):
        if number == most:
            break
        found.append(stem(span.group(), language))
    return found


def folded_words(text: str) -> list[str]:
    """The words of a text as people type them, without accents and case."""
    return [fold(span.group())[:LONGEST_WORD] for span in spans(text)]


def variants(word: str, languages: Iterable[str]) -> list[str]:
    """What a word of a question may be in the index, whatever the language of the text."""
    return list(dict.fromkeys([spelt(fold(word)), *(stem(word, language) for language in languages)]))
