"""Asking the full-text index of the database there is: the same conditions, said in the language of each.

A condition is a small tree of tuples: ("word", …), ("phrase", …), ("start", word), ("and", …), ("or", …), ("not", …).
Its words are letters and figures alone (`blog.search.words`), and the whole goes to the database as one value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from blog.search.entries import PLACES_OF_POSTS, mark, titled
from blog.search.questions import Clause, Question

Condition = tuple[Any, ...]
_SAFE = re.compile(r"[a-z0-9]+")

# The newest that meet a condition, and how many do. Migration 0014 says how PostgreSQL
# looks for them; the rows of SQLite's full-text table come in their own order, so that it looks at no others.
_NEWEST = {
    "postgresql": "SELECT place, filed FROM blog_search_newest(%s::tsquery, %s, %s::tsquery[]) ORDER BY place DESC",
    "sqlite": (
        "SELECT entry.place, substr(entry.marks, 1, instr(entry.marks || ' zzw', ' zzw') - 1) "
        "FROM (SELECT rowid FROM blog_searchindex WHERE blog_searchindex MATCH %s AND rowid < %s "
        "ORDER BY rowid DESC LIMIT %s) AS newest "
        "CROSS JOIN blog_searchentry AS entry ON entry.place = newest.rowid ORDER BY entry.place DESC"
    ),
}
_COUNTED = {
    "postgresql": "SELECT COUNT(*) FROM blog_search_newest(%s::tsquery, %s, %s::tsquery[])",
    "sqlite": (
        "SELECT COUNT(*) FROM "
        "(SELECT 1 FROM blog_searchindex WHERE blog_searchindex MATCH %s AND rowid < %s LIMIT %s) AS found"
    ),
}
# Hundreds of places are one value: as many placeholders take longer to read than the rows.
_AT = {
    "postgresql": (
        "SELECT place, post_id, person_id, topic_id, title, about, marks FROM blog_searchentry "
        "WHERE place = ANY(%s) ORDER BY place DESC"
    ),
    "sqlite": (
        "SELECT place, post_id, person_id, topic_id, title, about, marks FROM blog_searchentry "
        "WHERE place IN (SELECT value FROM json_each(%s)) ORDER BY place DESC"
    ),
}
_EVERY_PLACE = 1 << 62
# Years old, from and to before; the older, the more of them are looked through at once.
_AGES = (0, 1, 2, 3, 4, 5, 6, 8, 11, 16)


class Row(NamedTuple):
    place: int
    post: int | None
    person: int | None
    topic: int | None
    title: str
    about: str
    marks: str


def word(*any_of: str) -> Condition:
    """One of these words."""
    return ("or", *(("phrase", (each,)) for each in any_of))


def of_clause(clause: Clause) -> Condition:
    return ("or", *(("phrase", answer) for answer in clause.answers))


def of_question(question: Question, *also: Condition, in_titles: bool = False) -> Condition:
    """What a question asks for, anywhere or all of it in titles."""
    wanted = [_in_title(clause) if in_titles else of_clause(clause) for clause in question.wanted]
    return ("and", *wanted, *also, *(("not", of_clause(clause)) for clause in question.unwanted))


def _in_title(clause: Clause) -> Condition:
    return ("or", *(("phrase", tuple(titled(word) for word in answer)) for answer in clause.answers))


def newest(condition: Condition, most: int, *, with_names: bool = True) -> list[tuple[int, str]]:
    """The places of entries that meet a condition, newest first, at most so many, with the marks of what each can be
    filtered by; without those of people and topics unless `with_names`."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST[connection.vendor], _values(condition, most, with_names))
        return cursor.fetchall()


def rows(places: Iterable[int]) -> list[Row]:
    """The entries at these places, newest first."""
    wanted = list(places)
    with connection.cursor() as cursor:
        cursor.execute(_AT[connection.vendor], [json.dumps(wanted) if connection.vendor == "sqlite" else wanted])
        return [Row(*each) for each in cursor.fetchall()]


def count(condition: Condition, most: int) -> int:
    """How many entries meet a condition, counted to `most`."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED[connection.vendor], _values(condition, most, with_names=True))
        number: int = cursor.fetchone()[0]
        return number


def _values(condition: Condition, most: int, with_names: bool) -> list[Any]:
    if connection.vendor == "postgresql":
        return [_to_tsquery(condition), most, _stretches(with_names)]
    return [_to_match(condition), _EVERY_PLACE if with_names else PLACES_OF_POSTS, most]


def _stretches(with_names: bool) -> list[str]:
    """Conditions that share out all entries, from the newest to the oldest but for what is dated ahead: people and
    topics, whose places are the highest, single years and then several, and whatever is left."""
    this = timezone.localdate().year
    names = word(mark("k", "person"), mark("k", "topic"))
    years = [word(*(mark("y", this - back) for back in range(*ages))) for ages in pairwise(_AGES)]
    rest = ("and", *(("not", part) for part in (names, *years)))
    return [_to_tsquery(part) for part in ([names] if with_names else []) + [*years, rest]]


def _checked(found: Iterable[str]) -> Sequence[str]:
    every = list(found)
    if not all(_SAFE.fullmatch(each) for each in every):
        raise ValueError("A word of the index is made of letters and figures.")
    return every


def _to_tsquery(condition: Condition) -> str:
    kind, *parts = condition
    match kind:
        case "phrase":
            return "(" + " <-> ".join(f"'{each}'" for each in _checked(parts[0])) + ")"
        case "start":
            return f"'{_checked(parts)[0]}':*"
        case "not":
            return f"!({_to_tsquery(parts[0])})"
    return "(" + {"and": " & ", "or": " | "}[kind].join(_to_tsquery(each) for each in parts) + ")"


def _to_match(condition: Condition) -> str:
    kind, *parts = condition
    match kind:
        case "phrase":
            return f'"{" ".join(_checked(parts[0]))}"'
        case "start":
            return f'"{_checked(parts)[0]}" *'
        case "and":
            # FTS5 knows "and not", and no "not" alone.
            wanted = " AND ".join(_to_match(each) for each in parts if each[0] != "not")
            unwanted = " OR ".join(_to_match(each[1]) for each in parts if each[0] == "not")
            return f"({wanted}) NOT ({unwanted})" if unwanted else f"({wanted})"
    return "(" + " OR ".join(_to_match(each) for each in parts) + ")"
