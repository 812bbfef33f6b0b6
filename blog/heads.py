"""What a page says about itself in its <head>: title, description, addresses, share cards, linked data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.paginator import Page

from blog import structured_data
from blog.models import Post
from blog.paging import page_url
from core import publication
from media_assets import renditions
from media_assets.models import MediaAsset


def absolute(path: str) -> str:
    """The whole address of `path` on this site; an address that is whole already stays as it is."""
    return urljoin(settings.SITE_URL + "/", path)


@dataclass
class Head:
    """`title` stands in the browser's tab. `canonical`, `previous` and `following` are whole addresses."""

    title: str
    description: str = ""
    canonical: str = ""
    share_title: str = ""
    share_description: str = ""
    x_title: str = ""
    x_description: str = ""
    card: str = "summary"
    kind: str = "website"
    image: MediaAsset | None = None
    image_alt: str = ""
    post: Post | None = None
    noindex: bool = False
    previous: str = ""
    following: str = ""
    feed: str = ""
    feed_title: str = ""
    data: list[dict[str, Any]] = field(default_factory=list)

    @property
    def share_picture(self) -> tuple[str, int | None, int | None]:
        """Address, width and height of the picture share cards show; ("", None, None) without one."""
        if self.image is None or not self.image.is_ready:
            return "", None, None
        card = renditions.card_address(self.image)
        return card or (self.image.cdn_url, self.image.width, self.image.height)

    @property
    def image_url(self) -> str:
        address = self.share_picture[0]
        return absolute(address) if address else ""

    @property
    def og_title(self) -> str:
        return self.share_title or self.title

    @property
    def og_description(self) -> str:
        return self.share_description or self.description


def with_site_name(title: str) -> str:
    return f"{title} · {publication.current().name}"


def title_of(post: Post) -> str:
    """The title of a post’s page, as the browser’s tab and search results show it."""
    return post.meta_title.strip() or with_site_name(post.title)


def description_of(post: Post) -> str:
    """What a post’s page gives search engines as its description: written for them, the summary, or its first lines."""
    return post.meta_description.strip() or shorten(post.summary)


def head_of_post(post: Post, *, linked_data: bool = True) -> Head:
    """The head of a post or a page. Empty fields fall back: share title to title, descriptions to the summary.

    Without `linked_data` it asks the database nothing, and the post need not be saved.
    """
    address = post.canonical_url or absolute(post.get_absolute_url())
    description = description_of(post)
    image = post.og_image or post.featured_image
    is_article = post.kind == Post.Kind.POST
    return Head(
        title=title_of(post),
        description=description,
        canonical=address,
        share_title=post.og_title or post.meta_title or post.title,
        share_description=post.og_description or description,
        x_title=post.twitter_title,
        x_description=post.twitter_description,
        card=post.twitter_card_type if image else Post.TwitterCard.SMALL,
        kind="article" if is_article else "website",
        image=image,
        image_alt=(post.featured_image_alt if image == post.featured_image else "")
        or (image.alt_text if image else ""),
        post=post if is_article else None,
        noindex=post.noindex or not post.is_public,
        data=[structured_data.article(post, address, absolute)] if is_article and linked_data else [],
    )


def head_of_list(
    title: str, path: str, page: Page, *, description: str = "", feed: str = "", feed_title: str = ""
) -> Head:
    """The head of one page of a list; only the page number is part of the address."""
    number = page.number
    return Head(
        title=with_site_name(title if number == 1 else f"{title}, page {number}"),
        share_title=title,
        description=shorten(description),
        canonical=absolute(page_url(path, number)),
        previous=absolute(page_url(path, number - 1)) if page.has_previous() else "",
        following=absolute(page_url(path, number + 1)) if page.has_next() else "",
        feed=absolute(feed) if feed else "",
        feed_title=feed_title or title,
    )


def shorten(text: str, limit: int = 200) -> str:
    """`text` on one line, cut between words."""
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0].rstrip(",;:.– ") + "…"
