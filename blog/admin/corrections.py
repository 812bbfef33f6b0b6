"""Marking a change as a correction, and the list of those that were published."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.admin.lists import ListTools
from blog import corrections
from blog.admin.parts import Part
from blog.models import Correction, Post
from core.refusals import Refusal
from core.refusing_admin import RefusingAdmin


class CorrectionPart(Part):
    """The panel beside the form of a live post: its note goes with the change that is brought out next."""

    def form_context(self, request: HttpRequest, post: Post | None) -> dict[str, Any]:
        if post is None or not post.is_public:
            return {"correction": None}
        waiting = getattr(post, "newest_change", None)
        published = list(post.corrections.all()[:5])
        return {"correction": {"note": waiting.correction_note if waiting else "", "published": published}}

    def saved(self, request: HttpRequest, post: Post) -> None:
        if "correction_note" not in request.POST:
            return
        try:
            corrections.mark(post, request.POST["correction_note"].replace("\0", ""), by=request.user)
        except Refusal as refusal:
            self.admin.message_user(request, refusal.sentence, messages.ERROR)


class CorrectionForm(forms.ModelForm):
    class Meta:
        model = Correction
        fields = ["note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 4})}


@admin.register(Correction)
class CorrectionAdmin(ListTools, RefusingAdmin):
    """Made by bringing out a change; here only its words can be bettered."""

    form = CorrectionForm
    fields = ("shown_on", "note", "at", "wrong_version", "right_version", "by")
    readonly_fields = ("shown_on", "at", "wrong_version", "right_version", "by")
    list_display = ("shown_on", "note", "at", "by")
    list_display_links = ("note",)
    list_select_related = ("post", "by")
    search_fields = ("note", "post__title")
    date_hierarchy = "at"
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("post__content_markdown", "post__content_html")

    @admin.display(description="Post", ordering="post__title")
    def shown_on(self, row: Correction) -> str:
        if row.post.is_public:
            return format_html('<a href="{}#corrections">{}</a>', row.post.get_absolute_url(), row.post.title)
        return row.post.title

    def save_model(self, request: HttpRequest, obj: Correction, form: forms.ModelForm, change: bool) -> None:
        corrections.reword(obj, form.cleaned_data["note"], by=request.user)
