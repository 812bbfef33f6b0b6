"""What strangers read under a post is made anew once it is another."""

from typing import Any

from django.dispatch import receiver

from comments.conversation import generation_of
from comments.signals import comment_approved, comment_changed, comment_liked, comment_removed
from core import cache


@receiver([comment_approved, comment_changed, comment_removed, comment_liked])
def page_is_another(post_id: int, **facts: Any) -> None:
    cache.renew(generation_of(post_id))
