"""Addresses readers asked for in vain: led somewhere with one click, ignored, or forgotten."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts import audit
from accounts.admin.audited import AuditedAdmin
from accounts.admin.lists import ListTools
from accounts.roles import may
from blog import missing_paths, nearest, redirect_desk, redirect_tables
from blog.admin.redirects import say_findings
from blog.models import IgnoredPath, MissingPath, Redirect
from core.refusals import Refusal
from core.refusing_admin import RefusingAdmin, RefusingForm

PER_PAGE = 50


@admin.register(MissingPath)
class MissingPathAdmin(ListTools, AuditedAdmin):
    list_display = ("path", "hits", "seen", "referrer", "what_to_do")
    list_display_links = None
    search_fields = ("path", "referrer")
    list_per_page = PER_PAGE
    list_max_show_all = PER_PAGE
    show_full_result_count = False
    sortable_by = ("path", "hits", "seen")
    csv_columns: ClassVar[list[Any]] = ["path", "hits", "referrer", "first_seen_at", "last_seen_at"]

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["css/admin/redirects.css"]}

    def get_urls(self) -> list[Any]:
        guard = self.admin_site.admin_view
        return [
            path("<int:pk>/redirect/", guard(self.redirect_view), name="blog_missingpath_redirect"),
            path("<int:pk>/ignore/", guard(self.ignore_view), name="blog_missingpath_ignore"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: MissingPath | None = None) -> bool:
        return False

    @admin.display(description="Last asked for", ordering="last_seen_at")
    def seen(self, row: MissingPath) -> Any:
        return row.last_seen_at

    @admin.display(description="What to do")
    def what_to_do(self, row: MissingPath) -> str:
        likely: Any = getattr(row, "likely", None)
        to = reverse("admin:blog_missingpath_redirect", args=[row.pk])
        ignore = reverse("admin:blog_missingpath_ignore", args=[row.pk])
        one_click = (
            format_html(
                '<button type="submit" class="lp-b small" formaction="{}" name="target" value="{}">Redirect to “{}”'
                "</button> ",
                to,
                likely.get_absolute_url(),
                likely.title,
            )
            if likely
            else ""
        )
        return format_html(
            '<span class="lp-deeds">{}<a href="{}">{}<span class="visually-hidden">: {}</span></a> '
            '<a href="{}">Ignore…<span class="visually-hidden">: {}</span></a></span>',
            one_click,
            to,
            "Elsewhere…" if likely else "Redirect…",
            row.path,
            ignore,
            row.path,
        )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Each row of the page with the post it was likely meant for, in one query for all of them."""
        found = super().get_changelist_instance(request)
        if request.method == "GET" and not request.path.endswith("/csv/"):
            rows = list(found.result_list)
            likely = nearest.nearest_of_each([row.path for row in rows])
            for row in rows:
                row.likely = likely.get(row.path)  # type: ignore[attr-defined]
            found.result_list = rows
        return found

    def page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        everywhere = {**self.admin_site.each_context(request), "title": title, "opts": MissingPath._meta}
        return TemplateResponse(request, f"admin/blog/missingpath/{template}", {**everywhere, **context})

    def redirect_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks where to, with the likely address filled in; POST makes the redirect."""
        if not (may(request.user, "blog.view_missingpath") and may(request.user, "blog.add_redirect")):
            raise PermissionDenied
        row = get_object_or_404(MissingPath, pk=pk)
        likely = nearest.nearest_to(row.path)
        target, refused = likely[0].get_absolute_url() if likely else "", ""
        if request.method == "POST":
            target = request.POST.get("target", "").strip()[:2000]
            try:
                made = self.lead(request, row, target)
            except Refusal as refusal:
                refused = refusal.sentence
            else:
                messages.success(request, f"{made.old_path} leads to {made.target}.")
                say_findings(request, made)
                return HttpResponseRedirect(reverse("admin:blog_missingpath_changelist"))
        context = {"row": row, "target": target, "likely": likely, "refused": refused}
        return self.page(request, "redirect.html", f"Redirect {row.path}", **context)

    def lead(self, request: HttpRequest, row: MissingPath, target: str) -> Redirect:
        """Make the redirect and take the address off the list. Raises Refusal."""
        now = timezone.now()
        redirect_tables.check_old(row.path)
        redirect_tables.check_new(target)
        post, category = redirect_tables.holder_of(target)
        made = Redirect(old_path=row.path, post=post, category=category, new_path="" if post or category else target)
        with transaction.atomic():
            try:
                made.full_clean(validate_unique=False)
            except ValidationError as error:
                raise Refusal(" ".join(error.messages)) from None
            if Redirect.objects.filter(old_path=made.old_path).exists():
                raise Refusal("There is a redirect for this address already; it leads where readers find nothing.")
            redirect_desk.save_redirect(made, at=now)
            audit.record(request.user, "added", made, at=now)  # type: ignore[arg-type]
            row.delete()
        return made

    def ignore_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks whether this address or its kind is meant, POST ignores it from now on."""
        if not (may(request.user, "blog.view_missingpath") and may(request.user, "blog.add_ignoredpath")):
            raise PermissionDenied
        row, refused = get_object_or_404(MissingPath, pk=pk), ""
        pattern = request.POST.get("other", "").strip() or request.POST.get("pattern", "")
        if request.method == "POST":
            try:
                gone = missing_paths.ignore(pattern[:200], by=request.user)  # type: ignore[arg-type]
            except Refusal as refusal:
                refused = refusal.sentence
            else:
                messages.success(request, f"{pattern} is ignored from now on; {gone} taken off the list.")
                return HttpResponseRedirect(reverse("admin:blog_missingpath_changelist"))
        context = {"row": row, "kinds": missing_paths.kinds_of(row.path), "refused": refused, "pattern": pattern}
        return self.page(request, "ignore.html", f"Ignore {row.path}", **context)


class IgnoredForm(RefusingForm):
    class Meta:
        help_texts: ClassVar[dict[str, str]] = {
            "pattern": "* stands for anything: /wp-login.php, *.php, /cgi-bin/*. Case does not count."
        }


@admin.register(IgnoredPath)
class IgnoredPathAdmin(AuditedAdmin, ListTools, RefusingAdmin):
    form = IgnoredForm
    fields = ("pattern", "note")
    list_display = ("pattern", "note", "created_at")
    search_fields = ("pattern", "note")
    list_per_page = 100
    show_full_result_count = False

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["css/admin/redirects.css"]}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        extra = {"never_listed": missing_paths.NEVER_LISTED, **(extra_context or {})}
        return super().changelist_view(request, extra)

    def save_model(self, request: HttpRequest, obj: IgnoredPath, form: Any, change: bool) -> None:
        obj.pattern = obj.pattern.strip()
        missing_paths.check_pattern(obj.pattern)
        if not change and IgnoredPath.objects.count() >= missing_paths.MOST_IGNORED:
            raise Refusal(f"At most {missing_paths.MOST_IGNORED} patterns are ignored; delete one first.")
        super().save_model(request, obj, form, change)
        gone = missing_paths.sweep([obj.pattern])
        if gone:
            messages.info(request, f"{gone} taken off the list of addresses not found.")
