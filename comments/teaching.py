"""What moderators' decisions teach the filter: in how many comments judged spam, or good, a word was.

Nothing but counts of words; the opinion names the words it comes from.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from comments import writing
from comments.models import Comment, SpamWord

SPAM, GOOD = "spam", "good"
# With fewer decisions of either kind there is no opinion.
ENOUGH = 10
# Words the opinion is made of: those that tell most.
TELLING = 15
MOST_WORDS = 400
# So many words are remembered; beyond that the rarest go, of those the ones that were learnt first.
MOST_KEPT = 50_000
_WORD = re.compile(r"[^\W\d_][\w'’-]{1,38}")
_ALL = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """How likely a text is spam, and the words that speak for it, the most telling first."""

    probability: float
    words: list[str]


def words_in(content_html: str) -> set[str]:
    """What a text is known by: its words, each once, and the hosts it links to."""
    plain = unicodedata.normalize("NFKC", writing.seen_of(writing.words_of(content_html))).casefold()
    hosts = {(urlsplit(link).hostname or "").removeprefix("www.")[:35] for link in writing.links_of(content_html)}
    words = dict.fromkeys(word[:40] for word in _WORD.findall(plain))
    return {*list(words)[:MOST_WORDS], *(f"://{host}" for host in hosts if host)}


def opinion_of(content_html: str) -> Opinion | None:
    """What the words of a text say; None as long as too little was taught."""
    words = words_in(content_html)
    known = {row.word: row for row in SpamWord.objects.filter(word__in=[*words, _ALL])}
    total = known.pop(_ALL, None)
    if total is None or min(total.spam, total.good) < ENOUGH:
        return None
    odds = {word: _odds(row, total) for word, row in known.items()}
    telling = sorted(odds, key=lambda word: (-abs(odds[word]), word))[:TELLING]
    sum_of_odds = max(-30.0, min(30.0, sum(odds[word] for word in telling)))
    return Opinion(1 / (1 + math.exp(-sum_of_odds)), [word for word in telling if odds[word] > 0])


def _odds(row: SpamWord, total: SpamWord) -> float:
    """The logarithm of how much more often a word is in spam; words seldom seen say little (Robinson)."""
    in_spam, in_good = row.spam / total.spam, row.good / total.good
    seen = row.spam + row.good
    if not seen:
        return 0.0
    likely = (0.5 + seen * in_spam / (in_spam + in_good)) / (1 + seen)
    return math.log(likely / (1 - likely))


def wait_turn() -> None:
    """Everything that is taught waits for one row, so that no two lessons wait for each other's words.

    Who decides takes it before any comment: whoever held a comment and waited here would be waited for.
    """
    held = SpamWord.objects.select_for_update(no_key=True).filter(word=_ALL)
    if held.first() is None:
        SpamWord.objects.bulk_create([SpamWord(word=_ALL)], ignore_conflicts=True)
        held.get()


def learn(comment: Comment, lesson: str) -> None:
    """Let the filter learn SPAM or GOOD, or "" for nothing, from a locked comment that is about to be decided.

    What it learnt from this comment before is unlearnt first; the same lesson twice is one. Saves `taught`. Whoever
    decides has waited for their turn (`wait_turn`).
    """
    if comment.taught == lesson:
        return
    if comment.taught:
        _add(words_in(writing.render(_text_decided(comment))), comment.taught, -1)
    if lesson:
        _add(words_in(writing.render(comment.content)), lesson, 1)
    comment.taught = lesson
    comment.save(update_fields=["taught"])


def forget_rare() -> int:
    """Keep the table of words within its bounds: words no lesson speaks of any more go, and the rarest of too many."""
    with transaction.atomic():
        # Everything that is taught waits for this one row.
        SpamWord.objects.select_for_update().filter(word=_ALL).first()
        words = SpamWord.objects.exclude(word=_ALL)
        gone = words.filter(spam=0, good=0).delete()[0]
        over = words.count() - MOST_KEPT
        while over > 0:
            rarest = words.order_by(F("spam") + F("good"), "pk").values_list("pk", flat=True)
            dropped = SpamWord.objects.filter(pk__in=list(rarest[: min(over, 1000)])).delete()[0]
            over, gone = over - dropped, gone + dropped
    return gone


def _add(words: Iterable[str], lesson: str, by: int) -> None:
    words = [*words, _ALL]
    if by > 0:
        SpamWord.objects.bulk_create([SpamWord(word=word) for word in words], ignore_conflicts=True)
    SpamWord.objects.filter(word__in=words).update(**{lesson: Greatest(F(lesson) + by, 0)})


def _text_decided(comment: Comment) -> str:
    """What a comment said when the filter learnt from it: its writer may have changed it since."""
    changed = comment.edits.filter(replaced_at__gt=comment.decided_at) if comment.decided_at else comment.edits.none()
    first = changed.order_by("replaced_at", "pk").first()
    return first.content if first else comment.content
