"""What was searched for and not found, for editors: words and how often, never who.

Counted in memory and written by the clock, so that a flood of questions costs one statement a word, and no more words
are kept than somebody can read.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.db.models import F

from blog.models import SearchMiss
from blog.search import questions, words
from core.cache import Tally

LONGEST = 120
MOST_KEPT = 5000
MOST_AT_ONCE = 200
KEPT_FOR = timedelta(days=180)
_tally = Tally("search-misses")
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
    """Write what was counted since the last time, the most wanted first; returns how many words got a number.

    When MOST_KEPT are kept, only those known already are counted on.
    """
    counted = sorted(_tally.drain().items(), key=lambda pair: -pair[1])[:MOST_AT_ONCE]
    room = MOST_KEPT - SearchMiss.objects.count() if counted else 0
    written = 0
    for query, times in counted:
        key = key_of(query)
        known = SearchMiss.objects.filter(key=key).update(count=F("count") + times, last_at=now)
        if not known and room > 0:
            SearchMiss.objects.bulk_create(
                [SearchMiss(key=key, query=query, count=times, first_at=now, last_at=now)], ignore_conflicts=True
            )
            room -= 1
            known = 1
        written += known
    return written


def forget_old(now: datetime) -> int:
    """Drop what nobody looked for in half a year; returns how many."""
    return SearchMiss.objects.filter(last_at__lt=now - KEPT_FOR).delete()[0]
