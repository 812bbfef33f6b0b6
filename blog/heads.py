"""What a page says about itself in its <head>: title, description, addresses, share cards, linked data."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.paginator import Page
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from blog import corrections, structured_data
from blog.feed_formats import addresses_under
from blog.models import Post
from blog.paging import page_url
from core import publication
from media_assets import renditions
from media_assets.models import MediaAsset


def absolute(path: str) -> str:
    """The whole address of `path` on this site; an address that is whole already stays as it is."""
    return urljoin(settings.SITE_URL + "/", path)


class FeedLink(NamedTuple):
    """A feed as browsers and readers find it: its type, what it is called, its whole address."""

    mime_type: str
    title: str
    address: str


@dataclass
class Head:
    """`title` stands in the browser's tab. `canonical`, `previous` and `following` are whole addresses.

    `page_type` and `data` are words of schema.org; `listed_page` is a page of a list of posts or pages.
    """

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
    page_type: str = "WebPage"
    language: str = ""
    listed_page: Page | None = None
    data: list[dict[str, Any]] = field(default_factory=list)
    # Language and whole address of the same page in each of its languages, "x-default" last.
    alternates: list[tuple[str, str]] = field(default_factory=list)

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
    def share_card(self) -> tuple[str, int | None, int | None]:
        """As `share_picture`, with the publication's own where a page has none, and ours where that has none."""
        shown, site = self.share_picture, publication.current()
        choices = (shown, site.logo, site.icon, (static("img/icon-512.png"), 512, 512))
        return next(card for card in choices if card[0])

    @property
    def feeds(self) -> list[FeedLink]:
        """The feeds of the site and of this list, each in every format."""
        site = publication.current().name
        whole = absolute(reverse("feed"))
        lists = {whole: site}
        if self.feed and self.feed_title:
            lists.setdefault(self.feed, self.feed_title)
        return [
            FeedLink(kind.mime_type, f"{title} ({kind.name})", address)
            for base, title in lists.items()
            for kind, address in addresses_under(base.removesuffix("feed/"))
        ]

    @property
    def listed(self) -> tuple[int, list[tuple[str, str]]] | None:
        """The number of the first post shown, and name and whole address of each."""
        if not self.listed_page:  # an empty page has no list to lead to
            return None
        page = self.listed_page
        return page.start_index(), [(str(thing), absolute(thing.get_absolute_url())) for thing in page]

    @property
    def graph(self) -> dict[str, Any]:
        """Everything the page says in linked data; nothing where search engines are not to look."""
        return structured_data.graph(self, absolute) if self.canonical and not self.noindex else {}

    @property
    def x_site(self) -> str:
        """The publication's own name on X."""
        return x_name([link.address for link in publication.current().social])

    @property
    def x_creator(self) -> str:
        profile = getattr(self.post.author, "author_profile", None) if self.post else None
        return x_name(profile.web_links) if profile else ""

    @property
    def authors(self) -> list[str]:
        """The pages of those who wrote the post."""
        people = [self.post.author, *self.post.co_authors.all()] if self.post else []
        profiles = [profile for person in people if (profile := getattr(person, "author_profile", None))]
        return [absolute(profile.get_absolute_url()) for profile in profiles]

    @property
    def og_type(self) -> str:
        about_somebody = any(node["@type"] == "ProfilePage" for node in self.data)
        return "profile" if about_somebody else self.kind

    @property
    def og_title(self) -> str:
        return self.share_title or self.title

    @property
    def og_description(self) -> str:
        return self.share_description or self.description


def x_name(addresses: list[str]) -> str:
    """The first name on X among addresses: "@quoin"."""
    for address in addresses:
        parts = urlsplit(address)
        name = parts.path.strip("/")
        host = (parts.hostname or "").removeprefix("www.")
        if host in {"x.com", "twitter.com"} and re.fullmatch(r"\w{1,15}", name, re.ASCII):
            return f"@{name}"
    return ""


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
    data = []
    if is_article and linked_data:
        told = corrections.of(post)
        data = [structured_data.article(post, address, absolute, corrections=told)]
        data += structured_data.people(post, absolute)
    return Head(
        title=title_of(post),
        description=description,
        canonical=address,
        share_title=post.og_title or post.meta_title or post.title,
        share_description=post.og_description or description,
        x_title=post.twitter_title,
        x_description=post.twitter_description,
        card=post.twitter_card_type if image and image.is_ready else Post.TwitterCard.SMALL,
        kind="article" if is_article else "website",
        image=image,
        image_alt=(post.featured_image_alt if image == post.featured_image else "")
        or (image.alt_text if image else ""),
        post=post if is_article else None,
        noindex=post.noindex or not post.is_public,
        language=post.content_language,
        data=data,
    )


def head_of_list(
    title: str, path: str, page: Page, *, description: str = "", feed: str = "", feed_title: str = ""
) -> Head:
    """The head of one page of a list; only the page number is part of the address."""
    number = page.number
    return Head(
        title=with_site_name(
            title if number == 1 else _("%(title)s, page %(number)s") % {"title": title, "number": number}
        ),
        share_title=title,
        description=shorten(description),
        canonical=absolute(page_url(path, number)),
        previous=absolute(page_url(path, number - 1)) if page.has_previous() else "",
        following=absolute(page_url(path, number + 1)) if page.has_next() else "",
        feed=absolute(feed) if feed else "",
        feed_title=feed_title or title,
        page_type="CollectionPage",
        listed_page=page,
    )


def shorten(text: str, limit: int = 200) -> str:
    """`text` on one line, cut between words."""
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0].rstrip(",;:.– ") + "…"
