"""RSS of the whole site and of every list."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.feedgenerator import Enclosure, Rss201rev2Feed
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from accounts.models import AuthorProfile
from blog.heads import absolute
from blog.models import Category, Post, Tag, TopicCluster
from blog.querysets import PostQuerySet
from core import languages, publication
from core.markup.pictures import without_sizes
from media_assets import storage
from media_assets.models import Rendition
from media_assets.renditions import CARD

LENGTH = 20

# What XML 1.0 has no place for, not even escaped.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TAG = re.compile(r"<(?:a|img|audio|video|source)\b[^>]*>")
_OWN_ADDRESS = re.compile(r'\b(href|src|poster)="/(?!/)')
_OWN_ANCHOR = re.compile(r'\bhref="#')


def for_elsewhere(html: str, address: str) -> str:
    """A post's HTML with whole addresses, so that it can be read away from the site."""

    def complete(tag: re.Match[str]) -> str:
        whole = _OWN_ADDRESS.sub(lambda found: f'{found[1]}="{settings.SITE_URL}/', tag[0])
        return _OWN_ANCHOR.sub(lambda _: f'href="{address}#', whole)

    return _TAG.sub(complete, without_sizes(html))


class FullTextFeed(Rss201rev2Feed):
    """RSS 2.0 with the whole text (content:encoded)."""

    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:content": "http://purl.org/rss/1.0/modules/content/"}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        if item.get("html"):
            handler.addQuickElement("content:encoded", item["html"])


class PostsFeed(Feed):
    """The newest live posts."""

    feed_type = FullTextFeed

    @property
    def language(self) -> str:  # type: ignore[override]
        return languages.current()

    @method_decorator(require_safe)
    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().__call__(request, *args, **kwargs)

    def posts(self, subject: Any) -> PostQuerySet:
        return Post.objects.all()

    def items(self, subject: Any) -> list[Post]:
        posts = self.posts(subject).published().articles().in_edition().newest()
        cards = Prefetch("featured_image__renditions", Rendition.objects.filter(spec=CARD), to_attr="cards")
        rows = posts.select_related("author", "featured_image", "category").prefetch_related(cards)
        found = list(rows.defer("content_markdown")[:LENGTH])
        if subject and not found and not isinstance(subject, Category) and self.posts(subject).exists():
            # As on its page: the very name may be a secret of drafts.
            raise Http404("Nothing is published here.")
        return found

    def title(self, subject: Any) -> str:
        return _clean(f"{subject} · {publication.current().name}" if subject else publication.current().name)

    def link(self, subject: Any) -> str:
        return absolute(subject.get_absolute_url() if subject else reverse("home"))

    def description(self, subject: Any) -> str:
        return _clean(getattr(subject, "description", "") or publication.current().description)

    def feed_url(self, subject: Any) -> str:
        return absolute((subject.get_absolute_url() if subject else reverse("home")) + "feed/")

    def item_title(self, item: Post) -> str:
        return _clean(item.title)

    def item_description(self, item: Post) -> str:
        return _clean(item.summary)

    def item_link(self, item: Post) -> str:
        return absolute(item.get_absolute_url())

    item_guid = item_link
    item_guid_is_permalink = True

    def item_author_name(self, item: Post) -> str:
        return _clean(item.author.display_name)

    def item_pubdate(self, item: Post) -> datetime | None:
        return item.published_at

    def item_updateddate(self, item: Post) -> datetime | None:
        return item.content_changed_at or item.published_at

    def item_categories(self, item: Post) -> list[str]:
        return [_clean(item.category.name)] if item.category else []

    def item_enclosures(self, item: Post) -> list[Enclosure]:
        cards: list[Rendition] = getattr(item.featured_image, "cards", [])
        return [
            Enclosure(absolute(storage.public_url(str(card.file.name))), str(card.size_bytes), card.mime_type)
            for card in cards
        ]

    def item_extra_kwargs(self, item: Post) -> dict[str, str]:
        return {"html": _clean(for_elsewhere(item.content_html, self.item_link(item)))}


class CategoryFeed(PostsFeed):
    def get_object(self, request: HttpRequest, path: str) -> Category:
        return get_object_or_404(Category, path=path)

    def posts(self, subject: Category) -> PostQuerySet:
        return Post.objects.under(subject)


class TagFeed(PostsFeed):
    def get_object(self, request: HttpRequest, slug: str) -> Tag:
        return get_object_or_404(Tag, slug=slug)

    def posts(self, subject: Tag) -> PostQuerySet:
        return Post.objects.filter(tagged__tag=subject)


class TopicFeed(PostsFeed):
    def get_object(self, request: HttpRequest, slug: str) -> TopicCluster:
        return get_object_or_404(TopicCluster, slug=slug)

    def posts(self, subject: TopicCluster) -> PostQuerySet:
        return Post.objects.filter(topic_cluster=subject)


class AuthorFeed(PostsFeed):
    def get_object(self, request: HttpRequest, slug: str) -> AuthorProfile:
        return get_object_or_404(AuthorProfile.objects.select_related("user"), slug=slug)

    def posts(self, subject: AuthorProfile) -> PostQuerySet:
        return Post.objects.written_by(subject.user)

    def description(self, subject: AuthorProfile) -> str:
        return _clean(subject.bio or publication.current().description)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
