"""Files wait until the virus scanner found them clean. Where SCANNER_URL is empty there is none, and none wait.

A scanner that is away makes files wait and says so to administrators, once for each outage; nothing ever passes
because nobody looked, except what an administrator releases by name after SCANNER_URL was taken away.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.notifications import notify, retire
from accounts.roles import Role, at_least
from core.events import announce
from core.refusals import Refusal
from core.sizes import in_bytes
from media_assets import clamd, outgoing, removing, storage
from media_assets.models import MediaAsset, ScannerOutage
from media_assets.signals import asset_ready

SCANNING, READY, REJECTED = MediaAsset.State.SCANNING, MediaAsset.State.READY, MediaAsset.State.REJECTED
# A new file has its own task; the sweeper takes it when that has had time enough.
HEAD_START = timedelta(seconds=30)
# A sweep ends after so many files, or seconds, so that it is over when the next begins.
FILES_IN_A_SWEEP = 200
SECONDS_OF_A_SWEEP = 45
RAISE_THE_LIMIT = (
    "Raise StreamMaxLength, MaxScanSize and MaxFileSize in clamd.conf above it, restart clamd, and run "
    "“manage.py scan_files --again”."
)
NO_ADDRESS = "SCANNER_URL is empty"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Waiting:
    """How many files the scanner has not judged, since when the oldest waits, and why, when something is wrong."""

    number: int
    since: datetime | None
    reason: str = ""

    def __bool__(self) -> bool:
        return self.number > 0


def waiting() -> Waiting:
    """What waits at this moment; two queries, one when nothing waits."""
    found = MediaAsset.objects.filter(state=SCANNING).aggregate(number=Count("pk"), since=Min("created_at"))
    if not found["number"]:
        return Waiting(0, None)
    outage = ScannerOutage.objects.filter(ended_at=None).first()
    return Waiting(found["number"], found["since"], outage.reason if outage else "")


def require_clean(content: IO[bytes]) -> None:
    """Refusal unless the scanner finds `content` clean, where there is one; for files that cannot wait in the store."""
    if not settings.SCANNER_URL:
        return
    try:
        signature = clamd.ask(content)
    except clamd.TooLarge as error:
        raise Refusal(f"The file is larger than the virus scanner takes. {RAISE_THE_LIMIT}", field="file") from error
    except clamd.Silent as error:
        logger.warning("The virus scanner said nothing: %s.", error)
        raise Refusal(
            "The virus scanner does not answer, so nothing was changed. Try again in a few minutes.", field="file"
        ) from error
    if signature:
        raise Refusal(f"The virus scanner found {signature} in the file. It was not kept.", field="file")


def scan(asset_id: int, *, now: datetime | None = None) -> bool:
    """Let the scanner judge one file that waits; False when the scanner is away, so that asking on is useless.

    Two at once both ask, and what the first hears counts. Nothing happens to a file that does not wait.
    """
    asset = MediaAsset.objects.select_related("uploaded_by").filter(pk=asset_id, state=SCANNING).first()
    if asset is None:
        return True
    at = now or timezone.now()
    if not settings.SCANNER_URL:
        _tell(f"{NO_ADDRESS}.", at)
        return False
    try:
        with storage.originals().open(str(asset.file.name)) as content:
            signature = clamd.ask(content)
    except clamd.TooLarge:
        size = in_bytes(asset.size_bytes)
        _reject(asset, f"It is {size}, more than the virus scanner takes. {RAISE_THE_LIMIT}", at, keep=True)
    except clamd.Silent as silence:
        return _wait(asset, str(silence), at)
    except Exception as error:  # whatever the store fails with
        return _wait(asset, f"“{asset.name}” cannot be read from the store ({type(error).__name__})", at)
    else:
        if signature:
            _reject(asset, f"The virus scanner found {signature} in it.", at)
        else:
            _let_pass(asset, at)
    return True


def scan_waiting(*, now: datetime | None = None) -> int:
    """Ask about what has waited, the longest untouched first; returns how many files were judged.

    A file about which the scanner says nothing goes to the end of the line, so that it does not hold up the others.
    """
    at, began, judged = now or timezone.now(), time.monotonic(), 0
    line = MediaAsset.objects.filter(state=SCANNING, created_at__lte=at - HEAD_START).order_by("updated_at", "pk")
    for asset_id in list(line.values_list("pk", flat=True)[:FILES_IN_A_SWEEP]):
        if not scan(asset_id, now=at) or time.monotonic() - began > SECONDS_OF_A_SWEEP:
            break
        judged += not MediaAsset.objects.filter(pk=asset_id, state=SCANNING).exists()
    settle(at)
    return judged


def settle(at: datetime) -> None:
    """When nothing waits any more the outage is over, and whoever has not read of it no longer has to."""
    outage = ScannerOutage.objects.filter(ended_at=None).first()
    if outage is None or MediaAsset.objects.filter(state=SCANNING).exists():
        return
    # Somebody else may have told of it after this sweep took its time.
    at = max(at, outage.began_at)
    with transaction.atomic():
        ScannerOutage.objects.filter(pk=outage.pk).update(ended_at=at)
        retire(outage, category="media", told_at=outage.began_at, at=at)


def release(asset: MediaAsset, *, by: User, now: datetime | None = None) -> None:
    """Let a file pass that waits for a scanner there is no more. Raises Refusal; leaves an entry in the trail."""
    if not at_least(by, Role.ADMINISTRATOR):
        raise Refusal("Only administrators release files that nobody scanned.")
    if settings.SCANNER_URL:
        raise Refusal("A virus scanner is set up, so the file waits for it. It is only released without SCANNER_URL.")
    at = now or timezone.now()
    with transaction.atomic():
        if not _leave_the_line(asset, at, state=READY):
            raise Refusal(f"“{asset.name}” does not wait for the scanner.")
        audit.record(by, "released without a scan", asset, at=at)
        outgoing.tell_ready(asset, at=at)
        announce(asset_ready, asset_id=asset.pk)
    settle(at)


def ask_again(*, now: datetime | None = None) -> int:
    """Put the files back in the line that were rejected for their size, and lie in the store; returns how many."""
    too_large = MediaAsset.objects.filter(state=REJECTED).exclude(file="")
    return too_large.update(state=SCANNING, rejection="", updated_at=now or timezone.now())


def _let_pass(asset: MediaAsset, at: datetime) -> None:
    with transaction.atomic():
        if _leave_the_line(asset, at, state=READY):
            outgoing.tell_ready(asset, at=at)
            announce(asset_ready, asset_id=asset.pk)


def _reject(asset: MediaAsset, why: str, at: datetime, *, keep: bool = False) -> None:
    original = str(asset.file.name)
    with transaction.atomic():
        if not _leave_the_line(asset, at, state=REJECTED, rejection=why[:300], file=original if keep else ""):
            return
        audit.record(None, "rejected", asset, note=why, at=at)
        if asset.uploaded_by:
            notify(
                [asset.uploaded_by],
                category="media",
                target=asset,
                priority="high",
                text=f"“{asset.name}” was not let through. {why}",
                url=reverse("admin:media_assets_mediaasset_change", args=[asset.pk]),
                at=at,
            )
        if not keep:
            transaction.on_commit(lambda: removing.delete_files(storage.originals(), [original]), robust=True)


def _leave_the_line(asset: MediaAsset, at: datetime, **fields: str) -> bool:
    """Whether we were the one to end the wait of this file; it may have another outcome, or be another file by now."""
    same = MediaAsset.objects.filter(pk=asset.pk, state=SCANNING, sha256=asset.sha256)
    return bool(same.update(updated_at=at, **fields))


def _wait(asset: MediaAsset, why: str, at: datetime) -> bool:
    logger.warning("“%s” waits: the virus scanner said nothing, %s.", asset.name, why)
    MediaAsset.objects.filter(pk=asset.pk, state=SCANNING).update(updated_at=at)
    _tell(f"{why[:1].upper()}{why[1:]}.", at)
    return clamd.is_there()


def _tell(why: str, at: datetime) -> None:
    """Tell administrators that files wait, the first time in an outage; afterwards only keep the newest reason."""
    with transaction.atomic():
        outage, is_new = ScannerOutage.objects.get_or_create(
            ended_at=None, defaults={"reason": why[:300], "began_at": at}
        )
        if not is_new:
            ScannerOutage.objects.filter(pk=outage.pk).exclude(reason=why[:300]).update(reason=why[:300])
        else:
            notify(
                administrators(),
                category="media",
                target=outage,
                priority="high",
                text=f"Files wait for the virus scanner, and nobody sees them until it looked at them. {outage.reason}",
                url=reverse("admin:media_assets_mediaasset_changelist") + "?state=scanning",
                at=at,
            )


def administrators() -> QuerySet[User]:
    found = Q(groups__name=Role.ADMINISTRATOR) | Q(is_superuser=True)
    return User.objects.filter(found, is_active=True).distinct()
