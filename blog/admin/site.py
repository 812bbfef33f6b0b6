"""The page on which administrators set up what the publication is called, how it looks and what it offers."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.roles import may
from blog import site_settings
from blog.admin.site_form import INKS, SECTIONS, Menus, SiteForm
from blog.models import SiteLink, SiteSettings
from blog.views import lists
from core import inks
from core.publication import Publication, current, shown_as
from core.refusals import Refusal
from media_assets.admin.uploading import upload_ways


@admin.register(SiteSettings)
class SiteSettingsAdmin(admin.ModelAdmin):
    """One page, for there is one row; beside it the home page as it would be."""

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("", guard(self.changelist_view), name="blog_sitesettings_changelist"),
            path("preview/", guard(self.preview_view), name="blog_sitesettings_preview"),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SiteSettings | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """GET shows the form, POST saves it."""
        self.refuse_others(request)
        row, links = site_settings.current_row(), site_settings.current_links()
        if request.method != "POST":
            return self.page(request, SiteForm(row=row), Menus(links))
        form, menus = SiteForm(request.POST, row=row), Menus(links, request.POST)
        sound = [form.is_valid(), menus.is_valid()]
        typed, lines = form.row_as_typed(), menus.links_as_typed()
        site_settings.prepare(typed, lines)
        form.add_refusals(site_settings.problems(typed, lines))
        if not all(sound) or form.errors:
            return self.page(request, form, menus)
        try:
            seen = seen_at(form.cleaned_data["seen"])
            changed = site_settings.save(typed, lines, by=request.user, seen=seen)  # type: ignore[arg-type]
        except Refusal as refusal:
            form.add_refusals([refusal])
            if isinstance(refusal, site_settings.Outdated):
                form.saw(site_settings.current_row())
            return self.page(request, form, menus)
        if changed:
            messages.success(request, "Saved. Readers see it from now on.")
        else:
            messages.info(request, "Nothing was changed.")
        return HttpResponseRedirect(request.path)

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """The home page as a stranger would see it: GET as it is, POST as the form's fields would make it.

        Nothing of it is kept. A script gets it as JSON, with what is in the way of saving.
        """
        self.refuse_others(request)
        if request.method != "POST":
            return unkept(home_as(current(), request))
        row, links = site_settings.current_row(), site_settings.current_links()
        form, menus = SiteForm(request.POST, row=row), Menus(links, request.POST)
        form.is_valid()
        menus.is_valid()
        typed, lines = form.row_as_typed(), menus.links_as_typed()
        found = site_settings.candidate(typed, lines)
        form.add_refusals(site_settings.problems(typed, lines))
        page = home_as(found, request)
        if "application/json" not in request.headers.get("Accept", ""):
            return unkept(page)
        answer = {
            "html": page.content.decode(),
            "problems": {name: str(errors[0]) for name, errors in form.errors.items()},
            "wrong": len(form.errors) + menus.error_count,
            "dark": inks.dark_of(typed.own_ink_light) if inks.is_colour(typed.own_ink_light) else "",
            "measured": measured(typed),
        }
        return unkept(JsonResponse(answer))

    @staticmethod
    def refuse_others(request: HttpRequest) -> None:
        if not may(request.user, "blog.change_sitesettings"):
            raise PermissionDenied

    def page(self, request: HttpRequest, form: SiteForm, menus: Menus) -> TemplateResponse:
        wrong = len(form.errors) + menus.error_count if form.is_bound else 0
        context = {
            **self.admin_site.each_context(request),
            "title": "Site settings",
            "opts": SiteSettings._meta,
            "form": form,
            "menus": menus,
            "places": SiteLink.Place,
            "sections": [(title, said, [form[name] for name in names]) for title, said, names in SECTIONS],
            "inks": INKS,
            "wrong": wrong,
            "measured": measured(form.row),
            "row": form.row,
            "preview_url": reverse("admin:blog_sitesettings_preview"),
            "trail_url": reverse("admin:accounts_auditentry_changelist") + "?target=sitesettings:1",
            "text_tools": upload_ways() if may(request.user, "media_assets.add_mediaasset") else {},
        }
        status = 422 if wrong else 200
        return TemplateResponse(request, "admin/blog/sitesettings/change.html", context, status=status)


def home_as(publication: Publication, request: HttpRequest) -> HttpResponse:
    """The home page of `publication`, made for nobody in particular."""
    asked = HttpRequest()
    asked.method, asked.path, asked.path_info = "GET", "/", "/"
    asked.META = {
        name: request.META[name] for name in ("SERVER_NAME", "SERVER_PORT", "HTTP_HOST") if name in request.META
    }
    asked.user = AnonymousUser()  # type: ignore[assignment]
    with shown_as(publication):
        response = lists.home(asked)
        if hasattr(response, "render"):
            response.render()
    # It is looked at where no script runs.
    return HttpResponse(re.sub(rb"<script\b.*?</script>", b"", response.content, flags=re.DOTALL))


def unkept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def measured(row: SiteSettings) -> str:
    """How well the colours of one's own can be read, in words."""
    return ", ".join(
        f"{inks.weakest(colour, grounds)[1]:.1f}:1 on {grounds.scheme} paper"
        for colour, grounds in ((row.own_ink_light, inks.LIGHT), (row.own_ink_dark, inks.DARK))
        if inks.is_colour(colour)
    )


def seen_at(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
