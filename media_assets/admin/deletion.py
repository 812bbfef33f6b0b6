"""Deleting one file: refused while it is used, with the list of where, unless somebody who saw it insists."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from core.refusals import Refusal
from core.refusing_admin import is_id
from media_assets import removing, usage
from media_assets.admin.detail import USES_ON_A_PAGE, look_of
from media_assets.admin.faces import face_of
from media_assets.models import MediaAsset


class Deletion(admin.ModelAdmin):
    """<id>/delete/; put it before the other bases."""

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        pk = unquote(object_id)
        asset = MediaAsset.objects.filter(pk=int(pk)).first() if is_id(pk) else None
        library = reverse("admin:media_assets_mediaasset_changelist")
        if asset is None:
            messages.warning(request, "It is not in the library any more.")
            return HttpResponseRedirect(library)
        if not self.has_delete_permission(request, asset):
            raise PermissionDenied
        user: Any = request.user
        wrong = ""
        if request.method == "POST":
            try:
                removing.remove(asset, by=user, anyway=request.POST.get("anyway") == "on")
            except Refusal as refusal:
                wrong = refusal.sentence
            else:
                messages.success(request, f"“{asset.name}” is deleted.")
                return HttpResponseRedirect(library)
        asset.face = face_of(asset)  # type: ignore[attr-defined]
        uses = Paginator(usage.uses_of(asset), USES_ON_A_PAGE).get_page(request.GET.get("uses"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Delete “{asset.name}”",
            "opts": self.opts,
            "original": asset,
            "asset": asset,
            "look": look_of(asset),
            "uses": uses,
            "wrong": wrong,
        }
        return TemplateResponse(request, "admin/media_assets/mediaasset/delete.html", context)
