"""What the library holds of a person's, for their download: what they uploaded, without the files themselves."""

from __future__ import annotations

from accounts.models import User
from accounts.personal_data import CHUNK, Parts
from media_assets.models import MediaAsset


def parts_of(user: User) -> Parts:
    found = MediaAsset.objects.filter(uploaded_by=user).order_by("pk")
    facts = found.only("name", "kind", "size_bytes", "key", "extension", "created_at")
    yield (
        "uploads",
        (
            {
                "name": asset.name,
                "kind": asset.kind,
                "size_bytes": asset.size_bytes,
                "address": asset.url,
                "uploaded_at": asset.created_at,
            }
            for asset in facts.iterator(chunk_size=CHUNK)
        ),
    )
