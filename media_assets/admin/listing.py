"""The library as a list: how it is looked at, in which order, and how much at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest, HttpResponse

from media_assets import scanning, usage
from media_assets.admin import filters
from media_assets.admin.faces import face_of
from media_assets.finding import matching

VIEWS = {"grid": "Grid", "list": "List"}
PAGE_SIZES = (60, 120, 240)
ORDERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("Newest", ("-created_at", "-id")),
    "oldest": ("Oldest", ("created_at", "id")),
    "name": ("Name", ("name", "id")),
    "largest": ("Largest", ("-size_bytes", "-id")),
    "smallest": ("Smallest", ("size_bytes", "id")),
}
COOKIE = "library"
A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Look:
    """How somebody looks at the library: asked for in the address, else as they last did."""

    view: str = "grid"
    per_page: int = PAGE_SIZES[0]
    order: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Look:
        view, _, per = request.COOKIES.get(COOKIE, "").partition(".")
        view, per = request.GET.get("view", view), request.GET.get("per", per)
        order = request.GET.get("sort", "")
        return cls(
            view if view in VIEWS else "grid",
            int(per) if per in {str(size) for size in PAGE_SIZES} else PAGE_SIZES[0],
            order if order in ORDERS else "",
        )

    @property
    def cookie(self) -> str:
        return f"{self.view}.{self.per_page}"


class Library(ChangeList):
    """One page of the library with what its tiles show."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.look = Look.of(request)
        super().__init__(request, *args, **kwargs)
        # They are kept for the person, so no other link has to carry them.
        for name in ("view", "per"):
            self.params.pop(name, None)

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        found = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name not in {"view", "per", "sort"}}

    def get_results(self, request: HttpRequest) -> None:
        self.list_per_page = self.look.per_page
        super().get_results(request)
        rows = list(self.result_list)
        uses = usage.count_uses(rows)
        for row in rows:
            row.face = face_of(row)
            row.uses = uses[row.pk]
        self.result_list = rows

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        found = super().get_queryset(request, exclude_parameters)
        return found.prefetch_related("tags") if self.look.view == "list" else found

    @property
    def rejected(self) -> int:
        """How many files the scanner holds back for good."""
        return next(spec.counts["rejected"] for spec in self.filter_specs if isinstance(spec, filters.StateFilter))

    @property
    def first_shown(self) -> int:
        return (self.page_num - 1) * self.list_per_page + 1

    @property
    def last_shown(self) -> int:
        return self.first_shown + len(self.result_list) - 1

    def choices_of(self, name: str, now: Any, labels: dict[Any, str]) -> list[dict[str, Any]]:
        """A menu: each choice as the filters offer theirs."""
        return [
            {
                "selected": value == now,
                "query_string": self.get_query_string({name: value or None}),
                "display": label,
                "value": value,
            }
            for value, label in labels.items()
        ]

    @property
    def views(self) -> list[dict[str, Any]]:
        return self.choices_of("view", self.look.view, VIEWS)

    @property
    def orders(self) -> list[dict[str, Any]]:
        return self.choices_of("sort", self.look.order, {name: label for name, (label, _) in ORDERS.items()})

    @property
    def page_sizes(self) -> list[dict[str, Any]]:
        return self.choices_of("per", self.look.per_page, {size: str(size) for size in PAGE_SIZES})


class Listing(admin.ModelAdmin):
    """The page of the library; put it before the other bases."""

    list_display = ("name", "kind", "size_bytes", "uploaded_by", "created_at")
    list_select_related = ("uploaded_by",)
    list_filter = filters.FILTERS
    # What the words are looked for in stands in `media_assets.finding`.
    search_fields = ("name",)
    list_max_show_all = 0
    show_full_result_count = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Library

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ORDERS[Look.of(request).order][1]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return matching(queryset, search_term), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        look = Look.of(request)
        context = {
            "title": "Media",
            "waiting": scanning.waiting(),
            **(extra_context or {}),
        }
        response = super().changelist_view(request, context)
        if response.status_code == 200 and request.COOKIES.get(COOKIE, Look().cookie) != look.cookie:
            response.set_cookie(
                COOKIE,
                look.cookie,
                max_age=A_YEAR,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response
