"""Misspelt words: which word of the publication somebody may have meant.

Every word of everything live is kept once, with its threes of letters (`SearchGram`). Words that share most threes with
a misspelt one are looked at, and the number of slips between the two decides: a letter left out, added, mistaken, or
two changed over. It needs no extension of the database and does the same on both.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count

from blog.models import SearchGram, SearchWord
from blog.search import words

SHORTEST, LONGEST = 3, 30
CANDIDATES = 120
# What two words that are like each other have in common, of all their threes of letters.
ALIKE = 0.3
# Of one text: more different words than that has no author.
MOST_NEW = 20_000
_AT_ONCE = 400


def grams(word: str) -> list[str]:
    """The threes of letters of a word, its beginning and end being letters too: ^fe, fer, ery, ry$."""
    whole = f"^{word}$"
    return list(dict.fromkeys(whole[start : start + 3] for start in range(len(whole) - 2)))


def is_known_kind(word: str) -> bool:
    """Whether it is a word people spell: letters alone, not too short, of a script with words."""
    return SHORTEST <= len(word) <= LONGEST and word.isalpha()


def learn(texts: Iterable[str]) -> None:
    """Keep the words of what is live; those that are known already cost a look."""
    found = {word for text in texts for word in words.folded_words(text) if is_known_kind(word)}
    wanted = sorted(found)[:MOST_NEW]
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        known = set(SearchWord.objects.filter(word__in=some).values_list("word", flat=True))
        new = [word for word in some if word not in known]
        if not new:
            continue
        SearchWord.objects.bulk_create([SearchWord(word=word) for word in new], ignore_conflicts=True)
        made = SearchWord.objects.filter(word__in=new)
        SearchGram.objects.bulk_create(
            [SearchGram(word_id=row.pk, gram=gram) for row in made for gram in grams(row.word)],
            ignore_conflicts=True,
            batch_size=300,
        )


def slips(one: str, other: str, most: int) -> int:
    """How many slips lie between two words (Damerau and Levenshtein), or more than `most` as soon as that is sure."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, letter_there in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != letter_there))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == letter_there:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def slips_allowed(word: str) -> int:
    """Short words have too many neighbours for more than one slip."""
    return 1 if len(word) < 7 else 2


def alike(word: str) -> list[tuple[str, int]]:
    """Known words that share most threes of letters with one, each with how many they share."""
    if not is_known_kind(word):
        return []
    shared = (
        SearchGram.objects.filter(gram__in=grams(word))
        .values("word")
        .annotate(shared=Count("pk"))
        .order_by("-shared", "word")[:CANDIDATES]
    )
    numbers = {row["word"]: row["shared"] for row in shared}
    rows = SearchWord.objects.filter(pk__in=numbers).values_list("pk", "word")
    return [(known, numbers[pk]) for pk, known in rows if known != word]


def nearest(word: str, known: Iterable[tuple[str, int]], count: int = 4) -> list[tuple[tuple[int, bool], str]]:
    """Those of the words `alike` so near that `word` may be a slip of one of them, nearest first, each with how far it
    is away: the slips, and whether it begins with another letter, which is seldom a slip."""
    most = slips_allowed(word)
    found = [((slips(word, other, most), other[0] != word[0]), other) for other, _ in known]
    return sorted(each for each in found if each[0][0] <= most)[:count]


def similar(word: str, known: Iterable[tuple[str, int]], count: int = 12) -> list[tuple[str, float]]:
    """Those of the words `alike` that share enough with `word` to be about the same, most alike first, each with the
    part of the threes of both that they share."""
    own = len(grams(word))
    found = [(other, shared / (own + len(grams(other)) - shared)) for other, shared in known]
    return sorted((each for each in found if each[1] >= ALIKE), key=lambda each: (-each[1], each[0]))[:count]
