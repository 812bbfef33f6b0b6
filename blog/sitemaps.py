"""The addresses search engines should know: what anybody may read and nobody asked to keep out."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from accounts.models import AuthorProfile
from blog.menus import Entry, menus
from blog.models import Post
from blog.querysets import PostQuerySet


class SiteMap(Sitemap):
    """Addresses of this site, whatever host the request named."""

    limit = 40_000

    @property
    def protocol(self) -> str:  # type: ignore[override]
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc


class Posts(SiteMap):
    def items(self) -> PostQuerySet:
        posts = Post.objects.published().filter(noindex=False, canonical_url="").newest()
        return posts.only("slug", "kind", "published_at", "content_changed_at")

    def lastmod(self, item: Post) -> datetime | None:
        return item.content_changed_at or item.published_at


class Lists(SiteMap):
    def items(self) -> list[str]:
        found = menus()
        entries: list[Entry] = [*found.categories, *found.topics, *found.series]
        return [reverse("home"), reverse("posts"), reverse("archive"), *(entry.url for entry in entries)]

    def location(self, item: str) -> str:
        return item


class Authors(SiteMap):
    def items(self) -> Any:
        writers = Post.objects.published().articles().order_by().values("author")
        return AuthorProfile.objects.filter(user__in=writers).only("slug").order_by("slug")


SITEMAPS = {"posts": Posts, "lists": Lists, "authors": Authors}
