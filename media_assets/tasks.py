"""Work on files in the background. Each task finds its work in rows, so running it twice does no harm."""

import logging

from celery import shared_task

from media_assets import adopting, orphans, scanning, signed, stale, unfinished, uploads

logger = logging.getLogger(__name__)


@shared_task
def make_renditions(asset_id: int) -> None:
    """The whole set of one picture."""
    unfinished.make(asset_id)


@shared_task
def make_missing_renditions() -> None:
    """Pictures whose set was never finished: the queue was down, or the worker killed."""
    unfinished.make_missing()


@shared_task
def scan(asset_id: int) -> None:
    """One file that waits for the scanner."""
    scanning.scan(asset_id)


@shared_task
def scan_waiting() -> None:
    """Files the scanner has not said anything about yet."""
    scanning.scan_waiting()


@shared_task
def renew_signed_addresses() -> None:
    """Signed addresses before they run out."""
    signed.renew_ahead()


@shared_task
def sweep_uploads() -> None:
    """Direct uploads nobody completed."""
    uploads.sweep()


@shared_task
def sweep_files() -> None:
    """Stale renditions, and files no row knows. A part that fails does not keep the others; the task fails then."""
    failed: list[Exception] = []
    for part in (adopting.adopt_originals, stale.sweep_stale, orphans.sweep):
        try:
            part()
        except Exception as error:
            logger.exception("%s failed.", part.__name__)
            failed.append(error)
    if failed:
        raise failed[0]
