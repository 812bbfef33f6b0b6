"""What the filter has learnt, to be looked at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest

from comments.models import SpamWord


@admin.register(SpamWord)
class SpamWordAdmin(admin.ModelAdmin):
    """The words seen most first. Nobody writes here: moderators teach it by what they decide."""

    list_display = ("word", "spam", "good")
    search_fields = ("word",)
    list_display_links = None
    show_full_result_count = False
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[SpamWord]:
        return super().get_queryset(request).exclude(word="").exclude(spam=0, good=0)

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return [(F("spam") + F("good")).desc(), "word"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
