"""The states of a post: draft → pending → scheduled → published → archived, and the trash.

The admin, the clock, imports and, later, the API call these functions. Each locks the row, checks the role,
returns False when the post is already there, and refuses with a sentence that names the state. `by` is None for the
clock only.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import may
from blog import redirects, versions
from blog.models import Post, PostVersion, StatusChange
from blog.signals import post_published, post_unpublished
from core.events import announce
from core.refusals import Refusal

log = logging.getLogger(__name__)

Status = Post.Status
TRASHED = "trashed"


def submit(post: Post, *, by: User, note: str = "") -> bool:
    """Draft → pending: ask an editor to look at it."""
    with transaction.atomic():
        row = locked(post)
        require(by, "blog.submit_post", row, "submit this post")
        if row.status == Status.PENDING:
            return False
        refuse_unless(row, {Status.DRAFT}, "Only drafts can be submitted for review")
        return move(row, post, Status.PENDING, by=by, note=note)


def send_back(post: Post, *, by: User, note: str = "") -> bool:
    """Pending, scheduled or archived → draft: more work to do. Authors may take their own back from review."""
    with transaction.atomic():
        row = locked(post)
        own_and_pending = row.status == Status.PENDING and row.is_owned_by(by)
        require(by, "blog.submit_post" if own_and_pending else "blog.publish_post", row, "make this post a draft again")
        if row.status == Status.DRAFT and not row.is_trashed:
            return False
        refuse_unless(
            row,
            {Status.PENDING, Status.SCHEDULED, Status.ARCHIVED},
            "Only pending, scheduled and archived posts become drafts",
        )
        row.scheduled_at = None
        return move(row, post, Status.DRAFT, by=by, note=note)


def schedule(post: Post, *, by: User, at: datetime, note: str = "", now: datetime | None = None) -> bool:
    """Draft, pending or archived → scheduled at a time to come; a scheduled one gets the new time."""
    now = now or timezone.now()
    with transaction.atomic():
        row = locked(post)
        require(by, "blog.publish_post", row, "schedule this post")
        if row.status == Status.SCHEDULED and row.scheduled_at == at:
            return False
        refuse_unless(
            row,
            {Status.DRAFT, Status.PENDING, Status.SCHEDULED, Status.ARCHIVED},
            "Only drafts, pending, scheduled and archived posts can be scheduled",
        )
        if at <= now:
            raise Refusal("That time has passed; choose one to come, or publish now.", field="scheduled_at")
        check_ready(row, at)
        row.scheduled_at = at
        return move(row, post, Status.SCHEDULED, by=by, note=note, at=now)


def publish(post: Post, *, by: User | None, note: str = "", at: datetime | None = None) -> bool:
    """Draft, pending, scheduled or archived → published, now. Returns False when it is live already.

    The first publication sets `published_at`, to the planned time when it was scheduled; later ones keep it.
    """
    now = at or timezone.now()
    with transaction.atomic():
        row = locked(post)
        if by is not None:
            require(by, "blog.publish_post", row, "publish this post")
        if row.is_public:
            return False
        refuse_unless(
            row,
            {Status.DRAFT, Status.PENDING, Status.SCHEDULED, Status.ARCHIVED},
            "Only drafts, pending, scheduled and archived posts can be published",
        )
        check_ready(row, now)
        first = row.published_at is None
        if first:
            row.published_at = min(row.scheduled_at or now, now)
        row.scheduled_at = None
        move(row, post, Status.PUBLISHED, by=by, note=note, at=now)
        redirects.forget(row.get_absolute_url())
        versions.record(row, by=by, kind=PostVersion.Kind.PUBLISH, reason=note, at=now, even_if_same=True)
        post.content_version = row.content_version
        announce(post_published, post_id=row.pk, at=now, first=first)
        return True


def archive(post: Post, *, by: User | None, note: str = "", at: datetime | None = None) -> bool:
    """Published → archived: kept, no longer public."""
    now = at or timezone.now()
    with transaction.atomic():
        row = locked(post)
        if by is not None:
            require(by, "blog.publish_post", row, "archive this post")
        if row.status == Status.ARCHIVED:
            return False
        refuse_unless(row, {Status.PUBLISHED}, "Only published posts can be archived")
        row.unpublish_at = None
        move(row, post, Status.ARCHIVED, by=by, note=note, at=now)
        announce(post_unpublished, post_id=row.pk, at=now)
        return True


def trash(post: Post, *, by: User, note: str = "", at: datetime | None = None) -> bool:
    """Any state → the trash. Whoever may not publish may throw away only what is not public."""
    now = at or timezone.now()
    with transaction.atomic():
        row = locked(post)
        was_public = row.is_public
        needs_editor = was_public or row.status == Status.SCHEDULED
        require(by, "blog.publish_post" if needs_editor else "blog.trash_post", row, "move this post to the trash")
        if row.is_trashed:
            return False
        before, row.trashed_at, row.scheduled_at = row.status, now, None
        move(row, post, Status.DRAFT, by=by, note=note, at=now, names=(before, TRASHED))
        if was_public:
            announce(post_unpublished, post_id=row.pk, at=now)
        return True


def restore(post: Post, *, by: User, note: str = "") -> bool:
    """Trash → draft, whatever it was before: nothing becomes public by being restored."""
    with transaction.atomic():
        row = locked(post)
        require(by, "blog.trash_post", row, "restore this post")
        if not row.is_trashed:
            return False
        row.trashed_at = None
        return move(row, post, Status.DRAFT, by=by, note=note, names=(TRASHED, Status.DRAFT))


def publish_due(now: datetime | None = None, limit: int = 100) -> list[int]:
    """Publish whatever is due and archive what has come to its end; returns the ids of the published.

    Called every second by the clock. Each post is its own transaction, so a bad one never holds up the rest, and
    the row lock makes two clocks publish once.
    """
    now = now or timezone.now()
    published = []
    due = Post.objects.filter(status=Status.SCHEDULED, scheduled_at__lte=now).order_by("scheduled_at")
    for post in due.only("pk")[:limit]:
        try:
            if publish_if_due(post.pk, now):
                published.append(post.pk)
        except Exception:
            log.exception("post %s could not be published on schedule", post.pk)
    for post in Post.objects.filter(status=Status.PUBLISHED, unpublish_at__lte=now).only("pk")[:limit]:
        try:
            archive_if_over(post.pk, now)
        except Exception:
            log.exception("post %s could not be archived on schedule", post.pk)
    return published


def publish_if_due(post_id: int, now: datetime) -> bool:
    with transaction.atomic():
        row = Post.objects.select_for_update(of=("self",)).filter(
            pk=post_id, status=Status.SCHEDULED, scheduled_at__lte=now
        )
        post = row.first()
        if post is None:
            return False
        try:
            return publish(post, by=None, note="On schedule", at=now)
        except Refusal as refusal:
            post.scheduled_at = None
            move(post, post, Status.PENDING, by=None, note=f"Held: {refusal.sentence}", at=now)
            return False


def archive_if_over(post_id: int, now: datetime) -> bool:
    with transaction.atomic():
        post = Post.objects.select_for_update(of=("self",)).filter(pk=post_id, unpublish_at__lte=now).first()
        return post is not None and archive(post, by=None, note="On schedule", at=now)


def place(
    post: Post, *, status: str, published_at: datetime | None, scheduled_at: datetime | None = None, at: datetime
) -> None:
    """Put an imported post where it was on its old site, with its own times and without announcing each."""
    with transaction.atomic():
        row = locked(post)
        row.published_at, row.scheduled_at = published_at, scheduled_at if status == Status.SCHEDULED else None
        if row.status != status:
            move(row, post, status, by=None, note="Imported", at=at)
        else:
            Post.objects.filter(pk=row.pk).update(published_at=row.published_at, scheduled_at=row.scheduled_at)


def steps_for(post: Post, user: User) -> list[str]:
    """The verbs `user` may use on `post` now, the most likely first; what buttons are made of."""
    publishes = may(user, "blog.publish_post", post)
    own = may(user, "blog.submit_post", post)
    bins = may(user, "blog.trash_post", post)
    if post.is_trashed:
        return ["restore"] if bins else []
    steps: dict[str, list[str]] = {
        Status.DRAFT: (["publish", "schedule"] if publishes else []) + (["submit"] if own else []),
        Status.PENDING: (["publish", "schedule", "send_back"] if publishes else (["send_back"] if own else [])),
        Status.SCHEDULED: ["publish", "schedule", "send_back"] if publishes else [],
        Status.PUBLISHED: ["archive"] if publishes else [],
        Status.ARCHIVED: ["publish", "schedule", "send_back"] if publishes else [],
    }
    may_bin = publishes if post.status in {Status.PUBLISHED, Status.SCHEDULED} else bins
    return steps[Status(post.status)] + (["trash"] if may_bin else [])


def locked(post: Post) -> Post:
    """The row as it is now, held until the transaction ends."""
    row = Post.objects.select_for_update(of=("self",)).filter(pk=post.pk).first()
    if row is None:
        raise Refusal("This post was deleted meanwhile.")
    return row


def require(by: User, permission: str, post: Post, deed: str) -> None:
    if not may(by, permission, post):
        raise Refusal(f"Your role does not let you {deed}.")


def refuse_unless(post: Post, allowed: Iterable[str], rule: str) -> None:
    if post.is_trashed:
        raise Refusal(f"{rule}; this one is in the trash.")
    if post.status not in allowed:
        raise Refusal(f"{rule}; this one is {post.get_status_display().lower()}.")


def check_ready(post: Post, now: datetime) -> None:
    """What no post goes live without."""
    if not post.title.strip():
        raise Refusal("The post has no title yet; give it one before it goes live.", field="title")
    if not post.content_markdown.strip():
        raise Refusal("The post has no text yet; write some before it goes live.", field="content_markdown")
    if post.unpublish_at and post.unpublish_at <= now:
        raise Refusal("The time it comes down has passed; change or empty it first.", field="unpublish_at")


def move(
    row: Post,
    post: Post,
    to: str,
    *,
    by: User | None,
    note: str,
    at: datetime | None = None,
    names: tuple[str, str] | None = None,
) -> bool:
    """Write the new state and its record, and bring the caller's instance in line."""
    before, row.status = row.status, to
    row.save(update_fields=["status", "published_at", "scheduled_at", "unpublish_at", "trashed_at", "updated_at"])
    from_status, to_status = names or (before, to)
    StatusChange.objects.create(
        post=row, from_status=from_status, to_status=to_status, by=by, at=at or timezone.now(), note=note[:300]
    )
    for name in ("status", "published_at", "scheduled_at", "unpublish_at", "trashed_at", "updated_at"):
        setattr(post, name, getattr(row, name))
    return True
