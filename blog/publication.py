"""The publication as its editors set it up, for `core.publication`: the one row over what the environment says.

What the row says is kept in the cache until it is saved anew, and by each request from its first question to its end,
so that a page never speaks with two voices. A row that holds nonsense (a hand in the database, an old dump) is read as
far as it makes sense; where there is no database the environment speaks alone.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import Error

from blog.models import SiteLink, SiteSettings
from blog.site_addresses import is_address
from core import cache, inks
from core.publication import Link, Publication, from_environment, read_with
from media_assets import renditions
from media_assets.models import MediaAsset

logger = logging.getLogger(__name__)

GENERATION = "publication"
# Everything that shows the publication's name, menus or look, or follows its switches.
GENERATIONS = (GENERATION, "posts", "taxonomy")
LOGO_WIDTH = 480
ICON_WIDTH = 320
_kept = cache.Group("publication", timeout=3600)
_request = threading.local()


def read() -> Publication:
    """The publication now; within a request, as it was when the request first asked."""
    if not getattr(_request, "open", False):
        return _read()
    if _request.found is None:
        _request.found = _read()
    return _request.found


def forget() -> None:
    """What was saved in this request counts for the rest of it."""
    _request.found = None


def connect() -> None:
    """From now on the row speaks."""
    read_with(read)
    request_started.connect(_begin, dispatch_uid="publication")
    request_finished.connect(_end, dispatch_uid="publication")


def _begin(**facts: Any) -> None:
    _request.open, _request.found = True, None


def _end(**facts: Any) -> None:
    _request.open, _request.found = False, None


def _read() -> Publication:
    try:
        said = _kept.get_or_compute("said", _ask, generation=GENERATION)
        return as_said(said)
    except Error:
        # No database, or none with these tables yet.
        return from_environment()
    except TypeError:
        # Kept by another release, which knew other fields.
        logger.warning("What the cache keeps of the publication is not understood")
        return as_said(_ask())


def as_said(said: dict[str, Any]) -> Publication:
    """What the environment says, with what is said over it."""
    return replace(from_environment(), **said)


def _ask() -> dict[str, Any]:
    row = SiteSettings.objects.select_related("logo", "icon").first()
    links = list(SiteLink.objects.all())
    return said_by(row, links) if row else menus_of(links)


def said_by(row: SiteSettings, links: Iterable[SiteLink]) -> dict[str, Any]:
    """What the row and its links say, field by field of a Publication; what is empty or makes no sense is left out."""
    words = {
        name: " ".join(value.split())
        for name in ("name", "tagline", "description", "footer", "contact_email")
        if isinstance(value := getattr(row, name), str) and value.strip()
    }
    switches = {
        name: bool(getattr(row, name))
        for name in ("drop_initials", "comments_enabled", "analytics_enabled", "is_news", "machines_may_learn")
    }
    return {
        **words,
        **switches,
        **_ink_of(row),
        **menus_of(links),
        "logo": _logo(row.logo),
        "icon": _icon(row.icon),
        "home_layout": row.home_layout if row.home_layout in SiteSettings.HomeLayout.values else "lead",
        "editions": _editions(row.editions),
        "feeds_whole": row.feed_text != SiteSettings.FeedText.SUMMARY,
        "robots_rules": row.robots_rules or "",
        "indexnow_key": row.indexnow_key if row.tell_indexnow else "",
        "websub_hub": row.websub_hub if row.websub_hub.startswith("https://") else "",
    }


def menus_of(links: Iterable[SiteLink]) -> dict[str, tuple[Link, ...]]:
    """The lines of each menu in their order; an address that is none of ours and no https is left out."""
    sound = [link for link in links if link.label.strip() and is_address(link.address)]
    return {
        name: tuple(Link(link.label, link.address) for link in sound if link.place == place)
        for name, place in (("sections", "sections"), ("footer_links", "footer"), ("social", "social"))
    }


def _ink_of(row: SiteSettings) -> dict[str, Any]:
    if row.ink in inks.INKS:
        return {"ink": row.ink}
    colours = (row.own_ink_light, row.own_ink_dark)
    sound = inks.is_readable(colours[0], inks.LIGHT) and inks.is_readable(colours[1], inks.DARK)
    return {"ink": inks.OWN, "own_ink": colours} if row.ink == inks.OWN and sound else {}


def _editions(codes: Any) -> tuple[str, ...]:
    """Of the languages chosen those there are words for, the main one never among them."""
    known = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    return tuple(code for code in known if code in codes) if isinstance(codes, list) else ()


def _logo(asset: MediaAsset | None) -> tuple[str, int, int]:
    """One size, twice as large as it is ever shown."""
    if asset is None or asset.kind != MediaAsset.Kind.IMAGE or not asset.is_ready:
        return ("", 0, 0)
    sizes = [spec for spec in renditions.specs_of(asset) if not spec.shape and spec.format == "webp"]
    if not sizes:
        return (asset.cdn_url, asset.width or 0, asset.height or 0)
    spec = next((spec for spec in sizes if spec.width >= LOGO_WIDTH), sizes[-1])
    return (renditions.address(asset, spec), spec.width, spec.height)


def _icon(asset: MediaAsset | None) -> tuple[str, int, int]:
    """A square, in the format of the original that every device shows."""
    if asset is None or asset.kind != MediaAsset.Kind.IMAGE or not asset.is_ready:
        return ("", 0, 0)
    squares = [spec for spec in renditions.specs_of(asset) if spec.shape == "1x1" and spec.width >= ICON_WIDTH]
    plain = [spec for spec in squares if spec.format in {"png", "jpg"}] or squares
    if not plain:
        return (asset.cdn_url, asset.width or 0, asset.height or 0)
    return (renditions.address(asset, plain[-1]), plain[-1].width, plain[-1].height)
