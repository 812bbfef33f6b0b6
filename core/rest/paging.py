"""Lists in pages: by number for people, by cursor for programs that walk all of it while it grows.

`?cursor=` (empty for the first) chooses the walk: each item once, newest first, whatever is added meanwhile. Both
answer {"count", "next", "previous", "results"}, `count` null in a walk, and say the same in Link headers (RFC 8288).
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import BasePagination, CursorPagination, PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

PAGE_SIZE, LARGEST_PAGE = 20, 100
# Further in, pages by number read everything before them.
LAST_PAGE = 1000
CURSOR = "cursor"


def linked(response: Response, **links: str | None) -> Response:
    """The same addresses in the header as in the body: rel="next", "prev", "first"."""
    said = ", ".join(f'<{address}>; rel="{rel}"' for rel, address in links.items() if address)
    if said:
        response["Link"] = said
    return response


class _Numbered(PageNumberPagination):
    page_size = PAGE_SIZE
    max_page_size = LARGEST_PAGE
    page_size_query_param = "page_size"

    def get_page_number(self, request: Request, paginator: Any) -> Any:
        number = request.query_params.get(self.page_query_param) or 1
        if str(number).isdecimal() and int(str(number)[:9]) > LAST_PAGE:
            raise ValidationError(
                {"page": [_("Pages end at %(last)s; walk on with ?cursor= instead.") % {"last": LAST_PAGE}]}
            )
        return number

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view=view)
        except NotFound:
            raise NotFound(_("There is no such page.")) from None


class _Walked(CursorPagination):
    page_size = PAGE_SIZE
    max_page_size = LARGEST_PAGE
    page_size_query_param = "page_size"
    cursor_query_param = CURSOR

    def __init__(self, ordering: tuple[str, ...]) -> None:
        self.ordering: Any = ordering

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        return self.ordering

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """A cursor somebody made up holds anything; a column that cannot be compared with it says so in many ways."""
        try:
            return super().paginate_queryset(queryset, request, view=view)
        except (NotFound, ModelError, ValueError, OverflowError):
            raise ValidationError({CURSOR: [_("This is no cursor of this list; begin with an empty one.")]}) from None


class Pages(BasePagination):
    """Chooses between the two ways by whether a cursor is named. A view says `walked_by`, unique in its last name."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        self.is_walk = CURSOR in request.query_params
        if self.is_walk and {"page", "ordering"} & set(request.query_params):
            raise ValidationError({CURSOR: [_("A walk has its own order; leave page and ordering out.")]})
        self.way: Any = _Walked(view.walked_by) if self.is_walk else _Numbered()
        self.request = request
        return self.way.paginate_queryset(queryset, request, view=view)

    def get_paginated_response(self, data: Any) -> Response:
        following, before = self.way.get_next_link(), self.way.get_previous_link()
        count = None if self.is_walk else self.way.page.paginator.count
        address = self.request.build_absolute_uri()
        first = replace_query_param(address, CURSOR, "") if self.is_walk else remove_query_param(address, "page")
        body = {"count": count, "next": following, "previous": before, "results": data}
        return linked(Response(body), first=first, prev=before, next=following)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": ["integer", "null"], "description": "How many there are; null in a walk by cursor."},
                "next": {"type": ["string", "null"], "format": "uri"},
                "previous": {"type": ["string", "null"], "format": "uri"},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        whole = {"type": "integer", "minimum": 1}
        described = [
            ("page", whole | {"maximum": LAST_PAGE}, "A page by its number."),
            ("page_size", whole | {"maximum": LARGEST_PAGE}, f"How many a page has; {PAGE_SIZE} where it is not said."),
            (CURSOR, {"type": "string"}, "Walk: empty for the first page, then as `next` says. Each item comes once."),
        ]
        return [
            {"name": name, "in": "query", "required": False, "schema": schema, "description": words}
            for name, schema, words in described
        ]


class PagesByNumber(Pages):
    """Of lists that are put together from several places, and so are not walked."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        if CURSOR in request.query_params:
            raise ValidationError({CURSOR: [_("This list is not walked; ask for its pages by number.")]})
        return super().paginate_queryset(queryset, request, view=view)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [each for each in super().get_schema_operation_parameters(view) if each["name"] != CURSOR]
