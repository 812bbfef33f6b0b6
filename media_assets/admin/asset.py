"""Pictures and files: looked at as tiles or rows, filled, described, replaced, and deleted when nothing uses them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.audited import AuditedAdmin
from accounts.admin.lists import Column, ListTools
from accounts.roles import may
from core.refusing_admin import RefusingAdmin
from media_assets.admin import report
from media_assets.admin.bulk import BulkDeeds
from media_assets.admin.choosing import Choosing
from media_assets.admin.deletion import Deletion
from media_assets.admin.detail import Detail
from media_assets.admin.listing import Listing
from media_assets.admin.replacement import Replacement
from media_assets.admin.uploading import Uploading
from media_assets.models import MediaAsset


@admin.register(MediaAsset)
class MediaAssetAdmin(
    Choosing, Uploading, Replacement, Deletion, BulkDeeds, Listing, Detail, AuditedAdmin, ListTools, RefusingAdmin
):
    csv_columns: ClassVar[list[Column]] = [
        "name",
        "kind",
        ("Type", lambda asset: asset.mime_type),
        ("Bytes", lambda asset: asset.size_bytes),
        ("Width", lambda asset: asset.width),
        ("Height", lambda asset: asset.height),
        ("Alt text", lambda asset: asset.alt_text),
        ("Decorative", lambda asset: asset.is_decorative),
        ("Caption", lambda asset: asset.caption),
        ("Credit", lambda asset: asset.credit),
        ("Tags", lambda asset: ", ".join(tag.name for tag in asset.tags.all())),
        ("Added by", lambda asset: asset.uploaded_by),
        ("Added", lambda asset: asset.created_at),
        ("State", lambda asset: asset.get_state_display()),
        ("Address", lambda asset: asset.url),
    ]

    def get_urls(self) -> list[Any]:
        return [*report.urls(self.admin_site), *super().get_urls()]

    def csv_rows(self, rows: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
        return rows.select_related("uploaded_by").prefetch_related("tags")

    def has_change_permission(self, request: HttpRequest, obj: MediaAsset | None = None) -> bool:
        return may(request.user, "media_assets.change_mediaasset", obj)

    def has_delete_permission(self, request: HttpRequest, obj: MediaAsset | None = None) -> bool:
        return may(request.user, "media_assets.delete_mediaasset", obj)
