"""Every night what is counted is counted again, from the rows; it was right, or a line in the log says how wrong."""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models import Count, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from blog import likes as post_likes
from blog.models import Post
from comments import likes
from comments.models import Comment, CommentReport

log = logging.getLogger(__name__)


def recount() -> int:
    """Set right what posts and comments count; how many were wrong. Nothing should be."""
    wrong = {
        "comments": recount_comments(),
        "likes": post_likes.recount(),
        "likes of comments": likes.recount(),
        "reports": recount_reports(),
    }
    if any(wrong.values()):
        log.error("counts had drifted: %s", wrong)
    return sum(wrong.values())


def recount_comments() -> int:
    """How many posts counted another number of comments than readers see."""
    seen = Comment.objects.comments().filter(post=OuterRef("pk"), status=Comment.Status.APPROVED).order_by()
    counted = seen.values("post").annotate(number=Count("pk")).values("number")
    number = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    # Only posts that may be wrong: most were never spoken of.
    spoken = Q(comment_count__gt=0) | Q(pk__in=Comment.objects.order_by().values("post"))
    wrong = Post.objects.order_by().filter(spoken).alias(number=number).exclude(comment_count=F("number"))
    mended = 0
    for pk in list(wrong.values_list("pk", flat=True)):
        with transaction.atomic():
            # Held first: who writes a comment waits, or is counted.
            held = Post.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk)
            if held.values_list("pk", flat=True).first() is not None:
                mended += Post.objects.filter(pk=pk).exclude(comment_count=number).update(comment_count=number)
    return mended


def recount_reports() -> int:
    """How many comments counted another number of reports than wait for a moderator."""
    waiting = CommentReport.objects.filter(settled_at__isnull=True).order_by()
    counted = waiting.filter(comment=OuterRef("pk")).values("comment").annotate(number=Count("pk")).values("number")
    number = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    reported = Q(report_count__gt=0) | Q(pk__in=waiting.values("comment"))
    wrong = Comment.objects.order_by().filter(reported).alias(number=number).exclude(report_count=F("number"))
    mended = 0
    for pk in list(wrong.values_list("pk", flat=True)):
        with transaction.atomic():
            # Held first: who reports it waits, or is counted.
            held = Comment.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk)
            if held.values_list("pk", flat=True).first() is not None:
                mended += Comment.objects.filter(pk=pk).exclude(report_count=number).update(report_count=number)
    return mended
