"""Asking for a review, the queue, and the answers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.roles import may
from blog import publishing, reviewing
from blog.admin.parts import Part
from blog.gate import Blocked
from blog.models import Post, ReviewRequest
from core.refusals import Refusal
from core.refusing_admin import is_id

PER_PAGE = 50
SHOWN = 10


class ReviewPart(Part):
    """The panel in the rail, the queue, and the two answers of its rows."""

    def urls(self) -> list[URLPattern]:
        return [
            self.named("queue/", self.queue, "queue"),
            self.named("queue/<int:pk>/approve/", self.approve, "approve"),
            self.named("queue/<int:pk>/send-back/", self.send_back, "send_back"),
        ]

    # --- in the form -------------------------------------------------------------------------------------------------
    def form_context(self, request: HttpRequest, post: Post | None) -> dict[str, Any]:
        user = request.user
        past = list(reviewing.history_of(post)[: SHOWN + 1]) if post is not None else []
        waiting = past.pop(0) if past and past[0].decided_at is None else None
        asks = may(user, "blog.submit_post", post) and (post is None or not post.is_trashed)
        answers = waiting is not None and waiting.asked_by != user and may(user, "blog.publish_post", post)
        reviewers = [person for person in reviewing.reviewers_of(post) if person != user] if asks else []
        return {
            "review": {
                "waiting": waiting,
                "past": past[:SHOWN],
                "asks": asks
                and (post is None or post.status in {Post.Status.DRAFT, Post.Status.PENDING} or post.is_public),
                "answers": answers,
                "reviewers": reviewers,
            }
        }

    # --- the queue ---------------------------------------------------------------------------------------------------
    def queue(self, request: HttpRequest) -> HttpResponse:
        """What waits for an answer of mine, and what I wait for."""
        if not may(request.user, "blog.submit_post"):
            raise PermissionDenied
        now = timezone.now()
        waiting = Paginator(reviewing.waiting_for(request.user), PER_PAGE).get_page(request.GET.get("p"))
        mine = list(reviewing.asked_for(request.user)[:PER_PAGE])
        compared = reviewing.versions_seen_before([*waiting, *mine])
        for row in (*waiting, *mine):
            row.since = compared.get(row.pk)
            row.days = (now - row.asked_at).days
        answers = may(request.user, "blog.publish_post")
        title = "Review queue" if answers else "My posts in review"
        return self.page(request, "queue.html", title, waiting=waiting, mine=mine, answers=answers, now=now)

    def approve(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST: bring it out, as its own button would; `version` is the one that was looked at."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        post = self.answerable(request, pk).post
        seen = request.POST.get("version", "")
        try:
            with transaction.atomic():
                if not is_id(seen):
                    raise Refusal(f"Nothing says which version of “{post}” was looked at; look at it first.")
                asked = reviewing.claim(pk, by=request.user, seen=int(seen))
                note = request.POST.get("note", "")
                bring_out = publishing.update if asked.post.is_public else publishing.publish
                if not bring_out(asked.post, by=request.user, note=note):
                    raise Refusal(f"“{post}” was live already; nothing was left to do.")
        except Blocked as blocked:
            number = len(blocked.findings)
            said = "one check says no" if number == 1 else f"{number} checks say no"
            address = reverse("admin:blog_post_change", args=[post.pk])
            link = format_html('<a href="{}#checks">Open it at its checks</a>', address)
            messages.error(request, format_html("“{}” was not approved; {}. {}", str(post), said, link))
            for finding in blocked.findings:
                messages.error(request, finding.sentence)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, f"“{post}” is approved; readers see it now.")
        return HttpResponseRedirect(reverse("admin:blog_post_queue"))

    def send_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks what is missing, POST sends it back with that note."""
        asked = self.answerable(request, pk)
        note = request.POST.get("note", "").strip()
        title = f"Send “{asked.post}” back?"
        if request.method != "POST":
            return self.page(request, "review_answer.html", title, asked=asked, original=asked.post)
        if not note:
            wrong = "Say what is missing, so that it can be mended."
            return self.page(request, "review_answer.html", title, asked=asked, original=asked.post, wrong=wrong)
        try:
            with transaction.atomic():
                post = reviewing.claim(pk, by=request.user).post
                publishing.send_back(post, by=request.user, note=note)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, f"“{asked.post}” is back with {asked.post.author.display_name}.")
        return HttpResponseRedirect(reverse("admin:blog_post_queue"))

    def answerable(self, request: HttpRequest, pk: int) -> ReviewRequest:
        """A request about a post this person may answer for; to anybody else it does not exist."""
        asked = get_object_or_404(ReviewRequest.objects.select_related("post__author", "asked_by"), pk=pk)
        if not may(request.user, "blog.change_post", asked.post):
            raise Http404("No such request.")
        if not may(request.user, "blog.publish_post", asked.post):
            raise PermissionDenied
        return asked
