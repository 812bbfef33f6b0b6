"""What follows from what this app announces: public pages are made anew.

The names of the generations are the ones views and feeds read with `core.cache.generation`.
"""

from typing import Any

from django.dispatch import receiver

from blog.signals import addresses_changed, post_published, post_unpublished, post_updated, taxonomy_changed
from core import cache


@receiver([post_published, post_updated, post_unpublished, addresses_changed])
def posts_changed(**facts: Any) -> None:
    cache.renew("posts")


@receiver([taxonomy_changed, addresses_changed])
def taxonomy_moved(**facts: Any) -> None:
    cache.renew("taxonomy")
