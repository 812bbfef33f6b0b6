"""What is read most: what readers did with a post so far, halved for every week since it came out.

    score = (views + 3 × likes + 5 × comments + 8 × shares) × 2^(−age / half-life)

A like costs more than a look, a comment more than a like, and to pass something on is the most a reader does. The
counters are sums over all time, so it is the halving that makes room for what is new: a post of last month needs
sixteen times the readers of one of today.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from django.db.models import Q

from blog.querysets import PostQuerySet

HALF_LIFE = timedelta(days=7)
# What is older has less than a two hundredth of its score left.
HORIZON = 8 * HALF_LIFE
# How many of the newest posts somebody took notice of are compared.
CANDIDATES = 200
WEIGHTS = {"view_count": 1, "like_count": 3, "comment_count": 5, "share_count": 8}


class Counted(Protocol):
    """Anything with the counters of a post and the moment it came out."""

    published_at: datetime


def score(post: Counted, now: datetime) -> float:
    """How much readers want it now; 0 when nobody took notice."""
    age = max(now - post.published_at, timedelta(0))
    return sum(weight * getattr(post, name) for name, weight in WEIGHTS.items()) * 0.5 ** (age / HALF_LIFE)


def noticed(posts: PostQuerySet, now: datetime) -> PostQuerySet:
    """Those of `posts` that can have a score worth comparing, newest first."""
    counted = Q()
    for name in WEIGHTS:
        counted |= Q(**{f"{name}__gt": 0})
    return posts.filter(counted, published_at__gte=now - HORIZON).newest()[:CANDIDATES]
