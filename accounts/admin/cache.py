"""The page of the cache: what each group is good for. For those who keep the site; it belongs to no model."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit
from accounts.roles import may
from core import cache_statistics
from core.cache import counts

# Whoever may say what roles may do keeps the site.
PERMISSION = "auth.change_group"


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Every group with its numbers."""
    found = cache_statistics.report()
    asked = sum(kept.asked for kept in found.groups)
    hits = sum(kept.hits for kept in found.groups)
    return page(
        request,
        "cache.html",
        "Cache",
        report=found,
        rows=[(kept, in_words(kept.seconds)) for kept in found.groups],
        asked=asked,
        hit_percent=100 * hits / asked if asked else None,
        entries=sum(kept.entries for kept in found.groups),
        size=sum(kept.size for kept in found.groups),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest) -> HttpResponse:
    """Ask, and then count from nought."""
    if request.method != "POST":
        return page(request, "cache_reset.html", "Count from nought?")
    check(request)
    counts.reset()
    audit.record(request.user, "reset the counts of the cache")  # type: ignore[arg-type]
    messages.success(request, "The counts begin at nought.")
    return HttpResponseRedirect(reverse("admin:cache"))


def in_words(seconds: float | None) -> str:
    """How long something is kept, in its largest whole unit: "45 min"."""
    if seconds is None:
        return "–"
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def check(request: HttpRequest) -> None:
    if not may(request.user, PERMISSION):
        raise PermissionDenied


def page(request: HttpRequest, template: str, title: str, **facts: Any) -> HttpResponse:
    check(request)
    return TemplateResponse(request, f"admin/{template}", {**admin.site.each_context(request), "title": title, **facts})


def mount() -> None:
    """Give the admin these addresses beside those of its models."""
    before = admin.site.get_urls

    def get_urls() -> list[Any]:
        guard = admin.site.admin_view
        return [
            path("cache/", guard(show), name="cache"),
            path("cache/reset/", guard(reset), name="cache_reset"),
            *before(),
        ]

    admin.site.get_urls = get_urls  # type: ignore[method-assign]
