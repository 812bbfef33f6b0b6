"""What readers searched for and did not find: what to write next, or what to name as readers do."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts.admin.audited import AuditedAdmin
from accounts.admin.lists import ListTools
from blog.models import SearchMiss


@admin.register(SearchMiss)
class SearchMissAdmin(AuditedAdmin, ListTools):
    list_display = ("words", "count", "last_at", "first_at", "try_it")
    search_fields = ("query",)
    fields = readonly_fields = ("query", "count", "first_at", "last_at")
    date_hierarchy = "last_at"
    list_per_page = 100
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="Searched for", ordering="query")
    def words(self, miss: SearchMiss) -> str:
        return format_html("<b>{}</b>", miss.query)

    @admin.display(description="Today")
    def try_it(self, miss: SearchMiss) -> str:
        return format_html('<a href="{}?{}">Search for it</a>', reverse("search"), urlencode({"q": miss.query}))
