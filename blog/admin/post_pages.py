"""Pages beside the form of a post: preview, the question before a step. Each asks the same permission."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, reverse

from accounts.roles import may
from blog import writing
from blog.admin import steps
from blog.admin.parts import Part
from blog.models import Category, Post
from core import markup
from core.refusals import Refusal
from core.refusing_admin import is_id
from media_assets.models import MediaAsset


class PostPages(Part):
    """The side views of the post admin, over the posts it shows."""

    def urls(self) -> list[URLPattern]:
        return [
            self.named("preview/", self.preview, "preview"),
            self.named("<int:pk>/step/<str:verb>/", self.step, "step"),
        ]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """GET shows a saved post in the site's own styles; POST renders what is being typed, as JSON."""
        if not (may(request.user, "blog.change_post") or may(request.user, "blog.add_post")):
            raise PermissionDenied
        if request.method == "POST":
            return self.rendered(request)
        number = request.GET.get("post", "")
        post = self.post_of(request, int(number)) if is_id(number) else Post()
        return render(request, "admin/blog/post/preview.html", {"post": post})

    def rendered(self, request: HttpRequest) -> JsonResponse:
        try:
            text = request.POST.get("content_markdown", "").replace("\r\n", "\n")
            page = writing.rendered(text, request.POST.get("content_language") or "en")
        except markup.MarkupError as error:
            return JsonResponse({"error": str(error)}, status=422)
        picture = request.POST.get("featured_image", "")
        asset = MediaAsset.objects.filter(pk=picture).first() if is_id(picture) else None
        category = request.POST.get("category", "")
        filed = Category.objects.filter(pk=category).first() if is_id(category) else None
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
            context = {"step": step, "original": post, "back": back, "waiting": post.newest_change}
            return self.page(request, "step.html", step.question, **context)
        seen = request.POST.get("seen", "")
        known = int(seen) if is_id(seen) else None
        try:
            moved = steps.take(verb, post, by=request.user, note=request.POST.get("note", ""), seen=known)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
            return HttpResponseRedirect(back)
        messages.success(request, step.done.format(post=post) if moved else f"“{post}” was there already.")
        return HttpResponseRedirect(reverse("admin:blog_post_changelist") if verb == "trash" else back)
