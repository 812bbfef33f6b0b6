"""Pieces of Markdown everybody who writes can insert: authors keep their own, editors all."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.text import Truncator

from accounts.admin.audited import AuditedAdmin
from accounts.admin.lists import ListTools
from accounts.roles import may
from blog.models import Snippet
from core.refusing_admin import RefusingAdmin, RefusingForm


class SnippetForm(RefusingForm):
    class Meta:
        widgets = {
            "content_markdown": forms.Textarea(attrs={"rows": 12, "dir": "auto"}),
        }
        help_texts = {
            "name": "What it is found by, such as “Correction note”.",
            "content_markdown": "Markdown, as it goes into the text.",
        }
        error_messages = {"name": {"unique": "There is a snippet of this name already; choose another."}}

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not name:
            raise forms.ValidationError("The snippet has no name yet; give it one to find it by.")
        return name


@admin.register(Snippet)
class SnippetAdmin(AuditedAdmin, ListTools, RefusingAdmin):
    form = SnippetForm
    fields = ("name", "content_markdown")
    list_display = ("name", "beginning", "kept_by", "updated_at")
    list_select_related = ("created_by",)
    search_fields = ("name", "content_markdown")
    list_per_page = 100
    show_full_result_count = False
    actions = None

    def has_change_permission(self, request: HttpRequest, obj: Snippet | None = None) -> bool:
        return may(request.user, "blog.change_snippet", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Snippet | None = None) -> bool:
        return may(request.user, "blog.delete_snippet", obj)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Snippets", **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Snippet, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)

    @admin.display(description="Begins")
    def beginning(self, snippet: Snippet) -> str:
        return Truncator(" ".join(snippet.content_markdown[:200].split())).chars(80)

    @admin.display(description="Kept by", empty_value="–")
    def kept_by(self, snippet: Snippet) -> str | None:
        return snippet.created_by.display_name if snippet.created_by else None
