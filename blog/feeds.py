"""Feeds of the whole site and of every list, each as RSS, as Atom and as JSON.

A feed is made once and kept until something is published, renamed or moved; whoever asks again with what they were told
(ETag, Last-Modified) is answered 304 from that. Ids hold only what never changes, so that a post that is renamed is not
new: a tag: URI (RFC 4151) of the site's host, the day of the row and its number.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import AuthorProfile, User
from blog import corrections, follows
from blog.feed_formats import FORMATS, Feed, Item, Picture
from blog.heads import absolute
from blog.hreflang import alternates_among
from blog.menus import GENERATIONS
from blog.models import Category, Correction, Post, Series, StatusChange, Tag, TaggedPost, TopicCluster
from blog.querysets import PostQuerySet
from core import cache, languages, publication
from core.markup.pictures import without_sizes
from media_assets import storage
from media_assets.models import Rendition
from media_assets.renditions import CARD

LENGTH = 20
# When something is said to have changed that never was.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

_TAG = re.compile(r"<(?:a|img|audio|video|source)\b[^>]*>")
# One without a scheme of its own: of this site, or of the post's place in it.
_ADDRESS = re.compile(r'\b(href|src|poster)="(?![a-zA-Z][a-zA-Z0-9+.-]*:)([^"]*)"')
_kept = cache.Group("feeds", timeout=3600)
# The tag a feed was last given, and since when; a process alone compares with what it gave itself.
_given = cache.Group("feeds-given", timeout=30 * 24 * 3600, by_content=True)


def for_elsewhere(html: str, address: str) -> str:
    """A post's HTML with whole addresses, so that it can be read away from the site; `address` is the post's own."""

    def whole(found: re.Match[str]) -> str:
        try:
            return f'{found[1]}="{urljoin(address, found[2])}"'
        except ValueError:  # no address at all, such as "//[a"
            return found[0]

    def complete(tag: re.Match[str]) -> str:
        return _ADDRESS.sub(whole, tag[0])

    return _TAG.sub(complete, without_sizes(html))


def lasting_id(thing: Any) -> str:
    """The same for a row whatever it is called and wherever it moves, as long as the site keeps its host."""
    host = urlsplit(settings.SITE_URL).hostname
    return f"tag:{host},{thing.created_at:%Y-%m-%d}:{thing._meta.model_name}-{thing.pk}"


# --- Lists and what they are about ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Source:
    """A list of posts as a feed shows it. `subject` is the row it is about, None for the whole site and for a time:
    that has its title and address instead."""

    posts: PostQuerySet
    subject: Any = None
    description: str = ""
    # A category is a part of the site also while nothing is in it; any other name may be a secret of drafts.
    may_be_empty: bool = False
    title: str = ""
    address: str = ""


def whole_site() -> Source:
    return Source(Post.objects.all(), may_be_empty=True)


def of_category(path: str) -> Source:
    found = get_object_or_404(Category, path=path)
    return Source(Post.objects.under(found), found, found.description, may_be_empty=True)


def of_tag(slug: str) -> Source:
    found = get_object_or_404(Tag, slug=slug)
    return Source(Post.objects.filter(tagged__tag=found), found)


def of_topic(slug: str) -> Source:
    found = get_object_or_404(TopicCluster, slug=slug)
    return Source(Post.objects.filter(topic_cluster=found), found, found.description)


def of_series(slug: str) -> Source:
    found = get_object_or_404(Series, slug=slug)
    return Source(Post.objects.filter(series=found), found, found.description)


def of_author(slug: str) -> Source:
    found = get_object_or_404(AuthorProfile.objects.select_related("user"), slug=slug)
    return Source(Post.objects.written_by(found.user), found, found.bio)


def of_year(year: int) -> Source:
    posts = Post.objects.filter(published_at__year=year)
    return Source(posts, title=str(year), address=reverse("year", args=[year]))


def of_month(year: int, month: int) -> Source:
    title = date_format(date(year, month, 1), "YEAR_MONTH_FORMAT")
    posts = Post.objects.filter(published_at__year=year, published_at__month=month)
    return Source(posts, title=title, address=reverse("month", args=[year, month]))


def feed_of(source: Source) -> Feed:
    site = publication.current()
    live = source.posts.published().articles().in_edition()
    # What asked to be kept out of search engines is not handed to those who read feeds for them either.
    posts = list(_with_all(live.filter(noindex=False).newest())[:LENGTH])
    subject = source.subject
    # A list that another edition has something of is there, and empty.
    known = source.posts.published().articles() if subject else live
    if not posts and not source.may_be_empty and not known.exists() and (subject is None or source.posts.exists()):
        raise Http404("Nothing is published here.")
    changes = [taken_down_last(), *(post.updated_at for post in posts)]
    if subject:
        changes.append(subject.updated_at)
    title = str(subject or source.title)
    address = absolute(subject.get_absolute_url() if subject else source.address or reverse("home"))
    return Feed(
        id=lasting_id(subject) if subject else address,
        address=address,
        title=f"{title} · {site.name}" if title else site.name,
        description=source.description or site.description or site.name,
        language=languages.current(),
        updated=max(changes),
        items=items_of(posts),
        icon=absolute(site.icon[0] or static("img/icon-512.png")),
        hub=site.websub_hub,
    )


def taken_down_last() -> datetime:
    """When something was last taken from readers: a feed has changed when a post is gone from it."""

    def ask() -> datetime:
        steps = StatusChange.objects.filter(from_status=Post.Status.PUBLISHED).order_by("-pk")
        return steps.values_list("at", flat=True).first() or NEVER

    return _kept.get_or_compute("taken-down", ask, generation="posts")


def _with_all(posts: PostQuerySet) -> PostQuerySet:
    """Each with everything its item says."""
    cards = Prefetch("featured_image__renditions", Rendition.objects.filter(spec=CARD), to_attr="cards")
    words = Prefetch("tagged", TaggedPost.objects.select_related("tag").order_by("tag__name"))
    people = Prefetch("co_authors", User.objects.select_related("author_profile"))
    found = posts.select_related("author__author_profile", "featured_image", "category")
    return found.prefetch_related(cards, words, people).defer("content_markdown", "table_of_contents")


def items_of(posts: list[Post]) -> list[Item]:
    whole = publication.current().feeds_whole
    alternates = alternates_among(post.translation_group for post in posts)
    found = []
    for post in posts:
        address = absolute(post.get_absolute_url())
        published = post.published_at or NEVER
        category = [post.category.name] if post.category else []
        tags = [row.tag.name for row in post.tagged.all()]  # type: ignore[attr-defined]
        found.append(
            Item(
                id=lasting_id(post),
                address=address,
                title=post.title,
                summary=post.summary,
                published=published,
                updated=max(published, post.content_changed_at or published),
                html=for_elsewhere(post.content_html, address) if whole else "",
                language=post.content_language,
                authors=[_person(user) for user in (post.author, *post.co_authors.all())],
                words=list(dict.fromkeys([*category, *tags])),
                picture=_picture(post),
                translations=alternates.get(post.translation_group, []) if post.translation_group else [],
            )
        )
    return found


def _person(user: User) -> tuple[str, str]:
    profile = getattr(user, "author_profile", None)
    return user.display_name, absolute(profile.get_absolute_url()) if profile else ""


def _picture(post: Post) -> Picture | None:
    """The picture of its share card, once it is made."""
    cards: list[Rendition] = getattr(post.featured_image, "cards", [])
    for card in cards:
        return Picture(absolute(storage.public_url(str(card.file.name))), card.size_bytes, card.mime_type)
    return None


# --- What was put right ---------------------------------------------------------------------------------------------
def feed_of_corrections() -> Feed:
    site = publication.current()
    rows = list(corrections.newest()[:LENGTH])
    address = absolute(reverse("corrections"))
    return Feed(
        id=address,
        address=address,
        title=_("Corrections · %(site)s") % {"site": site.name},
        description=_("What %(site)s got wrong and has put right.") % {"site": site.name},
        language=languages.current(),
        updated=max([taken_down_last(), *(max(row.at, row.updated_at) for row in rows)]),
        items=[_corrected(row) for row in rows],
        hub=site.websub_hub,
    )


def _corrected(row: Correction) -> Item:
    return Item(
        id=lasting_id(row),
        address=absolute(row.post.get_absolute_url()) + "#corrections",
        title=row.post.title,
        summary=row.note,
        published=row.at,
        updated=max(row.at, row.updated_at),
        language=row.post.content_language,
    )


# --- What somebody follows --------------------------------------------------------------------------------------------
def of_follows(user: User) -> Feed:
    """What a member finds on the page of what they follow. No hub is told: nobody else is to know the address."""
    site = publication.current()
    posts = list(_with_all(follows.feed_of(user))[:LENGTH])
    host = urlsplit(settings.SITE_URL).hostname
    return Feed(
        id=f"tag:{host},{user.date_joined:%Y-%m-%d}:followed-by-{user.pk}",
        address=absolute(reverse("my_feed")),
        title=f"{_('What you follow')} · {site.name}",
        description=_("The newest of whom and what you follow."),
        language=languages.current(),
        updated=max([taken_down_last(), *(post.updated_at for post in posts)]),
        items=items_of(posts),
        icon=absolute(site.icon[0] or static("img/icon-512.png")),
    )


# --- Answers --------------------------------------------------------------------------------------------------------
Maker = Callable[..., Feed]


def made_of(source: Callable[..., Source]) -> Maker:
    return lambda **names: feed_of(source(**names))


@require_safe
def answer(request: HttpRequest, make: Maker, form: str, **names: Any) -> HttpResponse:
    """The feed in one of its formats. Its address says all that decides what is in it."""
    kind = FORMATS[form]

    key = f"{request.path}:{languages.key()}"

    def write() -> tuple[bytes, str, int]:
        feed = make(**names)
        body = kind.write(feed, absolute(request.path)).encode()
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        return body, tag, int(_since(key, tag, feed.updated).timestamp())

    body, tag, updated = _kept.get_or_compute(key, write, generation=GENERATIONS)
    charset = "" if form == "json" else "; charset=utf-8"
    headers = {"ETag": tag, "Last-Modified": http_date(updated), "Link": _links(request)}
    return HttpResponse(body, content_type=kind.mime_type + charset, headers=headers)


def answer_privately(request: HttpRequest, owner: User) -> HttpResponse:
    """The feed of what a member follows, as Atom: made anew for each who asks, and kept by nobody on the way."""
    kind = FORMATS["atom"]
    feed = of_follows(owner)
    body = kind.write(feed, absolute(request.path)).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    since = _since(f"{feed.id}:{languages.key()}", tag, feed.updated)
    headers = {
        "ETag": tag,
        "Last-Modified": http_date(since.timestamp()),
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
    return HttpResponse(body, content_type=f"{kind.mime_type}; charset=utf-8", headers=headers)


def _since(key: str, tag: str, updated: datetime) -> datetime:
    """Since when a feed is what it is: also where none of its posts changed, but one moved away, or a name or setting.

    Whoever sends back the date alone (If-Modified-Since) would be told otherwise that nothing happened.
    """
    before = _given.peek(key)
    if before and before[0] == tag:
        since: datetime = before[1]
        return since
    since = max(updated, timezone.now()) if before else updated
    _given.keep(key, (tag, since))
    return since


def _links(request: HttpRequest) -> str:
    """Who it is, and the hub that tells of news in it (W3C WebSub)."""
    own = f'<{absolute(request.path)}>; rel="self"'
    hub = publication.current().websub_hub
    return f'<{hub}>; rel="hub", {own}' if hub else own


def feeds_under(prefix: str, name: str, make: Maker) -> list[URLPattern]:
    """The addresses of the feed of a list: "tag_feed", "tag_feed_atom", "tag_feed_json"."""
    return [
        path(
            f"{prefix}feed/{kind.end}",
            answer,
            {"make": make, "form": form},
            name=f"{name}feed" + (f"_{form}" if kind.end else ""),
        )
        for form, kind in FORMATS.items()
    ]


def addresses() -> list[URLPattern]:
    """Every feed there is; each list's come before the list itself, whose address may have any number of parts."""
    return [
        *feeds_under("", "", made_of(whole_site)),
        *feeds_under("category/<names:path>/", "category_", made_of(of_category)),
        *feeds_under("tag/<name:slug>/", "tag_", made_of(of_tag)),
        *feeds_under("topic/<name:slug>/", "topic_", made_of(of_topic)),
        *feeds_under("series/<name:slug>/", "series_", made_of(of_series)),
        *feeds_under("author/<name:slug>/", "author_", made_of(of_author)),
        *feeds_under("archive/<year:year>/", "year_", made_of(of_year)),
        *feeds_under("archive/<year:year>/<month:month>/", "month_", made_of(of_month)),
        *feeds_under("corrections/", "corrections_", feed_of_corrections),
    ]
