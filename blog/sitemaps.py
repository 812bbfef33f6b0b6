"""The addresses search engines should know, in an index of pages: what anybody may read and nobody asked to keep out.

A page holds the rows whose numbers lie in one stretch of BLOCK, so whatever is written later, it keeps its rows, and
none is ever longer. Pictures, translations and, for a news publication, the news of two days are told as well.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple
from xml.sax.saxutils import escape

from django.db.models import BigIntegerField, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast, Coalesce, Greatest
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AuthorProfile
from blog.feed_formats import clean
from blog.hreflang import DEFAULT, Alternates, default_of, gathered
from blog.menus import menus
from blog.models import Post, PostAsset, Tag
from blog.querysets import PostQuerySet
from core import languages, publication
from media_assets import storage
from media_assets.models import MediaAsset

# A list may have a line in each of five languages, and a page of the map has at most 50,000.
BLOCK = 10_000
# More pictures of one page are not read.
MOST_PICTURES = 1000
# Of the 50 MB a page of the map may have; past them its lines go on without their pictures and languages, which the
# pages tell of themselves.
MOST_WITH_PICTURES = 40_000_000
NEWS_LASTS = timedelta(hours=48)
MOST_NEWS = 1000
SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
    ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    ' xmlns:xhtml="http://www.w3.org/1999/xhtml"'
)
NAME = re.compile(r"(?P<section>[a-z]+?)(?:-(?P<number>[1-9][0-9]{0,8}))?")


class NoSuchMap(LookupError):
    """No page of the map has this name."""


class Map(NamedTuple):
    """One page of the map: its name ("posts-3") and when something in it last changed, where that is known."""

    name: str
    changed: datetime | None = None


@dataclass
class Address:
    """One line: a whole address and what is told about it."""

    address: str
    changed: datetime | None = None
    pictures: Iterable[str] = ()
    alternates: Alternates = field(default_factory=list)
    news: str = ""


# --- Which pages there are ------------------------------------------------------------------------------------------
def maps(now: datetime) -> list[Map]:
    """Every page of the map."""
    changed = Greatest("published_at", Coalesce("content_changed_at", "published_at"))
    posts = findable().order_by().annotate(block=block_of("pk")).values("kind", "block")
    rows = list(posts.annotate(changed=Max(changed), newest=Max("published_at")).order_by("kind", "block"))
    found = [Map(f"{row['kind']}s-{row['block'] + 1}", row["changed"]) for row in rows]
    found.append(Map("lists"))
    for section, things in (("tags", tags_in_use()), ("authors", writers())):
        blocks = things.order_by().annotate(block=block_of("pk")).values_list("block", flat=True).distinct()
        found += [Map(f"{section}-{block + 1}") for block in sorted(blocks)]
    newest = max((row["newest"] for row in rows if row["kind"] == Post.Kind.POST), default=None)
    if publication.current().is_news and newest and newest > now - NEWS_LASTS:
        found.append(Map("news", newest))
    return found


def block_of(field: str) -> CombinedExpression:
    """In which stretch a row lies, counted from 0: whole numbers divided are whole on both databases."""
    return Cast(F(field), BigIntegerField()) / BLOCK


def within(rows: QuerySet, number: int) -> QuerySet:
    return rows.filter(pk__gte=(number - 1) * BLOCK, pk__lt=number * BLOCK).order_by("pk")


# --- What is in them ------------------------------------------------------------------------------------------------
def findable() -> PostQuerySet:
    """Posts and pages search engines may list, at their own addresses."""
    return Post.objects.published().filter(noindex=False, canonical_url="")


def tags_in_use() -> QuerySet[Tag]:
    return Tag.objects.filter(tagged(findable().articles()))


def tagged(posts: PostQuerySet) -> Q:
    """Whether one of these posts has the tag."""
    return Q(Exists(posts.order_by().filter(tagged__tag=OuterRef("pk"))))


def writers() -> QuerySet[AuthorProfile]:
    live = findable().articles().order_by()
    shared = Post.co_authors.through.objects.filter(post__in=live.values("pk"))
    alone = AuthorProfile.objects.filter(user__in=live.values("author"))
    return alone | AuthorProfile.objects.filter(user__in=shared.values("user"))


def written(posts: PostQuerySet) -> Q:
    """Whether the person wrote one of these posts, alone or with others."""
    shared = Post.co_authors.through.objects.filter(user=OuterRef("user"), post__in=posts.order_by().values("pk"))
    return Q(Exists(posts.order_by().filter(author=OuterRef("user")))) | Q(Exists(shared))


def posts(number: int) -> Iterator[Address]:
    return _posts(findable().articles(), "post", number)


def pages(number: int) -> Iterator[Address]:
    return _posts(findable().pages(), "page", number)


def _posts(rows: PostQuerySet, view: str, number: int) -> Iterator[Address]:
    chosen = within(rows, number)
    site = publication.current().url
    pictures = _pictures(chosen)
    groups = chosen.filter(translation_group__isnull=False).order_by().values("translation_group")
    alternates = gathered(Post.objects.filter(translation_group__in=Subquery(groups)))
    told = chosen.values_list("pk", "slug", "published_at", "content_changed_at", "translation_group")
    for pk, slug, published, changed, group in told.iterator(chunk_size=2000):
        yield Address(
            site + reverse(view, args=[slug]),
            max(published, changed or published),
            pictures.get(pk, ()),
            alternates.get(group, []) if group else [],
        )


def _pictures(chosen: QuerySet[Post]) -> dict[int, dict[str, None]]:
    """Post → whole addresses of its picture and those in its text, each once."""
    ready = {"kind": MediaAsset.Kind.IMAGE, "state": MediaAsset.State.READY}
    own = chosen.filter(**{f"featured_image__{name}": value for name, value in ready.items()}).order_by()
    names = ("featured_image__key", "featured_image__extension")
    in_texts = PostAsset.objects.filter(post__in=chosen.order_by().values("pk"))
    shown = in_texts.filter(**{f"asset__{name}": value for name, value in ready.items()}).order_by()
    rows = own.values_list("pk", *names).union(shown.values_list("post_id", "asset__key", "asset__extension"), all=True)
    site = publication.current().url
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for pk, key, extension in rows:
        address = storage.public_url(f"{key}.{extension}")
        found[pk][address if "://" in address else site + address] = None
    return found


def lists(number: int) -> Iterator[Address]:
    """Home and the lists of every edition, and the parts of the site that have something to read."""
    site = publication.current().url
    codes = [languages.main(), *languages.editions()]
    for view in ("home", "posts", "archive"):
        told: Alternates = []
        for code in codes:
            with translation.override(code):
                told.append((code, site + reverse(view)))
        yield from _in_editions(told)
    same: dict[tuple[str, str], Alternates] = defaultdict(list)
    for code in codes:
        with translation.override(code):
            found = menus()
        for kind in ("categories", "topics", "series"):
            for entry in getattr(found, kind):
                same[kind, entry.path].append((code, site + entry.url))
    for told in same.values():
        yield from _in_editions(told)


def _in_editions(told: Alternates) -> Iterator[Address]:
    """A line for each address of one list, by the languages it has something in; each line names them all."""
    alternates = [*told, (DEFAULT, default_of(told))] if len(told) > 1 else []
    for _, address in told:
        yield Address(address, alternates=alternates)


def tags(number: int) -> Iterator[Address]:
    return _named(within(tags_in_use(), number), tagged)


def authors(number: int) -> Iterator[Address]:
    return _named(within(writers(), number), written)


def _named(rows: QuerySet, among: Callable[[PostQuerySet], Q]) -> Iterator[Address]:
    """The lists of these rows in every edition that has something in them; the others are no pages to be found."""
    site, live = publication.current().url, findable().articles()
    codes = [languages.main(), *languages.editions()]
    # Where there is one language, what is found at all is found in it.
    has = {f"has_{number}": among(live.in_edition(code)) for number, code in enumerate(codes)} if codes[1:] else {}
    for row in rows.only("slug").annotate(**has).iterator(chunk_size=2000):
        told: Alternates = []
        for number, code in enumerate(codes):
            if getattr(row, f"has_{number}", True):
                with translation.override(code):
                    told.append((code, site + row.get_absolute_url()))
        yield from _in_editions(told)


def news(number: int) -> Iterator[Address]:
    """What was published in the last two days, for search engines that look every few minutes."""
    site = publication.current()
    if not site.is_news:
        raise NoSuchMap("news")
    since = timezone.now() - NEWS_LASTS
    rows = findable().articles().filter(published_at__gt=since).newest()
    for slug, at, title, language in rows.values_list("slug", "published_at", "title", "content_language")[:MOST_NEWS]:
        assert at is not None, "what is newer than a moment has one"
        yield Address(
            site.url + reverse("post", args=[slug]),
            news=(
                f"<news:news><news:publication><news:name>{_text(site.name)}</news:name>"
                f"<news:language>{_text(language.split('-')[0].lower())}</news:language></news:publication>"
                f"<news:publication_date>{_moment(at)}</news:publication_date>"
                f"<news:title>{_text(title)}</news:title></news:news>"
            ),
        )


SECTIONS: dict[str, Callable[[int], Iterator[Address]]] = {
    "posts": posts,
    "pages": pages,
    "lists": lists,
    "tags": tags,
    "authors": authors,
    "news": news,
}
WITHOUT_NUMBER = {"lists", "news"}


# --- Written down ---------------------------------------------------------------------------------------------------
def index(now: datetime) -> str:
    site = publication.current().url
    lines = [
        f"<sitemap><loc>{_text(site + reverse('sitemap_page', args=[name]))}</loc>{_changed(changed)}</sitemap>"
        for name, changed in maps(now)
    ]
    return _document("sitemapindex", 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"', lines)


def page(name: str) -> str:
    """One page of the map by its name; raises NoSuchMap, also where nothing is in it."""
    found = NAME.fullmatch(name)
    section = found["section"] if found else ""
    number = found["number"] if found else None
    if section not in SECTIONS or (number is None) != (section in WITHOUT_NUMBER):
        raise NoSuchMap(name)
    lines, size = [], 0
    for address in SECTIONS[section](int(number or 1)):
        line = _line(address)
        if size + len(line) > MOST_WITH_PICTURES:
            address.pictures, address.alternates = (), []
            line = _line(address)
        lines.append(line)
        size += len(line)
    if not lines and section not in WITHOUT_NUMBER:
        raise NoSuchMap(name)
    return _document("urlset", SPACES, lines)


def _document(name: str, spaces: str, lines: list[str]) -> str:
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', f"<{name} {spaces}>", *lines, f"</{name}>", ""])


def _line(told: Address) -> str:
    pictures = "".join(
        f"<image:image><image:loc>{_text(address)}</image:loc></image:image>"
        for address in islice(told.pictures, MOST_PICTURES)
    )
    languages_of_it = "".join(
        f'<xhtml:link rel="alternate" hreflang="{_text(code)}" href="{_text(address)}"/>'
        for code, address in told.alternates
    )
    return f"<url><loc>{_text(told.address)}</loc>{_changed(told.changed)}{languages_of_it}{told.news}{pictures}</url>"


def _changed(at: datetime | None) -> str:
    return f"<lastmod>{_moment(at)}</lastmod>" if at else ""


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _text(text: str) -> str:
    return escape(clean(text), {'"': "&quot;"})
