"""The queue of comments: read, decided by button, by key or many at once; and one comment with all that is known."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import may
from blog.models import Post
from comments import erasing, moderation, rules, spam
from comments.models import Ban, ClosedConversation, Comment, CommentReport
from comments.querysets import CommentQuerySet
from comments.queues import REPORTED, TABS, WAITING, looked_for, tab
from core.refusals import Refusal
from core.refusing_admin import is_id

PER_PAGE, MOST_COUNTED = 50, 10_000
HISTORY_SHOWN, REPORTS_SHOWN = 20, 50
Status = Comment.Status
TERMS = {"day": "A day", "week": "A week", "month": "30 days", "year": "A year", "ever": "For good"}


class Pages(Paginator):
    """Of a long list the first ten thousand: nobody leafs farther, and counting the rest takes longer than reading."""

    @cached_property
    def count(self) -> int:
        return self.object_list[:MOST_COUNTED].count()  # type: ignore[union-attr]


@dataclass(frozen=True, slots=True)
class Row:
    """One comment as moderators see it. `approved` counts what else of this writer readers see."""

    comment: Comment
    reasons: list[str]
    reports: list[CommentReport]
    approved: int
    ban: Ban | None = None

    @property
    def version(self) -> str:
        """Sent with each decision, so that it is about these words."""
        return moderation.version_of(self.comment)

    @property
    def reported_as(self) -> list[tuple[str, int]]:
        """What the reports that nobody settled say, and how many of them."""
        return Counter(str(report.get_reason_display()) for report in self.reports).most_common()

    @property
    def why(self) -> tuple[str, str]:
        """Why it waits, or what became of it, as a chip: its look and its words."""
        comment = self.comment
        if comment.erased_at:
            return "archived", "Erased"
        if comment.report_count:
            return "bad", "Reported" if comment.report_count == 1 else f"Reported {comment.report_count} times"
        if comment.is_unconfirmed:
            return "archived", "Address not confirmed"
        if comment.status != Status.PENDING:
            look = {Status.APPROVED: "published", Status.SPAM: "bad"}.get(Status(comment.status), "archived")
            return look, comment.get_status_display()
        if comment.appealed_at:
            return "letter", "Appeal"
        if comment.reasons:
            return "bad", "Likely spam"
        return ("pending", "Waiting") if self.approved else ("pending", "New name")


@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):
    """All that changes a comment is comments.moderation."""

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("", guard(require_safe(self.changelist_view)), name="comments_comment_changelist"),
            path("decide/", guard(require_POST(self.decide_view)), name="comments_comment_decide"),
            path("room/<int:pk>/", guard(require_POST(self.room_view)), name="comments_comment_room"),
            path("<int:pk>/change/", guard(require_safe(self.one_view)), name="comments_comment_change"),
            path("<int:pk>/ban/", guard(self.ban_view), name="comments_comment_ban"),
            path("<int:pk>/erase/", guard(self.erase_view), name="comments_comment_erase"),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        everywhere = {**self.admin_site.each_context(request), "title": title, "opts": Comment._meta}
        decides = may(request.user, "comments.moderate_comment")
        bans = may(request.user, "comments.add_ban")
        erases = may(request.user, "comments.delete_comment")
        said = {**everywhere, "decides": decides, "bans": decides and bans, "erases": erases, **context}
        return TemplateResponse(request, f"admin/comments/comment/{template}", said)

    # --- the list -----------------------------------------------------------------------------------------------------
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """`show` is a tab, `q` words to look for, `post` the comments of one post."""
        self.refuse_others(request)
        shown, words, post = request.GET.get("show", WAITING), request.GET.get("q", ""), request.GET.get("post", "")
        if shown not in TABS:
            shown = WAITING
        found = looked_for(tab(shown), words)
        if is_id(post):
            found = found.filter(post=int(post))
        found = found.select_related("post", "user", "parent__user").defer(
            "post__content_markdown", "post__content_html"
        )
        rows = Pages(found, PER_PAGE).get_page(request.GET.get("p"))
        # The menu says the same.
        request.comments_waiting = waiting = moderation.queue().count()  # type: ignore[attr-defined]
        context = {
            "rows": rows,
            "shown": rows_of(list(rows)),
            "tabs": [(name, label, name == shown) for name, label in TABS.items()],
            "reported": tab(REPORTED).order_by()[:MOST_COUNTED].count(),
            "tab": shown,
            "waiting": waiting,
            "words": words,
            "post_id": post if is_id(post) else "",
            "room": room_of(int(post)) if is_id(post) else None,
            "here": request.get_full_path(),
        }
        return self.page(request, "queue.html", "Comments", **context)

    def decide_view(self, request: HttpRequest) -> HttpResponse:
        """POST: `approve`, `reject` or `spam` names one comment; `all` is a decision about everything `chosen`. Each
        comes with the version of the comment that was read, as `seen-` and its number."""
        if not may(request.user, "comments.moderate_comment"):
            raise PermissionDenied
        by, now = request.user, timezone.now()
        one = next((name for name in moderation.DECISIONS if name in request.POST), None)
        said, refused = "", ""
        status = ""
        try:
            if one is not None:
                pk = request.POST[one]
                if not is_id(pk):
                    raise Http404("No such comment.")
                row = moderation.decide(int(pk), one, by=by, seen=seen_of(request, int(pk)), at=now)  # type: ignore[arg-type]
                status = row.get_status_display()
                said = f"{row.writer_name}: {status.lower()}."
            else:
                said = self.decide_chosen(request)
        except Refusal as refusal:
            refused = refusal.sentence
        if "application/json" in request.headers.get("Accept", ""):
            if refused:
                return JsonResponse({"error": refused}, status=409)
            return JsonResponse({"status": status, "said": said, "waiting": moderation.queue().count()})
        if refused:
            messages.error(request, refused)
        else:
            messages.success(request, said)
        return back(request)

    @staticmethod
    def decide_chosen(request: HttpRequest) -> str:
        decision = request.POST.get("all", "")
        if decision not in moderation.DECISIONS:
            raise Refusal("Choose what to do.")
        chosen = [int(pk) for pk in request.POST.getlist("chosen") if is_id(pk)]
        if not chosen:
            raise Refusal("Choose comments first.")
        seen = {pk: request.POST[f"seen-{pk}"] for pk in chosen if f"seen-{pk}" in request.POST}
        done = moderation.decide_all(seen, decision, by=request.user, seen=seen)  # type: ignore[arg-type]
        left = len(set(chosen)) - done
        said = f"{done} comment{'s' if done != 1 else ''} {moderation.DECISIONS[decision][1]}."
        return said + (f" {left} could not be decided." if left else "")

    def room_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST: `close` lets nobody write under a post any more, `open` takes that back. Both hold at once."""
        if not may(request.user, "comments.moderate_comment"):
            raise PermissionDenied
        post = get_object_or_404(Post, pk=pk)
        if "close" in request.POST:
            moderation.close(post, by=request.user)  # type: ignore[arg-type]
            messages.success(request, f"Nobody can comment on “{post.title}” from now on.")
        elif "open" in request.POST:
            moderation.reopen(post, by=request.user)  # type: ignore[arg-type]
            why = rules.why_closed(post, None, at=timezone.now())
            messages.success(request, f"“{post.title}” is as its own settings say. {why}".strip())
        return back(request)

    # --- one comment --------------------------------------------------------------------------------------------------
    def one_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A comment with what it answers, what its writer wrote else, its earlier texts and all reports."""
        self.refuse_others(request)
        comment = self.comment_of(pk)
        history = list(moderation.history_of(comment).select_related("post", "user")[:HISTORY_SHOWN])
        context = {
            "row": rows_of([comment])[0],
            "comment": comment,
            "above": moderation.context_of(comment),
            "history": history,
            "tally": tally(comment),
            "edits": list(comment.edits.all()[:HISTORY_SHOWN]),
            "reports": list(comment.reports.select_related("user")[:REPORTS_SHOWN]),
            "next": moderation.after(comment),
            "here": request.get_full_path(),
        }
        return self.page(request, "one.html", f"Comment by {comment.writer_name}", **context)

    def ban_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks for how long, POST bans and takes what waits of the writer out of the queue."""
        if not (may(request.user, "comments.moderate_comment") and may(request.user, "comments.add_ban")):
            raise PermissionDenied
        comment, now, wrong = self.comment_of(pk), timezone.now(), ""
        decision = request.POST.get("decision", moderation.REJECT)
        if request.method == "POST":
            try:
                if decision not in {moderation.REJECT, moderation.SPAM}:
                    raise Refusal("Choose what becomes of their comments.")
                until = moderation.term(request.POST.get("term", ""), at=now)
                reason = request.POST.get("reason", "")
                seen = seen_of(request, comment.pk)
                moderation.ban(
                    comment,
                    by=request.user,
                    until=until,
                    reason=reason,
                    decision=decision,
                    seen=seen,
                    at=now,  # type: ignore[arg-type]
                )
            except Refusal as refusal:
                wrong = refusal.sentence
            else:
                messages.success(request, f"{comment.writer_name} cannot write here any more.")
                return back(request)
        context = {
            "comment": comment,
            "row": rows_of([comment])[0],
            "terms": terms_for(comment),
            "term": request.POST.get("term", "ever" if moderation.longest_ban(comment) else "month"),
            "decision": decision,
            "wrong": wrong,
            "waiting": moderation.swept_with(comment).count(),
            "back": safe(request, request.GET.get("back", "")),
        }
        return self.page(request, "ban.html", f"Ban {comment.writer_name}?", **context)

    def erase_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET says what goes for good and what stays, POST erases."""
        if not may(request.user, "comments.delete_comment"):
            raise PermissionDenied
        comment, wrong = self.comment_of(pk), ""
        if request.method == "POST":
            try:
                erasing.erase(comment.pk, by=request.user)  # type: ignore[arg-type]
            except Refusal as refusal:
                wrong = refusal.sentence
            else:
                messages.success(request, f"The comment by {comment.writer_name} is erased for good.")
                return back(request)
        context = {
            "comment": comment,
            "wrong": wrong,
            "replies": erasing.replies_below(comment),
            "edits": comment.edits.count(),
            "back": safe(request, request.GET.get("back", "")),
        }
        return self.page(request, "erase.html", f"Erase the comment by {comment.writer_name} for good?", **context)

    @staticmethod
    def comment_of(pk: int) -> Comment:
        return get_object_or_404(Comment.objects.select_related("post", "user", "parent__user", "decided_by"), pk=pk)

    @staticmethod
    def refuse_others(request: HttpRequest) -> None:
        if not may(request.user, "comments.view_comment"):
            raise PermissionDenied


@dataclass(frozen=True, slots=True)
class Room:
    """The conversation under one post: `closing` where a moderator has closed it, `own` why it is closed anyhow."""

    post: Post
    closing: ClosedConversation | None
    own: str


def room_of(pk: int) -> Room | None:
    post = Post.objects.filter(pk=pk).first()
    if post is None:
        return None
    closing = ClosedConversation.objects.select_related("closed_by").filter(pk=pk).first()
    return Room(post, closing, "" if closing else rules.why_closed(post, None, at=timezone.now()))


def rows_of(comments: list[Comment]) -> list[Row]:
    """Everything a list says of comments, in as many questions for fifty as for one."""
    now = timezone.now()
    reported = [comment.pk for comment in comments if comment.report_count]
    reports: dict[int, list[CommentReport]] = defaultdict(list)
    if reported:
        for report in CommentReport.objects.filter(comment__in=reported, settled_at__isnull=True).select_related(
            "user"
        ):
            reports[report.comment_id].append(report)
    banned = moderation.bans_of(comments, at=now) if comments else {}
    approved = Comment.objects.filter(status=Status.APPROVED).order_by()
    members = {comment.user_id for comment in comments if comment.user_id}
    guests = {comment.guest_email for comment in comments if comment.guest_email}
    by_member = counted(approved.filter(user__in=members), "user") if members else {}
    # What the partial index says of itself has to be asked for as well; SQLite would not use it otherwise.
    known = approved.filter(~Q(guest_email=""), guest_email__in=guests)
    by_guest = counted(known, "guest_email") if guests else {}
    rows = []
    for comment in comments:
        others = by_member.get(comment.user_id, 0) if comment.user_id else by_guest.get(comment.guest_email, 0)
        rows.append(
            Row(
                comment=comment,
                reasons=spam.explain(comment.reasons),
                reports=reports[comment.pk],
                approved=others - comment.is_public,
                ban=banned.get(comment.pk),
            )
        )
    return rows


def counted(comments: CommentQuerySet, by: str) -> dict[Any, int]:
    return dict(comments.values_list(by).annotate(number=Count("pk")))


def tally(comment: Comment) -> list[tuple[str, int]]:
    """How often each decision was about the other comments of its writer."""
    found = counted(moderation.history_of(comment).order_by(), "status")
    return [(str(label), found[value]) for value, label in Status.choices if value in found]


def terms_for(comment: Comment) -> list[tuple[str, str]]:
    """What the form offers, and no term that the ban would not last."""
    if moderation.longest_ban(comment) is None:
        return list(TERMS.items())
    return [("day", TERMS["day"]), ("week", TERMS["week"]), ("ever", "Until the month ends")]


def seen_of(request: HttpRequest, pk: int) -> str:
    """Which version of a comment somebody had before them when they decided. Raises Refusal where they do not say."""
    seen = request.POST.get(f"seen-{pk}")
    if seen is None:
        raise Refusal("Read this comment first: it is not known which of its words were meant.")
    return seen


def safe(request: HttpRequest, address: str) -> str:
    """An address of the admin's own list to go back to, else the list's beginning."""
    start = reverse("admin:comments_comment_changelist")
    good = address.startswith(start) and url_has_allowed_host_and_scheme(address, {request.get_host()})
    return address if good else start


def back(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(safe(request, request.POST.get("back", "")))
