"""What follows from what this app announces: public pages are made anew, open writing pages told.

The names of the generations are the ones views and feeds read with `core.cache.generation`.
"""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from blog.models import PostVersion
from blog.signals import (
    addresses_changed,
    post_published,
    post_saved,
    post_unpublished,
    post_updated,
    state_moved,
    taxonomy_changed,
)
from blog.sockets import moved, room_of, saved
from core import cache, live


@receiver([post_published, post_updated, post_unpublished, addresses_changed])
def posts_changed(**facts: Any) -> None:
    cache.renew("posts")


@receiver([taxonomy_changed, addresses_changed])
def taxonomy_moved(**facts: Any) -> None:
    cache.renew("taxonomy")


@receiver(post_saved)
def tell_writers(post_id: int, number: int, **facts: Any) -> None:
    """Whoever has the post open learns of the new version; of a first one nobody has."""
    if number == 1:
        return
    version = PostVersion.objects.select_related("editor").defer("snapshot").filter(post=post_id, number=number).first()
    if version is not None:
        live.tell(room_of(post_id), "post.saved", **saved(version))


@receiver(state_moved)
def tell_of_state(post_id: int, status: str, trashed: bool, at: datetime, **facts: Any) -> None:
    """Whoever has the post open learns that it is in the trash, published, or whatever it went to."""
    said = moved("trashed" if trashed else status, at)
    live.tell(room_of(post_id), "post.moved", status=status, trashed=trashed, **said)
