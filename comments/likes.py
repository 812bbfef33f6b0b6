"""Liking comments, by the rules of `blog.likes`."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Notification, User
from accounts.notifications import notify, withdraw
from blog import likes
from blog.likes import Liked, Reader, mend, switch
from comments.models import Comment, CommentLike
from comments.signals import comment_liked
from core import languages
from core.events import announce


def like(comment: Comment, reader: Reader, *, wanted: bool = True, at: datetime | None = None) -> Liked:
    """Let somebody like a comment that readers see, or take that back; twice is once. Raises Refusal."""
    now = at or timezone.now()
    with transaction.atomic():
        likeable = Comment.objects.public().comments()
        liked = switch(likeable, CommentLike, comment.pk, reader, wanted=wanted, at=now)
        if liked.is_new:
            # Before the row is let go, as with posts.
            if reader.user is not None and wanted:
                tell_writer(comment.pk, reader.user.pk, at=now)
            elif reader.user is not None:
                withdraw(f"like:comment:{comment.pk}", reader.user.pk)
            announce(
                comment_liked,
                comment_id=comment.pk,
                post_id=comment.post_id,
                count=liked.count,
                liked=wanted,
                user_id=reader.user.pk if reader.user else None,
                at=now,
            )
    return liked


def tell_writer(comment_id: int, user_id: int, *, at: datetime) -> None:
    """Somebody with an account likes a comment: the member who wrote it hears so, in one notice however many do."""
    comment = Comment.objects.public().select_related("user", "post").filter(pk=comment_id).first()
    actor = User.objects.filter(pk=user_id).first()
    if comment is None or comment.user is None or actor is None:
        return
    facts = {"name": actor.display_name, "title": comment.post.title}

    def several(others: int) -> str:
        return ngettext(
            "%(name)s and one other like your comment on “%(title)s”.",
            "%(name)s and %(others)s others like your comment on “%(title)s”.",
            others,
        ) % (facts | {"others": others})

    with translation.override(languages.main()):
        notify(
            [comment.user],
            category=Notification.Category.LIKE,
            text=_("%(name)s likes your comment on “%(title)s”.") % facts,
            several=several,
            group_key=f"like:comment:{comment.pk}",
            url=comment.get_absolute_url(),
            actor=actor,
            target=comment,
            priority=Notification.Priority.LOW,
            mail=True,
            at=at,
        )


def forget(user: User) -> None:
    """Before an account goes: what it liked is liked by one reader less, in the current transaction."""
    likes.forget(user, Comment, CommentLike)


def liked_under(user: User, post_id: int) -> set[int]:
    """Which comments under a post somebody likes."""
    return set(CommentLike.objects.filter(user=user, comment__post=post_id).values_list("comment_id", flat=True))


def recount() -> int:
    """Set right what comments count as likes, from the rows; how many were wrong. Nothing should be."""
    return mend(Comment, CommentLike)
