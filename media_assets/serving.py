"""What is answered at the address of a file: which file, as what, and who may keep it for how long.

Only what is ready is ever found here. What waits for the scanner, and what it rejected, is as good as not there.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from urllib.parse import quote

from media_assets import making, on_demand, renditions, signed, storage
from media_assets.models import MediaAsset

# A redirect to a signed address, which holds for hours after this has run out.
BRIEFLY = "private, max-age=300"
# Where nginx keeps the originals for what this process lets pass (X-Accel-Redirect; deploy/nginx.conf).
NGINX_ORIGINALS = "/letterpress-originals/"
# Whatever a file holds, it is shown as if it came from nowhere: no scripts, no cookies, nothing fetched.
_ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_ALONE_PLAYING = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


# What a name can be at all; a database refuses some of what an address can hold.
_NAME = re.compile(r"[\w./-]{1,200}", re.ASCII)


@dataclass(frozen=True)
class PublicFile:
    """A file of the public store; `spec` is what `making.make` calls it, `address` where readers fetch it now."""

    asset: MediaAsset
    spec: str
    name: str

    @property
    def mime_type(self) -> str:
        return storage.TYPES[self.name.rpartition(".")[2]]

    @property
    def path(self) -> str:
        """Where it lies on this disk, be it there or not."""
        return storage.public().path(self.name)

    def is_there(self) -> bool:
        return storage.public().exists(self.name)

    def make(self) -> None:
        """Raises on_demand.Later, making.MakingRefused and making.MakingFailed."""
        on_demand.make(self.asset, self.spec)


def asset_named(name: str) -> MediaAsset | None:
    """The asset whose own address has that name; None when there is none or it is not ready."""
    key, _, extension = name.rpartition(".")
    if not _NAME.fullmatch(name):
        return None
    return MediaAsset.objects.filter(key=key, extension=extension, state=MediaAsset.State.READY).first()


def web_copy(asset: MediaAsset) -> PublicFile:
    """What is shown at a picture's own address."""
    return PublicFile(asset, making.web_spec(asset).name, asset.public_name)


def rendition_named(name: str) -> PublicFile | None:
    """The rendition a name means, under the name it has now, whatever revision was asked for.

    What was made of a former file leads to the nearest size there is now, or to the picture's own address when it has
    none any more. None when the set of today has no such size, or the picture is not ready.
    """
    parsed = renditions.parse(name) if _NAME.fullmatch(name) else None
    if parsed is None:
        return None
    key, revision, wanted = parsed
    asset = MediaAsset.objects.filter(key=key, state=MediaAsset.State.READY, kind=MediaAsset.Kind.IMAGE).first()
    if asset is None:
        return None
    specs = renditions.specs_of(asset)
    spec = next((spec for spec in specs if spec.name == wanted), None)
    if spec is None:
        asked = renditions.SPEC.match(wanted)
        is_of_now = revision in {renditions.revision(asset, shape) for shape in ("", *renditions.SHAPES)}
        if is_of_now or asked is None or asked["format"] not in renditions.TYPES:
            return None
        spec = _nearest(specs, asked)
    return PublicFile(asset, spec.name, renditions.file_name(asset, spec)) if spec else web_copy(asset)


def _nearest(specs: list[renditions.Spec], asked: re.Match[str]) -> renditions.Spec | None:
    """The size nearest to the one asked for, in its shape and format, or in the format every browser shows."""
    shape = asked["shape"] or ("" if asked["width"] else asked.string.partition(".")[0])
    of_shape = [spec for spec in specs if spec.shape == shape]
    if not of_shape:
        return None
    fitting = [spec for spec in of_shape if spec.format == asked["format"]]
    fitting = fitting or [spec for spec in of_shape if spec.format == of_shape[-1].format]
    width = int(asked["width"] or asked["across"] or 0)
    return min(fitting, key=lambda spec: abs(spec.width - width))


def headers(mime_type: str, keep: str, disposition: str = "inline") -> dict[str, str]:
    """All that is said about a file of that type, besides its length and age."""
    plays = mime_type.startswith(("audio/", "video/"))
    return {
        "Content-Type": mime_type,
        "Content-Disposition": disposition,
        "Cache-Control": keep,
        "Content-Security-Policy": _ALONE_PLAYING if plays else _ALONE,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }


def signed_headers(opening: signed.Opening) -> dict[str, str]:
    """As `headers`, for what a signed address opens: a browser may keep it as long as the address holds."""
    keep = f"private, max-age={max(0, opening.expires - int(time.time()))}"
    return headers(opening.mime_type, keep, opening.disposition)


def nginx_path(name: str) -> str:
    """What nginx is told to send in place of this process."""
    return NGINX_ORIGINALS + quote(name)
