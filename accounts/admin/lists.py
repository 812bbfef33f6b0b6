"""What every list of the admin offers: views saved under a name, and its rows as a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from html import unescape
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.core.handlers.asgi import ASGIRequest
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.http import StreamingHttpResponse as Stream
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from accounts import saved_filters
from core.downloads import handed_on
from core.refusals import Refusal
from core.refusing_admin import is_id

# Rows asked for at once, and what is prefetched for them.
CHUNK = 2000
# Spreadsheets take a cell that begins so for a formula; the wide ones are what some input methods make of them.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
# Without it spreadsheets take UTF-8 for the code page of the country; readers of CSV skip it.
BYTE_ORDER_MARK = "\ufeff"

Column = str | tuple[str, Callable[[Any], Any]]


def cell(value: Any) -> str:
    """A value as the text of a cell: times with their zone (ISO 8601), yes and no, and never a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds") if timezone.is_aware(value) else str(value)
    text = unescape(strip_tags(value)) if isinstance(value, SafeString) else str(value)
    text = text.replace("\0", "")
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) or text.startswith(FORMULA) else text


class Line:
    """What csv writes to: each line is handed on at once."""

    def write(self, line: str) -> str:
        return line


class ListTools(admin.ModelAdmin):
    """Put it before the other bases of a list. It adds two addresses: csv/ (GET) and views/ (POST).

    `csv_columns` are what a row of the file says, each a name as in `list_display` or a heading with a function of the
    row; when empty, what the list shows.
    """

    csv_columns: ClassVar[Sequence[Column]] = ()

    def get_urls(self) -> list[Any]:
        guard, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("csv/", guard(self.csv_view), name=f"{name}_csv"),
            path("views/", guard(self.views_view), name=f"{name}_views"),
            *super().get_urls(),
        ]

    @property
    def list_page(self) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"

    def list_tools(self, request: HttpRequest) -> dict[str, Any]:
        """What stands above the list."""
        try:
            current = saved_filters.tidy(request.GET.urlencode())
        except ValueError:
            current = ""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        return {
            "saved": saved_filters.of(request.user, self.list_page),  # type: ignore[arg-type]
            "current": current,
            "csv_url": reverse(f"{name}_csv") + (f"?{current}" if current else ""),
            "views_url": reverse(f"{name}_views"),
        }

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "POST" or "_popup" in request.GET or not self.has_view_or_change_permission(request):
            return super().changelist_view(request, extra_context)
        return super().changelist_view(request, {"list_tools": self.list_tools(request), **(extra_context or {})})

    # --- saved views -------------------------------------------------------------------------------------------------
    def views_view(self, request: HttpRequest) -> HttpResponse:
        """POST: `name` and `query` save a view, `delete` (its id) takes one away; back to the list either way."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        query = self.query_of(request)
        user: Any = request.user
        if "delete" in request.POST:
            pk = request.POST["delete"]
            name = saved_filters.forget(user, self.list_page, int(pk)) if is_id(pk) else ""
            said = f"The view “{name}” is deleted." if name else "There is no such view any more."
            messages.info(request, said)
        else:
            try:
                if query is None:
                    raise Refusal("The list does not understand this view, so it was not saved.")
                saved = saved_filters.keep(user, self.list_page, name=request.POST.get("name", ""), query=query)
                messages.success(request, f"This list is saved as “{saved.name}”.")
            except Refusal as refusal:
                messages.error(request, refusal.sentence)
        return HttpResponseRedirect(reverse(self.list_page) + (f"?{query}" if query else ""))

    def query_of(self, request: HttpRequest) -> str | None:
        """The query that was sent, when the list itself understands every part of it."""
        try:
            query = saved_filters.tidy(request.POST.get("query", ""))
            self.rows_of(request, query)
        except (ValueError, IncorrectLookupParameters, DisallowedModelAdminLookup):
            return None
        return query

    # --- CSV ---------------------------------------------------------------------------------------------------------
    def rows_of(self, request: HttpRequest, query: str) -> models.QuerySet[Any]:
        """All rows of the list as it is filtered and sorted; not read yet."""
        request.GET = QueryDict(query)
        return self.get_changelist_instance(request).queryset

    def csv_rows(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The rows with what the columns need and without what they do not."""
        return rows

    def csv_view(self, request: HttpRequest) -> HttpResponse:
        """The whole list, all its pages, as it is filtered and sorted; whoever sees the list may have it."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        try:
            rows = self.rows_of(request, saved_filters.tidy(request.GET.urlencode()))
        except (ValueError, IncorrectLookupParameters):
            return HttpResponseRedirect(f"{reverse(self.list_page)}?e=1")
        lines = self.csv_lines(request, rows)
        response = Stream(handed_on(lines) if isinstance(request, ASGIRequest) else lines)
        response["Content-Type"] = "text/csv; charset=utf-8"
        # Nothing a title says can be in a file name: it is made of the table's own name and today.
        name = f"{self.opts.model_name}-{timezone.localdate().isoformat()}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        return response

    def csv_lines(self, request: HttpRequest, rows: models.QuerySet[Any]) -> Iterator[str]:
        write = csv.writer(Line()).writerow
        columns: Sequence[Column] = self.csv_columns or list(self.get_list_display(request))
        yield BYTE_ORDER_MARK + write([self.csv_heading(column) for column in columns])
        for row in self.csv_rows(rows).iterator(chunk_size=CHUNK):
            yield write([cell(self.csv_value(column, row)) for column in columns])

    def csv_heading(self, column: Column) -> str:
        if not isinstance(column, str):
            return column[0]
        label = label_for_field(column, self.model, self)
        return cell(str(label)[:1].upper() + str(label)[1:])

    def csv_value(self, column: Column, row: Any) -> Any:
        if not isinstance(column, str):
            return column[1](row)
        field, shown, value = lookup_field(column, row, self)
        if field is not None:
            return getattr(row, f"get_{field.name}_display")() if field.choices else value
        moment = self.moment_behind(getattr(shown, "admin_order_field", None), row)
        return value if moment is None else moment

    def moment_behind(self, name: Any, row: Any) -> datetime | None:
        """The time itself of a column that tells it in words."""
        try:
            field = self.opts.get_field(name) if isinstance(name, str) else None
        except FieldDoesNotExist:
            return None
        return getattr(row, field.name) if isinstance(field, models.DateTimeField) else None
