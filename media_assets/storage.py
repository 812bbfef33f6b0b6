"""Where files lie: originals in a store nobody can read from outside, what readers fetch in a public one."""

from __future__ import annotations

import os
import re

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.utils.deconstruct import deconstructible

# Who may keep a public file: what has a digest in its name never changes; an asset's own address stays when its file is
# replaced, so it is asked about again soon.
FOR_EVER = "public, max-age=31536000, immutable"
FOR_MINUTES = "public, max-age=300, stale-while-revalidate=600"
# The types of all public files by their extension. Python's own table knows other ones on every machine.
TYPES = {
    "avif": "image/avif",
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "svg": "image/svg+xml",
}
_WITH_DIGEST = re.compile(r"/[0-9a-f]{8}-[^/]+$")


@deconstructible(path="media_assets.storage.PrivateFolder")
class PrivateFolder(FileSystemStorage):
    """A folder no web server shows: ORIGINALS_ROOT, or beside MEDIA_ROOT when that is not set."""

    @property
    def base_location(self) -> str:  # type: ignore[override]
        return settings.ORIGINALS_ROOT or f"{settings.MEDIA_ROOT.rstrip('/')}-originals"

    @property
    def location(self) -> str:  # type: ignore[override]
        return os.path.abspath(self.base_location)

    def url(self, name: str | None) -> str:
        raise ValueError("An original has no address; see media_assets.signed.")


def keep_of(name: str) -> str:
    """The Cache-Control of a public file."""
    return FOR_EVER if _WITH_DIGEST.search(name) else FOR_MINUTES


def originals() -> Storage:
    """The private store."""
    return storages["originals"]


def public() -> Storage:
    """The store readers fetch from."""
    return storages["default"]


def is_remote() -> bool:
    """Whether the public store is a bucket, so that a file that is missing there is never asked of us."""
    return bool(settings.S3_BUCKET)


def public_url(name: str) -> str:
    """Where readers fetch a public file: below MEDIA_CDN_URL when it is set, else from the store itself."""
    if settings.MEDIA_CDN_URL:
        return f"{settings.MEDIA_CDN_URL.rstrip('/')}/{name}"
    return public().url(name)
