"""The picture readers see of an author."""

from __future__ import annotations

from typing import IO, Any

from django.core.files.base import File
from django.db import transaction

from accounts import audit
from accounts.models import AuthorProfile, User
from accounts.roles import may
from core.events import announce
from core.refusals import Refusal
from media_assets.intake import take_in
from media_assets.models import MediaAsset
from media_assets.signals import asset_changed


def set_portrait(profile: AuthorProfile, file: File[Any] | IO[bytes] | bytes, *, by: User) -> MediaAsset:
    """Take a picture into the library and show it as an author's. Raises Refusal, also for what is no picture."""
    require_own(profile, by)
    name = profile.user.display_name
    asset = take_in(file, by=by, name=f"Portrait of {name}", alt_text=name, kinds={"image"})
    put(profile, asset, by=by)
    return asset


def remove_portrait(profile: AuthorProfile, *, by: User) -> None:
    """Show the author's first letter again; the picture stays in the library."""
    require_own(profile, by)
    put(profile, None, by=by)


def put(profile: AuthorProfile, asset: MediaAsset | None, *, by: User) -> None:
    with transaction.atomic():
        profile = AuthorProfile.objects.select_for_update(of=("self",)).select_related("avatar").get(pk=profile.pk)
        before = profile.avatar
        if before == asset:
            return
        profile.avatar = asset
        profile.save(update_fields=["avatar", "updated_at"])
        audit.record(by, "changed", profile, changes={"avatar": (str(before or ""), str(asset or ""))})
        shown = asset or before
        if shown is not None:
            announce(asset_changed, asset_id=shown.pk)


def require_own(profile: AuthorProfile, by: User) -> None:
    if profile.user_id != by.pk and not may(by, "accounts.change_authorprofile", profile):
        raise Refusal("Only an author and the editors choose the author’s picture.")
