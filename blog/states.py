"""Writing down that a post moved from one state to another. Which moves are allowed is in `blog.publishing`."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from accounts import audit
from accounts.models import User
from blog import review_cycle, search
from blog.models import Post, StatusChange
from blog.signals import state_moved
from core.events import announce

Status = Post.Status
TRASHED = "trashed"
# What the audit trail calls the step to a state.
VERBS = {
    Status.DRAFT: "made a draft",
    Status.PENDING: "submitted",
    Status.SCHEDULED: "scheduled",
    Status.PUBLISHED: "published",
    Status.ARCHIVED: "archived",
    TRASHED: "trashed",
}


def move(
    row: Post,
    post: Post,
    to: str,
    *,
    by: User | None,
    note: str,
    at: datetime | None = None,
    names: tuple[str, str] | None = None,
    verb: str = "",
) -> bool:
    """Write the new state and its record, and bring the caller's instance in line.

    `row` is locked by the caller and already says its new times. `names` are the states as people know them (the trash
    is none of its own), `verb` what the trail calls the step when it is not the usual one.
    """
    before, row.status = row.status, to
    now = at or timezone.now()
    row.save(update_fields=["status", "published_at", "scheduled_at", "unpublish_at", "trashed_at", "updated_at"])
    review_cycle.renew(row)
    if row.is_public or before == Status.PUBLISHED:
        search.keep(row)
    from_status, to_status = names or (before, to)
    StatusChange.objects.create(post=row, from_status=from_status, to_status=to_status, by=by, at=now, note=note[:300])
    changes = {"state": (from_status, to_status)}
    audit.record(by, verb or VERBS.get(to_status, to_status), row, changes=changes, note=note, at=now)
    announce(state_moved, post_id=row.pk, status=row.status, trashed=row.is_trashed, at=now)
    for name in ("status", "published_at", "scheduled_at", "unpublish_at", "trashed_at", "updated_at"):
        setattr(post, name, getattr(row, name))
    return True
