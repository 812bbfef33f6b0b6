"""Pages beside the form of a post: preview, versions, the question before a step. Each asks the same permission."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, reverse

from accounts.roles import may
from blog import versions, writing
from blog.admin import steps
from blog.admin.parts import Part
from blog.models import Category, Post, PostVersion
from core import markup
from core.refusals import Refusal
from media_assets.models import MediaAsset

VERSIONS_PER_PAGE = 100
LARGE = {"title", "excerpt", "content_markdown"}


def in_words(said: dict[str, Any]) -> list[tuple[str, str]]:
    """The fields of a version as their labels and what they said, without the large ones and the empty ones."""
    rows = []
    for name, value in said.items():
        words = "" if name in LARGE else versions.value_in_words(name, value)
        if words:
            label = versions.label_of(name)
            rows.append((label[:1].upper() + label[1:], words))
    return rows


class PostPages(Part):
    """The side views of the post admin, over the posts it shows."""

    def urls(self) -> list[URLPattern]:
        return [
            self.named("preview/", self.preview, "preview"),
            self.named("<int:pk>/step/<str:verb>/", self.step, "step"),
            self.named("<int:pk>/versions/", self.versions, "versions"),
            self.named("<int:pk>/versions/<int:number>/", self.version, "version"),
            self.named("<int:pk>/versions/<int:number>/restore/", self.restore_version, "restore_version"),
        ]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """GET shows a saved post in the site's own styles; POST renders what is being typed, as JSON."""
        if not (may(request.user, "blog.change_post") or may(request.user, "blog.add_post")):
            raise PermissionDenied
        if request.method == "POST":
            return self.rendered(request)
        number = request.GET.get("post", "")
        post = self.post_of(request, int(number)) if number.isdecimal() else Post()
        return render(request, "admin/blog/post/preview.html", {"post": post})

    def rendered(self, request: HttpRequest) -> JsonResponse:
        try:
            text = request.POST.get("content_markdown", "").replace("\r\n", "\n")
            page = writing.rendered(text, request.POST.get("content_language") or "en")
        except markup.MarkupError as error:
            return JsonResponse({"error": str(error)}, status=422)
        picture = request.POST.get("featured_image", "")
        asset = MediaAsset.objects.filter(pk=picture).first() if picture.isdecimal() else None
        category = request.POST.get("category", "")
        filed = Category.objects.filter(pk=category).first() if category.isdecimal() else None
        return JsonResponse(
            {
                "html": page.html,
                "words": page.word_count,
                "minutes": markup.reading_time_minutes(page.word_count),
                "picture": asset.url if asset else "",
                "category": filed.name if filed else "",
            }
        )

    def step(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """GET asks, POST acts."""
        post, step = self.post_of(request, pk), steps.STEPS.get(verb)
        if step is None or not step.question:
            raise Http404("No such step.")
        back = reverse("admin:blog_post_change", args=[post.pk])
        if request.method != "POST":
            step = step.asked_of(post)
            return self.page(request, "step.html", step.question, step=step, original=post, back=back)
        try:
            moved = steps.take(verb, post, by=request.user, note=request.POST.get("note", ""))
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
            return HttpResponseRedirect(back)
        messages.success(request, step.done.format(post=post) if moved else f"“{post}” was there already.")
        return HttpResponseRedirect(reverse("admin:blog_post_changelist") if verb == "trash" else back)

    def versions(self, request: HttpRequest, pk: int) -> HttpResponse:
        post = self.post_of(request, pk)
        kept = post.versions.select_related("editor").defer("snapshot")
        rows = Paginator(kept, VERSIONS_PER_PAGE).get_page(request.GET.get("page"))
        changes = post.status_changes.select_related("by")[:100]
        title = f"Versions of “{post}”"
        return self.page(request, "versions.html", title, original=post, versions=rows, changes=changes)

    def version(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        post = self.post_of(request, pk)
        version = get_object_or_404(PostVersion.objects.select_related("editor"), post=post, number=number)
        said = version.snapshot
        try:
            page = markup.render(said.get("content_markdown", ""), language=said.get("content_language") or "en")
            html, error = page.html, ""
        except markup.MarkupError as refused:
            html, error = "", str(refused)
        fields = in_words(said)
        context = {"version": version, "said": said, "html": html, "error": error, "fields": fields}
        title = f"Version {number} of “{post}”"
        return self.page(request, "version.html", title, original=post, **context)

    def restore_version(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """GET asks, POST restores; the restoring is a new version."""
        post = self.post_of(request, pk)
        version = get_object_or_404(PostVersion, post=post, number=number)
        if request.method != "POST":
            question = f"Restore version {number} of “{post}”?"
            return self.page(request, "restore.html", question, original=post, version=version)
        try:
            made = writing.restore(post, version, by=request.user)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
            return HttpResponseRedirect(reverse("admin:blog_post_versions", args=[pk]))
        said = f"Version {number} is back, as version {made.number}." if made else "The post says that already."
        messages.success(request, said)
        return HttpResponseRedirect(reverse("admin:blog_post_change", args=[pk]))
