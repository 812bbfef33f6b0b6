"""Signed addresses: how a file of the private store is read from outside, for a few hours.

An address is given out to everybody who asks within 45 minutes, so that browsers keep what they fetched, and holds for
at least three hours more. What is asked for often is signed anew before anybody has to wait for it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.utils.http import content_disposition_header

from core import cache
from core.refusals import Refusal
from media_assets import storage
from media_assets.models import MediaAsset

# Seconds an address holds, how long the same one is given out, and how often those about to run out are signed anew.
VALID = 4 * 3600
KEPT = 45 * 60
RENEWED_EVERY = 5 * 60
# What nobody asked for in this time is signed when it is asked for.
ASKED_WITHIN = 2 * KEPT
MOST_RENEWED = 2000

_SIGNER = "media_assets.signed"
# The key holds the name and the digest of the file: what is replaced, or taken away, is asked for by another key.
_kept = cache.Group("signed-addresses", timeout=KEPT, by_content=True)
_asked = cache.Recent("signed-addresses", MOST_RENEWED, ASKED_WITHIN)


@dataclass(frozen=True)
class Opening:
    """What a signed address of this site lets its bearer read; `expires` in seconds since 1970."""

    name: str
    mime_type: str
    disposition: str
    expires: int


def address_of(asset: MediaAsset, *, download_name: str = "") -> str:
    """Where the original can be fetched for three hours at least; with a `download_name`, to be saved under it.

    In a bucket this is its own signed address, else a path of this site (see `open_name`). Raises Refusal for what is
    not ready: nothing else is ever served.
    """
    if not asset.is_ready:
        raise Refusal(f"“{asset.name}” cannot be read: it is {asset.get_state_display().lower()}.")
    _asked.note(f"{asset.pk}:{download_name}")
    address, _ = _kept.get_or_compute(_key(asset, download_name), lambda: _sign(asset, download_name))
    return address


def open_name(token: str) -> Opening:
    """What the part of a path after "/media/signed/" allows to read.

    Raises django.core.signing.BadSignature for what was not signed here; SignatureExpired, one of them, when it was.
    """
    opening = Opening(*signing.Signer(salt=_SIGNER).unsign_object(token))
    if opening.expires <= time.time():
        raise signing.SignatureExpired("This address has run out.")
    return opening


def renew_ahead() -> int:
    """Sign anew what was asked for lately and runs out before the next call is over; how many that were."""
    asked = [name.partition(":") for name in _asked.names()]
    assets = MediaAsset.objects.in_bulk({int(pk) for pk, _, _ in asked})
    renewed = 0
    for pk, _, download_name in asked:
        asset = assets.get(int(pk))
        if asset is not None and asset.is_ready and _runs_out(_kept.peek(_key(asset, download_name))):
            _kept.keep(_key(asset, download_name), _sign(asset, download_name))
            renewed += 1
    return renewed


def _runs_out(signed: tuple[str, float] | None) -> bool:
    return signed is None or signed[1] + KEPT < time.time() + 2 * RENEWED_EVERY


def _key(asset: MediaAsset, download_name: str) -> str:
    return f"{asset.pk}:{asset.file.name}:{asset.sha256}:{asset.name}:{download_name}"


def _sign(asset: MediaAsset, download_name: str) -> tuple[str, float]:
    """The address and when it was signed."""
    now, name = time.time(), str(asset.file.name)
    disposition = disposition_of(asset, download_name)
    if storage.is_remote():
        parameters = {"ResponseContentType": asset.mime_type, "ResponseContentDisposition": disposition}
        bucket: Any = storage.originals()
        return bucket.url(name, parameters=parameters, expire=VALID), now
    token = signing.Signer(salt=_SIGNER).sign_object(
        [name, asset.mime_type, disposition, int(now) + VALID], compress=True
    )
    return f"{settings.MEDIA_URL}signed/{token}", now


def disposition_of(asset: MediaAsset, download_name: str = "") -> str:
    """The header Content-Disposition: sound, film and pixels are shown; documents and drawings are saved."""
    shown = asset.kind != MediaAsset.Kind.DOCUMENT and asset.mime_type != "image/svg+xml"
    name = download_name or f"{asset.name}.{asset.extension}"
    return content_disposition_header(bool(download_name) or not shown, "".join(filter(str.isprintable, name))) or ""
