"""Where direct uploads lie until they are examined: below "incoming/" of the private store.

Both stores take the same form: a POST of fields that were signed here, then the file. A bucket checks its own
signature; for a folder this module does, and lets through what a bucket would: one key, one type, exactly so many
bytes, for a short time. What comes is written to disk as it arrives.
"""

from __future__ import annotations

import os
import posixpath
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadhandler import FileUploadHandler
from django.core.signing import BadSignature, Signer
from django.http import QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils import timezone

from core.refusals import Refusal
from media_assets import storage
from media_assets.intake import IntakeRefused, room_made
from media_assets.models import UploadTicket

FOLDER = "incoming"
CHUNK = 1024 * 1024
# Bytes that the fields of a form may have in addition to the file.
FORM_ROOM = 64 * 1024
_SIGNER = "media_assets.incoming"


class Malformed(Refusal):
    """Something that is no form with a file."""


class NotAllowed(Refusal):
    """Something this person, or this form, gives no leave for."""


class TooLarge(Refusal):
    """More bytes than allowed."""


class Closed(Refusal):
    """A ticket that is not open any more, or not ready for this step."""


class NotNow(Refusal):
    """Nothing is wrong with what was sent; there is no room or no time for it at the moment.

    `again_after`: seconds after which trying again makes sense.
    """

    def __init__(self, sentence: str, again_after: int = 60) -> None:
        super().__init__(sentence)
        self.again_after = again_after


def key_of(ticket_id: UUID) -> str:
    return f"{FOLDER}/{ticket_id}"


def form_of(ticket: UploadTicket, seconds: int) -> dict[str, Any]:
    """The form that puts the file of a ticket into the store: "method", "url" and "fields", which come first."""
    if storage.is_remote():
        bucket: Any = storage.originals()
        fields = {"Content-Type": ticket.mime_type}
        form = bucket.connection.meta.client.generate_presigned_post(
            bucket.bucket_name,
            posixpath.join(bucket.location, ticket.key),
            Fields=fields,
            Conditions=[fields, ["content-length-range", ticket.size_bytes, ticket.size_bytes]],
            ExpiresIn=seconds,
        )
        return {"method": "POST", "url": form["url"], "fields": form["fields"]}
    policy = Signer(salt=_SIGNER).sign_object(_policy_of(ticket, int(time.time()) + seconds))
    fields = {"key": ticket.key, "Content-Type": ticket.mime_type, "policy": policy}
    return {"method": "POST", "url": f"{settings.MEDIA_URL}uploads/{ticket.pk}/", "fields": fields}


def _policy_of(ticket: UploadTicket, expires: int) -> dict[str, Any]:
    return {
        "id": str(ticket.pk),
        "key": ticket.key,
        "type": ticket.mime_type,
        "size": ticket.size_bytes,
        "expires": expires,
    }


def pieces(key: str) -> Iterator[bytes]:
    """The content of what came in, from one reading of one version of it. Raises FileNotFoundError."""
    store: Any = storage.originals()
    if not storage.is_remote():
        with store.open(key) as file:
            while piece := file.read(CHUNK):
                yield piece
        return
    # Not by the storage's own file, which copies everything first.
    from botocore.exceptions import ClientError

    try:
        body = store.bucket.Object(posixpath.join(store.location, key)).get()["Body"]
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            raise FileNotFoundError(key) from error
        raise
    yield from body.iter_chunks(CHUNK)


def remove(key: str) -> None:
    storage.originals().delete(key)


def names() -> list[str]:
    """What lies there: ids of tickets, or such an id, a dot and more for what a folder is still receiving."""
    try:
        return storage.originals().listdir(FOLDER)[1]
    except FileNotFoundError:
        return []


def receive(ticket_id: UUID, meta: Mapping[str, Any], body: Any) -> None:
    """Put the file of a form into the folder; `meta` holds CONTENT_TYPE and CONTENT_LENGTH.

    Whatever is wrong, a connection that breaks in the middle included, leaves nothing. Raises UploadTicket.DoesNotExist
    and Refusal: Malformed, NotAllowed, TooLarge, Closed, or NotNow when the disk is full.
    """
    ticket = UploadTicket.objects.get(pk=ticket_id)
    if ticket.state != UploadTicket.State.OPEN or ticket.completed_at is not None:
        raise Closed("This upload is over. Ask for a new one.")
    length = str(meta.get("CONTENT_LENGTH") or "")
    if not length.isdecimal():
        raise Malformed("Say how long the form is, in Content-Length.")
    if int(length) > ticket.size_bytes + FORM_ROOM:
        raise TooLarge("The file is larger than was asked for.")
    place = Path(_folder().path(ticket.key))
    place.parent.mkdir(parents=True, exist_ok=True)
    receiver = Receiver(ticket, place.with_name(f"{place.name}.{secrets.token_hex(4)}"))
    try:
        with room_made():
            parser = MultiPartParser(meta, body, [receiver])
            receiver.fields_of = lambda: parser._post  # type: ignore[attr-defined]
            parser.parse()
            receiver.finish(place)
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise Malformed("This is no form with a file.") from error
    except IntakeRefused as refusal:
        raise NotNow(refusal.sentence) from refusal
    finally:
        receiver.drop()


def clear_temporary(before: datetime) -> None:
    """Delete what killed processes left in UPLOAD_TEMP_DIR, where nobody wrote since."""
    if not settings.FILE_UPLOAD_TEMP_DIR:
        return
    for left in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        try:
            if left.stat().st_mtime >= before.timestamp():
                continue
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
        except FileNotFoundError:
            continue


def is_awaited(ticket_id: UUID) -> bool:
    """Whether a file may be sent for this ticket now: what nginx asks before it takes any of it."""
    open_ones = UploadTicket.objects.filter(state=UploadTicket.State.OPEN, completed_at=None)
    return not storage.is_remote() and open_ones.filter(pk=ticket_id, expires_at__gt=timezone.now()).exists()


def _folder() -> FileSystemStorage:
    folder = storage.originals()
    if not isinstance(folder, FileSystemStorage):
        raise UploadTicket.DoesNotExist  # a bucket takes its files itself
    return folder


class Receiver(FileUploadHandler):
    """Writes the one file of a form to `place` once the fields before it give leave."""

    chunk_size = CHUNK

    def __init__(self, ticket: UploadTicket, place: Path) -> None:
        super().__init__()
        self.ticket, self.place = ticket, place
        self.fields_of: Any = QueryDict
        self.file: IO[bytes] | None = None
        self.kept = 0
        self.is_whole = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.file is not None:
            raise Malformed("Send one file.")
        self.check(self.fields_of())
        self.file = self.place.open("xb")

    def check(self, fields: QueryDict) -> None:
        try:
            policy = Signer(salt=_SIGNER).unsign_object(fields.get("policy", ""))
        except BadSignature as error:
            raise NotAllowed("This form was not made here, or its fields do not come before its file.") from error
        if policy != _policy_of(self.ticket, policy["expires"]):
            raise NotAllowed("This form was made for another upload.")
        if policy["expires"] <= time.time():
            raise NotAllowed("This form has run out. Ask for a new one.")
        if (fields.get("key"), fields.get("Content-Type")) != (policy["key"], policy["type"]):
            raise NotAllowed("This form allows another file than the one that was sent.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.kept += len(raw_data)
        if self.kept > self.ticket.size_bytes:
            raise TooLarge("The file is larger than was asked for.")
        assert self.file is not None
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> None:
        self.is_whole = True

    def finish(self, place: Path) -> None:
        """Give the file its name, unless there is one already."""
        if self.file is None:
            raise Malformed("No file came with this form.")
        self.file.close()
        if not self.is_whole or self.kept < self.ticket.size_bytes:
            raise Malformed("The file is smaller than was asked for: it was cut off on its way. Send it again.")
        try:
            os.link(self.place, place)
        except FileExistsError as error:
            raise Closed("The file of this upload has arrived already. Complete it.") from error
        except FileNotFoundError as error:
            raise Closed("This upload was over before the file had arrived. Ask for a new one.") from error

    def drop(self) -> None:
        if self.file is not None:
            self.file.close()
            self.place.unlink(missing_ok=True)
