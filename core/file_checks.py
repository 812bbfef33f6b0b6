"""What is wrong with the settings of files: called by core.checks, with refusals of the same kind."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

# path: https://store/bucket/name, which nearly every store but Amazon's answers to; virtual: https://bucket.store/name;
# auto: what boto3 takes for best.
ADDRESSINGS = ("path", "virtual", "auto")
# Settings that mean nothing without a bucket.
OF_BUCKETS = ("S3_PRIVATE_BUCKET", "S3_ENDPOINT_URL", "S3_ACCESS_KEY", "S3_SECRET_KEY")


def check_files() -> list[CheckMessage]:
    found: list[CheckMessage] = []

    def refuse(number: int, what: str, mend: str, kind: Any = Error) -> None:
        found.append(kind(what, hint=mend, id=f"letterpress.{'W' if kind is Warning else 'E'}{number:03}"))

    if settings.S3_BUCKET:
        _check_buckets(refuse)
    else:
        _check_folders(refuse)
        if alone := [name for name in OF_BUCKETS if getattr(settings, name)]:
            refuse(
                20,
                f"{' and '.join(alone)} {'is' if len(alone) == 1 else 'are'} set, but S3_BUCKET is not: "
                "files would lie on this disk.",
                "Set S3_BUCKET to the bucket readers fetch from, or remove the others.",
            )
    if settings.MEDIA_CDN_URL:
        _check_cdn(refuse)
    for name in settings.REMOVED_SETTINGS:
        refuse(
            29,
            f"{name} is set, which means nothing any more: files would not be fetched from where it says.",
            f"Set MEDIA_CDN_URL to that address, such as https://files.example.org/, and remove {name}.",
        )
    if settings.SVG_UPLOADS not in {"sanitise", "refuse"}:
        refuse(27, f"SVG_UPLOADS is “{settings.SVG_UPLOADS}”.", "Set it to sanitise or refuse.")
    if settings.SCANNER_URL and not is_scanner(settings.SCANNER_URL):
        refuse(
            28,
            f"SCANNER_URL is “{settings.SCANNER_URL}”, where no scanner can be asked.",
            "Set it to tcp://host:3310 or unix:///run/clamav/clamd.ctl, or leave it empty.",
        )
    return found


def _check_buckets(refuse: Any) -> None:
    if bool(settings.S3_ACCESS_KEY) != bool(settings.S3_SECRET_KEY):
        there, missing = sorted(("S3_ACCESS_KEY", "S3_SECRET_KEY"), key=lambda name: not getattr(settings, name))
        refuse(21, f"{there} is set, but {missing} is not.", "Set both, or neither where the machine has a role.")
    elif settings.S3_ENDPOINT_URL and not settings.S3_ACCESS_KEY and not os.environ.get("AWS_ACCESS_KEY_ID"):
        refuse(
            22,
            "S3_BUCKET is set, but neither S3_ACCESS_KEY nor S3_SECRET_KEY.",
            "Set both to the keys the store gave you.",
        )
    if settings.S3_PRIVATE_BUCKET == settings.S3_BUCKET:
        refuse(
            23,
            "S3_PRIVATE_BUCKET is S3_BUCKET: originals would lie among what everybody may read.",
            "Set it to another bucket, or leave it empty and keep what begins with originals/ private.",
        )
    elif not settings.S3_PRIVATE_BUCKET:
        refuse(
            23,
            "Originals lie in S3_BUCKET under originals/; only its policy keeps them private.",
            "Set S3_PRIVATE_BUCKET to a bucket nobody can read from outside.",
            Warning,
        )
    if settings.S3_ADDRESSING not in ADDRESSINGS:
        refuse(24, f"S3_ADDRESSING is “{settings.S3_ADDRESSING}”.", f"Set it to one of: {', '.join(ADDRESSINGS)}.")


def _check_folders(refuse: Any) -> None:
    if not settings.ORIGINALS_ROOT:
        return
    beside = Path(f"{Path(settings.MEDIA_ROOT)}-originals").resolve()
    if settings.FILES_BY_NGINX and Path(settings.ORIGINALS_ROOT).resolve() != beside:
        refuse(
            30,
            f"FILES_BY_NGINX is on, but ORIGINALS_ROOT is {settings.ORIGINALS_ROOT}: nginx looks in {beside}.",
            "Leave ORIGINALS_ROOT empty and put that folder, or a mount, there; or set FILES_BY_NGINX=0.",
        )
    media, originals = Path(settings.MEDIA_ROOT).resolve(), Path(settings.ORIGINALS_ROOT).resolve()
    if originals.is_relative_to(media):
        refuse(
            25,
            f"ORIGINALS_ROOT, {originals}, is inside MEDIA_ROOT: everybody could read the originals.",
            "Set it to a folder outside, or leave it empty; then they lie beside MEDIA_ROOT.",
        )
    elif media.is_relative_to(originals):
        refuse(
            25,
            f"MEDIA_ROOT, {media}, is inside ORIGINALS_ROOT: what readers see would be swept away.",
            "Set both to folders that lie apart.",
        )


def _check_cdn(refuse: Any) -> None:
    cdn = settings.MEDIA_CDN_URL
    if "?" in cdn or "#" in cdn:
        refuse(
            26, f"MEDIA_CDN_URL is {cdn}; names of files are put at its end.", "Set it to an address without ? and #."
        )
    elif cdn.rstrip("/") == settings.SITE_URL:
        refuse(
            26,
            "MEDIA_CDN_URL is SITE_URL, where no files answer.",
            f"Remove it, or set it to where a CDN has {settings.SITE_URL}{settings.MEDIA_URL}.",
        )
    elif settings.PRODUCTION and settings.SITE_URL.startswith("https://") and not cdn.startswith("https://"):
        refuse(26, f"MEDIA_CDN_URL is {cdn}; browsers show no pictures from http on a site of https.", "Use https.")


def is_scanner(address: str) -> bool:
    """Whether it names a socket: tcp://host:port or unix:///path/of/a/socket."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme == "unix":
        return not parts.netloc and len(parts.path) > 1
    return parts.scheme == "tcp" and bool(parts.hostname) and port != 0 and parts.path in {"", "/"}
