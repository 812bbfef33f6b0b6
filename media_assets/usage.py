"""Where a picture is used, and removing one that is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from accounts.models import User
from accounts.roles import may
from core.refusals import Refusal
from media_assets.models import MediaAsset

# Apps above that mention pictures in their texts say here how to find those texts.
finders: list[Callable[[MediaAsset], Iterable[Any]]] = []


def uses_of(asset: MediaAsset) -> list[Any]:
    """Everything that shows this picture: whatever points at it, and whatever the finders know of. Each thing once."""
    found: dict[tuple[str, Any], Any] = {}
    for relation in MediaAsset._meta.related_objects:
        for thing in relation.related_model._default_manager.filter(**{relation.field.name: asset}):
            found[thing._meta.label, thing.pk] = thing
    for find in finders:
        for thing in find(asset):
            found[thing._meta.label, thing.pk] = thing
    return list(found.values())


def remove(asset: MediaAsset, *, by: User) -> None:
    """Delete a picture nothing uses, and its file once the record is gone for certain. Raises Refusal."""
    if not may(by, "media_assets.delete_mediaasset", asset):
        raise Refusal("Your role does not let you delete pictures.")
    with transaction.atomic():
        asset = MediaAsset.objects.select_for_update().get(pk=asset.pk)
        uses = uses_of(asset)
        if uses:
            names = ", ".join(f"“{thing}”" for thing in uses[:5]) + (" and others" if len(uses) > 5 else "")
            raise Refusal(f"“{asset.name}” is used in {names}. Take it out there first.")
        path = str(asset.file.name)
        asset.delete()
        transaction.on_commit(lambda: default_storage.delete(path))
