"""What a signed-in reader keeps for later, and how far they came in what they read.

A row is one reader and one post. What is not live at the moment is in no list; its row stays, and so the post is back
where it was once it is live again.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from blog.models import Post, Reading
from blog.querysets import HEAVY
from core.refusals import Refusal

# Positions are thousandths of the text. Whoever has come this far has read it: what is left are its notes.
WHOLE, DONE = 1000, 950
# Less than this is a glance.
BEGUN = 20
# Going back further than one has come is no progress, unless the text was read and it is another day's reading.
REREAD_AFTER = timedelta(hours=1)

UNREAD, FINISHED = "unread", "finished"


def keep(user: User, post: Post, now: datetime | None = None) -> None:
    """Put a live post on somebody's reading list; what is on it stays where it is."""
    if not post.is_public or post.kind != Post.Kind.POST:
        raise Refusal(_("Only posts that are published can be kept."))
    now = now or timezone.now()
    Reading.objects.bulk_create([Reading(user=user, post=post, kept_at=now)], ignore_conflicts=True)
    Reading.objects.filter(user=user, post=post, kept_at__isnull=True).update(kept_at=now)


def drop(user: User, post: Post) -> None:
    """Take a post off somebody's reading list. How far they came in it is still known."""
    mine = Reading.objects.filter(user=user, post=post)
    mine.filter(read_at__isnull=True).delete()
    mine.update(kept_at=None)


def remember(user: User, post: Post, *, position: int, heading: str = "", now: datetime | None = None) -> None:
    """Note how far somebody came in a live post, if that is further than before."""
    if not post.is_public:
        raise Refusal(_("Only posts that are published are remembered."))
    now, position = now or timezone.now(), min(position, WHOLE)
    if position < BEGUN:
        return
    reached = {
        "position": position,
        "heading": heading if any(heading == line.get("id") for line in post.table_of_contents) else "",
        "read_at": now,
    }
    if position >= DONE:
        reached["finished_at"] = now
    further = Q(position__lt=position) | Q(position__gte=DONE, read_at__lt=now - REREAD_AFTER)
    if not Reading.objects.filter(further, user=user, post=post).update(**reached):
        Reading.objects.bulk_create([Reading(user=user, post=post, **reached)], ignore_conflicts=True)


def of(user: User, post: Post) -> Reading | None:
    """What is known of somebody and a post."""
    return Reading.objects.filter(user=user, post=post).first()


def list_of(user: User, which: str = "") -> QuerySet[Reading]:
    """What somebody keeps, the last kept first; `which`: only what is UNREAD or FINISHED."""
    kept = _shown(user).filter(kept_at__isnull=False).order_by("-kept_at", "-pk")
    if which == UNREAD:
        return kept.filter(position__lt=DONE)
    return kept.filter(position__gte=DONE) if which == FINISHED else kept


def begun(user: User) -> QuerySet[Reading]:
    """What somebody has begun and not finished, the last read first."""
    return _shown(user).filter(position__range=(BEGUN, DONE - 1), read_at__isnull=False).order_by("-read_at", "-pk")


def _shown(user: User) -> QuerySet[Reading]:
    heavy = [f"post__{name}" for name in HEAVY]
    live = Post.objects.published().articles()
    return (
        Reading.objects.filter(user=user, post__in=live.values("pk"))
        .select_related("post__author__author_profile", "post__category", "post__featured_image")
        .defer(*heavy)
    )


def is_begun(reading: Reading | None) -> bool:
    return reading is not None and BEGUN <= reading.position < DONE


def place_of(reading: Reading) -> str:
    """Where in its page somebody stopped: the heading they were under, or a place only a script finds."""
    return f"#{reading.heading or f'read-{reading.position}'}"


def minutes_left(reading: Reading) -> int:
    return max(1, math.ceil(reading.post.reading_time_minutes * (WHOLE - reading.position) / WHOLE))


def progress_of(reading: Reading) -> str:
    """How far somebody came, in words: "Half read, 4 min left"."""
    if reading.position >= DONE:
        return _("Finished")
    if reading.position < BEGUN:
        return _("Not begun, %(minutes)s min") % {"minutes": reading.post.reading_time_minutes}
    minutes = {"minutes": minutes_left(reading)}
    if reading.position < 290:
        return _("Just begun, %(minutes)s min left") % minutes
    if reading.position < 420:
        return _("A third read, %(minutes)s min left") % minutes
    if reading.position < 580:
        return _("Half read, %(minutes)s min left") % minutes
    return _("Most of it read, %(minutes)s min left") % minutes
