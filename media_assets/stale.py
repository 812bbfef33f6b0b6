"""Renditions of what a picture is not any more: after another file, another focal point, another recipe."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import caches
from django.db.models import QuerySet, prefetch_related_objects
from django.utils import timezone

from media_assets import making, renditions, storage
from media_assets.models import MediaAsset, Rendition
from media_assets.turns import turn

logger = logging.getLogger(__name__)

# How long after the new set was made pages and feeds that others keep may still show the old one.
GRACE = timedelta(days=1)
# Seconds of one run; the next one goes on where it ended.
AS_LONG_AS = 600.0
_CHUNK = 200
_PLACE = "stale-renditions-swept-to"


@dataclass
class Swept:
    """Pictures looked at, stale rows and files deleted, pictures whose set has to be made again, pictures that could
    not be swept, whether it got to the end."""

    looked: int = 0
    rows: int = 0
    files: int = 0
    unfinished: int = 0
    failed: int = 0
    to_the_end: bool = False


def sweep_stale(seconds: float = AS_LONG_AS) -> Swept:
    """Delete what was made of former files and focal points, a day after the new set was made.

    A picture whose rows are not the set it should have now, since the declared sizes changed, is handed to
    `unfinished` first and keeps what it has until then.
    """
    began, swept, now = time.monotonic(), Swept(), timezone.now()
    place = caches["default"].get(_PLACE, 0)
    while chunk := _next(place, now):
        for asset in chunk:
            if time.monotonic() - began > seconds:
                caches["default"].set(_PLACE, place, 7 * 24 * 3600)
                return swept
            try:
                _sweep(asset, swept)
            except Exception:
                # Stores and databases fail in many ways; those behind it are none the worse. The next run tries again.
                logger.exception("The stale renditions of asset %s were not swept.", asset.pk)
                swept.failed += 1
            swept.looked += 1
            place = asset.pk
    caches["default"].delete(_PLACE)
    swept.to_the_end = True
    return swept


def _next(place: int, now: datetime) -> list[MediaAsset]:
    found = list(
        MediaAsset.objects.filter(
            pk__gt=place,
            kind=MediaAsset.Kind.IMAGE,
            state=MediaAsset.State.READY,
            renditions_made_at__lt=now - GRACE,
        ).order_by("pk")[:_CHUNK]
    )
    prefetch_related_objects(found, "renditions")
    return found


def _sweep(asset: MediaAsset, swept: Swept) -> None:
    wanted = {spec.name: making.public_name(asset, spec) for spec in making.all_specs(asset)}
    rows = {row.spec: str(row.file.name) for row in asset.renditions.all()}
    if any(rows.get(spec) != name for spec, name in wanted.items()):
        swept.unfinished += _same(asset).update(renditions_made_at=None)
        return
    lying = {f"{asset.key}/{name}" for name in _names_in(asset.key)}
    files = [name for name in lying - set(wanted.values()) if renditions.parse(name)]
    specs = rows.keys() - wanted.keys()
    if not files and not specs:
        return
    # Who makes the set of another file at this moment is not disturbed; what lies there now may be part of it.
    with turn(f"renditions:{asset.pk}", patience=0) as ours:
        if not ours or not _same(asset).exists():
            return
        swept.rows += Rendition.objects.filter(asset=asset, spec__in=specs).delete()[0]
        for name in files:
            try:
                storage.public().delete(name)
                swept.files += 1
            except Exception as error:
                # A store has many ways to refuse; the next run tries again.
                logger.warning("The stale rendition %s was not deleted: %s", name, error)


def _same(asset: MediaAsset) -> QuerySet[MediaAsset]:
    """The asset, unless it was changed since it was looked at."""
    return MediaAsset.objects.filter(
        pk=asset.pk,
        sha256=asset.sha256,
        focal_x=asset.focal_x,
        focal_y=asset.focal_y,
        renditions_made_at=asset.renditions_made_at,
    )


def _names_in(folder: str) -> list[str]:
    try:
        return storage.public().listdir(folder)[1]
    except FileNotFoundError:
        return []
