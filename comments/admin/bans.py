"""Who may not write here: looked through, changed and taken back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin.audited import AuditedAdmin
from accounts.admin.lists import ListTools
from comments import moderation
from comments.models import Ban


class HoldsFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "holds"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Holds"), ("no", "Is over")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        holds = Q(until__isnull=True) | Q(until__gt=timezone.now())
        return {"yes": queryset.filter(holds), "no": queryset.exclude(holds)}.get(self.value() or "", queryset)


@admin.register(Ban)
class BanAdmin(AuditedAdmin, ListTools):
    """A ban is made from a comment, for only there a guest is known."""

    list_display = ("whom", "until", "reason", "created_by", "created_at")
    list_filter = (HoldsFilter,)
    list_select_related = ("user", "created_by")
    search_fields = ("user__username", "guest_email", "reason")
    fields = ("whom", "until", "reason", "created_by", "created_at")
    readonly_fields = ("whom", "created_by", "created_at")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description="Who")
    def whom(self, ban: Ban) -> str:
        return ban.user.display_name if ban.user else ban.guest_email or "A guest without an address"

    def delete_model(self, request: HttpRequest, obj: Ban) -> None:
        moderation.unban(obj, by=request.user)  # type: ignore[arg-type]

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """`unban` writes its own entry; many at once leave the usual ones."""
        return None if request.POST.get("action") is None else super().log_deletions(request, queryset)
