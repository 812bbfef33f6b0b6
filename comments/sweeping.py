"""What goes by itself at night: comments nobody confirmed, the words of those that were refused or taken back, and the
blanks nothing answers any more. What readers see, and so what posts count, is never touched.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from comments import erasing, tokens
from comments.models import Comment
from comments.querysets import CommentQuerySet

log = logging.getLogger(__name__)

Status = Comment.Status
# Spam, what moderators rejected and what its writer deleted: so long there is time to appeal, and to see who wrote it.
REFUSED_KEPT = timedelta(days=30)
# So many are locked at a time.
AT_ONCE = 500


def sweep(at: datetime | None = None) -> int:
    """How many comments were deleted or erased. Safe to run twice at once, and again after half of it."""
    now = at or timezone.now()
    unconfirmed, erased, blanks = forget_unconfirmed(now), erase_refused(now), delete_blanks()
    if unconfirmed or erased:
        log.info("swept comments: %s never confirmed, %s refused long ago", unconfirmed, erased)
    return unconfirmed + erased + blanks


def forget_unconfirmed(now: datetime) -> int:
    """Delete what guests wrote and never confirmed, as soon as the link they were sent works no longer."""
    before = now - tokens.CONFIRM_WITHIN
    old = Comment.objects.filter(status=Status.PENDING, is_unconfirmed=True, created_at__lt=before)
    done = 0
    while pks := _delete(old):
        done += pks
    return done


def erase_refused(now: datetime) -> int:
    """Erase what nobody has read or decided about for REFUSED_KEPT; its replies stay."""
    before = now - REFUSED_KEPT
    refused = [Status.SPAM, Status.REJECTED, Status.DELETED]
    # What was changed before was made before: the index knows that time.
    old = Comment.objects.filter(
        status__in=refused, erased_at__isnull=True, created_at__lt=before, updated_at__lt=before
    )
    done = 0
    while True:
        with transaction.atomic():
            pks = _held(old)
            done += erasing.blank(pks, at=now)
        if len(pks) < AT_ONCE:
            return done


def delete_blanks() -> int:
    """Delete what was erased and has no reply, and then what that answered."""
    answers = Comment.objects.filter(parent=OuterRef("pk"))
    bare = Comment.objects.filter(~Exists(answers), erased_at__isnull=False)
    done = 0
    while pks := _delete(bare):
        done += pks
    return done


def _delete(comments: CommentQuerySet) -> int:
    with transaction.atomic():
        pks = _held(comments)
        # Asked again now that they are held: one may have been confirmed, or answered.
        Comment.objects.filter(pk__in=comments.filter(pk__in=pks).values_list("pk", flat=True)).delete()
    return len(pks)


def _held(comments: CommentQuerySet) -> list[int]:
    """Some of them, locked; those somebody else holds wait for the next night."""
    held = comments.order_by("pk").select_for_update(of=("self",), skip_locked=True)
    return list(held.values_list("pk", flat=True)[:AT_ONCE])
