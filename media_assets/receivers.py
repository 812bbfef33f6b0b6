"""What follows from what this app announces."""

from typing import Any

from django.dispatch import receiver

from core.background import enqueue
from media_assets import tasks
from media_assets.models import MediaAsset
from media_assets.signals import asset_changed, asset_ready, asset_taken_in


@receiver(asset_taken_in)
def begin_with_it(asset_id: int, **facts: Any) -> None:
    """Nothing is made of what the scanner has not found clean."""
    waits = MediaAsset.objects.filter(pk=asset_id, state=MediaAsset.State.SCANNING).exists()
    enqueue(tasks.scan if waits else tasks.make_renditions, asset_id)


@receiver(asset_ready)
def make_renditions(asset_id: int, **facts: Any) -> None:
    enqueue(tasks.make_renditions, asset_id)


@receiver(asset_changed)
def make_crops_anew(asset_id: int, **facts: Any) -> None:
    """A new focal point; nothing to do for any other change, nor once they are made."""
    ready = MediaAsset.objects.filter(pk=asset_id, kind=MediaAsset.Kind.IMAGE, state=MediaAsset.State.READY)
    if ready.filter(renditions_made_at=None).exists():
        enqueue(tasks.make_renditions, asset_id)
