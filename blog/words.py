"""A text cut into words: what two versions of it are compared by."""

from __future__ import annotations

import re
import unicodedata

# Scripts that leave no space between words are compared character by character: Thai, Lao, Burmese, Khmer, kana, Han.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
_UNSPACED += "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[^\W{_UNSPACED}]+(?:['’][^\W{_UNSPACED}]+)*|\n|[^\S\n]+|.", re.DOTALL)
# What belongs to the character before it: the joiners, the keycap, skin tones; marks are known by their category.
_JOINERS = frozenset("\u200d\u200c\ufe0f\ufe0e")


def words_of(text: str) -> list[str]:
    """`text` cut into words, spaces and signs; joined again they are the text. Nothing readers see as one is torn."""
    tokens = _TOKEN.findall(text)
    return tokens if text.isascii() else _with_marks(tokens)


def _with_marks(tokens: list[str]) -> list[str]:
    """Accents, vowel signs and joiners go with the character before them, and a word goes on after them."""
    kept: list[str] = []
    open_word = joined = False
    for token in tokens:
        first = token[0]
        if not first.isascii() and kept and (_clings(first)):
            kept[-1] += token
            open_word, joined = kept[-1][0].isalpha() and first != "\u200d", first == "\u200d"
        elif joined or (open_word and first.isalnum() and not _is_unspaced(first)):
            kept[-1] += token
            joined = False
        elif kept and _is_flag(first) and len(kept[-1]) == 1 and _is_flag(kept[-1]):
            kept[-1] += token
            open_word = joined = False
        else:
            kept.append(token)
            open_word = joined = False
    return kept


_UNSPACED_ONE = re.compile(f"[{_UNSPACED}]")


def _is_unspaced(sign: str) -> bool:
    return _UNSPACED_ONE.match(sign) is not None


def _clings(sign: str) -> bool:
    return sign in _JOINERS or "\U0001f3fb" <= sign <= "\U0001f3ff" or unicodedata.category(sign)[0] == "M"


def _is_flag(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def is_word(token: str) -> bool:
    """Whether it is one readers would count, not a space or a sign."""
    return token[0].isalnum()


def parted(text: str) -> tuple[str, str, str]:
    """The spaces before the words of a text, the words, the spaces after them; spaces alone count as words."""
    words = text.strip()
    if not words:
        return "", text, ""
    before, _, after = text.partition(words)
    return before, words, after
