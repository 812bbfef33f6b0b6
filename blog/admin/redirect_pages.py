"""The pages beside the list of redirects: everything checked at once, and the CSV file that is tried before it is
taken over."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import may
from blog import redirect_desk, redirect_tables
from blog.models import Redirect
from blog.redirect_linter import Finding, Level
from core.refusals import Refusal
from core.refusing_admin import is_id

PER_PAGE = 50
LINES_SHOWN = 300
# A file that stays larger than this when packed is chosen once more instead of being sent along.
LONGEST_CARRIED = 3_000_000
ORDER = ("error", "create", "update", "skip")
NEEDED = ("blog.add_redirect", "blog.change_redirect", "blog.add_redirectrule", "blog.change_redirectrule")


def address_of(finding: Finding) -> str:
    """The form of what a finding is about."""
    kind, _, pk = finding.about.partition(":")
    return reverse(f"admin:blog_redirect{'rule' if kind == 'rule' else ''}_change", args=[pk])


class RedirectPages(admin.ModelAdmin):
    """Put it before the other bases of the list of redirects."""

    def get_urls(self) -> list[Any]:
        guard = self.admin_site.admin_view
        return [
            path("check/", guard(require_safe(self.check_view)), name="blog_redirect_check"),
            path("flatten/", guard(require_POST(self.flatten_view)), name="blog_redirect_flatten"),
            path("import/", guard(self.import_view), name="blog_redirect_import"),
            *super().get_urls(),
        ]

    def page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        everywhere = {**self.admin_site.each_context(request), "title": title, "opts": Redirect._meta}
        return TemplateResponse(request, f"admin/blog/redirect/{template}", {**everywhere, **context})

    # --- checking -----------------------------------------------------------------------------------------------------
    def check_view(self, request: HttpRequest) -> HttpResponse:
        """Every finding about every redirect and rule, the worst first."""
        if not (may(request.user, "blog.view_redirect") and may(request.user, "blog.view_redirectrule")):
            raise PermissionDenied
        found, checked = redirect_desk.check_all(at=timezone.now())
        rows = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
        shown = [(finding, address_of(finding), finding.about.partition(":")) for finding in rows]
        return self.page(
            request,
            "check.html",
            "Check redirects",
            rows=rows,
            shown=shown,
            checked=checked,
            most=redirect_desk.MOST_CHECKED,
            tally=[(level, sum(one.level == level for one in found)) for level in Level],
            may_change=may(request.user, "blog.change_redirect"),
        )

    def flatten_view(self, request: HttpRequest) -> HttpResponse:
        """Let the redirect named `redirect` lead straight to where its chain ends."""
        if not may(request.user, "blog.change_redirect"):
            raise PermissionDenied
        pk, now = request.POST.get("redirect", ""), timezone.now()
        row = redirect_desk.flatten(int(pk), by=request.user, at=now) if is_id(pk) else None  # type: ignore[arg-type]
        if row is None:
            messages.info(request, "There is nothing to shorten any more.")
        else:
            messages.success(request, f"{row.old_path} leads straight to {row.target}.")
        return HttpResponseRedirect(reverse("admin:blog_redirect_check"))

    # --- CSV ----------------------------------------------------------------------------------------------------------
    def import_view(self, request: HttpRequest) -> HttpResponse:
        """GET asks for a file; POST says what it would do, and with `take_over` does it."""
        if not all(may(request.user, permission) for permission in NEEDED):
            raise PermissionDenied
        context: dict[str, Any] = {"title_up": "All redirects"}
        if request.method == "POST":
            try:
                content = self.content_of(request)
                if "take_over" in request.POST:
                    return self.take_over(request, content)
                context |= self.tried(content)
            except Refusal as refusal:
                context["refused"] = refusal.sentence
        return self.page(request, "import.html", "Import redirects", **context)

    @staticmethod
    def content_of(request: HttpRequest) -> bytes:
        file = request.FILES.get("file")
        if file is not None:
            if file.size is None or file.size > redirect_tables.MOST_BYTES:
                raise Refusal("The file is larger than 5 MB; make several of it.")
            return bytes(file.read())
        if not request.POST.get("content"):
            raise Refusal("Choose a file.")
        try:
            packed = base64.b64decode(request.POST["content"], validate=True)
            return zlib.decompressobj().decompress(packed, redirect_tables.MOST_BYTES + 1)
        except (binascii.Error, zlib.error, ValueError):
            raise Refusal("The file did not come along; choose it again.") from None

    @staticmethod
    def tried(content: bytes) -> dict[str, Any]:
        plan = redirect_tables.plan(content, at=timezone.now())
        packed = base64.b64encode(zlib.compress(content, 9)).decode()
        lines = sorted(plan.lines, key=lambda line: (ORDER.index(line.verdict), not line.findings, line.number))
        return {
            "plan": plan,
            "counts": [(verdict, plan.counts[verdict]) for verdict in ORDER],
            "lines": lines[:LINES_SHOWN],
            "more": max(0, len(lines) - LINES_SHOWN),
            "work": len(plan.work),
            "content": packed if len(packed) <= LONGEST_CARRIED else "",
        }

    @staticmethod
    def take_over(request: HttpRequest, content: bytes) -> HttpResponse:
        plan = redirect_tables.take_over(content, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        counts = plan.counts
        said = f"{counts['create']} made, {counts['update']} changed, {counts['skip']} stood there already."
        messages.success(request, said)
        if counts["error"]:
            first = next(line for line in plan.lines if line.verdict == "error")
            left = f"{counts['error']} left out, the first of them line {first.number}: {first.sentence}"
            messages.warning(request, left)
        return HttpResponseRedirect(reverse("admin:blog_redirect_changelist"))
