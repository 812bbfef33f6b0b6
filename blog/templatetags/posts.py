"""What the page of a post asks."""

from __future__ import annotations

from datetime import datetime

from django import template

from blog import sharing
from blog.feed_formats import addresses_under
from blog.models import Post

register = template.Library()

# A module of the page, what has to be in a text for it to be of use, and what it waits for to come near.
MODULES = {
    "contents": ('class="anc"', ""),
    "videos": ('class="embed"', ".prose .embed"),
    "notes": ('class="fnref"', ".prose .fnref"),
    "zoom": ("<img", "article img"),
}


@register.simple_tag
def modules_for(post: Post) -> list[tuple[str, str]]:
    """The scripts its text needs, and for what near the reader; most texts need few."""
    return [
        (f"js/{name}.js", near)
        for name, (sign, near) in MODULES.items()
        if sign in post.content_html or (name == "zoom" and post.featured_image_id)
    ]


@register.simple_tag
def share_doors(post: Post, address: str) -> list[sharing.Door]:
    return sharing.doors(post.title, address)


@register.simple_tag
def feed_formats(feed: str) -> list[tuple[str, str]]:
    """Name and address of a feed's other formats; `feed` is where its RSS is."""
    return [(kind.name, address) for kind, address in addresses_under(feed.removesuffix("feed/")) if address != feed]


@register.filter
def last_reviewed(post: Post) -> datetime | None:
    """When somebody last found it still right, for posts that are looked at again, unless it changed since."""
    moments = [moment for moment in (post.published_at, post.content_changed_at) if moment]
    at = post.last_reviewed_at
    return at if at and post.review_due_at and all(at > moment for moment in moments) else None
