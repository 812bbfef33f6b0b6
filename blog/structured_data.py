"""Linked data about pages, as schema.org words (JSON-LD). Plain dictionaries; the template tag escapes them."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils import timezone

from accounts.models import AuthorProfile, User
from blog.models import Post
from core import publication
from media_assets import renditions
from media_assets.models import MediaAsset

Address = Callable[[str], str]


def article(post: Post, address: str, absolute: Address) -> dict[str, Any]:
    """A post as a schema.org Article."""
    image = post.og_image or post.featured_image
    facts: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "mainEntityOfPage": address,
        "url": address,
        "headline": post.title[:110],
        "description": post.meta_description or post.summary,
        "inLanguage": post.content_language,
        "wordCount": post.word_count,
        "author": [_person(user, absolute) for user in [post.author, *post.co_authors.all()]],
        "publisher": publisher(absolute),
        "isAccessibleForFree": True,
    }
    if post.published_at:
        facts["datePublished"] = _moment(post.published_at)
        facts["dateModified"] = _moment(max(post.published_at, post.content_changed_at or post.published_at))
    if image:
        facts["image"] = _pictures(image, absolute)
    if post.category:
        facts["articleSection"] = post.category.name
    return {name: value for name, value in facts.items() if value not in ("", None, [])}


def publisher(absolute: Address) -> dict[str, Any]:
    return {"@type": "Organization", "name": publication.current().name, "url": absolute("/")}


def website(absolute: Address) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": publication.current().name,
        "description": publication.current().description,
        "url": absolute("/"),
        "publisher": publisher(absolute),
    }


def breadcrumbs(steps: Iterable[tuple[str, str]], absolute: Address) -> dict[str, Any]:
    """The way to a page as (name, path) pairs from the outermost to the page itself."""
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": absolute(path)}
            for place, (name, path) in enumerate(steps, start=1)
        ],
    }


def profile_page(profile: AuthorProfile, absolute: Address) -> dict[str, Any]:
    person = _person(profile.user, absolute)
    if profile.bio:
        person["description"] = profile.bio
    if profile.web_links:
        person["sameAs"] = profile.web_links
    if profile.avatar:
        person["image"] = absolute(renditions.small_address(profile.avatar, width=640))
    return {"@context": "https://schema.org", "@type": "ProfilePage", "mainEntity": person}


def _pictures(image: MediaAsset, absolute: Address) -> list[str]:
    """The picture wide, square and whole, for search engines to choose from."""
    shapes = (renditions.picture(image, shape) for shape in ("16x9", "1x1", ""))
    return list(dict.fromkeys(absolute(shown.src) for shown in shapes if shown))


def _person(user: User, absolute: Address) -> dict[str, Any]:
    person: dict[str, Any] = {"@type": "Person", "name": user.display_name}
    profile = getattr(user, "author_profile", None)
    if profile:
        person["url"] = absolute(profile.get_absolute_url())
    return person


def _moment(at: Any) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")
