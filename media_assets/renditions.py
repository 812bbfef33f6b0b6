"""Which renditions there are of a picture: a fixed set of sizes, shapes and formats, and the address of each.

Nobody outside can ask for another size. An address holds a digest of all that decides what is there, so it may be kept
for ever; what a rendition costs is paid once, right after upload or when it is first asked for (`media_assets.making`).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from core.markup.pictures import Picture
from media_assets import storage
from media_assets.models import MediaAsset

# Raised whenever the same original gives other renditions than before, with a migration that empties
# renditions_made_at of all assets: the sweeper then makes them anew.
RECIPE = 1
WIDTHS = (320, 480, 720, 800, 1080, 1440, 1920, 2560)
# Name → proportions, and widths of each shape that is cut out around the focal point.
SHAPES: dict[str, tuple[tuple[int, int], tuple[int, ...]]] = {
    "16x9": ((16, 9), (480, 960, 1600)),
    "1x1": ((1, 1), (96, 320, 640)),
    "card": ((1200, 630), (1200,)),
}
CARD = "card.jpg"
TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg", "png": "image/png", "gif": "image/gif"}
# Type of the original → formats of its renditions, the smallest first; the last is the one every browser shows.
FORMATS = {
    "image/jpeg": ("avif", "webp", "jpg"),
    "image/png": ("avif", "webp", "png"),
    "image/gif": ("webp", "png"),
    "image/webp": ("avif", "webp"),
    "image/avif": ("avif", "webp"),
}
# Shown where no size can be chosen: large enough to be read, small enough to come.
PLAIN = 1080
# A size that is hardly smaller than the next is not worth a file.
WORTH_IT = 1.15
# Longer sides do not fit into a WebP file.
WEBP_SIDE = 16_383
SPEC = re.compile(r"^(?:w(?P<width>\d{1,4})|(?P<shape>16x9|1x1)-(?P<across>\d{1,4})|card|web)\.(?P<format>[a-z]{3,4})$")
_FILE = re.compile(r"^(?P<key>.+)/(?P<revision>[0-9a-f]{8})-(?P<spec>[\w-]+\.[a-z]{3,4})$")


@dataclass(frozen=True)
class Spec:
    """One rendition: its name ("w720.avif", "16x9-960.webp", "card.jpg"), shape ("" for the whole picture), size."""

    name: str
    shape: str
    width: int
    height: int
    format: str

    @property
    def mime_type(self) -> str:
        return TYPES[self.format]


def has_sizes(asset: MediaAsset) -> bool:
    """Whether there are renditions at all: moving pictures and drawings are shown as they are."""
    return bool(
        asset.kind == MediaAsset.Kind.IMAGE and not asset.is_animated and asset.width and asset.mime_type in FORMATS
    )


def specs_of(asset: MediaAsset) -> list[Spec]:
    """Every rendition a picture has, the whole picture's sizes first; never larger than the picture itself."""
    if not has_sizes(asset):
        return []
    return list(_specs(asset.width or 1, asset.height or 1, FORMATS[asset.mime_type]))


@lru_cache(maxsize=512)
def _specs(width: int, height: int, formats: tuple[str, ...]) -> tuple[Spec, ...]:
    whole = _widths(width, WIDTHS)
    found = [
        Spec(f"w{across}.{form}", "", across, max(1, round(across * height / width)), form)
        for across in whole
        for form in formats
        if (form != "webp" or across * height / width <= WEBP_SIDE) and (form != "png" or across in _few(whole))
    ]
    for shape, ((wide, high), widths) in SHAPES.items():
        most = min(width, height * wide // high) or 1
        offered = _widths(most, widths)
        for across in offered:
            down = max(1, round(across * high / wide))
            if shape == "card":
                found.append(Spec(CARD, shape, across, down, "jpg"))
            else:
                found += [
                    Spec(f"{shape}-{across}.{form}", shape, across, down, form)
                    for form in formats
                    if form != "png" or across == offered[-1]
                ]
    return tuple(found)


def _few(widths: list[int]) -> set[int]:
    """PNG is only for browsers that know nothing newer, and large: one size to be read, and the largest."""
    return {min(widths, key=lambda width: abs(width - PLAIN)), widths[-1]}


def _widths(most: int, wanted: tuple[int, ...]) -> list[int]:
    """Those of `wanted` that are smaller than `most`, and `most` itself where it is smaller than the largest."""
    if most >= wanted[-1]:
        return list(wanted)
    return [width for width in wanted if width * WORTH_IT < most] + [most]


def revision(asset: MediaAsset, shape: str = "") -> str:
    """Eight hexadecimal digits that change with the original, and for a shape with its focal point."""
    facts = f"{RECIPE}:{asset.sha256}"
    if shape:
        facts += f":{asset.focal_x:.3f}:{asset.focal_y:.3f}"
    return hashlib.blake2s(facts.encode(), digest_size=4).hexdigest()


def file_name(asset: MediaAsset, spec: Spec) -> str:
    """Its name in the public store: "2026/11/3f9a…/0a1b2c3d-w640.avif"."""
    return f"{asset.key}/{revision(asset, spec.shape)}-{spec.name}"


def parse(name: str) -> tuple[str, str, str] | None:
    """The key of the picture, the revision and the name of the spec in a file name; None when it is no rendition."""
    found = _FILE.match(name)
    return (found["key"], found["revision"], found["spec"]) if found else None


def address(asset: MediaAsset, spec: Spec) -> str:
    """Where readers fetch a rendition: from us until all are made, for a bucket would answer that it has none."""
    name = file_name(asset, spec)
    if storage.is_remote() and not asset.renditions_made_at:
        return settings.MEDIA_URL + name
    return storage.public_url(name)


def picture(asset: MediaAsset, shape: str = "", most: int = 0) -> Picture | None:
    """Every size of a picture, whole or in a shape ("16x9", "1x1"); None for what is not ready or no picture.

    `most`: the width above which no size is offered, for places that never show it larger; 0 offers all.
    """
    if asset.kind != MediaAsset.Kind.IMAGE or not asset.is_ready:
        return None
    specs = [spec for spec in specs_of(asset) if spec.shape == shape]
    if not specs:
        return Picture(asset.cdn_url, asset.width or 0, asset.height or 0, tint=tint(asset))
    by_format = {
        form: [spec for spec in specs if spec.format == form and (spec.width <= most or not most)]
        or [next(spec for spec in specs if spec.format == form)]
        for form in dict.fromkeys(spec.format for spec in specs)
    }
    *better, last = by_format
    largest = by_format[last][-1]
    plain = min(by_format[last], key=lambda spec: abs(spec.width - PLAIN))
    return Picture(
        src=address(asset, plain),
        width=largest.width,
        height=largest.height,
        srcset=_srcset(asset, by_format[last]),
        sources=tuple((TYPES[form], _srcset(asset, by_format[form])) for form in better),
        tint=tint(asset),
    )


def _srcset(asset: MediaAsset, specs: list[Spec]) -> str:
    return ", ".join(f"{address(asset, spec)} {spec.width}w" for spec in specs)


def card_address(asset: MediaAsset) -> tuple[str, int, int] | None:
    """The picture of share cards, 1200 × 630 or smaller: address, width, height; None when there is none."""
    card = next((spec for spec in specs_of(asset) if spec.name == CARD), None)
    return (address(asset, card), card.width, card.height) if card and asset.is_ready else None


def small_address(asset: MediaAsset, shape: str = "1x1", width: int = 320) -> str:
    """One small picture for the admin: the nearest size at or above `width`, in WebP, or JPEG where that is missing."""
    specs = [spec for spec in specs_of(asset) if spec.shape == shape]
    if not specs:
        return asset.cdn_url
    fitting = [spec for spec in specs if spec.format == "webp"] or specs
    return address(asset, next((spec for spec in fitting if spec.width >= width), fitting[-1]))


def tint(asset: MediaAsset) -> str:
    """A class of `tints.css` near the picture's average colour, four steps of each of red, green and blue.

    A picture one can see through has no such colour: behind it the tint would stay in sight.
    """
    colour = asset.placeholder_colour
    if len(colour) != 7:
        return ""
    return "tint-" + "".join(str(round(int(colour[place : place + 2], 16) / 85)) for place in (1, 3, 5))
