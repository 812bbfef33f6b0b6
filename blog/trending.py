"""What is read most: what readers did with a post so far, halved for every week since it came out.

    score = (views + 3 × likes + 5 × comments + 8 × shares) × 2^(−age / half-life)

A like costs more than a look, a comment more than a like, and to pass something on is the most a reader does. The
counters are sums over all time, so it is the halving that makes room for what is new: a post of last month needs
sixteen times the readers of one of today.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from django.db.models import F, Q, Value

from blog.models import Post
from blog.querysets import PostQuerySet
from core import cache, languages

HALF_LIFE = timedelta(days=7)
# What is older has less than a two hundredth of its score left.
HORIZON = 8 * HALF_LIFE
# How many of the newest posts somebody took notice of are compared.
CANDIDATES = 200
# As long as the front page keeps what it chose.
_kept = cache.Group("read-most", timeout=300)
WEIGHTS = {"view_count": 1, "like_count": 3, "comment_count": 5, "share_count": 8}


class Counted(Protocol):
    """Anything with the counters of a post and the moment it came out."""

    published_at: datetime


Row = TypeVar("Row", bound=Any)


def score(post: Counted, now: datetime) -> float:
    """How much readers want it now; 0 when nobody took notice."""
    age = max(now - post.published_at, timedelta(0))
    return sum(weight * getattr(post, name) for name, weight in WEIGHTS.items()) * 0.5 ** (age / HALF_LIFE)


def ranked(rows: Iterable[Row], now: datetime) -> list[Row]:
    """Those somebody took notice of, what is wanted most first; of equals in the order they come in."""
    scored = [(score(row, now), row) for row in rows]
    return [row for much, row in sorted(scored, key=lambda each: each[0], reverse=True) if much > 0]


def noticed(posts: PostQuerySet, now: datetime) -> PostQuerySet:
    """Those of `posts` that can have a score worth comparing, newest first."""
    counted = Q()
    for name in WEIGHTS:
        counted |= Q(**{f"{name}__gt": 0})
    return posts.filter(counted, published_at__gte=now - HORIZON).newest()[:CANDIDATES]


def trending(now: datetime) -> list[int]:
    """Ids of the live posts of the edition being read, what is wanted most now first: the order of the front page."""

    def choose() -> list[int]:
        live = noticed(Post.objects.published().articles().in_edition(), now)
        return [row.pk for row in ranked(live.only("published_at", *WEIGHTS), now)]

    return _kept.get_or_compute(f"trending:{languages.key()}", choose, generation="posts")


def popular() -> list[int]:
    """Ids of the live posts of the edition being read, what was wanted most in all time first."""

    def choose() -> list[int]:
        wanted: Any = sum((F(name) * weight for name, weight in WEIGHTS.items()), Value(0))
        posts = Post.objects.published().articles().in_edition().annotate(wanted=wanted).filter(wanted__gt=0)
        return list(posts.order_by("-wanted", "-published_at", "-pk").values_list("pk", flat=True)[:CANDIDATES])

    return _kept.get_or_compute(f"popular:{languages.key()}", choose, generation="posts")
