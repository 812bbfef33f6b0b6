"""What follows from what this app announces: public pages are made anew, open writing pages told.

The names of the generations are the ones views and feeds read with `core.cache.generation`.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver

from accounts.models import User
from blog import likes, media_use, pings, publication, redirect_rules, rendering, tasks, translations
from blog.models import Post, PostAsset, PostVersion, RedirectRule, Snippet
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
from core.background import enqueue
from media_assets.models import MediaAsset
from media_assets.signals import asset_changed, asset_ready, asset_removed
from webhooks.signals import endpoint_stopped


@receiver([post_published, post_updated, post_unpublished, addresses_changed])
def posts_changed(**facts: Any) -> None:
    cache.renew("posts")


@receiver([post_published, post_updated, post_unpublished])
def send_pings(**facts: Any) -> None:
    """Its rows are written already; this only saves them the wait for the clock."""
    if pings.is_wanted():
        enqueue(tasks.send_pings)


@receiver(post_published)
def tell_followers(first: bool, **facts: Any) -> None:
    """That they are to be told is written already; this only saves them the wait for the clock."""
    if first:
        enqueue(tasks.tell_followers)


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


@receiver(pre_delete, sender=User)
def reader_goes(instance: User, **facts: Any) -> None:
    likes.forget(instance)


@receiver(post_save, sender=Snippet)
def snippet_saved(instance: Snippet, raw: bool = False, **facts: Any) -> None:
    """Whatever saves a snippet; only what comes out of a dump brings its own rows."""
    if not raw:
        media_use.keep_snippet(instance)


@receiver([post_save, post_delete], sender=RedirectRule)
def rules_changed(**facts: Any) -> None:
    cache.renew(redirect_rules.GENERATION)


@receiver([asset_changed, asset_ready])
def picture_changed(asset_id: int, **facts: Any) -> None:
    """What readers see of it is shown in texts, which are rendered anew, and by pages that ask for it themselves."""
    if rendering.mark(asset_id):
        enqueue(tasks.render_waiting)
    if rendering.shows_as_picture(asset_id):
        cache.renew("posts")
    cache.renew(publication.GENERATION)


@receiver(pre_delete, sender=MediaAsset)
def picture_goes(instance: MediaAsset, **facts: Any) -> None:
    """Afterwards nothing says which texts showed it."""
    posts = list(PostAsset.objects.filter(asset=instance).values_list("post", flat=True))
    if posts:
        # Not before: whoever saves one of these posts holds it and waits for the picture.
        transaction.on_commit(lambda: render_without(posts))


@receiver(post_delete, sender=Post)
def post_gone(instance: Post, **facts: Any) -> None:
    """Two translations of which one is deleted are none."""
    if instance.translation_group is not None:
        translations.dissolve_alone([instance.translation_group])


@receiver(endpoint_stopped)
def tell_of_stopped_webhook(**facts: Any) -> None:
    """Its row says that nobody was told; this only saves the wait for the clock."""
    enqueue(tasks.tell_of_stopped_webhooks)


def render_without(posts: list[int]) -> None:
    rendering.mark_posts(posts)
    enqueue(tasks.render_waiting)


@receiver(asset_removed)
def picture_removed(**facts: Any) -> None:
    cache.renew("posts", publication.GENERATION)
