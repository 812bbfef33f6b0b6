"""The list of publish checks and how severe each is: administrators decide, editors see."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.roles import may
from blog import gate
from blog.models import CheckSetting, Severity
from core.refusals import Refusal


@admin.register(CheckSetting)
class CheckSettingAdmin(admin.ModelAdmin):
    """One page with all checks, whether somebody ever changed them or not; there are no rows to add or delete."""

    def get_urls(self) -> list[URLPattern]:
        return [path("", self.admin_site.admin_view(self.changelist_view), name="blog_checksetting_changelist")]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: CheckSetting | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """GET lists, POST saves what was chosen."""
        may_change = may(request.user, "blog.change_checksetting")
        if not (may_change or may(request.user, "blog.view_checksetting")):
            raise PermissionDenied
        if request.method == "POST":
            return self.choose(request)
        now = gate.severities()
        rows = [
            {"check": check, "severity": now[name], "label": Severity(now[name]).label}
            for name, check in gate.CHECKS.items()
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": "Publish checks",
            "opts": CheckSetting._meta,
            "rows": rows,
            "severities": Severity.choices,
            "may_change": may_change,
        }
        return TemplateResponse(request, "admin/blog/checksetting/change_list.html", context)

    def choose(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        if not may(request.user, "blog.change_checksetting"):
            raise PermissionDenied
        try:
            with transaction.atomic():
                changed = [
                    gate.CHECKS[name].label
                    for name in gate.CHECKS
                    if name in request.POST and gate.choose_severity(name, request.POST[name], by=request.user, at=now)
                ]
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        else:
            said = f"Saved: {', '.join(changed)}." if changed else "Nothing was changed."
            messages.success(request, said) if changed else messages.info(request, said)
        return HttpResponseRedirect(request.path)
