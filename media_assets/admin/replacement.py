"""Another file in the place of one: its address, description and uses stay."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from core.refusals import Refusal
from media_assets import replacing, usage
from media_assets.admin.detail import USES_ON_A_PAGE, look_of
from media_assets.admin.faces import face_of
from media_assets.admin.uploading import ACCEPT
from media_assets.models import MediaAsset


class Replacement(admin.ModelAdmin):
    """<id>/replace/; put it before the other bases."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.replace_view)
        return [path("<int:pk>/replace/", view, name="media_assets_mediaasset_replace"), *super().get_urls()]

    def replace_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page says what stays and where it shows; POST `file`, and `shown`, the digest of what was replaced."""
        asset = MediaAsset.objects.filter(pk=pk).first()
        if asset is None:
            raise Http404
        if not self.has_change_permission(request, asset):
            raise PermissionDenied
        user: Any = request.user
        wrong = ""
        if request.method == "POST":
            file = request.FILES.get("file")
            try:
                if file is None:
                    raise Refusal("No file is chosen yet. Choose the one that takes its place.")
                replacing.replace(asset, file, by=user, shown=request.POST.get("shown", ""))
            except Refusal as refusal:
                wrong = refusal.sentence
                asset.refresh_from_db()
            else:
                messages.success(request, f"“{asset.name}” shows the new file. Its address is the same as before.")
                return HttpResponseRedirect(reverse("admin:media_assets_mediaasset_change", args=[pk]))
        asset.face = face_of(asset)  # type: ignore[attr-defined]
        uses = Paginator(usage.uses_of(asset), USES_ON_A_PAGE).get_page(request.GET.get("uses"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Replace “{asset.name}”",
            "opts": self.opts,
            "original": asset,
            "asset": asset,
            "look": look_of(asset),
            "uses": uses,
            "accept": ACCEPT,
            "wrong": wrong,
        }
        return TemplateResponse(request, "admin/media_assets/mediaasset/replace.html", context)
