"""Rules for many old addresses, in the order they are tried."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.admin.audited import AuditedAdmin
from accounts.admin.lists import Column, ListTools
from blog import redirect_desk
from blog.admin.redirects import say_findings
from blog.models import Redirect, RedirectRule
from core.refusing_admin import RefusingAdmin, RefusingForm


class RuleForm(RefusingForm):
    type = forms.TypedChoiceField(choices=Redirect.Type.choices, coerce=int, initial=Redirect.Type.MOVED)

    class Meta:
        help_texts: ClassVar[dict[str, str]] = {
            "pattern": "A regular expression for the whole path: /(\\d{4})/(?P&lt;slug&gt;[^/]+). Case counts; a slash "
            "at the end makes no difference.",
            "target": "A path on this site, or a whole https address. {slug} or {1} stands for what a group matched.",
            "priority": "Lower numbers are tried first, after all exact redirects.",
        }
        error_messages: ClassVar[dict[str, dict[str, str]]] = {
            "pattern": {"unique": "There is a rule with this pattern already; change that one."}
        }


@admin.register(RedirectRule)
class RedirectRuleAdmin(AuditedAdmin, ListTools, RefusingAdmin):
    form = RuleForm
    fields = ("pattern", "target", "type", "priority", "query", "is_active", "note", "hits", "last_hit_at")
    readonly_fields = ("hits", "last_hit_at")
    list_display = ("pattern", "leads_to", "type", "priority", "is_active", "hits", "last_hit_at")
    list_filter = ("is_active", "type", "query")
    search_fields = ("pattern", "target", "note")
    list_per_page = 100
    show_full_result_count = False
    csv_columns: ClassVar[list[Column]] = [
        ("Kind", lambda row: "rule"),
        ("Old address", lambda row: row.pattern),
        ("New address", lambda row: row.target),
        ("Type", lambda row: row.type),
        ("Priority", lambda row: row.priority),
        ("Query string", lambda row: row.query),
        ("In force", lambda row: row.is_active),
        ("Note", lambda row: row.note),
        ("Hits", lambda row: row.hits),
        ("Last hit", lambda row: row.last_hit_at),
    ]

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["css/admin/redirects.css"]}

    @admin.display(description="Leads to")
    def leads_to(self, row: RedirectRule) -> str:
        return format_html("<small>{}</small>", row.target) if row.target else "Gone for good"

    def save_model(self, request: HttpRequest, obj: RedirectRule, form: Any, change: bool) -> None:
        redirect_desk.save_rule(obj)
        say_findings(request, obj)
