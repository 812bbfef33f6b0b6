"""Making renditions: one when it is asked for and missing, the whole set right after upload.

Whatever is written is whole or not there, and what a row says was made of the file and the focal point the asset has:
when either changed meanwhile, it is made again. Being killed anywhere leaves work for `make_missing`, nothing worse.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage
from django.db import transaction
from django.utils import timezone
from PIL import Image

from core.events import announce
from core.refusals import Refusal
from media_assets import pixels, removing, renditions, storage
from media_assets.models import MediaAsset, Rendition
from media_assets.renditions import FORMATS, WIDTHS, Spec
from media_assets.signals import asset_changed
from media_assets.turns import turn

logger = logging.getLogger(__name__)

WEB = "web"
_MAY_MOVE = {"image/gif", "image/webp", "image/png"}
# How often a picture that is changed while its renditions are made is begun again.
_ATTEMPTS = 3


class MakingRefused(Refusal):
    """No such rendition: of no declared size, of a file that is no picture or not ready."""


class MakingFailed(Exception):
    """It should be there and cannot be made now: the original is missing or damaged, or the disk is full."""


@dataclass
class Made:
    """What became of the set of one asset: names of specs, and for those that failed the reason."""

    made: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def web_spec(asset: MediaAsset) -> Spec:
    """The copy at the asset's own address: at most as wide as the widest rendition, in the format of its ending."""
    width, height = asset.width or 1, asset.height or 1
    across = min(width, WIDTHS[-1])
    return Spec(f"{WEB}.{asset.extension}", "", across, max(1, round(across * height / width)), asset.extension)


def all_specs(asset: MediaAsset) -> list[Spec]:
    """Everything that is made of an asset: its own copy first, then the renditions."""
    return [web_spec(asset), *renditions.specs_of(asset)]


def spec_named(asset: MediaAsset, name: str) -> Spec:
    """Raises MakingRefused."""
    found = next((spec for spec in all_specs(asset) if spec.name == name), None)
    if found is None:
        raise MakingRefused(f"There is no rendition “{name}” of this file.")
    return found


def public_name(asset: MediaAsset, spec: Spec) -> str:
    """Where a rendition lies in the public store."""
    return asset.public_name if _is_web(spec) else renditions.file_name(asset, spec)


def make(asset: MediaAsset, spec_name: str, *, anew: bool = False) -> Rendition:
    """The rendition of that name, made when it is missing or `anew`.

    However many ask at once, one makes it and the others get what it made. Raises MakingRefused and MakingFailed.
    """
    for _ in range(_ATTEMPTS):
        _require_ready(asset)
        spec = spec_named(asset, spec_name)
        found = None if anew else _there(asset, spec)
        if found is None:
            with turn(f"rendition:{asset.pk}:{spec_name}"):
                found = (None if anew else _there(asset, spec)) or _make_one(asset, spec)
        if found is not None:
            return found
        asset = _fresh(asset)
    raise MakingFailed(f"“{asset.name}” is being changed. Try again in a moment.")


def make_all(asset: MediaAsset, *, anew: bool = False) -> Made:
    """Make what is missing of the whole set, or all of it `anew`; one rendition that fails does not keep the others.

    The asset is marked only when its set is complete; asset_changed is announced when anything is new. Raises
    MakingRefused, and MakingFailed when nothing can be made at all.
    """
    for _ in range(_ATTEMPTS):
        with turn(f"renditions:{asset.pk}") as ours:
            if not ours:
                raise MakingFailed(f"The renditions of “{asset.name}” are being made elsewhere.")
            asset = _fresh(asset)
            outcome = _make_set(asset, anew)
        if outcome is not None:
            return outcome
    raise MakingFailed(f"“{asset.name}” is being changed. Try again in a moment.")


def _make_one(asset: MediaAsset, spec: Spec) -> Rendition | None:
    """None when the asset was changed meanwhile: then what was made is not of it any more."""
    drawing = _draw(asset, [spec])
    if drawing is None or not _settle(asset, drawing):
        return None
    if drawing.failed:
        raise MakingFailed(f"“{asset.name}”: {drawing.failed[spec.name]}")
    return Rendition.objects.get(asset=asset, spec=spec.name)


def _make_set(asset: MediaAsset, anew: bool) -> Made | None:
    _require_ready(asset)
    specs = all_specs(asset)
    rows = {} if anew else {row.spec: row for row in asset.renditions.all()}
    there = [spec for spec in specs if spec.name in rows and _lies(rows[spec.name], asset, spec)]
    if not asset.renditions_made_at:
        # The one name that stays the same when the file is replaced, so that it does not tell what lies there.
        there = [spec for spec in there if not _is_web(spec)]
    missing = [spec for spec in specs if spec not in there]
    names = [spec.name for spec in there]
    if not missing and asset.renditions_made_at:
        return Made(there=names)
    drawing = _draw(asset, missing)
    if drawing is None or not _settle(asset, drawing, whole=True):
        return None
    return Made([row.spec for row in drawing.rows], names, drawing.failed)


@dataclass
class _Drawing:
    """What was made, as rows that are not saved yet; names of files that were written; what failed; the average colour.

    `web` is the copy for the address that stays; it is written when what it was made of is certain.
    """

    rows: list[Rendition] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    web: bytes | None = None
    failed: dict[str, str] = field(default_factory=dict)
    colour: str = ""


def _draw(asset: MediaAsset, specs: list[Spec]) -> _Drawing | None:
    """Write the files of these specs; None when the asset is not what it was taken for."""
    drawing = _Drawing()
    try:
        with _original(asset) as file:
            if _moves_unknown(asset, file):
                return None
            if _is_shown_as_it_is(asset):
                content = file.read()
                for spec in specs:
                    _try(asset, spec, asset.mime_type, lambda: content, drawing)
                return drawing
            _draw_sizes(asset, file, specs, drawing)
    except Exception as error:
        # Decoders and stores fail in every way there is; for whoever asks it is the same news.
        now = MediaAsset.objects.filter(pk=asset.pk).first()
        if now is None or now.sha256 != asset.sha256:
            _clear_away(asset, now, drawing)
            return None
        logger.warning("No renditions of asset %s: %s", asset.pk, error)
        raise MakingFailed(f"“{asset.name}”: {_reason(error)}") from error
    return drawing


def _draw_sizes(asset: MediaAsset, file: IO[bytes], specs: list[Spec], drawing: _Drawing) -> None:
    photograph = asset.mime_type == "image/jpeg"
    last: tuple[Image.Image, dict[str, bytes]] | None = None
    for spec, picture in pixels.drawn(file, (asset.focal_x, asset.focal_y), specs):
        if last is None or last[0] is not picture:
            last = (picture, {})
        encoded = last[1]

        def content(spec: Spec = spec, picture: Image.Image = picture, encoded: dict[str, bytes] = encoded) -> bytes:
            if _is_web(spec) and spec.mime_type == asset.mime_type == "image/gif":
                # Few colours, chosen by whoever drew it; choosing them again only spoils it.
                file.seek(0)
                return file.read()
            if spec.format not in encoded:
                encoded[spec.format] = pixels.written(picture, spec.format, photograph=photograph)
            return encoded[spec.format]

        _try(asset, spec, spec.mime_type, content, drawing)
    if last and not asset.placeholder_colour:
        drawing.colour = pixels.average_colour(last[0])


def _try(asset: MediaAsset, spec: Spec, mime_type: str, content_of: Callable[[], bytes], drawing: _Drawing) -> None:
    """Make one file and write it, or note why not."""
    name = public_name(asset, spec)
    try:
        content = content_of()
        if _is_web(spec):
            drawing.web = content
        else:
            write(storage.public(), name, content, mime_type)
            drawing.written.append(name)
    except Exception as error:
        logger.warning("No rendition %s of asset %s: %s", spec.name, asset.pk, error)
        drawing.failed[spec.name] = _reason(error)
        return
    drawing.rows.append(
        Rendition(
            asset=asset,
            spec=spec.name,
            file=name,
            mime_type=mime_type,
            width=spec.width,
            height=spec.height,
            size_bytes=len(content),
        )
    )


def _settle(asset: MediaAsset, drawing: _Drawing, *, whole: bool = False) -> bool:
    """Write down what was made, unless it was made of something the asset is not any more: then it goes again."""
    with transaction.atomic():
        # Whoever replaces the file or deletes the picture waits for this row. So nobody comes between this look at it
        # and the copy at the address that stays, which would show the former file for good.
        now = MediaAsset.objects.select_for_update(no_key=True).filter(pk=asset.pk).first()
        if now is None or not now.is_ready or _facts(now) != _facts(asset):
            _clear_away(asset, now, drawing)
            return False
        _write_web(asset, drawing)
        at = timezone.now()
        for row in drawing.rows:
            row.created_at = at
        Rendition.objects.bulk_create(
            drawing.rows,
            update_conflicts=True,
            unique_fields=["asset", "spec"],
            update_fields=["file", "mime_type", "width", "height", "size_bytes", "created_at"],
        )
        changes: dict[str, object] = {"placeholder_colour": drawing.colour} if drawing.colour else {}
        if whole and not drawing.failed:
            changes["renditions_made_at"] = at
            announce(asset_changed, asset_id=asset.pk)
        if changes:
            MediaAsset.objects.filter(pk=asset.pk).update(**changes)
    return True


def _facts(asset: MediaAsset) -> tuple[str, float, float]:
    """All that decides what is made."""
    return asset.sha256, asset.focal_x, asset.focal_y


def _write_web(asset: MediaAsset, drawing: _Drawing) -> None:
    row = next((row for row in drawing.rows if row.file.name == asset.public_name), None)
    if row is None or drawing.web is None:
        return
    try:
        write(storage.public(), asset.public_name, drawing.web, row.mime_type)
    except Exception as error:
        logger.warning("No rendition %s of asset %s: %s", row.spec, asset.pk, error)
        drawing.failed[row.spec] = _reason(error)
        drawing.rows.remove(row)


def _clear_away(asset: MediaAsset, now: MediaAsset | None, drawing: _Drawing) -> None:
    """Delete what was written for nothing; `now` is what the asset became, None when it was deleted.

    What it has now stays, and what its rows still know: that is for `stale`, when readers have the new set.
    """
    useless = set(drawing.written)
    if now is not None and now.is_ready:
        useless -= {public_name(now, spec) for spec in all_specs(now)}
        useless -= {str(name) for name in now.renditions.values_list("file", flat=True)}
    removing.delete_files(storage.public(), sorted(useless))
    if now is None and useless:
        # On a disk its folder was made again with the first of them.
        removing.delete_files(storage.public(), [asset.key])


@contextmanager
def _original(asset: MediaAsset) -> Iterator[IO[bytes]]:
    name = str(asset.file.name)
    if not storage.originals().exists(name):
        bring_home(asset)
    with storage.originals().open(name) as file:
        yield file


def bring_home(asset: MediaAsset) -> bool:
    """Copy an original that still lies among the public files, where its web copy is about to take its name.

    Only when it is the original: what lies there may be that copy already. Gives whether it was copied now.
    """
    name = str(asset.file.name)
    with turn(f"original:{asset.pk}"):
        if storage.originals().exists(name) or not storage.public().exists(name):
            return False
        with storage.public().open(name) as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != asset.sha256:
            return False
        write(storage.originals(), name, content, asset.mime_type)
        return True


def write(store: Storage, name: str, content: bytes, mime_type: str) -> None:
    """Put a file into a store under exactly this name, all at once: a reader finds the old one or the new one whole."""
    if not isinstance(store, FileSystemStorage):
        whole = ContentFile(content)
        whole.content_type = mime_type  # type: ignore[attr-defined]
        store.save(name, whole)
        return
    path = Path(store.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fdatasync(file.fileno())
        part.chmod(settings.FILE_UPLOAD_PERMISSIONS)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _moves_unknown(asset: MediaAsset, file: IO[bytes]) -> bool:
    """Whether a picture that counts as still moves; it is put right then. So it is with what came in long ago."""
    if asset.is_animated or asset.mime_type not in _MAY_MOVE:
        return False
    moves = pixels.frames_in(file) > 1
    file.seek(0)
    if moves:
        MediaAsset.objects.filter(pk=asset.pk, sha256=asset.sha256).update(is_animated=True)
    return moves


def _is_shown_as_it_is(asset: MediaAsset) -> bool:
    return asset.is_animated or asset.mime_type not in FORMATS


def _is_web(spec: Spec) -> bool:
    return spec.name.startswith(f"{WEB}.")


def _there(asset: MediaAsset, spec: Spec) -> Rendition | None:
    row = asset.renditions.filter(spec=spec.name).first()
    return row if row and _lies(row, asset, spec) else None


def _lies(row: Rendition, asset: MediaAsset, spec: Spec) -> bool:
    """Whether a row is of what the asset is now, and its file in the store."""
    return row.file.name == public_name(asset, spec) and storage.public().exists(str(row.file.name))


def _fresh(asset: MediaAsset) -> MediaAsset:
    found = MediaAsset.objects.filter(pk=asset.pk).first()
    if found is None:
        raise MakingRefused(f"“{asset.name}” was deleted.")
    return found


def _require_ready(asset: MediaAsset) -> None:
    if asset.kind != MediaAsset.Kind.IMAGE:
        raise MakingRefused(f"“{asset.name}” is no picture, so nothing is made of it.")
    if not asset.is_ready:
        raise MakingRefused(f"“{asset.name}” is not ready to be shown.")


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "there is no room left on the disk"
    if isinstance(error, FileNotFoundError):
        return "the original is not in the store"
    return f"it could not be made ({type(error).__name__})"
