"""How the conversation is kept: one page, for there is one row."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.form_changes import changes_of_form
from accounts.roles import may
from comments import akismet, moderation
from comments.models import ConversationSettings

SECTIONS = (
    ("Who writes", "", ("guests", "trusted_after", "moderate_members", "close_after_days", "edit_minutes")),
    ("What waits", "Every comment that waits says why.", ("most_links", "blocked_words", "hold_from", "refuse_from")),
    (
        "Akismet",
        "With a key, the text of each comment, its writer’s name and addresses are sent to this service, and what "
        "moderators decide otherwise than it does. Without one nothing leaves the server.",
        ("akismet_key",),
    ),
    ("Beside the text", "", ("show_presence",)),
)
MOST = {"trusted_after": 1_000, "close_after_days": 3_650, "edit_minutes": 10_080, "most_links": 1_000}


class SettingsForm(forms.ModelForm):
    """`unheard` says why a new key could not be tried."""

    unheard = ""

    class Meta:
        model = ConversationSettings
        fields: ClassVar[list[str]] = [name for _, _, names in SECTIONS for name in names]
        help_texts: ClassVar[dict[str, str]] = {
            "trusted_after": "A guest is known by address and browser together. With an updated browser, and in a new "
            "month, one comment of theirs waits again."
        }
        widgets: ClassVar[dict[str, Any]] = {
            "akismet_key": forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"}),
            "blocked_words": forms.Textarea({"rows": 8, "dir": "auto"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("hold_from", "refuse_from"):
            self.fields[name].min_value, self.fields[name].widget.attrs["step"] = 0, "0.5"

    def clean_akismet_key(self) -> str:
        key = str(self.cleaned_data["akismet_key"])
        if key and "akismet_key" in self.changed_data:
            try:
                if not akismet.is_key(key):
                    raise forms.ValidationError("Akismet does not know this key for this site.")
            except akismet.NoAnswer as error:
                self.unheard = f"The key was kept, but Akismet could not be asked: {error}"
        return key

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, most in MOST.items():
            if (cleaned.get(name) or 0) > most:
                self.add_error(name, f"{most:,} at most.")
        hold, refuse = cleaned.get("hold_from"), cleaned.get("refuse_from")
        if hold is not None and not 0 < hold < 1000:
            self.add_error("hold_from", "A number above 0, under 1,000.")
        elif hold is not None and refuse is not None and not hold <= refuse < 1000:
            self.add_error("refuse_from", "What is refused has at least the score of what waits.")
        return cleaned


@admin.register(ConversationSettings)
class ConversationSettingsAdmin(admin.ModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.changelist_view)
        return [path("", view, name="comments_conversationsettings_changelist")]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """GET shows the form, POST keeps it."""
        if not may(request.user, "comments.change_conversationsettings"):
            raise PermissionDenied
        row = ConversationSettings.objects.first() or ConversationSettings()
        form = SettingsForm(request.POST or None, instance=row, label_suffix="")
        if request.method == "POST" and form.is_valid():
            if changes := changes_of_form(form):
                moderation.save_settings(form.instance, by=request.user, changes=changes)  # type: ignore[arg-type]
            messages.success(request, "Saved." if changes else "Nothing was changed.")
            if form.unheard:
                messages.warning(request, form.unheard)
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": "Conversation",
            "opts": ConversationSettings._meta,
            "form": form,
            "sections": [(title, said, [form[name] for name in names]) for title, said, names in SECTIONS],
            "trail_url": reverse("admin:accounts_auditentry_changelist") + "?target=conversationsettings:1",
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/comments/settings.html", context, status=status)
