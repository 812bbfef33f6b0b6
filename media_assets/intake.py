"""The one door for files: what comes in is known by its content, bounded, cleaned, and stored once."""

from __future__ import annotations

import errno
import tempfile
import threading
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import may
from core import files
from core.events import announce
from core.files import CleanFile, FileError
from core.refusals import Refusal
from media_assets import outgoing, storage
from media_assets.models import MediaAsset, MediaTag, new_key
from media_assets.signals import asset_taken_in

NO_ROOM = "There is no room left for files on the server. Nothing was kept; tell whoever runs this site."
BUSY = "The server is busy with other files. Nothing was kept; try again in a moment."
# Seconds after which trying again makes sense.
AGAIN_AFTER = 2
CHUNK = 1024 * 1024
# Whoever takes a file in, or waits to, holds the thread of a request: half of them at most, and a quarter that waits so
# many seconds. The rest is there for pages, however many files come.
AT_ONCE = max(1, settings.WEB_THREADS // 2)
MOST_WAITING = max(1, settings.WEB_THREADS // 4)
TURN = 2.0
_turns = threading.BoundedSemaphore(AT_ONCE)
_waiting = threading.BoundedSemaphore(MOST_WAITING)
_mine = threading.local()


class IntakeRefused(Refusal):
    """A file that is not kept, with the reason in a sentence."""


class Busy(IntakeRefused):
    """Nothing is wrong with the file: it was not looked at, and may be sent again after AGAIN_AFTER."""

    def __init__(self) -> None:
        super().__init__(BUSY, field="file")


@contextmanager
def turn() -> Iterator[None]:
    """What takes long with a file, inside the block; for a thread that has its turn already, the same one.

    Raises Busy when it does not come within TURN, and at once when enough others wait.
    """
    if getattr(_mine, "has", False):
        yield
        return
    if not _turns.acquire(blocking=False) and not _waited():
        raise Busy
    _mine.has = True
    try:
        yield
    finally:
        _mine.has = False
        _turns.release()


def _waited() -> bool:
    if not _waiting.acquire(blocking=False):
        return False
    try:
        return _turns.acquire(timeout=TURN)
    finally:
        _waiting.release()


@contextmanager
def examined(file: File[Any] | IO[bytes] | bytes, *, kinds: Collection[str] = ()) -> Iterator[CleanFile]:
    """The clean form of a file as a temporary one that is gone afterwards; nothing large is ever held in memory.

    `kinds`: those of "image", "document", "audio", "video" that will do; all when empty. The turn (`turn`) lasts as
    long as the block. Raises IntakeRefused.
    """
    limits = files.Limits(settings.MAX_UPLOAD_BYTES, settings.MAX_RECORDING_BYTES, settings.SVG_UPLOADS == "sanitise")
    with (
        turn(),
        room_made(),
        tempfile.TemporaryDirectory(prefix="intake-", dir=settings.FILE_UPLOAD_TEMP_DIR) as folder,
    ):
        source = spooled(file, Path(folder) / "source", max(limits.upload_bytes, limits.recording_bytes))
        try:
            clean = files.clean(source, Path(folder) / "clean", limits=limits)
        except FileError as error:
            raise IntakeRefused(str(error), field="file") from error
        if kinds and clean.kind not in kinds:
            raise IntakeRefused(f"This is {NAMES[clean.kind]}; {_wanted(kinds)} is needed here.", field="file")
        yield clean


NAMES = {"image": "a picture", "document": "a document", "audio": "a sound recording", "video": "a film"}


def _wanted(kinds: Collection[str]) -> str:
    return " or ".join(NAMES[kind] for kind in NAMES if kind in kinds)


@contextmanager
def room_made() -> Iterator[None]:
    """A full disk, here or in the store, as a refusal."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise IntakeRefused(NO_ROOM, field="file") from error
        raise


def spooled(file: File[Any] | IO[bytes] | bytes, place: Path, most: int) -> Path:
    """The content in a file of ours: where an upload lies already, else copied to `place` a piece at a time."""
    if isinstance(file, bytes):
        place.write_bytes(file)
        return place
    if hasattr(file, "temporary_file_path"):
        return Path(file.temporary_file_path())
    file.seek(0)
    kept = 0
    with place.open("wb") as target:
        while piece := file.read(CHUNK):
            kept += target.write(piece)
            if kept > most:
                raise IntakeRefused(too_large(most), field="file")
    return place


def too_large(most: int) -> str:
    return f"The file is larger than {most / 1_048_576:.0f} MB. Make it smaller and upload it again."


def take_in(
    file: File[Any] | IO[bytes] | bytes,
    *,
    by: User | None,
    name: str = "",
    alt_text: str = "",
    caption: str = "",
    credit: str = "",
    tags: Sequence[str] = (),
    kinds: Collection[str] = (),
) -> MediaAsset:
    """Store a file and return its record; the same content again returns the record there is, as it is.

    `by` is None for imports; `kinds` as in `examined`. Leaves no file without a record, unless the caller's own
    transaction is rolled back afterwards, which takes the record and leaves the file to the sweeper. Raises
    IntakeRefused, also for what the scanner has rejected before.
    """
    if by is not None and not may(by, "media_assets.add_mediaasset"):
        raise IntakeRefused("Your role does not let you upload files.", field="file")
    with examined(file, kinds=kinds) as clean:
        existing = MediaAsset.objects.filter(sha256=clean.sha256).first()
        if existing:
            return unless_rejected(existing)
        key = new_key(timezone.now())
        stored = put_away(clean, f"{key}.{clean.extension}")
    try:
        with transaction.atomic():
            asset = MediaAsset.objects.create(
                file=stored,
                key=key,
                name=display_name(name or getattr(file, "name", "") or "", clean.kind),
                alt_text=alt_text[:500],
                caption=caption[:1000],
                credit=credit[:200],
                uploaded_by=by,
                state=first_state(),
                **facts_of(clean),
            )
            asset.tags.set([tag_named(word) for word in tags if word.strip()])
            if asset.is_ready:
                outgoing.tell_ready(asset, at=asset.created_at)
            announce(asset_taken_in, asset_id=asset.pk)
            return asset
    except IntegrityError:
        storage.originals().delete(stored)
        return unless_rejected(MediaAsset.objects.get(sha256=clean.sha256))
    except BaseException:
        storage.originals().delete(stored)
        raise


def facts_of(clean: CleanFile) -> dict[str, Any]:
    """What a record says of the content itself, by field; the same for a new file and one that replaces another."""
    return {
        "extension": clean.extension,
        "kind": clean.kind,
        "mime_type": clean.mime_type,
        "size_bytes": clean.size_bytes,
        "width": clean.width,
        "height": clean.height,
        "duration_seconds": clean.duration_seconds,
        "is_animated": clean.is_animated,
        "sha256": clean.sha256,
        "placeholder_colour": clean.average_colour,
    }


def first_state() -> str:
    return MediaAsset.State.SCANNING if settings.SCANNER_URL else MediaAsset.State.READY


def put_away(clean: CleanFile, name: str) -> str:
    """Write a clean file to the private store and return its name there; a write that fails leaves nothing behind."""
    originals = storage.originals()
    with room_made():
        try:
            with clean.path.open("rb") as content:
                return originals.save(name, File(content))
        except BaseException:
            originals.delete(name)
            raise


def unless_rejected(asset: MediaAsset) -> MediaAsset:
    if asset.state == MediaAsset.State.REJECTED:
        raise IntakeRefused(f"This file was rejected before: {asset.rejection or 'the scanner did not let it pass.'}")
    return asset


def tag_named(word: str) -> MediaTag:
    word = " ".join(word.split())[:60]
    return MediaTag.objects.get_or_create(name__iexact=word, defaults={"name": word})[0]


def display_name(name: str, kind: str = "image") -> str:
    """What editors find a file by: the last part of the name it came with, without its ending. Never part of a path."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/")
    stem = PurePosixPath(name.split("\0")[0]).stem if "/" in name or "." in name else name
    kept = "".join(character for character in stem if unicodedata.category(character)[0] != "C")
    words = " ".join(kept.replace("_", " ").split()).strip(". ")
    return words[:200] or {"image": "Untitled picture"}.get(kind, "Untitled file")
