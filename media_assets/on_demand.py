"""Making one rendition while a reader waits: one at a time in each process, and none that takes much memory.

A whole bitmap has four bytes for each of its pixels, and readers are many. So what is large is left to the worker,
which makes the set once; the reader is told to come again.
"""

from __future__ import annotations

import threading

from django.core.cache import caches
from PIL import Image

from media_assets import making, pixels, renditions, storage
from media_assets.models import MediaAsset

# Pixels of a picture that is decoded here: 64 MB as a bitmap. A JPEG may have more where it can be read made smaller.
MOST_PIXELS = 16_000_000
# Seconds one waits for another picture to be done, and those after which coming again makes sense.
PATIENCE = 10.0
AGAIN_AFTER = 5
# Seconds during which the worker is not asked a second time.
_ASKED = 60
_decoding = threading.BoundedSemaphore(1)


class Later(Exception):
    """It is on its way; come again in AGAIN_AFTER seconds. `for_worker`: the asset whose set the worker shall make."""

    def __init__(self, sentence: str, for_worker: int | None = None) -> None:
        super().__init__(sentence)
        self.for_worker = for_worker


def make(asset: MediaAsset, spec_name: str) -> None:
    """Make a rendition that is missing, or have it made. Raises Later, making.MakingRefused and making.MakingFailed."""
    if _is_large(asset):
        making.spec_named(asset, spec_name)
        raise Later(f"“{asset.name}” is large; its sizes are being made.", _left_to_worker(asset))
    if not _decoding.acquire(timeout=PATIENCE):
        raise Later(f"“{asset.name}” waits for other pictures.")
    try:
        making.make(asset, spec_name)
    finally:
        _decoding.release()


def _left_to_worker(asset: MediaAsset) -> int | None:
    """Its id, unless it was said just now. The set counts as unfinished until it is made, so the clock finds it too."""
    if not caches["default"].add(f"renditions-asked:{asset.pk}:{asset.sha256[:16]}", 1, _ASKED):
        return None
    MediaAsset.objects.filter(pk=asset.pk, sha256=asset.sha256).update(renditions_made_at=None)
    return asset.pk


def _is_large(asset: MediaAsset) -> bool:
    if asset.is_animated or asset.mime_type not in renditions.FORMATS:
        return False  # shown as it is
    if (asset.width or 0) * (asset.height or 0) <= MOST_PIXELS:
        return False
    return asset.mime_type != "image/jpeg" or _is_progressive(asset)


def _is_progressive(asset: MediaAsset) -> bool:
    """Whether a JPEG comes in passes over the whole picture, which its decoder then holds at full size."""
    try:
        with (
            storage.originals().open(str(asset.file.name)) as file,
            Image.open(file, formats=pixels.READABLE) as image,
        ):
            return bool(image.info.get("progressive"))
    except OSError:
        return False  # missing or damaged: whoever makes it says so
