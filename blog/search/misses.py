"""What was searched for and not found, for editors: words and how often, never who.

Counted in memory and written by the clock, so that a flood of questions costs one statement a word, and no more words
are kept than somebody can read: those wanted most and last.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.db.models import F, Q

from blog.models import SearchMiss
from blog.search import questions, words
from core.cache import Tally

LONGEST = 120
MOST_KEPT = 5000
MOST_AT_ONCE = 200
KEPT_FOR = timedelta(days=180)
ONCE_KEPT_FOR = timedelta(days=30)
# Between two writings; what comes later in a flood is not counted.
MOST_COUNTED = 1_000
_tally = Tally("search-misses", most=MOST_COUNTED)
# Addresses of people and long numbers (of telephones, cards, accounts) are nobody's business.
_PERSONAL = re.compile(r"@|\w\s*\[?at\]?\s*\w+\s*\[?dot\]?\s|(?:\d[\s./()+-]*){7,}", re.IGNORECASE)


def note(typed: str) -> bool:
    """Count a search that found nothing; False for what is not kept: what may say who somebody is, or is no word."""
    query = questions.clean(typed)
    if len(query) > LONGEST or _PERSONAL.search(query) or not words.folded_words(query):
        return False
    _tally.add(query)
    return True


def key_of(query: str) -> str:
    return " ".join(words.folded_words(query))[:LONGEST]


def write(now: datetime) -> int:
    """Write what was counted since the last time, the most wanted first; returns how many words got a number."""
    counts: dict[str, int] = {}
    typed: dict[str, str] = {}
    for query, times in sorted(_tally.drain().items(), key=lambda pair: -pair[1])[:MOST_AT_ONCE]:
        key = key_of(query)
        typed.setdefault(key, query)
        counts[key] = counts.get(key, 0) + times
    for key in list(counts):
        if SearchMiss.objects.filter(key=key).update(count=F("count") + counts[key], last_at=now):
            del typed[key]
    new = [
        SearchMiss(key=key, query=query, count=counts[key], first_at=now, last_at=now) for key, query in typed.items()
    ][:MOST_KEPT]
    trim(MOST_KEPT - len(new))
    SearchMiss.objects.bulk_create(new, batch_size=200, ignore_conflicts=True)
    return len(counts) - len(typed) + len(new)


def trim(most: int) -> None:
    """Keep no more than `most`: those asked for once go first, the longest unseen before the others."""
    too_many = SearchMiss.objects.count() - most
    while too_many > 0:
        rows = SearchMiss.objects.order_by("count", "last_at", "pk").values_list("pk", flat=True)
        gone = list(rows[: min(too_many, 500)])
        SearchMiss.objects.filter(pk__in=gone).delete()
        too_many -= len(gone)


def forget_old(now: datetime) -> int:
    """Drop what nobody looked for in half a year, and in a month what was looked for once; returns how many."""
    once = Q(count=1, last_at__lt=now - ONCE_KEPT_FOR)
    return SearchMiss.objects.filter(once | Q(last_at__lt=now - KEPT_FOR)).delete()[0]
