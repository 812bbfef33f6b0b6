"""Stores in buckets that speak S3. Apart from `media_assets.storage`, since boto3 takes half a second to import."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django.utils.deconstruct import deconstructible
from storages.backends.s3 import S3Storage

from media_assets import storage


@deconstructible(path="media_assets.buckets.PublicBucket")
class PublicBucket(S3Storage):
    """The bucket readers fetch from. It answers by itself, so each object carries its type and who may keep it."""

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        found = {**super().get_object_parameters(name), "CacheControl": storage.keep_of(name)}
        if mime_type := storage.TYPES.get(PurePosixPath(name).suffix[1:]):
            found["ContentType"] = mime_type
        return found


@deconstructible(path="media_assets.buckets.PrivateBucket")
class PrivateBucket(S3Storage):
    """The bucket of the originals, read with signed addresses alone. These say what a file is and what it is called;
    should somebody open the bucket after all, a browser saves what it finds there and shows none of it."""

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        return {
            **super().get_object_parameters(name),
            "CacheControl": "private, no-store",
            "ContentType": "application/octet-stream",
            "ContentDisposition": "attachment",
        }
