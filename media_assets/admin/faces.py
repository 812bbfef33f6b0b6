"""What a file looks like in the library: a small picture of it or its type, and its facts in one line."""

from __future__ import annotations

from dataclasses import dataclass

from core.sizes import in_bytes
from media_assets import renditions
from media_assets.models import MediaAsset

TYPES = {"jpg": "JPEG", "webp": "WebP", "webm": "WebM"}
# What has no smaller copies is shown as it is up to here; above, its type stands for it.
MOST_BYTES_AS_IT_IS = 300 * 1024
STATES = {
    MediaAsset.State.PENDING: "Not complete",
    MediaAsset.State.SCANNING: "Waiting for the scanner",
    MediaAsset.State.REJECTED: "Rejected",
}


@dataclass(frozen=True)
class Face:
    """`tile` and `thumb` are addresses of a square of 320 and of 96 pixels, empty where only the type is shown."""

    tile: str
    thumb: str
    type: str
    facts: str
    # What holds it back from readers, in words; empty for what they may see.
    held_back: str
    needs_words: bool


def face_of(asset: MediaAsset) -> Face:
    is_picture = asset.kind == MediaAsset.Kind.IMAGE
    can_be_shown = renditions.has_sizes(asset) or asset.size_bytes <= MOST_BYTES_AS_IT_IS
    shown = is_picture and asset.is_ready and can_be_shown
    return Face(
        tile=renditions.small_address(asset, width=320) if shown else "",
        thumb=renditions.small_address(asset, width=96) if shown else "",
        type=type_of(asset),
        facts=" · ".join(fact for fact in (type_of(asset), extent(asset), in_bytes(asset.size_bytes)) if fact),
        held_back=STATES.get(MediaAsset.State(asset.state), ""),
        needs_words=is_picture and not asset.alt_text and not asset.is_decorative,
    )


def type_of(asset: MediaAsset) -> str:
    return TYPES.get(asset.extension, asset.extension.upper())


def extent(asset: MediaAsset) -> str:
    """How large it is in its own way: "4,032 × 3,024" or "3:07"; empty for what has neither."""
    if asset.duration_seconds:
        minutes, seconds = divmod(round(asset.duration_seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{asset.width:,} × {asset.height:,}" if asset.width and asset.height else ""
