"""Deleting a picture or file: its record first, its files once that is certain."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence

from django.core.files.storage import Storage
from django.db import transaction

from accounts import audit
from accounts.models import User
from accounts.roles import may
from core.events import announce
from core.refusals import Refusal
from media_assets import storage, usage
from media_assets.models import MediaAsset
from media_assets.signals import asset_removed

# So many of the places that show it are named; the rest are counted.
NAMED = 5

logger = logging.getLogger(__name__)


def remove(asset: MediaAsset, *, by: User, anyway: bool = False) -> None:
    """Delete a picture or file with all that was made of it, and write that into the audit trail.

    What is used stays, unless `anyway` says that somebody saw the list of uses and confirmed: fields that showed it
    are then empty, texts keep an address that answers with 404. Whoever puts it into a field at the same moment
    either finds it gone or keeps it: the database lets no field point at nothing. A text saved at that moment may
    mention what is gone, as with any address that stops answering. A file the store does not delete now is left to
    the nightly sweep. Raises Refusal.
    """
    if not may(by, "media_assets.delete_mediaasset", asset):
        raise Refusal("Your role does not let you delete pictures and files.")
    with transaction.atomic():
        _remove(asset.pk, by, anyway)


def _remove(pk: int, by: User, anyway: bool) -> None:
    # Whoever puts it into a field now waits for this lock, and then finds it gone.
    asset = MediaAsset.objects.select_for_update().filter(pk=pk).first()
    if asset is None:
        raise Refusal("It was deleted already.")
    uses = usage.uses_of(asset)
    if uses and not anyway:
        raise Refusal(f"“{asset.name}” is used in {_named(uses)}. Take it out there first, or confirm the deletion.")
    original, key, public_name = str(asset.file.name or ""), asset.key, asset.public_name
    made = {str(name) for name in asset.renditions.values_list("file", flat=True)}
    audit.record(by, "deleted", asset, note=f"It was used in {_named(uses)}." if uses else "")
    announce(asset_removed, asset_id=pk, url=asset.url)
    asset.delete()
    transaction.on_commit(lambda: _delete_files(original, key, made | {public_name}), robust=True)


def _named(uses: Sequence[object]) -> str:
    names = [f"“{thing}”" for thing in uses[:NAMED]]
    more = len(uses) - NAMED
    return ", ".join(names) + (f" and {more} more {'place' if more == 1 else 'places'}" if more > 0 else "")


def _delete_files(original: str, key: str, made: set[str]) -> None:
    """Every file of one asset; what lies in the folder of its renditions without a record goes too."""
    if original:
        delete_files(storage.originals(), [original])
    public = storage.public()
    lying = _or_nothing(lambda: public.listdir(key)[1])
    delete_files(public, sorted(made | {f"{key}/{name}" for name in lying}))
    # On a disk the folder itself is left; in a bucket there is nothing of this name.
    if lying:
        delete_files(public, [key])


def delete_files(store: Storage, names: Iterable[str]) -> int:
    """Delete files, each by itself; returns how many are gone. What the store refuses is logged and left behind."""
    gone = 0
    for name in names:
        try:
            store.delete(name)
            gone += 1
        except Exception as error:  # each store fails in its own way
            logger.warning("%s could not be deleted (%s); the nightly sweep tries again.", name, type(error).__name__)
    return gone


def _or_nothing(ask: Callable[[], list[str]]) -> list[str]:
    try:
        return ask()
    except Exception:
        return []
