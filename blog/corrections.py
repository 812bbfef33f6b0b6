"""What was wrong in a live post and has been put right: said on the post, in a list and in a feed.

Whoever writes a change to a live post may mark it as a correction, in a sentence for readers; when the change is
brought out, the sentence is published with it, dated.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.roles import may
from blog import outgoing, pending, pings
from blog.models import Correction, PendingChange, Post, PostVersion
from blog.signals import post_updated
from core import cache
from core.events import announce
from core.refusals import Refusal

LONGEST = 1000
_kept = cache.Group("corrections", timeout=300)


def mark(post: Post, note: str, *, by: User, at: datetime | None = None) -> bool:
    """Say what the waiting change puts right; an empty note says it corrects nothing. False when that was said already.

    Raises Refusal, also where nothing waits: a correction belongs to a change.
    """
    note = " ".join(note.split())
    if len(note) > LONGEST:
        raise Refusal(f"A correction has at most {LONGEST:,} characters; this one has {len(note):,}.")
    with transaction.atomic():
        row = Post.objects.select_for_update(of=("self",)).filter(pk=post.pk).first()
        if row is None or not may(by, "blog.change_post", row):
            raise Refusal("You may change only posts of your own.")
        change = pending.change_of(row)
        if change is None:
            if not note:
                return False
            raise Refusal("Nothing waits to be brought out; correct the text first, then say what was wrong.")
        if change.correction_note == note:
            return False
        before, change.correction_note = change.correction_note, note
        change.save(update_fields=["correction_note"])
        audit.record(by, "marked a correction", row, changes={"correction": (before, note)}, at=at or timezone.now())
        return True


def publish(
    row: Post, change: PendingChange, wrong: int, right: PostVersion | None, *, by: User | None, at: datetime
) -> None:
    """Keep what `change` corrected, inside the transaction that brings it out. `wrong` is the version readers saw."""
    if change.correction_note:
        Correction.objects.get_or_create(
            post=row,
            right_version=right.number if right else row.content_version,
            defaults={"note": change.correction_note, "wrong_version": wrong, "by": by, "at": at},
        )
        pings.tell_correction(at=at)


def reword(correction: Correction, note: str, *, by: User, at: datetime | None = None) -> None:
    """Say the same better. What was said before stays in the audit trail. Raises Refusal."""
    now = at or timezone.now()
    note = " ".join(note.split())
    if not note:
        raise Refusal("A correction says what was wrong; it cannot be empty.", field="note")
    if not may(by, "blog.change_correction"):
        raise Refusal("Your role does not let you change corrections.")
    with transaction.atomic():
        row = Correction.objects.select_for_update(of=("self",)).select_related("post").get(pk=correction.pk)
        if row.note == note:
            return
        before, row.note = row.note, note[:LONGEST]
        row.save(update_fields=["note", "updated_at"])
        audit.record(by, "reworded a correction", row.post, changes={"correction": (before, note)}, at=now)
        if row.post.is_public:
            pings.tell_correction(at=now)
            outgoing.tell("post.updated", row.post, at=now)
        announce(post_updated, post_id=row.post_id, at=now)


def of(post: Post) -> list[Correction]:
    """The corrections of a live post, newest first; none of a post that is not live."""
    if not post.is_public or not getattr(post, "is_corrected", True):
        return []
    return _kept.get_or_compute(str(post.pk), lambda: list(post.corrections.all()), generation="posts")


def newest() -> QuerySet[Correction]:
    """The corrections of all live posts, newest first, each with its post."""
    live = Post.objects.published().values("pk")
    return (
        Correction.objects.filter(post__in=live)
        .select_related("post")
        .only("note", "at", "updated_at", "post__title", "post__slug", "post__kind", "post__content_language")
        .order_by("-at", "-pk")
    )
