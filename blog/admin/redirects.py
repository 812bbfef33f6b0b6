"""Old addresses, by hand: the list with the question what an address would do, and the form that refuses circles."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html

from accounts.admin.audited import AuditedAdmin
from accounts.admin.lists import Column, ListTools
from blog import redirect_desk
from blog.admin.redirect_pages import RedirectPages
from blog.models import Redirect, RedirectRule
from core.refusals import Refusal
from core.refusing_admin import RefusingAdmin, RefusingForm


class RedirectForm(RefusingForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        typed = Redirect(old_path=cleaned.get("old_path", ""), new_path=cleaned.get("new_path", ""))
        try:
            redirect_desk.check_addresses(typed)
        except Refusal as refusal:
            self.add_error(refusal.field, refusal.sentence)
        return cleaned


def say_findings(request: HttpRequest, thing: Redirect | RedirectRule) -> None:
    """What the linter has to say about one that was just saved, above the next page."""
    for finding in redirect_desk.findings_of(thing, at=timezone.now())[:5]:
        likely = "" if finding.certain else " (as far as examples show)"
        messages.warning(request, f"{finding.name}: {finding.sentence}{likely} {finding.fix}")


@admin.register(Redirect)
class RedirectAdmin(AuditedAdmin, RedirectPages, ListTools, RefusingAdmin):
    form = RedirectForm
    fields = ("old_path", "post", "category", "new_path", "type", "hits", "last_hit_at", "origin")
    readonly_fields = ("hits", "last_hit_at", "origin")
    autocomplete_fields = ("post",)
    list_display = ("old_path", "leads_to", "type", "origin", "hits", "last_hit_at")
    list_filter = ("origin", "type")
    list_select_related = ("post", "category")
    search_fields = ("old_path", "new_path", "post__title", "category__name")
    list_per_page = 100
    show_full_result_count = False
    csv_columns: ClassVar[list[Column]] = [
        ("Kind", lambda row: "exact"),
        ("Old address", lambda row: row.old_path),
        ("New address", lambda row: row.target),
        ("Type", lambda row: row.type),
        ("Origin", lambda row: row.get_origin_display()),
        ("Hits", lambda row: row.hits),
        ("Last hit", lambda row: row.last_hit_at),
    ]

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["css/admin/redirects.css"]}

    @admin.display(description="Leads to")
    def leads_to(self, row: Redirect) -> str:
        if row.type == Redirect.Type.GONE:
            return "Gone for good"
        return format_html("{} <small>{}</small>", row.post or row.category or "", row.target)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("post__content_markdown", "post__content_html")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """`?old_path=` begins one for an address, as the list of those not found does."""
        return {name: value[:700] for name, value in request.GET.items() if name in {"old_path", "new_path"}}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        asked = request.GET.get("address", "")[:2000]
        context: dict[str, Any] = {"asked": asked, **(extra_context or {})}
        if "address" in request.GET:
            request.GET = request.GET.copy()
            del request.GET["address"]
            if self.has_view_or_change_permission(request):
                try:
                    context["steps"] = redirect_desk.explain(asked, at=timezone.now())
                except Refusal as refusal:
                    context["not_asked"] = refusal.sentence
        return super().changelist_view(request, context)

    def save_model(self, request: HttpRequest, obj: Redirect, form: Any, change: bool) -> None:
        for sentence in redirect_desk.save_redirect(obj, at=timezone.now()):
            messages.info(request, sentence)
        say_findings(request, obj)
