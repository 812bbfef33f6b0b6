"""Files of the old site: from a local uploads folder or fetched by the safe client, through the one intake."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction

from core import pictures
from core.outbound import OutboundError, fetch
from media_assets.intake import IntakeRefused, take_in
from media_assets.models import MediaAsset
from transfer.ledger import Ledger, fingerprint
from transfer.report import Report
from transfer.survey import File

_SIZED = re.compile(r"(?:-\d{1,5}x\d{1,5}|-scaled|-e\d{10,})+(?=\.\w{2,5}$)")
_PROXY = re.compile(r"^i\d\.wp\.com/")


class Lost(Exception):
    """A file that could not be had, with the reason in a sentence."""


def key_of(url: str) -> str:
    """One spelling for all sizes and schemes of a file's address."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    place = _PROXY.sub("", f"{parts.netloc.lower()}{unquote(parts.path)}")
    return _SIZED.sub("", place.removeprefix("www."))


class Media:
    """What became of the files: their assets by old id and their new addresses by old address."""

    def __init__(self) -> None:
        self.assets: dict[str, MediaAsset] = {}
        self._by_key: dict[str, MediaAsset] = {}
        self.coming = 0
        self.mark = ""

    def add(self, file: File, asset: MediaAsset) -> None:
        self.assets[file.old_id] = asset
        self._by_key[key_of(file.url)] = asset

    def settle(self) -> None:
        """Work out what changes in texts when other files are here."""
        here = sorted((old_id, asset.pk) for old_id, asset in self.assets.items())
        # Files a dry run does not take in would change the texts that show them.
        self.mark = fingerprint(here, self.coming) if self.coming else fingerprint(here)

    def asset_at(self, url: str) -> MediaAsset | None:
        return self._by_key.get(key_of(url)) if self._by_key and url else None


def take_files(
    files: dict[str, File],
    ledger: Ledger,
    report: Report,
    *,
    uploads: Path | None,
    fetch_media: bool,
    dry_run: bool,
    tick: Callable[[], None],
) -> Media:
    """Bring in every file there is a way to get; the rest stays where it is and is reported."""
    media = Media()
    here = MediaAsset.objects.in_bulk(list(ledger.targets("attachment").values()))
    for file in files.values():
        tick()
        remembered = ledger.find("attachment", file.old_id[:200])
        asset = here.get(remembered.target_id) if remembered else None
        if asset is not None:
            report.add("files", "unchanged")
            media.add(file, asset)
            continue
        if remembered is not None:
            _say(report, "skipped", file, "was deleted here since the last import")
            continue
        if uploads is None and not fetch_media:
            _say(
                report, "skipped", file, "stays on the old site; name a folder with --uploads or ask for --fetch-media"
            )
            continue
        try:
            if dry_run:
                _try(file, uploads, fetch_media, report)
                media.coming += 1
                report.add("files", "created")
                continue
            asset = _take(file, uploads, fetch_media)
        except Lost as lost:
            _say(report, "lost", file, str(lost))
            continue
        with transaction.atomic():
            ledger.remember("attachment", file.old_id[:200], asset, fingerprint(file.url))
        media.add(file, asset)
        report.add("files", "created")
    media.settle()
    return media


def _say(report: Report, outcome: str, file: File, reason: str) -> None:
    report.add("files", outcome, old_id=file.old_id, title=file.url or file.title, reason=reason, line=file.line)


def _take(file: File, uploads: Path | None, fetch_media: bool) -> MediaAsset:
    name = _path_of(file).rpartition("/")[2] or file.title
    content = _read(file, uploads)
    if content is None:
        if not fetch_media:
            raise Lost("is not in the uploads folder")
        content = _fetched(file.url)
    try:
        return take_in(
            ContentFile(content, name=name), by=None, name=file.title or name, alt_text=file.alt, caption=file.caption
        )
    except IntakeRefused as refused:
        raise Lost(f"was refused: {refused.sentence}") from refused


def _try(file: File, uploads: Path | None, fetch_media: bool, report: Report) -> None:
    """Lost for the reason `_take` would give, as far as that is known without asking the old site."""
    _path_of(file)
    content = _read(file, uploads)
    if content is None:
        if not fetch_media:
            raise Lost("is not in the uploads folder")
        note = "would be fetched from the old site; whether it is there and a picture shows then"
        report.note("files", [note], old_id=file.old_id, title=file.url, line=file.line)
        return
    try:
        pictures.clean(content)
    except pictures.PictureError as error:
        raise Lost(f"was refused: {error}") from error


def _path_of(file: File) -> str:
    try:
        return unquote(urlsplit(file.url).path)
    except ValueError as error:
        raise Lost("has an address that cannot be read") from error


def _read(file: File, uploads: Path | None) -> bytes | None:
    """What the uploads folder has for it, None when nothing; Lost when that cannot be read or is too large."""
    try:
        local = _local(file, uploads) if uploads else None
        if local is None:
            return None
        if local.stat().st_size > settings.MAX_UPLOAD_BYTES:
            raise Lost("is larger than this installation takes")
        return local.read_bytes()
    except OSError as error:
        raise Lost(f"cannot be read from the uploads folder ({error.strerror})") from error
    except (RuntimeError, ValueError) as error:
        # A folder that is a link to itself is a RuntimeError up to Python 3.12.
        raise Lost("cannot be read from the uploads folder") from error


def _local(file: File, uploads: Path) -> Path | None:
    """The file in the uploads folder, never one outside it, whatever the export says."""
    wanted = file.path or _path_of(file).partition("/uploads/")[2]
    for candidate in (wanted, wanted.rpartition("/")[2]):
        if not candidate or "\0" in candidate:
            continue
        named = uploads / candidate.lstrip("/")
        if named.is_symlink() and not named.exists():
            raise Lost("is a link in the uploads folder that leads nowhere")
        place = named.resolve()
        if place.is_relative_to(uploads.resolve()) and place.is_file():
            return place
    return None


def _fetched(url: str) -> bytes:
    try:
        answer = fetch(url, timeout=60, max_bytes=settings.MAX_UPLOAD_BYTES, redirects=3)
    except OutboundError as error:
        raise Lost(f"could not be fetched: {error}") from error
    if answer.status != 200:
        raise Lost(f"could not be fetched: the old site answered {answer.status}")
    return answer.content
