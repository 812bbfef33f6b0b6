"""What the library is narrowed by. Each choice is one small question to the database, or none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property

from core import cache
from core.refusing_admin import is_id
from media_assets import usage
from media_assets.models import MediaAsset, MediaTag

# What weighs on an installation, or is wider than anything it is shown at.
LARGE_BYTES = 1024 * 1024
LARGE_PIXELS = 2560
# Choices a menu offers; more are found by the search.
MOST = 100

WITHOUT_WORDS = Q(kind=MediaAsset.Kind.IMAGE, alt_text="", is_decorative=False)
WAITING = Q(state__in=[MediaAsset.State.SCANNING, MediaAsset.State.PENDING])
REJECTED = Q(state=MediaAsset.State.REJECTED)
KINDS = (("image", "Pictures"), ("document", "Documents"), ("audio", "Sound"), ("video", "Film"))
WITHIN = (("today", "Today", 0), ("week", "Last 7 days", 7), ("month", "Last 30 days", 30), ("year", "Last year", 365))
# Menus a tab of its own stands for.
TABS = ("state", "described", "used")

_kept = cache.Group("library-choices", timeout=60)


class StateFilter(admin.SimpleListFilter):
    """The tabs over the library: everything, what is still to be done, and what the scanner holds back."""

    title = "state"
    parameter_name = "state"
    template = "admin/media_assets/mediaasset/tabs.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> tuple[tuple[str, str], ...]:
        return (("waiting", "Waiting for the scanner"), ("rejected", "Rejected"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
        which = {"waiting": WAITING, "rejected": REJECTED}.get(self.value() or "")
        return queryset.filter(which) if which else queryset

    @cached_property
    def counts(self) -> dict[str, int]:
        counted = MediaAsset.objects.order_by().aggregate(
            all=Count("pk"),
            described=Count("pk", filter=WITHOUT_WORDS),
            waiting=Count("pk", filter=WAITING),
            rejected=Count("pk", filter=REJECTED),
        )
        return {**counted, "used": usage.unused().count()}

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        now = {name: changelist.params.get(name) for name in TABS}
        rows: list[tuple[str, dict[str, str], str]] = [
            ("All", {}, "all"),
            ("No description", {"described": "no"}, "described"),
            ("Not used", {"used": "no"}, "used"),
            *((str(label), {"state": str(value)}, str(value)) for value, label in self.lookup_choices),
        ]
        for label, wanted, counted in rows:
            chosen = now == {name: wanted.get(name) for name in TABS}
            if "state" in wanted and not chosen and not self.counts[counted]:
                continue
            yield {
                "selected": chosen,
                "query_string": changelist.get_query_string(wanted, [name for name in TABS if name not in wanted]),
                "display": label,
                "count": self.counts[counted],
            }


class KindFilter(admin.SimpleListFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> tuple[tuple[str, str], ...]:
        return KINDS

    def queryset(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
        return queryset.filter(kind=self.value()) if self.value() in MediaAsset.Kind.values else queryset


class DescribedFilter(admin.SimpleListFilter):
    """Pictures by whether they say what they show; other files need no alt text."""

    title = "description"
    parameter_name = "described"

    def lookups(self, request: HttpRequest, model_admin: Any) -> tuple[tuple[str, str], ...]:
        return (("no", "No description"), ("yes", "Described or decorative"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
        if self.value() == "no":
            return queryset.filter(WITHOUT_WORDS)
        return queryset.exclude(WITHOUT_WORDS) if self.value() == "yes" else queryset


class UsedFilter(admin.SimpleListFilter):
    title = "use"
    parameter_name = "used"

    def lookups(self, request: HttpRequest, model_admin: Any) -> tuple[tuple[str, str], ...]:
        return (("no", "Not used"), ("yes", "Used"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
        if self.value() == "no":
            return queryset.filter(pk__in=usage.unused().order_by().values("pk"))
        if self.value() == "yes":
            return queryset.exclude(pk__in=usage.unused().order_by().values("pk"))
        return queryset


class SizeFilter(admin.SimpleListFilter):
    title = "size"
    parameter_name = "large"

    def lookups(self, request: HttpRequest, model_admin: Any) -> tuple[tuple[str, str], ...]:
        return (("yes", "Over 1 MB or 2,560 pixels"),)

    def queryset(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
        if self.value() != "yes":
            return queryset
        return queryset.filter(
            Q(size_bytes__gt=LARGE_BYTES) | Q(width__gt=LARGE_PIXELS) | Q(height__gt=LARGE_PIXELS),
        )


class AddedFilter(admin.SimpleListFilter):
    """By the day a file came in, in the time zone of the site."""

    title = "added"
    parameter_name = "added"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, label) for value, label, _ in WITHIN]

    def queryset(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
        days = {value: days for value, _, days in WITHIN}.get(self.value() or "")
        if days is None:
            return queryset
        midnight = timezone.localtime(timezone.now()).replace(hour=0, minute=0, second=0, microsecond=0)
        return queryset.filter(created_at__gte=midnight - timedelta(days=days))


class UploaderFilter(admin.SimpleListFilter):
    title = "added by"
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return _kept.get_or_compute("uploaders", self.people)

    def people(self) -> list[tuple[str, str]]:
        people = get_user_model()._default_manager.filter(is_staff=True)[:MOST]
        return [(str(person.pk), str(person)) for person in people]

    def queryset(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
        chosen = self.value() or ""
        return queryset.filter(uploaded_by=int(chosen)) if is_id(chosen) else queryset


class TagFilter(admin.SimpleListFilter):
    title = "tag"
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = [(str(pk), name) for pk, name in MediaTag.objects.values_list("pk", "name")[:MOST]]
        return [*found, ("none", "Without one")] if found else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
        chosen = self.value() or ""
        if chosen == "none":
            return queryset.filter(tags__isnull=True)
        return queryset.filter(tags=int(chosen)) if is_id(chosen) else queryset


FILTERS = (
    StateFilter,
    KindFilter,
    DescribedFilter,
    UsedFilter,
    SizeFilter,
    AddedFilter,
    UploaderFilter,
    TagFilter,
)
