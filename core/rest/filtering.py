"""Filters, search and order of lists: what a view declares, and nothing else.

A name that is not declared is refused, so that nobody asks in vain, and no private column answers by what is left out.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

# Of one thing by itself, of which nothing is left out.
ABOUT_ONE = {"retrieve", "update", "partial_update", "destroy"}
OF_ONE = {"fields", "expand"}
GENERAL = {"page", "page_size", "cursor", "fields", "expand", "ordering"}


class DeclaredFilters(DjangoFilterBackend):
    """`filterset_class` of the view, and `orderings`: what ?ordering= knows ({"newest": ("-published_at", "-pk")}), the
    first where nothing is said."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        known = self.known(view, queryset)
        if unknown := sorted(set(request.query_params) - known):
            raise ValidationError({unknown[0][:60]: [_("This is no parameter of this list.")]})
        if getattr(view, "action", "") in ABOUT_ONE:
            return queryset
        filters = self.get_filterset_class(view, queryset)
        if filters and set(request.query_params) & set(filters.base_filters):
            queryset = super().filter_queryset(request, queryset, view)
        orderings: dict[str, tuple[str, ...]] = getattr(view, "orderings", {})
        if not orderings:
            return queryset
        name = request.query_params.get("ordering") or next(iter(orderings))
        if name not in orderings:
            raise ValidationError({"ordering": [_("Known: %(known)s.") % {"known": ", ".join(orderings)}]})
        return queryset.order_by(*orderings[name])

    def known(self, view: Any, queryset: QuerySet) -> set[str]:
        own = set(getattr(view, "parameters", ()))
        if getattr(view, "action", "") in ABOUT_ONE:
            return OF_ONE | own
        filters = self.get_filterset_class(view, queryset)
        general = GENERAL if getattr(view, "orderings", {}) else GENERAL - {"ordering"}
        return general | own | (set(filters.base_filters) if filters else set())

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        orderings = getattr(view, "orderings", {})
        if not orderings:
            return []
        return [
            {
                "name": "ordering",
                "in": "query",
                "required": False,
                "schema": {"type": "string", "enum": list(orderings), "default": next(iter(orderings))},
                "description": "The order of the list.",
            }
        ]
