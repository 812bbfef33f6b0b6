"""The pictures a text shows, with every size readers may get."""

from __future__ import annotations

from core.markup.pictures import Picture
from media_assets import addresses, renditions
from media_assets.models import MediaAsset


def pictures_in(text: str) -> dict[str, Picture]:
    """The pictures of the library that `text` mentions, by the very addresses in it; one query, none without any."""
    found = addresses.found_in(text)
    if not found:
        return {}
    assets = {asset.key: asset for asset in MediaAsset.objects.filter(key__in=set(found.values()))}
    shown = {at: renditions.picture(assets[key]) for at, key in found.items() if key in assets}
    return {at: picture for at, picture in shown.items() if picture}
