"""Files of the old site: from a local uploads folder or fetched by the safe client, through the one intake."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from django.db import transaction

from blog.addresses import without_size
from media_assets.intake import IntakeRefused, examined, take_in
from media_assets.models import MediaAsset
from transfer.fetching import Fetcher, Lost, most_bytes, too_large
from transfer.ledger import Ledger, fingerprint
from transfer.report import Report
from transfer.survey import File

_PROXY = re.compile(r"^i\d\.wp\.com/")


def place_of(url: str, host: str = "") -> str:
    """One spelling for all schemes and proxies of a file's address; `host` is that of addresses without one."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    place = _PROXY.sub("", f"{parts.netloc.lower() or host}{unquote(parts.path)}")
    return place.removeprefix("www.")


class Media:
    """What became of the files: their assets by old id and their new addresses by old address."""

    def __init__(self, host: str = "") -> None:
        self.host = host
        self.assets: dict[str, MediaAsset] = {}
        self._at: dict[str, MediaAsset] = {}
        self._of_size: dict[str, MediaAsset] = {}
        self.coming = 0
        self.mark = ""

    def add(self, file: File, asset: MediaAsset) -> None:
        place = place_of(file.url, self.host)
        self.assets[file.old_id] = self._at[place] = asset
        # "logo-300x200.png" may be a picture of its own beside "logo.png".
        if (original := without_size(place)) == place:
            self._of_size[place] = asset
        else:
            self._of_size.setdefault(original, asset)

    def settle(self) -> None:
        """Work out what changes in texts when other files are here."""
        here = sorted((old_id, asset.pk) for old_id, asset in self.assets.items())
        # Files a dry run does not take in would change the texts that show them.
        self.mark = fingerprint(here, self.coming) if self.coming else fingerprint(here)

    def asset_at(self, url: str) -> MediaAsset | None:
        """What an address shows: that very file, else the picture it is a size of."""
        if not self._at or not url:
            return None
        place = place_of(url, self.host)
        return self._at.get(place) or self._of_size.get(without_size(place))

    def exactly_at(self, url: str) -> MediaAsset | None:
        return self._at.get(place_of(url, self.host)) if url else None


def take_files(
    files: dict[str, File],
    ledger: Ledger,
    report: Report,
    *,
    uploads: Path | None,
    fetch_media: bool,
    dry_run: bool,
    tick: Callable[[], None],
    host: str = "",
) -> Media:
    """Bring in every file there is a way to get; the rest stays where it is and is reported."""
    media = Media(host)
    fetcher = Fetcher() if fetch_media else None
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
            # Some exports list one file many times.
            asset = media.exactly_at(file.url) or _take(file, uploads, fetcher)
        except Lost as lost:
            _say(report, "lost", file, str(lost))
            continue
        with transaction.atomic():
            ledger.remember("attachment", file.old_id[:200], asset, fingerprint(file.url), payload=_kept(file))
        media.add(file, asset)
        report.add("files", "created")
    media.settle()
    return media


def _say(report: Report, outcome: str, file: File, reason: str) -> None:
    report.add("files", outcome, old_id=file.old_id, title=file.url or file.title, reason=reason, line=file.line)


def _kept(file: File) -> dict[str, str]:
    """What has no place here, for features to come."""
    return {"description": file.description} if file.description else {}


def _take(file: File, uploads: Path | None, fetcher: Fetcher | None) -> MediaAsset:
    _path_of(file)
    local = _local(file, uploads)
    if local is None and fetcher is None:
        raise Lost("is not in the uploads folder")
    with _opened(local) if local else fetcher.fetched(file.url) as content:  # type: ignore[union-attr]
        try:
            return take_in(content, by=None, name=_name_of(file), alt_text=file.alt, caption=file.caption)
        except IntakeRefused as refused:
            raise Lost(f"was refused: {refused.sentence}") from refused


def _name_of(file: File) -> str:
    """Its title, whatever stands in it, as the name of a file; the intake takes the ending off again."""
    called = _path_of(file).rpartition("/")[2]
    if not file.title:
        return called
    ending = f".{called.rpartition('.')[2]}"
    title = re.sub(r"[/\\]", "-", file.title)
    return title if title.lower().endswith(ending.lower()) else title + ending


def _try(file: File, uploads: Path | None, fetch_media: bool, report: Report) -> None:
    """Lost for the reason `_take` would give, as far as that is known without asking the old site."""
    _path_of(file)
    local = _local(file, uploads)
    if local is None:
        if not fetch_media:
            raise Lost("is not in the uploads folder")
        note = "would be fetched from the old site; whether it is there and of a kind that is taken shows then"
        report.note("files", [note], old_id=file.old_id, title=file.url, line=file.line)
        return
    try:
        with _opened(local) as content, examined(content):
            return
    except IntakeRefused as refused:
        raise Lost(f"was refused: {refused.sentence}") from refused


def _path_of(file: File) -> str:
    try:
        return unquote(urlsplit(file.url).path)
    except ValueError as error:
        raise Lost("has an address that cannot be read") from error


def _opened(place: Path) -> IO[bytes]:
    try:
        return place.open("rb")
    except OSError as error:
        raise Lost(f"cannot be read from the uploads folder ({error.strerror})") from error


def _local(file: File, uploads: Path | None) -> Path | None:
    """What the uploads folder has for it, None when nothing; Lost when that cannot be read or is too large."""
    try:
        place = _found(file, uploads) if uploads else None
        if place is not None and place.stat().st_size > (most := most_bytes(place.name)):
            raise too_large(most)
        return place
    except OSError as error:
        raise Lost(f"cannot be read from the uploads folder ({error.strerror})") from error
    except (RuntimeError, ValueError) as error:
        # A folder that is a link to itself is a RuntimeError up to Python 3.12.
        raise Lost("cannot be read from the uploads folder") from error


def _found(file: File, uploads: Path) -> Path | None:
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
