"""Asking the full-text index of the database there is: the same conditions, said in the language of each.

A condition is a small tree of tuples: ("word", …), ("phrase", …), ("start", word), ("and", …), ("or", …), ("not", …).
Its words are letters and figures alone (`blog.search.words`), and the whole goes to the database as one value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection

from blog.models import SearchEntry
from blog.search.entries import titled
from blog.search.questions import Clause, Question

Condition = tuple[Any, ...]
_SAFE = re.compile(r"[a-z0-9]+")

# The newest that meet a condition; migration 0013 says how PostgreSQL looks for them, and what SQLite has at hand.
_NEWEST = {
    "postgresql": "SELECT place, filed FROM blog_search_newest(%s::tsquery, %s, %s)",
    # The rows of the full-text table come in their own order, so that the newest are found without looking at the rest.
    "sqlite": (
        "SELECT entry.place, substr(entry.marks, 1, instr(entry.marks || ' zzw', ' zzw') - 1) "
        "FROM (SELECT rowid FROM blog_searchindex WHERE blog_searchindex MATCH %s AND rowid < %s "
        "ORDER BY rowid DESC LIMIT %s) AS newest "
        "CROSS JOIN blog_searchentry AS entry ON entry.place = newest.rowid ORDER BY entry.place DESC"
    ),
}
_COUNTED = {
    "postgresql": "SELECT COUNT(*) FROM blog_search_newest(%s::tsquery, %s, %s)",
    "sqlite": (
        "SELECT COUNT(*) FROM "
        "(SELECT 1 FROM blog_searchindex WHERE blog_searchindex MATCH %s AND rowid < %s LIMIT %s) AS found"
    ),
}
_COLUMNS = ("place", "post_id", "person_id", "topic_id", "title", "about", "marks")
EVERY_PLACE = 1 << 62


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


def newest(condition: Condition, most: int, *, before: int = EVERY_PLACE) -> list[tuple[int, str]]:
    """The places below `before` of entries that meet a condition, newest first, at most so many, with the marks of what
    each can be filtered by."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST[connection.vendor], [_said(condition), before, most])
        return cursor.fetchall()


def rows(places: Iterable[int]) -> list[Row]:
    """The entries at these places, newest first."""
    found = SearchEntry.objects.filter(place__in=list(places)).order_by("-place")
    return [Row(*each) for each in found.values_list(*_COLUMNS)]


def count(condition: Condition, most: int) -> int:
    """How many entries meet a condition, counted to `most`."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED[connection.vendor], [_said(condition), EVERY_PLACE, most])
        number: int = cursor.fetchone()[0]
        return number


def _said(condition: Condition) -> str:
    return _to_tsquery(condition) if connection.vendor == "postgresql" else _to_match(condition)


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
