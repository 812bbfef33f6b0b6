"""Files no record knows, and records whose file is gone: found by walking the stores beside the database.

A file without a record is what a crash, a rolled-back import or a refused deletion leaves. Only names this app gives
are looked at, only files older than a day, and nothing is deleted when a store answers with an error, or when so much
would go that rather the database is older than the files. A record without its file is listed and never touched.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, islice

from django.core.files.storage import FileSystemStorage, Storage
from django.db.models.functions import Substr
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification
from accounts.notifications import notify
from media_assets import removing, renditions, scanning, storage
from media_assets.models import MediaAsset

# Whatever is younger may be on its way: its record is about to be written.
OLD = timedelta(days=1)
BATCH = 500
# More are left to the next time.
AT_ONCE = 10_000
# The clock deletes so many, or this share of all files; more is for somebody to look at.
ALWAYS, SHARE = 100, 0.1
NAMED = 5

_MONTH = re.compile(r"\d{4}/\d{2}")
_KEY = r"\d{4}/\d{2}/[0-9a-f]{24}"
# With the seven letters a store adds where a name is taken.
_ORIGINAL = re.compile(rf"{_KEY}(?:_\w{{7}})?\.[a-z0-9]{{2,5}}")
_COPY = re.compile(rf"({_KEY})\.([a-z0-9]{{2,5}})")
_UNFINISHED = re.compile(rf"(?:{_KEY}/|\d{{4}}/\d{{2}}/)\.[0-9a-f]{{16}}\.part")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lying:
    """One file as its store tells of it; `store` is "originals" or "public"."""

    store: str
    name: str
    size_bytes: int
    changed_at: datetime


@dataclass
class Found:
    """What a walk found: files seen, those no record knows (of the first 10,000), and assets without their original."""

    seen: int = 0
    orphans: list[Lying] = field(default_factory=list)
    missing: list[MediaAsset] = field(default_factory=list)

    @property
    def is_alarming(self) -> bool:
        return len(self.orphans) > max(ALWAYS, self.seen * SHARE)


def find(*, now: datetime | None = None, tell: Callable[[str], None] = lambda line: None) -> Found:
    """Walk both stores month by month. Raises whatever a store fails with; `tell` hears how far it got."""
    found, before = Found(), (now or timezone.now()) - OLD
    months = sorted({*_months(storage.originals()), *_months_of_rows()})
    for number, month in enumerate(months, start=1):
        _compare_originals(month, before, found)
        tell(f"originals {month} ({number} of {len(months)}): {found.seen} originals seen so far")
    months, originals = _months(storage.public()), found.seen
    for number, month in enumerate(months, start=1):
        for batch in _batches(_lying("public", month)):
            _keep_orphans(batch, _known_in_public(batch), before, found)
        tell(f"public {month} ({number} of {len(months)}): {found.seen - originals} public files seen so far")
    return found


def delete(orphans: Iterable[Lying]) -> int:
    """Delete files no record knows, each batch asked about once more; returns how many are gone."""
    gone = 0
    for batch in _batches(orphans):
        originals = [file for file in batch if file.store == "originals"]
        public = [file for file in batch if file.store == "public"]
        known = _known_in_originals(originals), _known_in_public(public)
        gone += removing.delete_files(storage.originals(), [file.name for file in originals if file not in known[0]])
        gone += removing.delete_files(storage.public(), [file.name for file in public if file not in known[1]])
    return gone


def sweep(*, now: datetime | None = None) -> Found | None:
    """What the clock does at night: delete orphans, tell administrators what needs them; None when a store failed."""
    at = now or timezone.now()
    try:
        found = find(now=at)
    except Exception as error:  # each store fails in its own way
        logger.warning("Nothing was swept: a store does not answer (%s: %s).", type(error).__name__, error)
        return None
    if found.is_alarming:
        _tell(
            f"{len(found.orphans)} of {found.seen} stored files belong to no record, so nothing was deleted. Perhaps "
            "the database is older than the files. “manage.py check_files” lists them, and deletes them with --delete.",
            at,
        )
    else:
        delete(found.orphans)
    if found.missing:
        names = ", ".join(f"“{asset.name}”" for asset in found.missing[:NAMED])
        more = f" and {len(found.missing) - NAMED} more" if len(found.missing) > NAMED else ""
        _tell(
            f"The stored files of {names}{more} are gone. Bring them back from a backup, or replace them. "
            "“manage.py check_files” lists them all.",
            at,
        )
    return found


def _compare_originals(month: str, before: datetime, found: Found) -> None:
    """Files without a row, and rows without a file, of one month."""
    lying: set[str] = set()
    for batch in _batches(_lying("originals", month)):
        known = _known_in_originals(batch)
        lying |= {file.name for file in known}
        _keep_orphans(batch, known, before, found)
    rows = MediaAsset.objects.filter(file__startswith=month).only("pk", "name", "file").order_by("pk")
    for asset in rows.iterator(chunk_size=BATCH):
        name = str(asset.file.name)
        # What came in before there was a private store lies among the public files until its renditions are made.
        if name not in lying and not storage.originals().exists(name) and not storage.public().exists(name):
            found.missing.append(asset)


def _keep_orphans(batch: Iterable[Lying], known: set[Lying], before: datetime, found: Found) -> None:
    for file in batch:
        found.seen += 1
        if file not in known and file.changed_at < before and len(found.orphans) < AT_ONCE and _is_ours(file):
            found.orphans.append(file)


def _is_ours(file: Lying) -> bool:
    """Whether the name is one this app gives; of everything else it knows nothing."""
    if _UNFINISHED.fullmatch(file.name):
        return True
    if file.store == "originals":
        return bool(_ORIGINAL.fullmatch(file.name))
    return bool(_COPY.fullmatch(file.name)) or bool(re.match(rf"{_KEY}/", file.name) and renditions.parse(file.name))


def _known_in_originals(files: Iterable[Lying]) -> set[Lying]:
    names = {file.name: file for file in files}
    return {names[name] for name in MediaAsset.objects.filter(file__in=names).values_list("file", flat=True)}


def _known_in_public(files: Iterable[Lying]) -> set[Lying]:
    """Those of an asset there is; which of its renditions are out of date is known to `stale`."""
    by_key: dict[str, list[Lying]] = {}
    for file in files:
        copy, rendition = _COPY.fullmatch(file.name), renditions.parse(file.name)
        if copy or rendition:
            by_key.setdefault(copy[1] if copy else rendition[0], []).append(file)  # type: ignore[index]
    rows = MediaAsset.objects.filter(key__in=by_key).values_list("key", "extension")
    return {
        file
        for key, extension in rows
        for file in by_key[key]
        if renditions.parse(file.name) or file.name == f"{key}.{extension}"
    }


def _batches(files: Iterable[Lying]) -> Iterator[list[Lying]]:
    rest = iter(files)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _months(store: Storage) -> list[str]:
    """The folders of this app in a store: "2026/11". Others are not looked into."""
    try:
        years = [name for name in store.listdir("")[0] if re.fullmatch(r"\d{4}", name)]
    except FileNotFoundError:
        return []
    months = chain.from_iterable([f"{year}/{name}" for name in store.listdir(year)[0]] for year in sorted(years))
    return sorted(month for month in months if _MONTH.fullmatch(month))


def _months_of_rows() -> set[str]:
    rows = MediaAsset.objects.exclude(file="").order_by().annotate(month=Substr("file", 1, 7))
    return set(rows.values_list("month", flat=True).distinct())


def _lying(label: str, month: str) -> Iterator[Lying]:
    store = storage.originals() if label == "originals" else storage.public()
    if not _MONTH.fullmatch(month):
        return iter(())
    if isinstance(store, FileSystemStorage):
        return _on_disk(label, store, month)
    return _in_bucket(label, store, month)


def _on_disk(label: str, store: FileSystemStorage, month: str) -> Iterator[Lying]:
    def fail(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    for folder, _, names in os.walk(store.path(month), onerror=fail):
        for name in names:
            path = os.path.join(folder, name)
            try:
                facts = os.lstat(path)
            except FileNotFoundError:
                continue
            changed_at = datetime.fromtimestamp(facts.st_mtime, tz=UTC)
            relative = os.path.relpath(path, store.location).replace(os.sep, "/")
            yield Lying(label, relative, facts.st_size, changed_at)


def _in_bucket(label: str, store: Storage, month: str) -> Iterator[Lying]:
    """A thousand names a question, whatever folders they lie in."""
    location: str = store.location.strip("/")  # type: ignore[attr-defined]
    start = f"{location}/" if location else ""
    for each in store.bucket.objects.filter(Prefix=f"{start}{month}/"):  # type: ignore[attr-defined]
        yield Lying(label, each.key.removeprefix(start), each.size, each.last_modified)


def _tell(text: str, at: datetime) -> None:
    """Tell every administrator who has not got exactly this to read already."""
    told = Notification.objects.filter(category="media", text=text[:500], read_at=None).values("recipient")
    url = reverse("admin:media_assets_mediaasset_changelist")
    notify(scanning.administrators().exclude(pk__in=told), category="media", priority="high", text=text, url=url, at=at)
