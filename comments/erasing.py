"""Erasing for good: the words of a comment, and all that says who wrote them. What answers it stays.

What was erased is a blank in its thread until nothing answers it any more; then `comments.sweeping` deletes that too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import Notification, User
from accounts.notifications import tell_unread
from comments import moderation, posting
from comments.models import AkismetLesson, Comment, CommentEdit, CommentLike, CommentReport
from core import cache
from core.refusals import Refusal

Status = Comment.Status


def erase(pk: int, *, by: User, at: datetime | None = None) -> Comment:
    """Erase what a comment says and said before, its writer, likes and reports. Nobody brings it back.

    Readers see that a moderator removed it, if its writer had not done so. Raises Refusal.
    """
    now = at or timezone.now()
    with transaction.atomic():
        row = posting.hold(pk)
        if row.erased_at is not None:
            raise Refusal("The text of this comment was erased before.")
        stay = replies_below(row)
        was = row.get_status_display()
        if not row.is_removed:
            posting.move(row, Status.REJECTED, at=now)
        blank([row.pk], at=now)
        row.refresh_from_db()
        row.decided_at, row.decided_by = now, by
        row.save(update_fields=["decided_at", "decided_by"])
        cache.renew(moderation.WAITING)
        note = f"{stay} {'reply stays' if stay == 1 else 'replies stay'}"
        audit.record(by, "erased", row, changes={"status": (was, row.get_status_display())}, note=note, at=now)
    return row


def replies_below(comment: Comment) -> int:
    """How many comments that readers see answer it, or one of its answers."""
    thread = Comment.objects.filter(root=comment.root_id or comment.pk).order_by("pk")
    below: dict[int | None, list[tuple[int, str]]] = defaultdict(list)
    for pk, parent, status in thread.values_list("pk", "parent_id", "status"):
        below[parent].append((pk, status))
    waiting, number = [comment.pk], 0
    while waiting:
        answers = below[waiting.pop()]
        number += sum(status == Status.APPROVED for _pk, status in answers)
        waiting += [pk for pk, _status in answers]
    return number


def blank(pks: Iterable[int], *, at: datetime) -> int:
    """Empty locked comments that readers do not see, in the current transaction; how many."""
    pks = list(pks)
    for about in (AkismetLesson, CommentEdit, CommentLike, CommentReport):
        about._default_manager.filter(comment__in=pks).delete()
    _forget_notices(pks)
    # Which form it came by stays, so that the same form sent once more does not write it anew.
    return Comment.objects.filter(pk__in=pks).update(
        erased_at=at,
        content="",
        content_html="",
        user=None,
        guest_name="",
        guest_email="",
        guest_url="",
        fingerprint_hash="",
        user_agent="",
        like_count=0,
        report_count=0,
        is_unconfirmed=False,
        confirmed_at=None,
        reasons=[],
        spam_score=None,
        taught="",
        appeal="",
        updated_at=at,
    )


def _forget_notices(pks: list[int]) -> None:
    """What single people were told of these comments names who wrote them."""
    kind = ContentType.objects.get_for_model(Comment)
    told = Notification.objects.filter(target_type=kind, target_id__in=pks, group_key="")
    if recipients := set(told.values_list("recipient", flat=True)):
        told.delete()
        tell_unread(recipients)
