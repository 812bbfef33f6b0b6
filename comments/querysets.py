"""What may be seen of comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from comments.models import Comment  # noqa: F401


class CommentQuerySet(models.QuerySet["Comment"]):
    def public(self) -> CommentQuerySet:
        """What any stranger may read, under posts any stranger may read."""
        return self.filter(status="approved", post__status="published", post__trashed_at__isnull=True)

    def comments(self) -> CommentQuerySet:
        """What people wrote, not what other sites reported."""
        return self.filter(kind="comment")

    def waiting(self) -> CommentQuerySet:
        """What a moderator has to decide, or to decide again: waiting, or reported since the last decision."""
        # As one question with OR, SQLite reads the whole table.
        pending = self.model.objects.filter(status="pending", is_unconfirmed=False).order_by().values("pk")
        reported = self.model.objects.filter(status="approved", report_count__gt=0).order_by().values("pk")
        return self.filter(pk__in=pending.union(reported))

    def with_writers(self) -> CommentQuerySet:
        return self.select_related("user__author_profile__avatar")
