"""Another file in the place of one there is: its address, its description and everything that shows it stay."""

from __future__ import annotations

from typing import IO, Any

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.roles import may
from core.events import announce
from core.files import CleanFile
from core.refusals import Refusal
from media_assets import intake, outgoing, removing, scanning, storage
from media_assets.models import MediaAsset, new_key
from media_assets.signals import asset_changed, asset_ready, asset_taken_in

REPLACED_MEANWHILE = "Somebody replaced this file meanwhile. Look at what is there now; replace that if it is wrong."
SAME_FILE = "This is the file that is there already, so nothing was changed."
# What is said of each kind: "It is a film; choose a film again."
_NAMES = {"image": "a picture", "document": "a document", "audio": "a sound recording", "video": "a film"}


def replace(asset: MediaAsset, file: File[Any] | IO[bytes], *, by: User, shown: str) -> MediaAsset:
    """Put `file` in the place of the one of `asset` and return the record as it is now; `key` and `extension` stay.

    `shown`: the sha256 of the file the person looked at, so that nobody replaces what they have not seen. Where there
    is a virus scanner it judges before anything is stored: readers go on with the file there is, and a scanner that
    is away refuses. Until its renditions are made anew, the asset's own address shows the copy of the former file.
    The former original is deleted once the change is committed. Nothing is changed when this fails, also when there
    is no room left. Raises Refusal.
    """
    if not may(by, "media_assets.change_mediaasset", asset):
        raise Refusal("Your role does not let you replace this file.")
    with intake.examined(file) as clean:
        _require_fitting(asset, clean)
        _require_another(asset, clean.sha256, shown)
        with clean.path.open("rb") as content:
            scanning.require_clean(content)
        stored = intake.put_away(clean, f"{new_key(timezone.now())}.{clean.extension}")
    try:
        with transaction.atomic():
            return _take_its_place(asset, clean, stored, by, shown)
    except BaseException as error:
        removing.delete_files(storage.originals(), [stored])
        if isinstance(error, IntegrityError):
            _require_another(asset, clean.sha256, shown)
        raise


def _take_its_place(asset: MediaAsset, clean: CleanFile, stored: str, by: User, shown: str) -> MediaAsset:
    row = MediaAsset.objects.select_for_update().filter(pk=asset.pk).first()
    if row is None:
        raise Refusal("It was deleted meanwhile. Upload the new file as one of its own.")
    if row.sha256 != shown:
        raise Refusal(REPLACED_MEANWHILE)
    former, before, was_ready = str(row.file.name or ""), _in_words(row), row.is_ready
    facts = intake.facts_of(clean)
    for name in ("extension", "kind"):
        del facts[name]
    for name, value in facts.items():
        setattr(row, name, value)
    row.file.name, row.renditions_made_at = stored, None
    row.state, row.rejection = MediaAsset.State.READY, ""
    row.save(update_fields=[*facts, "file", "renditions_made_at", "state", "rejection", "updated_at"])
    audit.record(by, "replaced the file of", row, changes={"File": (before, _in_words(row))}, at=row.updated_at)
    announce(asset_taken_in, asset_id=row.pk)
    announce(asset_changed, asset_id=row.pk)
    if not was_ready:
        outgoing.tell_ready(row, at=row.updated_at)
        announce(asset_ready, asset_id=row.pk)
    if former:
        transaction.on_commit(lambda: removing.delete_files(storage.originals(), [former]), robust=True)
    return row


def _require_fitting(asset: MediaAsset, clean: CleanFile) -> None:
    """Only what its address can show: a still for a still, and otherwise a file of the same type."""
    if clean.kind != asset.kind:
        raise Refusal(f"“{asset.name}” is {_NAMES[asset.kind]}. Choose {_NAMES[asset.kind]} again.", field="file")
    if clean.extension != asset.extension and not (_has_copy(asset.extension) and _is_still(clean)):
        kind = f"{asset.extension.upper()} file"
        raise Refusal(
            f"The address of “{asset.name}” is that of a {kind}. Choose another {kind}, or upload this one by itself.",
            field="file",
        )


def _has_copy(extension: str) -> bool:
    """Whether what the address shows is made from the original, in whatever format that is."""
    return extension in {"jpg", "png", "gif", "webp", "avif"}


def _is_still(clean: CleanFile) -> bool:
    return clean.kind == MediaAsset.Kind.IMAGE and not clean.is_animated and clean.extension != "svg"


def _require_another(asset: MediaAsset, sha256: str, shown: str) -> None:
    """Refusal unless this content is new to the library."""
    same = MediaAsset.objects.filter(sha256=sha256).first()
    if same is None:
        return
    if same.pk != asset.pk:
        raise Refusal(
            f"The library has this file already: “{same.name}”. Use that one, or choose another file.", field="file"
        )
    raise Refusal(SAME_FILE if shown == sha256 else REPLACED_MEANWHILE, field="file")


def _in_words(asset: MediaAsset) -> str:
    size = f", {asset.width} × {asset.height}" if asset.width else ""
    return f"{asset.mime_type}, {asset.size_bytes} bytes{size}, {asset.sha256[:12]}"
