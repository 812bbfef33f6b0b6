"""Direct uploads: somebody asks, puts the file into the store themselves, and completes; only then is it looked at.

A ticket is leave for one person, one file, one size and type, for a quarter of an hour. Nothing that lies in the store
is believed: `complete` copies it once, compares size and digest of the copy, and hands the copy to `intake`. What is
put there afterwards is never read. `sweep` takes away what nobody completed.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import User
from accounts.roles import may
from core import files
from core.refusals import Refusal
from media_assets import incoming, intake
from media_assets.incoming import Closed, NotAllowed, NotNow, TooLarge
from media_assets.intake import IntakeRefused
from media_assets.models import MediaAsset, UploadTicket

logger = logging.getLogger(__name__)

# How long a form lets a file begin to come; a large one may take longer to arrive, so it is completed later, too.
FORM_SECONDS = 15 * 60
ARRIVES_WITHIN = timedelta(hours=1)
# One person's uploads at the same time.
MOST_OPEN = 100
MOST_OPEN_BYTES = 4 * 1024**3
# After this an examination that did not end is taken for dead. It is bounded itself (core.files).
EXAMINED_WITHIN = timedelta(minutes=10)
# Seconds somebody who completes twice waits for the first, with a thread, and after which they may ask again.
PATIENCE = 2.0
ASK_AGAIN = 5
REMEMBERED = timedelta(days=30)

# What browsers call some files, and what comes in as one type and is kept as another.
_CALLED = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "application/ogg": "audio/ogg",
    "video/x-m4v": "video/mp4",
}
_KEPT_AS = {"image/heic": "image/jpeg", "image/heif": "image/jpeg"}
_BY_EXTENSION = {extension: mime_type for mime_type, (_, extension) in files.TYPES.items()} | {
    "jpeg": "image/jpeg",
    "heic": "image/heic",
    "heif": "image/heif",
}
_DIGEST = re.compile(r"[0-9a-f]{64}")


class TypeNotTaken(Refusal):
    """A type of file the library does not keep."""


class TooManyOpen(Refusal):
    """More uploads at the same time than one person may have."""


def ask(by: User, name: str, mime_type: str, size_bytes: int, sha256: str = "") -> tuple[UploadTicket, dict[str, Any]]:
    """A ticket for one file, and the form that puts it into the store (see `incoming.form_of`).

    `mime_type` may be empty: the name's ending tells it then. `sha256`, in hexadecimal, is compared on completion.
    Raises Refusal: NotAllowed, TypeNotTaken, TooLarge, TooManyOpen, or one with a field.
    """
    _check_leave(by)
    name = "".join(filter(str.isprintable, name)).strip()[:255]
    if not name:
        raise Refusal("Say what the file is called.", field="name")
    mime_type = _type_of(name, mime_type)
    _check_size(size_bytes, mime_type)
    sha256 = sha256.lower()
    if sha256 and not _DIGEST.fullmatch(sha256):
        raise Refusal("A SHA-256 digest has 64 hexadecimal digits.", field="sha256")
    now = timezone.now()
    with transaction.atomic():
        # Of two that ask at once the second counts the first.
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        _check_open(by, size_bytes, now)
        ticket = UploadTicket(by=by, name=name, mime_type=mime_type, size_bytes=size_bytes, sha256=sha256)
        ticket.key = incoming.key_of(ticket.pk)
        ticket.created_at, ticket.expires_at = now, now + timedelta(seconds=FORM_SECONDS)
        ticket.save(force_insert=True)
    return ticket, incoming.form_of(ticket, FORM_SECONDS)


def complete(ticket_id: UUID, by: User, *, alt_text: str = "", caption: str = "", credit: str = "") -> MediaAsset:
    """Make the file of a ticket an asset; called again, or twice at once, it answers with the same one.

    Raises UploadTicket.DoesNotExist, for other people's tickets as well; NotAllowed; Closed when the ticket has run out
    or nothing has arrived yet; NotNow when the server is busy or full, or still at it; IntakeRefused for what is not
    kept, with the same sentence whenever it is asked again.
    """
    ticket = UploadTicket.objects.get(pk=ticket_id, by=by)
    _check_leave(by)
    now = timezone.now()
    free = Q(completed_at=None) | Q(completed_at__lt=now - EXAMINED_WITHIN)
    mine = UploadTicket.objects.filter(pk=ticket.pk, state=UploadTicket.State.OPEN)
    if not mine.filter(free, expires_at__gt=now - ARRIVES_WITHIN).update(completed_at=now):
        return _outcome(ticket)
    mine = mine.filter(completed_at=now)
    try:
        asset = _take_in(ticket, by, alt_text=alt_text, caption=caption, credit=credit)
    except intake.Busy as busy:
        mine.update(completed_at=None)
        raise NotNow(busy.sentence, intake.AGAIN_AFTER) from busy
    except IntakeRefused as refusal:
        if refusal.sentence == intake.NO_ROOM:
            mine.update(completed_at=None)
            raise NotNow(refusal.sentence) from refusal
        mine.update(state=UploadTicket.State.REFUSED, refusal=refusal.sentence[:500])
        _remove(ticket)
        raise
    except BaseException:
        mine.update(completed_at=None)
        raise
    mine.update(state=UploadTicket.State.COMPLETED, asset=asset)
    _remove(ticket)
    return asset


def sweep() -> int:
    """Give up tickets nobody completed, remove what lies in the store for none, forget old ones; how many given up."""
    now = timezone.now()
    dead = Q(completed_at=None) | Q(completed_at__lt=now - EXAMINED_WITHIN)
    late = UploadTicket.objects.filter(dead, state=UploadTicket.State.OPEN, expires_at__lte=now - ARRIVES_WITHIN)
    abandoned = late.update(state=UploadTicket.State.ABANDONED)
    # Whatever has no open ticket: abandoned, put there again after it was completed, or left by a crash.
    there = incoming.names()
    awaited = {str(pk) for pk in _open_tickets().values_list("pk", flat=True)}
    for name in there:
        if name.partition(".")[0] not in awaited:
            incoming.remove(f"{incoming.FOLDER}/{name}")
    incoming.clear_temporary(before=now - ARRIVES_WITHIN)
    UploadTicket.objects.filter(created_at__lt=now - REMEMBERED).exclude(state=UploadTicket.State.OPEN).delete()
    return abandoned


def _open_tickets() -> QuerySet[UploadTicket]:
    return UploadTicket.objects.filter(state=UploadTicket.State.OPEN)


def _check_leave(by: User) -> None:
    if not may(by, "media_assets.add_mediaasset"):
        raise NotAllowed("Your role does not let you upload files.")


def _type_of(name: str, mime_type: str) -> str:
    """The type as the library calls it. Raises TypeNotTaken."""
    said = mime_type.partition(";")[0].strip().lower()
    if said in {"", "application/octet-stream"}:
        said = _BY_EXTENSION.get(name.rpartition(".")[2].lower(), said)
    said = _CALLED.get(said, said)
    taken = _KEPT_AS.get(said, said) in files.TYPES
    if not taken or (said == "image/svg+xml" and settings.SVG_UPLOADS != "sanitise"):
        raise TypeNotTaken(
            "The library takes pictures (JPEG, PNG, GIF, WebP, AVIF, HEIC), PDF documents, sound (MP3, M4A, OGG) and "
            "films (MP4, WebM). Export the file as one of them.",
            field="type",
        )
    return said


def _check_size(size_bytes: int, mime_type: str) -> None:
    kind, _ = files.TYPES[_KEPT_AS.get(mime_type, mime_type)]
    most = settings.MAX_RECORDING_BYTES if kind in {"audio", "video"} else settings.MAX_UPLOAD_BYTES
    if size_bytes > most:
        raise TooLarge(intake.too_large(most), field="size")
    if size_bytes < 1:
        raise Refusal("The file is empty. Choose the one with the content.", field="size")


def _check_open(by: User, size_bytes: int, now: datetime) -> None:
    there = _open_tickets().filter(by=by, expires_at__gt=now).aggregate(count=Count("pk"), size=Sum("size_bytes"))
    if there["count"] >= MOST_OPEN or (there["size"] or 0) + size_bytes > MOST_OPEN_BYTES:
        raise TooManyOpen("Too many of your uploads are on their way. Complete some, or wait a quarter of an hour.")


def _take_in(ticket: UploadTicket, by: User, **described: str) -> MediaAsset:
    """Copy what came in, compare the copy with what was asked for, and store it."""
    with (
        intake.turn(),
        intake.room_made(),
        TemporaryUploadedFile(ticket.name, ticket.mime_type, ticket.size_bytes, None) as copy,
    ):
        digest, size = hashlib.sha256(), 0
        try:
            for piece in incoming.pieces(ticket.key):
                size += len(piece)
                if size > ticket.size_bytes:
                    break
                digest.update(piece)
                copy.write(piece)
        except FileNotFoundError as error:
            raise Closed("The file has not arrived yet. Send it, then complete the upload again.") from error
        if size != ticket.size_bytes:
            raise IntakeRefused("What arrived has another size than the file that was chosen. Upload it again.")
        if ticket.sha256 and digest.hexdigest() != ticket.sha256:
            raise IntakeRefused("What arrived is not the file that was chosen: its digest differs. Upload it again.")
        copy.flush()
        copy.seek(0)
        return intake.take_in(copy, by=by, name=ticket.name, **described)


def _outcome(ticket: UploadTicket) -> MediaAsset:
    """What a ticket that could not be claimed has led to, or leads to in a moment."""
    deadline = time.monotonic() + PATIENCE
    while True:
        ticket.refresh_from_db()
        if ticket.state == UploadTicket.State.COMPLETED:
            if ticket.asset is None:
                raise Closed("This file was uploaded and has been deleted since.")
            return ticket.asset
        if ticket.state == UploadTicket.State.REFUSED:
            raise IntakeRefused(ticket.refusal)
        if ticket.state == UploadTicket.State.ABANDONED or ticket.completed_at is None:
            raise Closed("This upload was not completed in time. Ask for a new one and send the file again.")
        if time.monotonic() >= deadline:
            raise NotNow("This file is being examined. Complete the upload again in a moment.", ASK_AGAIN)
        time.sleep(0.1)


def _remove(ticket: UploadTicket) -> None:
    """Take what came in away; when the store does not answer, the sweeper does it."""
    try:
        incoming.remove(ticket.key)
    except Exception:
        logger.warning("What arrived as %s is left to the sweeper.", ticket.key, exc_info=True)
