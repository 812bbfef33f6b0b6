"""Old addresses, by hand."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.admin.audited import AuditedAdmin
from accounts.admin.lists import ListTools
from blog.addresses import normalise_old_address, normalise_path
from blog.models import Redirect
from core.refusing_admin import RefusingAdmin, RefusingForm

MAX_HOPS = 10


class RedirectForm(RefusingForm):
    def clean_new_path(self) -> str:
        """A path of this site or a whole https address: nothing a browser would read as another place."""
        address = self.cleaned_data["new_path"]
        if any(character.isspace() or ord(character) < 32 for character in address) or "\\" in address:
            raise forms.ValidationError("The new address has spaces or backslashes in it; write it without.")
        if address and not address.startswith("/"):
            try:
                parts = urlsplit(address)
            except ValueError:
                raise forms.ValidationError("This is no web address; look at its brackets.") from None
            if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
                raise forms.ValidationError("Start with a slash for this site, or with https:// for another.")
        return address

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        old, new = cleaned.get("old_path", ""), cleaned.get("new_path", "")
        if (
            normalise_old_address(old or "/-/").startswith(("/admin/", "/static/", "/media/", "/accounts/"))
            or old == "/"
        ):
            self.add_error("old_path", "This address belongs to the site itself and never asks for redirects.")
        if old and new and leads_to(new, normalise_old_address(old), self.instance.pk):
            self.add_error("new_path", f"This leads back to {old}; readers would go round in circles.")
        return cleaned


def leads_to(address: str, wanted: str, own_pk: int | None) -> bool:
    """Whether following redirects from `address` arrives at `wanted`."""
    for _ in range(MAX_HOPS):
        parts = urlsplit(address)
        if parts.netloc and parts.netloc != urlsplit(settings.SITE_URL).netloc:
            return False
        path = normalise_path(parts.path)
        if path == wanted:
            return True
        following = Redirect.objects.filter(old_path=path).exclude(pk=own_pk).first()
        if following is None or not following.target:
            return False
        address = following.target
    return True


@admin.register(Redirect)
class RedirectAdmin(AuditedAdmin, ListTools, RefusingAdmin):
    form = RedirectForm
    fields = ("old_path", "post", "category", "new_path", "type", "hits", "last_hit_at", "origin")
    readonly_fields = ("hits", "last_hit_at", "origin")
    autocomplete_fields = ("post",)
    list_display = ("old_path", "leads_to", "type", "origin", "hits", "last_hit_at")
    list_filter = ("origin", "type")
    list_select_related = ("post", "category")
    search_fields = ("old_path", "new_path", "post__title", "category__name")
    list_per_page = 100
    show_full_result_count = False

    @admin.display(description="Leads to")
    def leads_to(self, row: Redirect) -> str:
        if row.type == Redirect.Type.GONE:
            return "Gone for good"
        return format_html("{} <small>{}</small>", row.post or row.category or "", row.target)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("post__content_markdown", "post__content_html")
