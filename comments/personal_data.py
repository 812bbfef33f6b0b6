"""What the conversation holds about a member, for their download: what they said, liked, reported and hear of."""

from __future__ import annotations

from django.db.models import Case, F, When

from accounts.models import User
from accounts.personal_data import Parts, rows
from blog.models import Post
from comments.models import Comment, CommentEdit, CommentLike, CommentReport, ThreadSubscription


def _live(post: str) -> Case:
    """The address of a post anybody may read; what came down is its writers' affair."""
    return Case(
        When(**{f"{post}__status": Post.Status.PUBLISHED, f"{post}__trashed_at": None}, then=F(f"{post}__slug"))
    )


def parts_of(user: User) -> Parts:
    mine = Comment.objects.filter(user=user).annotate(address=_live("post")).order_by("pk")
    yield (
        "comments",
        rows(
            mine,
            number="pk",
            post="address",
            answers="parent",
            text="content",
            status="status",
            said_at="created_at",
            changed_at="edited_at",
            likes="like_count",
            appeal="appeal",
            browser="user_agent",
        ),
    )
    before = CommentEdit.objects.filter(comment__user=user).order_by("pk")
    yield "earlier_words", rows(before, comment="comment", text="content", until="replaced_at")
    likes = CommentLike.objects.filter(user=user).order_by("pk")
    yield "likes", rows(likes, comment="comment", since="created_at")
    reports = CommentReport.objects.filter(user=user).order_by("pk")
    yield "reports", rows(reports, comment="comment", reason="reason", note="note", at="created_at")
    heard = ThreadSubscription.objects.filter(user=user).annotate(address=_live("post")).order_by("pk")
    yield "heard_of", rows(heard, post="address", thread="comment", since="created_at")
