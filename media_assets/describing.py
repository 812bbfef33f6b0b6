"""What a picture or file is called, says and is sorted by, and which point of a picture every crop keeps."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from accounts.roles import may
from core.events import announce
from core.refusals import Refusal
from media_assets import intake
from media_assets.models import MediaAsset
from media_assets.signals import asset_changed

TAGS_AT_MOST = 20
# What readers are shown in some way; the rest is for editors only.
_SHOWN = {"alt_text", "is_decorative", "caption", "credit", "focal_x", "focal_y"}
_FOCAL = {"focal_x", "focal_y"}
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def describe(
    asset: MediaAsset,
    *,
    by: User,
    name: str | None = None,
    alt_text: str | None = None,
    is_decorative: bool | None = None,
    caption: str | None = None,
    credit: str | None = None,
    tags: Iterable[str] | None = None,
    focal_x: float | None = None,
    focal_y: float | None = None,
) -> MediaAsset:
    """Change what is given, leave what is None, and return the record as it is now.

    `tags` are all the names there shall be, in any case; new ones are made. `focal_x` and `focal_y` go from 0 (left,
    top) to 1. A decorative picture has no alt text. What was changed is written into the audit trail; asset_changed
    is announced when readers see a difference, and a new focal point has the crops made anew. Raises Refusal, and
    then nothing is changed.
    """
    if not may(by, "media_assets.change_mediaasset", asset):
        raise Refusal("Your role does not let you describe this file.")
    wanted: dict[str, Any] = {
        field: _line(asset, field, text)
        for field, text in (("name", name), ("alt_text", alt_text), ("caption", caption), ("credit", credit))
        if text is not None
    }
    if wanted.get("name") == "":
        raise Refusal("A file needs a name, so that editors find it. Give it one.", field="name")
    if is_decorative is not None:
        wanted["is_decorative"] = is_decorative
    for field, place in (("focal_x", focal_x), ("focal_y", focal_y)):
        if place is not None:
            wanted[field] = _inside(field, place)
    words = None if tags is None else _words(tags)
    with transaction.atomic():
        return _change(asset.pk, by, wanted, words)


def _change(pk: int, by: User, wanted: dict[str, Any], words: list[str] | None) -> MediaAsset:
    row = MediaAsset.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise Refusal("It was deleted meanwhile.")
    changes = {field: (getattr(row, field), value) for field, value in wanted.items() if getattr(row, field) != value}
    for field, (_, value) in changes.items():
        setattr(row, field, value)
    if row.is_decorative and row.alt_text:
        raise Refusal(
            "A decorative picture says nothing. Empty the alt text, or untick “Decorative”.", field="alt_text"
        )
    in_words = {_label(field): pair for field, pair in changes.items()}
    fields = [*changes]
    if _FOCAL & changes.keys():
        row.renditions_made_at = None
        fields.append("renditions_made_at")
    if fields:
        row.save(update_fields=[*fields, "updated_at"])
    if words is not None and (pair := _sort_by(row, words)):
        in_words["Tags"] = pair
    if in_words:
        audit.record(by, "changed", row, changes=in_words)
    if _SHOWN & changes.keys():
        announce(asset_changed, asset_id=row.pk)
    return row


def _sort_by(row: MediaAsset, words: list[str]) -> tuple[str, str] | None:
    """Give the file exactly these tags; what it had and has, None when that is the same."""
    before = list(row.tags.all())
    after = sorted((intake.tag_named(word) for word in words), key=lambda tag: tag.name)
    if {tag.pk for tag in before} == {tag.pk for tag in after}:
        return None
    row.tags.set(after)
    return ", ".join(map(str, before)), ", ".join(map(str, after))


def _line(asset: MediaAsset, field: str, text: str) -> str:
    """A text as it is kept: one line, composed, without characters that steer terminals or turn the line around."""
    line = " ".join(_STEERING.sub(" ", unicodedata.normalize("NFC", text)).split())
    most: int = asset._meta.get_field(field).max_length  # type: ignore[union-attr, assignment]
    if len(line) > most:
        raise Refusal(f"The {_label(field).lower()} has {len(line)} characters, at most {most} fit.", field=field)
    return line


def _inside(field: str, place: float) -> float:
    if not math.isfinite(place) or not 0 <= place <= 1:
        raise Refusal("The focal point lies outside the picture. Choose a point inside it.", field=field)
    return float(place)


def _words(tags: Iterable[str]) -> list[str]:
    """The names of tags, each once in whatever case, in the order given."""
    found: dict[str, str] = {}
    for tag in tags:
        word = " ".join(_STEERING.sub(" ", unicodedata.normalize("NFC", tag)).split())
        if len(word) > 60:
            raise Refusal(f"The tag “{word[:30]}…” has {len(word)} characters, at most 60 fit.", field="tags")
        if word:
            found.setdefault(word.casefold(), word)
    if len(found) > TAGS_AT_MOST:
        raise Refusal(f"These are {len(found)} tags; a file has at most {TAGS_AT_MOST}. Leave some out.", field="tags")
    return list(found.values())


def _label(field: str) -> str:
    label = str(MediaAsset._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
    return label[:1].upper() + label[1:]
