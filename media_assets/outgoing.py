"""What programs elsewhere are told of the library: of files that may be served, never of those that wait."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from core import publication
from media_assets.models import MediaAsset
from webhooks.recording import record


def tell_ready(asset: MediaAsset, *, at: datetime) -> None:
    """Keep it for those who listen, inside the transaction in which the file may be served for the first time."""
    record("media.created", lambda: facts_of(asset), at=at)


def facts_of(asset: MediaAsset) -> dict[str, Any]:
    return {
        "id": asset.pk,
        "kind": asset.kind,
        "mime_type": asset.mime_type,
        "size_bytes": asset.size_bytes,
        "width": asset.width,
        "height": asset.height,
        "url": urljoin(publication.current().url + "/", asset.url),
        "created_at": asset.created_at.isoformat(),
    }
