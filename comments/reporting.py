"""What readers tell moderators: that a comment should not stand there, or that theirs should."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from comments import posting
from comments.models import Comment, CommentReport
from core.refusals import Refusal

Status = Comment.Status


def report(
    comment: Comment,
    reason: str,
    *,
    note: str = "",
    user: User | None = None,
    fingerprint: str = "",
    at: datetime | None = None,
) -> bool:
    """Point a comment out to the moderators; False where the same reader did already. Raises Refusal."""
    now = at or timezone.now()
    if reason not in CommentReport.Reason.values:
        raise Refusal(_("Choose what is wrong with it."), field="reason")
    if user is None and not fingerprint:
        raise Refusal(_("We cannot tell who reports this."))
    try:
        with transaction.atomic():
            row = posting.hold(comment.pk)
            if not row.is_public:
                raise Refusal(_("This comment is not there any more."))
            CommentReport.objects.create(
                comment=row,
                user=user,
                fingerprint_hash="" if user else fingerprint,
                reason=reason,
                note=note.replace("\0", "").strip()[:500],
                created_at=now,
            )
            Comment.objects.filter(pk=row.pk).update(report_count=F("report_count") + 1)
    except IntegrityError:
        return False
    return True


def settle(comment: Comment, *, at: datetime) -> int:
    """Say of the open reports about a locked comment that a moderator has decided; how many there were."""
    comment.report_count = 0
    comment.save(update_fields=["report_count"])
    return comment.reports.filter(settled_at__isnull=True).update(settled_at=at)


def forget(user: User) -> None:
    """Before an account goes: what it reported, and nobody settled, is reported by one reader less."""
    reported = sorted(CommentReport.objects.filter(user=user, settled_at=None).values_list("comment", flat=True))
    held = Comment.objects.filter(pk__in=reported).order_by("pk").select_for_update(of=("self",), no_key=True)
    list(held.values_list("pk", flat=True))
    mine = CommentReport.objects.filter(user=user, settled_at=None, comment__in=reported)
    gone = list(mine.values_list("comment", flat=True))
    mine.delete()
    Comment.objects.filter(pk__in=gone, report_count__gt=0).update(report_count=F("report_count") - 1)


def may_appeal(comment: Comment) -> bool:
    """Whether the writer may still ask for another look; who that is, the caller knows."""
    return comment.status in {Status.SPAM, Status.REJECTED} and comment.appealed_at is None


def appeal(comment: Comment, words: str, *, at: datetime | None = None) -> Comment:
    """Let the writer of what was refused say why it should not be, once: it waits for a moderator again.

    Raises Refusal.
    """
    now = at or timezone.now()
    words = words.replace("\0", "").strip()[:1000]
    if not words:
        raise Refusal(_("Say why it should be shown."), field="appeal")
    with transaction.atomic():
        row = posting.hold(comment.pk)
        if row.appealed_at is not None:
            raise Refusal(_("You have asked for another look already."))
        if not may_appeal(row):
            raise Refusal(_("This comment was not refused."))
        posting.move(row, Status.PENDING, at=now, appeal=words, appealed_at=now, is_unconfirmed=False)
    return row
