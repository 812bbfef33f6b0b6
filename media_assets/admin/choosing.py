"""The library as JSON, for the dialog in which a picture or file is chosen."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.urls import path, reverse

from media_assets.admin.faces import face_of
from media_assets.finding import matching
from media_assets.models import MediaAsset

PER_PAGE = 60
MOST_PAGES = 500


class Choosing(admin.ModelAdmin):
    """choose/; put it before the other bases."""

    def get_urls(self) -> list[Any]:
        address = path("choose/", self.admin_site.admin_view(self.choose_view), name="media_assets_mediaasset_choose")
        return [address, *super().get_urls()]

    def choose_view(self, request: HttpRequest) -> JsonResponse:
        """What matches `q`, the newest first, sixty to a `page`: `kind` image or file, `mine` for one's own."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET
        rows = MediaAsset.objects.filter(state=MediaAsset.State.READY)
        images = {"kind": MediaAsset.Kind.IMAGE}
        rows = rows.exclude(**images) if asked.get("kind") == "file" else rows.filter(**images)
        if asked.get("mine"):
            rows = rows.filter(uploaded_by=request.user.pk)
        page = asked.get("page", "")
        number = min(max(1, int(page)), MOST_PAGES) if page.isdecimal() and len(page) < 9 else 1
        start = (number - 1) * PER_PAGE
        # One more than is shown says whether there are others, without counting them.
        found = list(matching(rows, asked.get("q", ""))[start : start + PER_PAGE + 1])
        chosen = [choice_of(asset, self.has_change_permission(request, asset)) for asset in found[:PER_PAGE]]
        return JsonResponse({"pictures": chosen, "page": number, "more": len(found) > PER_PAGE})


def choice_of(asset: MediaAsset, may_change: bool) -> dict[str, Any]:
    """What a page needs of a file it may use; `words` is where its alt text is kept, for those who may change it."""
    face = face_of(asset)
    return {
        "id": asset.pk,
        "name": asset.name,
        "kind": asset.kind,
        "type": face.type,
        "url": asset.url,
        "thumb": face.tile,
        "alt": asset.alt_text,
        "decorative": asset.is_decorative,
        "caption": asset.caption,
        "size": face.facts,
        "words": reverse("admin:media_assets_mediaasset_words", args=[asset.pk]) if may_change else "",
        "page": reverse("admin:media_assets_mediaasset_change", args=[asset.pk]),
    }
