"""A store that speaks S3 over HTTP on this machine, and the two buckets of a publication in it.

moto's server refuses to whoever comes without a signature what neither policy nor ACL makes public. It does not look
whether a signature is right, nor whether it has run out; no test leans on that.
"""

import json
import logging
import secrets
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any

import pytest
from django.core.files.storage import storages

from config import buckets
from media_assets.models import MediaAsset


@dataclass(frozen=True)
class Buckets:
    """`client` is boto3's, with which a test looks behind the stores."""

    endpoint: str
    public: str
    private: str
    client: Any

    def names(self, bucket: str) -> list[str]:
        return [found["Key"] for found in self.client.list_objects_v2(Bucket=bucket).get("Contents", [])]

    def get(self, address: str, **headers: str) -> tuple[int, Message, bytes]:
        """What a browser gets: status, headers, body."""
        try:
            with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def s3(settings, s3_endpoint, tmp_path, monkeypatch) -> Buckets:
    """The publication keeps its files in two new buckets: one anybody may read from, one nobody may."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.S3_BUCKET = f"public-{secrets.token_hex(6)}"
    settings.S3_PRIVATE_BUCKET = f"private-{secrets.token_hex(6)}"
    settings.S3_ENDPOINT_URL = s3_endpoint
    settings.STORAGES = settings.STORAGES | buckets.stores(
        settings.S3_BUCKET,
        settings.S3_PRIVATE_BUCKET,
        endpoint=s3_endpoint,
        region="eu-west-1",
        access_key="a-key",
        secret_key="a-secret",
        addressing="path",
    )
    monkeypatch.setattr(MediaAsset._meta.get_field("file"), "storage", storages["originals"])
    client = storages["default"].connection.meta.client
    for name in (settings.S3_BUCKET, settings.S3_PRIVATE_BUCKET):
        client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    readable = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{settings.S3_BUCKET}/*",
    }
    client.put_bucket_policy(
        Bucket=settings.S3_BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [readable]})
    )
    return Buckets(s3_endpoint, settings.S3_BUCKET, settings.S3_PRIVATE_BUCKET, client)


@pytest.fixture(params=["disk", "bucket"])
def store(request, settings, tmp_path) -> Buckets | None:
    """The same test on both: a folder of this machine (None), and buckets."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return request.getfixturevalue("s3") if request.param == "bucket" else None
