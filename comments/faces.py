"""A face for who has no picture here: a pattern drawn from a salted hash of who they are, on our own page.

Nobody else is asked for it, and nobody finds the address from it.
"""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

from comments.models import Comment

SIZE = 5
_HALF = SIZE // 2 + 1


def pattern_of(comment: Comment) -> str:
    """The drawing as the data of an SVG path on a grid of five by five, the same on both sides."""
    bits = _digest(comment)
    rows = ([bool(bits >> (row * _HALF + column) & 1) for column in range(_HALF)] for row in range(SIZE))
    whole = [half + half[-2::-1] for half in rows]
    cells = [(x, y) for y, row in enumerate(whole) for x, is_set in enumerate(row) if is_set]
    return "".join(f"M{x} {y}h1v1h-1z" for x, y in cells) or "M2 2h1v1h-1z"


def colour_of(comment: Comment) -> str:
    """One of the three colourings faces have."""
    return ("", "b2", "b3")[_digest(comment) % 3]


def _digest(comment: Comment) -> int:
    key = hashlib.sha256(f"letterpress.faces:{settings.SECRET_KEY}".encode()).digest()
    whom = f"member {comment.user_id}" if comment.user_id else comment.guest_email or f"comment {comment.pk}"
    return int.from_bytes(hmac.new(key, whom.encode(), hashlib.sha256).digest()[:4])
