"""What the writing page asks the server while somebody writes: other posts to link to, and snippets."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, reverse

from accounts.models import User
from accounts.roles import may
from blog.admin.parts import Part
from blog.models import Post, Snippet
from blog.querysets import PostQuerySet
from media_assets.admin.uploading import upload_ways

LINKS_PER_PAGE = 20
MOST_PAGES = 500
MOST_WORDS = 6
MOST_SNIPPETS = 300


def linkable_by(user: User) -> PostQuerySet:
    """What somebody may be shown to link to: everything live, and what they may work on themselves."""
    if user.has_perm("blog.change_others_post"):
        return Post.objects.not_trashed()
    mine = Post.objects.editable_by(user).values("pk")
    return Post.objects.not_trashed().filter(Q(status=Post.Status.PUBLISHED) | Q(pk__in=mine))


class TextToolPart(Part):
    """Two addresses that answer in JSON, each to those who may write."""

    def urls(self) -> list[URLPattern]:
        return [
            self.named("links/", self.links, "links"),
            self.named("snippets/", self.snippets, "snippets"),
        ]

    def form_context(self, request: HttpRequest, post: Post | None) -> dict[str, Any]:
        user = request.user
        return {
            "text_tools": {
                "links": reverse("admin:blog_post_links") + (f"?but={post.pk}" if post else "?but="),
                "snippets": reverse("admin:blog_post_snippets") if may(user, "blog.view_snippet") else "",
                **(upload_ways() if may(user, "media_assets.add_mediaasset") else {}),
            }
        }

    def writer(self, request: HttpRequest) -> User:
        """Who asks, when they may write at all."""
        user = request.user
        if not isinstance(user, User) or not (may(user, "blog.change_post") or may(user, "blog.add_post")):
            raise PermissionDenied
        return user

    def links(self, request: HttpRequest) -> JsonResponse:
        """Posts by words of their titles, the last changed first. `but` is the post that is being written."""
        rows = linkable_by(self.writer(request))
        for word in request.GET.get("q", "").replace("\0", "").split()[:MOST_WORDS]:
            rows = rows.filter(title__icontains=word)
        but, page = request.GET.get("but", ""), request.GET.get("page", "")
        if but.isdecimal() and len(but) < 19:
            rows = rows.exclude(pk=int(but))
        number = min(max(1, int(page)), MOST_PAGES) if page.isdecimal() and len(page) < 9 else 1
        start = (number - 1) * LINKS_PER_PAGE
        # One more than is shown says whether there are others, without counting them.
        found = list(
            rows.order_by("-updated_at", "-pk").only("title", "slug", "kind", "status")[
                start : start + LINKS_PER_PAGE + 1
            ]
        )
        posts = [
            {"title": post.title, "path": post.get_absolute_url(), "state": post.get_status_display()}
            for post in found[:LINKS_PER_PAGE]
        ]
        return JsonResponse({"posts": posts, "page": number, "more": len(found) > LINKS_PER_PAGE})

    def snippets(self, request: HttpRequest) -> JsonResponse:
        if not may(self.writer(request), "blog.view_snippet"):
            raise PermissionDenied
        rows = Snippet.objects.only("name", "content_markdown")[:MOST_SNIPPETS]
        return JsonResponse({"snippets": [{"name": row.name, "text": row.content_markdown} for row in rows]})
