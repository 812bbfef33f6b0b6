"""What the readers of the demo publication say under its pieces. Nobody is told of it, and nothing is mailed."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from blog import follows
from blog.models import Category, Post
from comments.models import Comment, CommentEdit, CommentLike
from comments.posting import clean, count
from comments.writing import RENDER_VERSION, render

Status = Comment.Status
CHANGED_AFTER = timedelta(minutes=4)


def make_conversation(rows: list[dict[str, Any]], people: dict[str, User], now: datetime) -> int:
    """Every thread, answers below what they answer; returns how many comments that are."""
    for post in Post.objects.published().articles().filter(slug__in={row["post"] for row in rows}):
        begun = [row for row in rows if row["post"] == post.slug]
        for row in begun:
            _say(row, post, None, post.published_at or now, people, now)
        shown = Comment.objects.comments().filter(post=post, status=Status.APPROVED)
        count(post.pk, shown.count())
    if reader := people.get("reader"):
        for category in Category.objects.filter(parent=None)[:1]:
            follows.follow(reader, category)
    return Comment.objects.count()


def _say(
    row: dict[str, Any], post: Post, parent: Comment | None, since: datetime, people: dict[str, User], now: datetime
) -> None:
    at = min(since + after(row["after"]), now)
    user = people.get(row["by"])
    status = Status(row.get("state", "approved"))
    text = clean(row["text"])
    comment = Comment.objects.create(
        post=post,
        parent=parent,
        root_id=(parent.root_id or parent.pk) if parent else None,
        user=user,
        guest_name="" if user else row["by"],
        guest_email="" if user else row["email"],
        content=text,
        content_html=render(text),
        render_version=RENDER_VERSION,
        status=status,
        created_at=at,
        approved_at=at if status in {Status.APPROVED, Status.DELETED} else None,
        edited_at=at + CHANGED_AFTER if "edited" in row else None,
        announced_at=at,
        moderators_told_at=at,
    )
    if "edited" in row:
        CommentEdit.objects.create(comment=comment, content=clean(row["edited"]), replaced_at=at + CHANGED_AFTER)
    _like(comment, row.get("likes", []), people, at)
    for reply in row.get("replies", []):
        _say(reply, post, comment, at, people, now)


def _like(comment: Comment, likes: list[str | int], people: dict[str, User], at: datetime) -> None:
    """Members by their names, and a number of guests."""
    guests = sum(number for number in likes if isinstance(number, int))
    marks = [hashlib.sha256(f"demo {comment.pk} {number}".encode()).hexdigest() for number in range(guests)]
    made = [CommentLike(comment=comment, user=people[name], created_at=at) for name in likes if isinstance(name, str)]
    made += [CommentLike(comment=comment, fingerprint_hash=mark, created_at=at) for mark in marks]
    CommentLike.objects.bulk_create(made)
    Comment.objects.filter(pk=comment.pk).update(like_count=len(made))


def after(words: str) -> timedelta:
    """A time in words: “41 minutes”, “5 hours”."""
    match = re.fullmatch(r"(\d+) (minutes|hours)", words)
    if match is None:
        raise ValueError(f"“{words}” is no time; write it like “41 minutes”.")
    return timedelta(**{match[2]: int(match[1])})
