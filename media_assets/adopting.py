"""Originals of the time when there was one store: they lie where everybody reads, under the name of their web copy."""

from __future__ import annotations

from dataclasses import dataclass, field

from media_assets import making, storage
from media_assets.models import MediaAsset

# Copied in one night.
MOST = 2000


@dataclass
class Adopted:
    """`last` is the asset looked at last, to go on behind it; `lost` those whose original is in neither store."""

    copied: int = 0
    last: int = 0
    lost: list[int] = field(default_factory=list)


def adopt_originals(most: int = MOST, after: int = 0) -> Adopted:
    """Copy originals into the private store before anything else takes their name, `most` of them, by their number.

    Whatever has its whole set of renditions has its original there too, so only the others are looked at. The public
    file stays: it is shown until the web copy replaces it. Running it again, also after it was killed, goes on.
    """
    outcome = Adopted(last=after)
    waiting = MediaAsset.objects.filter(
        kind=MediaAsset.Kind.IMAGE, renditions_made_at=None, state=MediaAsset.State.READY, pk__gt=after
    )
    for asset in waiting.order_by("pk").iterator(chunk_size=200):
        if outcome.copied >= most:
            break
        if making.bring_home(asset):
            outcome.copied += 1
        elif not storage.originals().exists(str(asset.file.name)):
            outcome.lost.append(asset.pk)
        outcome.last = asset.pk
    return outcome
