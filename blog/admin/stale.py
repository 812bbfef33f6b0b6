"""Live posts that are due to be looked at again: the longest waiting first, and one click when nothing is to change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone

from accounts.roles import may
from blog import review_cycle
from blog.admin.parts import Part
from blog.models import Category, Post
from blog.querysets import HEAVY, PostQuerySet
from core.refusals import Refusal
from core.refusing_admin import is_id

A_PAGE = 50
SOON = timedelta(days=30)
SHOWN = (("", "Overdue"), ("soon", "Due in 30 days"), ("all", "All with a date"))
NAMES = ("show", "category", "author", "page")


class StalePart(Part):
    """The list of posts due for review and its one button."""

    def urls(self) -> list[URLPattern]:
        return [
            self.named("stale/", self.stale, "stale"),
            self.named("stale/reviewed/", self.reviewed, "reviewed"),
        ]

    def stale(self, request: HttpRequest) -> HttpResponse:
        if not may(request.user, "blog.view_post"):
            raise PermissionDenied
        now = timezone.now()
        chosen = {name: request.GET.get(name, "") for name in NAMES}
        edits_all = request.user.has_perm("blog.change_others_post")  # type: ignore[union-attr]
        rows = self.rows(request, chosen, now)
        people = get_user_model()._default_manager.filter(is_staff=True)[:200] if edits_all else []
        return self.page(
            request,
            "stale.html",
            "Due for review",
            posts=Paginator(rows, A_PAGE).get_page(chosen["page"]),
            chosen=chosen,
            shown=[(value, word, self.query(chosen, show=value)) for value, word in SHOWN],
            query=self.query(chosen),
            categories=Category.objects.order_by("tree_id", "lft"),
            people=people,
            now=now,
        )

    def rows(self, request: HttpRequest, chosen: dict[str, str], now: Any) -> PostQuerySet:
        posts = Post.objects.editable_by(request.user).published()  # type: ignore[arg-type]
        posts = posts.filter(review_due_at__isnull=False).select_related("author", "category").defer(*HEAVY)
        if is_id(chosen["category"]):
            category = Category.objects.filter(pk=chosen["category"]).first()
            posts = posts.under(category) if category else posts.none()
        if is_id(chosen["author"]):
            posts = posts.filter(author=chosen["author"])
        until = {"": now, "soon": now + SOON}.get(chosen["show"])
        return posts.order_by("review_due_at", "pk") if until is None else review_cycle.overdue(posts, until)

    def query(self, chosen: dict[str, str], **changes: str) -> str:
        """The address of the same list, otherwise filtered."""
        kept = {name: value for name, value in {**chosen, **changes}.items() if value and name != "page"}
        return f"?{urlencode(kept)}" if kept else "?"

    def reviewed(self, request: HttpRequest) -> HttpResponse:
        """POST `post` (one id) or `chosen` (several): they hold, and are due again after their period."""
        if not may(request.user, "blog.change_post"):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        now = timezone.now()
        sent = [request.POST["post"]] if "post" in request.POST else request.POST.getlist("chosen")
        ids = [each for each in sent if is_id(each)][:A_PAGE]
        posts = Post.objects.editable_by(request.user).filter(pk__in=ids)  # type: ignore[arg-type]
        done = []
        for post in posts.only("pk", "title", "author"):
            try:
                review_cycle.reviewed(post, by=request.user, at=now)  # type: ignore[arg-type]
                done.append(post)
            except Refusal as refusal:
                messages.error(request, f"“{post}”: {refusal.sentence}")
        self.say(request, done)
        chosen = {name: request.POST.get(name, "") for name in NAMES}
        return HttpResponseRedirect(reverse("admin:blog_post_stale") + self.query(chosen).rstrip("?"))

    def say(self, request: HttpRequest, done: list[Post]) -> None:
        clock = f"{timezone.localtime():%H:%M}"
        if len(done) == 1:
            due = done[0].review_due_at
            again = f" Due again on {timezone.localtime(due):%-d %B %Y}." if due else ""
            messages.success(request, f"“{done[0]}” is reviewed, {clock}: no change.{again}")
        elif done:
            messages.success(request, f"{len(done)} posts are reviewed, {clock}: no change.")
        elif not messages.get_messages(request):
            messages.info(request, "No post was chosen.")
