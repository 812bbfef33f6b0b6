"""Sets of renditions that are not complete: made in the background, and taken up again without wearing anybody out."""

from __future__ import annotations

import time
from datetime import timedelta

from django.core.cache import caches
from django.utils import timezone

from media_assets import making
from media_assets.models import MediaAsset

# Seconds to wait after so many attempts that did not end well; the last one again and again.
PAUSES = (0, 900, 3600, 6 * 3600, 24 * 3600)
# What was changed just now is still on its way through the queue.
ON_ITS_WAY = timedelta(minutes=1)
# Pictures and seconds of one run.
AT_ONCE = 50
AS_LONG_AS = 240.0


def make(asset_id: int) -> making.Made | None:
    """Make what is missing of one picture; None when there is nothing to make, or it failed and waits for later."""
    asset = MediaAsset.objects.filter(
        pk=asset_id, kind=MediaAsset.Kind.IMAGE, state=MediaAsset.State.READY, renditions_made_at=None
    ).first()
    if asset is None or not _is_due(asset):
        return None
    # Counted before it begins: a picture that takes the whole worker down with it is an attempt as well.
    _count(asset)
    try:
        made = making.make_all(asset)
    except (making.MakingFailed, making.MakingRefused):
        return None  # logged where it happened
    if not made.failed:
        caches["default"].delete(_key(asset))
    return made


def make_missing() -> int:
    """Complete the sets that are not, those that wait longest first; returns how many pictures were taken up."""
    began, taken = time.monotonic(), 0
    waiting = (
        MediaAsset.objects.filter(
            kind=MediaAsset.Kind.IMAGE,
            state=MediaAsset.State.READY,
            renditions_made_at=None,
            updated_at__lt=timezone.now() - ON_ITS_WAY,
        )
        .order_by("id")
        .only("pk", "sha256")
    )
    for asset in waiting.iterator(chunk_size=500):
        if taken >= AT_ONCE or time.monotonic() - began > AS_LONG_AS:
            break
        if _is_due(asset):
            make(asset.pk)
            taken += 1
    return taken


def _is_due(asset: MediaAsset) -> bool:
    attempts, next_at = caches["default"].get(_key(asset)) or (0, 0.0)
    return attempts == 0 or timezone.now().timestamp() >= next_at


def _count(asset: MediaAsset) -> None:
    attempts = (caches["default"].get(_key(asset)) or (0, 0.0))[0] + 1
    pause = PAUSES[min(attempts, len(PAUSES)) - 1]
    caches["default"].set(_key(asset), (attempts, timezone.now().timestamp() + pause), 2 * PAUSES[-1])


def _key(asset: MediaAsset) -> str:
    """With the digest: another file is another chance."""
    return f"renditions-unfinished:{asset.pk}:{asset.sha256[:16]}"
