"""Linked data about pages, as schema.org words (JSON-LD): one graph per page, its things linked by their @id.

Plain dictionaries; the template tag escapes them. `absolute` makes a whole address of a path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.models import AuthorProfile, User
from blog import hreflang
from blog.models import Correction, Post
from core import languages, publication
from media_assets import renditions
from media_assets.models import MediaAsset

if TYPE_CHECKING:
    from blog.heads import Head

Address = Callable[[str], str]
Node = dict[str, Any]

# A search engine is shown a picture at most so wide.
WIDEST = 1920
# Of a list as many entries as it shows on a page.
NOTHING: tuple[Any, ...] = ("", None, [], {})


def graph(head: Head, absolute: Address) -> Node:
    """Everything a page says in linked data: the publication, its site, the page, and what the page is about."""
    page = _page(head, absolute)
    nodes: dict[str, Node] = {}
    for node in [organisation(absolute), website(absolute), page, *_listed(head), *head.data]:
        if node["@type"] == "BreadcrumbList":
            node = {**node, "@id": f"{head.canonical}#breadcrumbs"}
        key = node.get("@id") or (page["@id"] if node["@type"] == "ProfilePage" else f"_:{len(nodes)}")
        nodes[key] = {**nodes.get(key, {}), **node}
    if head.post and (article := nodes.get(f"{head.canonical}#article")):
        article |= _translations(head, article["@type"])
    return {"@context": "https://schema.org", "@graph": list(nodes.values())}


def _page(head: Head, absolute: Address) -> Node:
    kinds = {node["@type"] for node in head.data}
    page: Node = {
        "@type": head.page_type,
        "@id": head.canonical,
        "url": head.canonical,
        "name": head.og_title,
        "description": head.description,
        "inLanguage": head.language or languages.current(),
        "isPartOf": {"@id": _site_id(absolute)},
        "breadcrumb": {"@id": f"{head.canonical}#breadcrumbs"} if "BreadcrumbList" in kinds else None,
        "mainEntity": {"@id": f"{head.canonical}#list"} if head.listed else None,
    }
    if head.post:
        page["mainEntity"] = {"@id": f"{head.canonical}#article"}
        page["primaryImageOfPage"] = {"@id": f"{head.canonical}#picture"} if head.image_url else None
    return _said(page)


def _translations(head: Head, kind: str) -> Node:
    """What it is translated into; of a translation, what from: the post that was written first."""
    works = [
        {"@type": kind, "@id": f"{address}#article", "url": address, "inLanguage": language}
        for language, address in head.alternates
        if language != hreflang.DEFAULT
    ]
    if not works:
        return {}
    original, *others = works
    is_original = original["url"] == head.canonical
    return {"workTranslation": others} if is_original else {"translationOfWork": original}


def _listed(head: Head) -> list[Node]:
    """The posts of a list, in the order and with the places they have on this page of it."""
    if not head.listed:
        return []
    first, posts = head.listed
    items = [
        {"@type": "ListItem", "position": place, "name": name, "url": address}
        for place, (name, address) in enumerate(posts, start=first)
    ]
    return [{"@type": "ItemList", "@id": f"{head.canonical}#list", "itemListElement": items}] if items else []


def article(post: Post, address: str, absolute: Address, *, corrections: Iterable[Correction] = ()) -> Node:
    """A post as an Article, or a NewsArticle of a news publication. `address` is where search engines know it."""
    image = post.og_image or post.featured_image
    people = [post.author, *post.co_authors.all()]
    facts: Node = {
        "@type": "NewsArticle" if publication.current().is_news else "Article",
        "@id": f"{address}#article",
        "isPartOf": {"@id": address},
        "mainEntityOfPage": {"@id": address},
        "url": address,
        "headline": post.title[:110],
        "description": post.meta_description or post.summary,
        "inLanguage": post.content_language,
        "wordCount": post.word_count,
        "author": [_person(user, absolute) for user in people],
        "publisher": publisher(absolute),
        "isAccessibleForFree": True,
        "image": _pictures(image, f"{address}#picture", absolute) if image else [],
        "articleSection": post.category.name if post.category else "",
        "correction": [
            {"@type": "CorrectionComment", "text": row.note, "dateCreated": _moment(row.at)} for row in corrections
        ],
    }
    if post.published_at:
        facts["datePublished"] = _moment(post.published_at)
        facts["dateModified"] = _moment(max(post.published_at, post.content_changed_at or post.published_at))
    return _said(facts)


def people(post: Post, absolute: Address) -> list[Node]:
    """Those who wrote a post, with where else they are found."""
    return [
        node
        for user in (post.author, *post.co_authors.all())
        if "@id" in (node := _person(user, absolute, elsewhere=True))
    ]


def publisher(absolute: Address) -> Node:
    return {"@type": "Organization", "@id": _organisation_id(absolute), "name": publication.current().name}


def organisation(absolute: Address) -> Node:
    """The publication as somebody, with its logo and its places elsewhere on the web."""
    site = publication.current()
    address, width, height = site.logo if site.logo[0] else site.icon
    logo = {"@type": "ImageObject", "url": absolute(address), "width": width, "height": height} if address else None
    return _said(
        {
            **publisher(absolute),
            "url": absolute("/"),
            "logo": logo,
            "sameAs": [link.address for link in site.social if link.address.startswith(("https://", "http://"))],
        }
    )


def website(absolute: Address) -> Node:
    """The site, and how to search in it."""
    site = publication.current()
    spoken = [languages.main(), *languages.editions()]
    facts: Node = {
        "@type": "WebSite",
        "@id": _site_id(absolute),
        "name": site.name,
        "alternateName": site.tagline,
        "description": site.description,
        "url": absolute("/"),
        "inLanguage": spoken if len(spoken) > 1 else spoken[0],
        "publisher": {"@id": _organisation_id(absolute)},
    }
    try:
        target = absolute(reverse("search")) + "?q={search_term_string}"
    except NoReverseMatch:
        return _said(facts)
    facts["potentialAction"] = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": target},
        "query-input": "required name=search_term_string",
    }
    return _said(facts)


def breadcrumbs(steps: Iterable[tuple[str, str]], absolute: Address) -> Node:
    """The way to a page as (name, path) pairs from the outermost to the page itself."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": absolute(path)}
            for place, (name, path) in enumerate(steps, start=1)
        ],
    }


def profile_page(profile: AuthorProfile, absolute: Address) -> Node:
    """The page of somebody who writes; it becomes one with what the graph says of the page."""
    person = _person(profile.user, absolute, elsewhere=True)
    if profile.bio:
        person["description"] = profile.bio
    if profile.expertise_topics:
        person["knowsAbout"] = profile.expertise_topics
    if profile.avatar and profile.avatar.is_ready:
        person["image"] = absolute(renditions.small_address(profile.avatar, width=640))
    return {"@type": "ProfilePage", "mainEntity": person}


def _pictures(image: MediaAsset, name: str, absolute: Address) -> list[Node]:
    """The picture wide, square and whole, for search engines to choose from; the first is the one of the page."""
    if not image.is_ready or image.kind != MediaAsset.Kind.IMAGE:
        return []
    specs = renditions.specs_of(image)
    shown: list[tuple[str, int | None, int | None]] = []
    for shape in ("16x9", "1x1", ""):
        fitting = [spec for spec in specs if spec.shape == shape and spec.width <= WIDEST]
        # The last format is the one everybody can read.
        plain = [spec for spec in fitting if spec.format == fitting[-1].format]
        if plain:
            spec = max(plain, key=lambda spec: spec.width)
            shown.append((renditions.address(image, spec), spec.width, spec.height))
    shown = shown or [(image.cdn_url, image.width, image.height)]
    found = [
        _said({"@type": "ImageObject", "url": absolute(address), "width": width, "height": height})
        for address, width, height in dict.fromkeys(shown)
    ]
    found[0] = {"@type": "ImageObject", "@id": name, **found[0], "caption": image.alt_text or image.caption}
    return [_said(picture) for picture in found]


def _person(user: User, absolute: Address, *, elsewhere: bool = False) -> Node:
    person: Node = {"@type": "Person", "name": user.display_name}
    profile = getattr(user, "author_profile", None)
    if profile:
        address = absolute(profile.get_absolute_url())
        person |= {"@id": f"{address}#person", "url": address}
        if elsewhere and profile.web_links:
            person["sameAs"] = profile.web_links
    return person


def _organisation_id(absolute: Address) -> str:
    return absolute("/") + "#organization"


def _site_id(absolute: Address) -> str:
    return absolute("/") + "#website"


def _said(facts: Node) -> Node:
    """Without what there is nothing to say about."""
    return {name: value for name, value in facts.items() if value not in NOTHING}


def _moment(at: datetime) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")
