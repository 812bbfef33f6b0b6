"""The addresses of files as texts have them, and the assets they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urljoin

from django.conf import settings

from media_assets.models import MediaAsset

_KEY = r"\d{4}/\d{2}/[0-9a-f]{24}"
_NAME = re.compile(rf"({_KEY})(?:\.[a-z0-9]{{2,5}}|/[0-9a-f]{{8}}-[\w-]+\.[a-z0-9]{{3,4}})")


def starts() -> list[str]:
    """What addresses of our files begin with: on this site, in full, and at the CDN."""
    found = [settings.MEDIA_URL, urljoin(settings.SITE_URL + "/", settings.MEDIA_URL)]
    if settings.MEDIA_CDN_URL:
        found.append(settings.MEDIA_CDN_URL.rstrip("/") + "/")
    return found


def name_of(address: str) -> str | None:
    """The name of the public file an address means; None when it is not one of this site's media."""
    address = re.split(r"[?#]", address, maxsplit=1)[0]
    return next((address.removeprefix(start) for start in starts() if address.startswith(start)), None)


def key_of(address: str) -> str | None:
    """The key of the asset an address shows, by its own address or one of its renditions'; None for another address."""
    found = _NAME.fullmatch(name_of(address) or "")
    return found[1] if found else None


def found_in(text: str) -> dict[str, str]:
    """The addresses of our files that a text mentions, in Markdown, HTML or plain: address → key of the asset."""
    either = "|".join(re.escape(start) for start in starts())
    if not any(start in text for start in starts()):
        return {}
    # What stands before may not belong to it: "https://elsewhere.org/media/…" is no file of ours.
    return dict(re.findall(rf"(?<![\w.:/-])((?:{either}){_NAME.pattern})(?![\w/])", text))


def keys_in(text: str) -> set[str]:
    """The keys of all files a text mentions."""
    return set(found_in(text).values())


def assets_at(addresses: Iterable[str]) -> dict[str, MediaAsset]:
    """The assets behind those of `addresses` that are ours, by key; one query."""
    keys = {key for address in addresses if (key := key_of(address))}
    return {asset.key: asset for asset in MediaAsset.objects.filter(key__in=keys)} if keys else {}
