"""What readers wrote through the contact form: read, and marked as answered."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.admin.audited import AuditedAdmin
from accounts.admin.lists import ListTools
from blog.models import ContactMessage


@admin.register(ContactMessage)
class ContactMessageAdmin(AuditedAdmin, ListTools):
    list_display = ("letter", "name", "created_at", "is_handled")
    list_filter = ("is_handled",)
    search_fields = ("subject", "name", "email", "message")
    fields = ("subject", "name", "reply_address", "created_at", "message", "is_handled")
    readonly_fields = ("subject", "name", "reply_address", "created_at", "message")
    actions = ("mark_answered", "mark_open")
    date_hierarchy = "created_at"
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description="Message", ordering="subject")
    def letter(self, message: ContactMessage) -> str:
        return format_html("<b>{}</b>", message)

    @admin.display(description="Answer to")
    def reply_address(self, message: ContactMessage) -> str:
        return format_html('<a href="mailto:{}">{}</a>', message.email, message.email)

    @admin.action(description="Mark as answered", permissions=["change"])
    def mark_answered(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        number = self.update_chosen(request, queryset, "marked as answered", is_handled=True)
        self.message_user(request, f"{number} marked as answered.")

    @admin.action(description="Mark as open", permissions=["change"])
    def mark_open(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        number = self.update_chosen(request, queryset, "marked as open", is_handled=False)
        self.message_user(request, f"{number} marked as open.")
