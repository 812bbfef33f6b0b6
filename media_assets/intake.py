"""The one door for files: what comes in is known by its content, bounded, cleaned, and stored once."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from pathlib import PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import may
from core import pictures
from core.refusals import Refusal
from media_assets.models import MediaAsset


class IntakeRefused(Refusal):
    """A file that is not kept, with the reason in a sentence."""


def take_in(
    file: File[Any] | IO[bytes],
    *,
    by: User | None,
    name: str = "",
    alt_text: str = "",
    caption: str = "",
    credit: str = "",
) -> MediaAsset:
    """Store a picture and return its record; the same picture again returns the record there is.

    `by` is None for imports. Leaves no file without a record, unless the caller's own transaction is rolled back
    afterwards, which takes the record and leaves the file. Raises IntakeRefused.
    """
    if by is not None and not may(by, "media_assets.add_mediaasset"):
        raise IntakeRefused("Your role does not let you upload pictures.", field="file")
    try:
        picture = pictures.clean(read(file))
    except pictures.PictureError as error:
        raise IntakeRefused(str(error), field="file") from error
    digest = hashlib.sha256(picture.content).hexdigest()
    existing = MediaAsset.objects.filter(sha256=digest).first()
    if existing:
        return existing
    path = f"{timezone.now():%Y/%m}/{secrets.token_hex(12)}.{picture.extension}"
    stored = default_storage.save(path, ContentFile(picture.content))
    try:
        with transaction.atomic():
            return MediaAsset.objects.create(
                file=stored,
                name=display_name(name or getattr(file, "name", "") or ""),
                mime_type=picture.mime_type,
                size_bytes=len(picture.content),
                width=picture.width,
                height=picture.height,
                sha256=digest,
                alt_text=alt_text[:500],
                caption=caption[:1000],
                credit=credit[:200],
                placeholder_colour=picture.average_colour,
                uploaded_by=by,
            )
    except IntegrityError:
        default_storage.delete(stored)
        return MediaAsset.objects.get(sha256=digest)
    except BaseException:
        default_storage.delete(stored)
        raise


def read(file: File[Any] | IO[bytes]) -> bytes:
    """The whole content, never more than one byte over the limit of it in memory."""
    limit = settings.MAX_UPLOAD_BYTES
    size = getattr(file, "size", None)
    if size is None or size <= limit:
        file.seek(0)
        content = file.read(limit + 1)
        if len(content) <= limit:
            return content
    raise IntakeRefused(
        f"The file is larger than {limit / 1_048_576:.0f} MB. Make it smaller and upload it again.", field="file"
    )


def display_name(name: str) -> str:
    """What editors find a file by: the last part of the name it came with, without its ending. Never part of a path."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/")
    stem = PurePosixPath(name.split("\0")[0]).stem if "/" in name or "." in name else name
    kept = "".join(character for character in stem if unicodedata.category(character)[0] != "C")
    words = " ".join(kept.replace("_", " ").split()).strip(". ")
    return words[:200] or "Untitled picture"
