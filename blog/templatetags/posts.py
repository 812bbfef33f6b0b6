"""What the page of a post asks."""

from __future__ import annotations

from datetime import datetime

from django import template

from blog import sharing
from blog.feed_formats import addresses_under
from blog.models import Post

register = template.Library()

# A module of the page and what has to be in a text for it to be of use.
MODULES = {
    "contents": 'class="anc"',
    "videos": 'class="embed"',
    "notes": 'class="fnref"',
    "zoom": "<img",
}


@register.simple_tag
def modules_for(post: Post) -> list[str]:
    """The scripts its text needs; most texts need few."""
    wanted = [name for name, sign in MODULES.items() if sign in post.content_html]
    if post.featured_image_id and "zoom" not in wanted:
        wanted.append("zoom")
    return wanted


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
