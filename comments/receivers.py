"""What follows from what this app and those below announce."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import pre_delete
from django.dispatch import receiver

from accounts.models import User
from blog.models import Post
from blog.signals import post_liked, post_unpublished
from comments import likes, posting, reporting, tasks
from comments.conversation import generation_of
from comments.live import heading_of, room_of, word_of_edited, words_of_removed
from comments.models import Comment
from comments.signals import (
    comment_approved,
    comment_changed,
    comment_created,
    comment_judged,
    comment_liked,
    comment_removed,
)
from core import cache, live
from core.background import enqueue


@receiver([comment_created, comment_approved])
def tell_people(**facts: Any) -> None:
    """That they are to be told is kept at the comment; this only saves them the wait for the clock."""
    enqueue(tasks.tell_waiting)


@receiver(comment_judged)
def send_correction(**facts: Any) -> None:
    enqueue(tasks.send_corrections)


@receiver(pre_delete, sender=User)
def reader_goes(instance: User, **facts: Any) -> None:
    likes.forget(instance)
    reporting.forget(instance)
    # What is kept for strangers names them.
    cache.renew(*map(generation_of, posting.forget_writer(instance)))


# --- Open pages are told; each asks anew what strangers may read, whatever has happened since -------------------------
@receiver(comment_approved)
def tell_of_comment(comment_id: int, post_id: int, **facts: Any) -> None:
    comment = Comment.objects.public().comments().select_related("post").filter(pk=comment_id).first()
    if comment is not None:
        facts = {"parent": comment.parent_id, "heading": heading_of(comment.post)}
        live.tell(room_of(post_id), "comment.created", id=comment_id, **facts)


@receiver(comment_changed)
def tell_of_change(comment_id: int, post_id: int, **facts: Any) -> None:
    comment = Comment.objects.public().comments().select_related("post").filter(pk=comment_id).first()
    if comment is not None:
        facts = {"html": comment.content_html, "edited": word_of_edited(comment.post)}
        live.tell(room_of(post_id), "comment.updated", id=comment_id, **facts)


@receiver(comment_removed)
def tell_of_removal(comment_id: int, post_id: int, **facts: Any) -> None:
    comment = Comment.objects.comments().select_related("post").filter(pk=comment_id).first()
    if comment is not None and not comment.is_public:
        facts = {"words": words_of_removed(comment), "heading": heading_of(comment.post)}
        live.tell(room_of(post_id), "comment.deleted", id=comment_id, **facts)


@receiver(post_liked)
def tell_count_of_post(post_id: int, **facts: Any) -> None:
    # Read again: of two likes that end together, the later to speak knows of both.
    count = Post.objects.published().filter(pk=post_id).values_list("like_count", flat=True).first()
    if count is not None:
        live.tell(room_of(post_id), "like.count", what=f"post-{post_id}", count=count)


@receiver(comment_liked)
def tell_count_of_comment(comment_id: int, post_id: int, **facts: Any) -> None:
    count = Comment.objects.public().filter(pk=comment_id).values_list("like_count", flat=True).first()
    if count is not None:
        live.tell(room_of(post_id), "like.count", what=f"comment-{comment_id}", count=count)


@receiver(post_unpublished)
def close_pages(post_id: int, **facts: Any) -> None:
    live.tell(room_of(post_id), "post.gone")
