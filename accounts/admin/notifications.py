"""The inbox of whoever is signed in: read, followed, marked as read. What others were told is nobody's business."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from accounts import notifications
from accounts.admin.lists import Column, ListTools
from accounts.models import Notification
from core.refusing_admin import is_id

PER_PAGE = 50
IN_THE_BELL = 5
# The desk’s chips carry word, shape and tint; this is the priority that deserves one.
CHIPS: dict[str, str] = {Notification.Priority.URGENT: "bad"}


@admin.register(Notification)
class InboxAdmin(ListTools):
    """Pages of its own in the place of the usual ones; nobody needs a permission to read what they were told."""

    csv_columns: ClassVar[list[Column]] = [
        ("When", lambda notice: notice.created_at),
        ("About", lambda notice: notice.get_category_display()),
        ("Who", lambda notice: notice.actor),
        ("What", lambda notice: notice.text),
        ("Read", lambda notice: notice.read_at),
        ("Address", lambda notice: notice.url),
    ]

    def get_urls(self) -> list[Any]:
        guard, name = self.admin_site.admin_view, "accounts_notification"
        return [
            path("", guard(self.inbox_view), name=f"{name}_changelist"),
            path("bell/", guard(self.bell_view), name=f"{name}_bell"),
            path("read/", guard(self.read_all_view), name=f"{name}_read_all"),
            path("<int:pk>/follow/", guard(self.follow_view), name=f"{name}_follow"),
            path("csv/", guard(self.csv_view), name=f"{name}_csv"),
            path("views/", guard(self.views_view), name=f"{name}_views"),
        ]

    def has_view_permission(self, request: HttpRequest, obj: Notification | None = None) -> bool:
        return obj is None or obj.recipient_id == request.user.pk

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def rows_of(self, request: HttpRequest, query: str) -> QuerySet[Notification]:
        told = notifications.inbox_of(request.user, timezone.now()).select_related("actor")
        return told.filter(read_at__isnull=True) if QueryDict(query).get("unread") == "1" else told

    def inbox_view(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        page = Paginator(self.rows_of(request, request.GET.urlencode()), PER_PAGE).get_page(request.GET.get("p"))
        for notice in page:
            notice.chip = CHIPS.get(notice.priority, "")
        context = {
            **self.admin_site.each_context(request),
            "title": "Notifications",
            "opts": self.opts,
            "notices": page,
            "newest": max((notice.pk for notice in page), default=0) if page.number == 1 else 0,
            "only_unread": request.GET.get("unread") == "1",
            "list_tools": self.list_tools(request),
        }
        return TemplateResponse(request, "admin/accounts/notification/inbox.html", context)

    def bell_view(self, request: HttpRequest) -> JsonResponse:
        """How many there are and how many are unread, and the newest few: what the bell asks for when it was away."""
        now = timezone.now()
        told = notifications.inbox_of(request.user, now)
        newest = told[:IN_THE_BELL]
        answer = JsonResponse(
            {
                "total": told.count(),
                "unread": notifications.unread_count(request.user, now),
                "newest": [notifications.facts_of(notice) for notice in newest],
            }
        )
        answer["Cache-Control"] = "private, no-store"
        return answer

    def follow_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST: mark one of one's own as read, and go where it leads; `stay`: back to the inbox."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        notice = get_object_or_404(Notification, pk=pk, recipient=request.user)
        notifications.mark_read(request.user, pk)
        address = "" if request.POST.get("stay") else notifications.address_of(notice)
        return HttpResponseRedirect(address or reverse("admin:accounts_notification_changelist"))

    def read_all_view(self, request: HttpRequest) -> HttpResponse:
        """POST: mark all as read, but not what came after the page was made (`up_to`)."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        up_to = request.POST.get("up_to", "")
        number = notifications.mark_all_read(request.user, up_to=int(up_to) if is_id(up_to) else None)
        said = f"{number} notification{'' if number == 1 else 's'} marked as read." if number else "All were read."
        messages.success(request, said)
        return HttpResponseRedirect(reverse("admin:accounts_notification_changelist"))
