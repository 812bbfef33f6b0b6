"""Secret links for people without an account: made, counted and revoked beside the form of a post."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, reverse
from django.utils import timezone

from accounts.roles import may
from blog import preview_links
from blog.admin.parts import Part
from blog.models import Post, PostVersion, PreviewLink
from core.refusals import Refusal

DAYS = (1, 3, 7, 14, 30, 90)
USUAL_DAYS = 7
# In the rail; the rest stands on the page of the links.
SHOWN_IN_RAIL = 3
SHOWN_ON_PAGE = 200
VERSIONS_OFFERED = 50


class PreviewLinkPart(Part):
    """Secret links for people without an account."""

    def urls(self) -> list[URLPattern]:
        return [
            self.named("<int:pk>/preview-links/", self.links, "preview_links"),
            self.named("<int:pk>/preview-links/<int:link>/revoke/", self.revoke, "revoke_preview_link"),
        ]

    def form_context(self, request: HttpRequest, post: Post | None) -> dict[str, Any]:
        """The links that work, for the rail; none for who may not make one."""
        if post is None or post.is_trashed or not may(request.user, "blog.change_post", post):
            return {}
        found = list(preview_links.working(post, timezone.now())[: SHOWN_IN_RAIL + 1])
        return {
            "preview_links": found[:SHOWN_IN_RAIL],
            "more_preview_links": len(found) > SHOWN_IN_RAIL,
            "may_make_preview_links": True,
        }

    def links(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET lists them and offers a new one; POST makes it, and the next GET shows its address, this once."""
        post = self.post_of(request, pk)
        now = timezone.now()
        said = request.POST if request.method == "POST" else request.GET
        asked = {"version": said.get("version", ""), "days": said.get("days") or str(USUAL_DAYS), "name": ""}
        error = None
        if request.method == "POST":
            asked["name"] = request.POST.get("name", "")
            try:
                made, address = self.make(request, post, asked)
            except Refusal as refusal:
                error = refusal
            else:
                # Redirected, so that loading the page again makes no second link.
                request.session[_fresh(post)] = {"link": made.pk, "address": address}
                return HttpResponseRedirect(reverse("admin:blog_post_preview_links", args=[post.pk]))
        made, address = self.fresh_of(request, post)
        offered = post.versions.select_related("editor").defer("snapshot")
        newest = list(offered[:VERSIONS_OFFERED])
        chosen = asked["version"]
        if chosen.isdecimal() and len(chosen) < 10 and not any(str(each.number) == chosen for each in newest):
            newest += offered.filter(number=int(chosen))
        response = self.page(
            request,
            "preview_links.html",
            f"Preview links to “{post}”",
            original=post,
            links=post.preview_links.select_related("version", "created_by").defer("version__snapshot")[:SHOWN_ON_PAGE],
            now=now,
            versions=newest,
            days=DAYS,
            asked=asked,
            address=address,
            made=made,
            error=error,
        )
        response.status_code = 422 if error else 200
        response["Cache-Control"] = "private, no-store"
        return response

    @staticmethod
    def fresh_of(request: HttpRequest, post: Post) -> tuple[PreviewLink | None, str]:
        """The link this person just made and its address, which is forgotten by being asked for."""
        kept = request.session.pop(_fresh(post), None) if request.method == "GET" else None
        if kept is None:
            return None, ""
        made = preview_links.working(post, timezone.now()).filter(pk=kept["link"]).first()
        return (made, kept["address"]) if made else (None, "")

    def make(self, request: HttpRequest, post: Post, asked: dict[str, str]) -> tuple[PreviewLink, str]:
        now = timezone.now()
        if not asked["days"].isdecimal() or len(asked["days"]) > 3:
            raise Refusal("Say for how many days it works.", field="days")
        chosen = asked["version"] or str(post.content_version)
        if not chosen.isdecimal() or len(chosen) > 9:
            raise Refusal("Choose a version.", field="version")
        version = PostVersion.objects.filter(post=post, number=int(chosen)).first()
        if version is None:
            raise Refusal("There is no such version.", field="version")
        until = now + timedelta(days=int(asked["days"]))
        return preview_links.make(post, version, by=request.user, name=asked["name"], expires_at=until, at=now)

    def revoke(self, request: HttpRequest, pk: int, link: int) -> HttpResponse:
        """GET asks, POST revokes."""
        post = self.post_of(request, pk)
        found = get_object_or_404(PreviewLink.objects.select_related("version"), post=post, pk=link)
        found.post = post
        if found.revoked_at is not None or found.expires_at <= timezone.now():
            raise Http404("This link has ended.")
        if request.method != "POST":
            question = f"Revoke the link for {found.name}?" if found.name else "Revoke this preview link?"
            return self.page(request, "revoke_preview_link.html", question, original=post, link=found)
        preview_links.revoke(found, by=request.user)
        messages.success(request, "The link is revoked; whoever has it is told that it no longer works.")
        return HttpResponseRedirect(reverse("admin:blog_post_preview_links", args=[post.pk]))


def _fresh(post: Post) -> str:
    """Where the session keeps the address of a new link until it is shown."""
    return f"fresh-preview-link-{post.pk}"
