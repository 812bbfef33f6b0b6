"""Which comments moderators look through: by what became of them, and by words."""

from __future__ import annotations

from django.db.models import Q

from comments import moderation
from comments.models import Comment
from comments.querysets import CommentQuerySet

Status = Comment.Status
# Each tab, and which comments it shows.
WAITING, REPORTED, SPAM = "waiting", "reported", "spam"
TABS = {WAITING: "Waiting", REPORTED: "Reported", "approved": "Approved", "rejected": "Rejected", SPAM: "Spam"}


def tab(name: str) -> CommentQuerySet:
    """What a tab shows, in its order: what waits the oldest first, what was decided the youngest first."""
    match name:
        case "waiting":
            return moderation.queue()
        case "reported":
            left = Comment.objects.exclude(status=Status.DELETED)
            return left.filter(report_count__gt=0).order_by("-report_count", "-created_at", "-pk")
    return Comment.objects.filter(status=name, erased_at__isnull=True).order_by("-created_at", "-pk")


def looked_for(comments: CommentQuerySet, words: str) -> CommentQuerySet:
    for word in words.replace("\0", "").split()[:6]:
        names = Q(guest_name__icontains=word) | Q(guest_email__icontains=word) | Q(user__username__icontains=word)
        comments = comments.filter(names | Q(content__icontains=word))
    return comments
