"""Rows of the library for tests that need no file behind them."""

import hashlib
from typing import Any

from media_assets.models import MediaAsset

_count = iter(range(1, 10**9))


def make_asset(**fields: Any) -> MediaAsset:
    """A photograph of 4000 × 3000, ready, with an alt text; any field can be given."""
    number = next(_count)
    row: dict[str, Any] = {
        "name": f"Picture {number}",
        "mime_type": "image/jpeg",
        "extension": "jpg",
        "size_bytes": 3_000_000,
        "width": 4000,
        "height": 3000,
        "sha256": hashlib.sha256(str(number).encode()).hexdigest(),
        "alt_text": "The harbour at noon",
        "placeholder_colour": "#204060",
    }
    if fields.get("state") == MediaAsset.State.REJECTED:
        row["rejection"] = "The virus scanner found Eicar in it."
    asset = MediaAsset(**{**row, **fields})
    asset.file.name = asset.file.name or asset.public_name
    asset.save()
    return asset
