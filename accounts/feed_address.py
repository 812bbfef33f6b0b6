"""The secret address at which a feed reader, which cannot sign in, reads what a member follows.

It is a random seed, kept with the member, and its signature: whoever has the database alone cannot put one together,
and one that nobody made here is known without asking it. A new seed ends the address before it at once.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.core import signing
from django.db import transaction

from accounts import audit
from accounts.models import User


def _signer() -> signing.Signer:
    return signing.Signer(sep=".", salt="letterpress.private-feed")


def token_of(user: User) -> str:
    """What stands in somebody's address; empty where they have none."""
    return _signer().sign(user.feed_seed) if user.feed_seed else ""


@transaction.atomic
def renew(user: User, *, at: datetime) -> str:
    """A new address for somebody; the one they had leads nowhere from now on. What stands in it."""
    user.feed_seed, user.feed_made_at = secrets.token_urlsafe(18), at
    User.objects.filter(pk=user.pk).update(feed_seed=user.feed_seed, feed_made_at=at)
    audit.record(user, "made a feed address", user, at=at)
    return token_of(user)


@transaction.atomic
def revoke(user: User, *, at: datetime) -> bool:
    """Let somebody's address lead nowhere. False where there was none."""
    ended = User.objects.filter(pk=user.pk).exclude(feed_seed="").update(feed_seed="", feed_made_at=None)
    user.feed_seed, user.feed_made_at = "", None
    if ended:
        audit.record(user, "revoked a feed address", user, at=at)
    return bool(ended)


def was_made_here(token: str) -> bool:
    """Whether it is, or was, part of somebody's address; asks nobody."""
    return bool(_seed_in(token))


def owner_of(token: str) -> User | None:
    """Whose address it is; None where it is nobody's any more, or of an account that is closed."""
    seed = _seed_in(token)
    return User.objects.filter(feed_seed=seed, is_active=True).first() if seed else None


def _seed_in(token: str) -> str:
    try:
        return _signer().unsign(token)
    except signing.BadSignature:
        return ""
