"""The publish gate and the search panel beside the text."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, reverse
from django.utils import timezone

from accounts.roles import may
from blog import gate, links, pixels, seo
from blog.admin.parts import Part
from blog.models import Category, Post, Severity
from blog.slugs import make_slug
from core.refusing_admin import is_id
from media_assets.models import MediaAsset

# What may be typed into the form and is looked at while it is typed.
TYPED = (
    *("title", "slug", "excerpt", "content_markdown", "featured_image_alt", "og_title", "og_description"),
    *("twitter_title", "twitter_description", "twitter_card_type", "meta_title", "meta_description"),
    *("focus_keyword", "canonical_url", "content_language", "kind"),
)
ORPHANS_PER_PAGE = 50
# Lines of the search panel that are shown at once; the others are a click away.
SHOWN = 3
# Sizes of the letters and widths of the lines of a search result, in CSS pixels; the meters end a tenth beyond.
ROOM = {
    "title": pixels.TITLE_ROOM,
    "title_size": pixels.TITLE_SIZE,
    "title_meter": pixels.TITLE_ROOM * 11 // 10,
    "description": pixels.DESCRIPTION_ROOM,
    "description_size": pixels.DESCRIPTION_SIZE,
    "description_least": pixels.DESCRIPTION_LEAST,
    "description_meter": pixels.DESCRIPTION_ROOM * 11 // 10,
    "phone_description": pixels.PHONE_DESCRIPTION_ROOM,
}
# Steps of the form that go through the gate, and what pressing one over it is called.
OVER = {
    "publish": "Publish anyway",
    "schedule": "Schedule anyway",
    "update": "Update anyway",
    "plan_update": "Plan the update anyway",
}


class CheckPart(Part):
    """The list of checks and what search engines make of it: drawn with the page, redrawn while somebody types."""

    def urls(self) -> list[URLPattern]:
        return [
            self.named("checks/", self.checks, "checks"),
            self.named("orphans/", self.orphans, "orphans"),
            self.named("<int:pk>/mentions/", self.mentions, "mentions"),
        ]

    def form_context(self, request: HttpRequest, post: Post | None) -> dict[str, Any]:
        said = post or Post(author=request.user)
        found = self.said_of(said, request) if post else {"findings": [], "search": None}
        overrides = post.gate_overrides.select_related("by")[:5] if post else ()
        return {
            "checks": found,
            "checks_url": reverse("admin:blog_post_checks") + (f"?post={post.pk}" if post else ""),
            "gate_over": OVER if may(request.user, "blog.override_gate_post", post) else {},
            "gate_overrides": overrides,
        }

    def said_of(self, post: Post, request: HttpRequest) -> dict[str, Any]:
        """What the checks and the search panel say, as plain data for the templates."""
        now = timezone.now()
        (facts,) = gate.facts_of([post], at=max(post.scheduled_at or now, now))
        found = gate.judge(facts)
        search = asdict(seo.report(facts, user=request.user))
        bad = [line for line in search["lines"] if not line["well"]]
        well = [line for line in search["lines"] if line["well"]]
        return {
            "findings": [{**asdict(each), "severity_label": Severity(each.severity).label} for each in found],
            "blocking": sum(each.severity == Severity.BLOCKING for each in found),
            "essential": any(each.essential for each in found),
            "search": {**search, "todo": bad[:SHOWN], "rest": bad[SHOWN:] + well, "well": len(well)},
            "room": ROOM,
        }

    def checks(self, request: HttpRequest) -> HttpResponse:
        """POST: what the checks and search engines make of what is being typed, drawn by the page's own templates."""
        if not (may(request.user, "blog.change_post") or may(request.user, "blog.add_post")):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        number = request.GET.get("post", "")
        saved = self.post_of(request, int(number)) if is_id(number) else None
        post = saved or Post(author=request.user)
        self.take(request, post)
        said = self.said_of(post, request)
        drawn = {
            part: render_to_string(f"admin/blog/post/checks_{part}.html", {"checks": said, "original": saved})
            for part in ("tally", "findings", "score", "search", "cards", "near")
        }
        return JsonResponse({"parts": drawn, "blocking": said["blocking"], "essential": said["essential"]})

    def take(self, request: HttpRequest, post: Post) -> None:
        """Put what is typed into `post`, unsaved; what nobody could save is left as it was."""
        for name in TYPED:
            if name not in request.POST:
                continue
            value = request.POST[name].replace("\r\n", "\n")
            length = Post._meta.get_field(name).max_length
            choices = dict(Post._meta.get_field(name).flatchoices)
            if not choices or value in choices:
                setattr(post, name, value[:length] if length else value)
        post.slug = make_slug(post.slug or post.title)
        post.content_language = post.content_language or "en"
        post.noindex = "noindex" in request.POST
        for name, model in (("featured_image", MediaAsset), ("og_image", MediaAsset), ("category", Category)):
            if name in request.POST:
                key = request.POST[name]
                setattr(post, name, model._default_manager.filter(pk=int(key)).first() if is_id(key) else None)

    def mentions(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Who links to a post, and who names it without linking to it."""
        post = self.post_of(request, pk)
        context = {
            "original": post,
            "linking": links.linking_to(post).newest().select_related("author")[:100],
            "mentions": self.with_doors(request, seo.mentions_of(post, request.user)),
        }
        return self.page(request, "checks_mentions.html", f"Links to “{post}”", **context)

    def with_doors(self, request: HttpRequest, found: list[seo.Neighbour]) -> list[tuple[seo.Neighbour, bool]]:
        """Each with whether this person may change it."""
        mine = set(
            Post.objects.editable_by(request.user)
            .filter(pk__in=[each.pk for each in found])
            .values_list("pk", flat=True)
        )
        return [(each, each.pk in mine) for each in found]

    def orphans(self, request: HttpRequest) -> HttpResponse:
        """Live posts of those somebody may work on that no other page links to."""
        if not may(request.user, "blog.change_post"):
            raise PermissionDenied
        mine = Post.objects.editable_by(request.user).order_by()
        found = links.orphans().filter(pk__in=mine.values("pk")).newest().for_lists()
        rows = Paginator(found, ORPHANS_PER_PAGE).get_page(request.GET.get("page"))
        return self.page(request, "checks_orphans.html", "Posts nobody links to", posts=rows)
