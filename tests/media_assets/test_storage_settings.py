"""What the environment says of buckets, and where browsers may then fetch files from."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from config import buckets

PRINT = (
    "import json; from django.conf import settings; print(json.dumps(settings.CONTENT_SECURITY_POLICY['DIRECTIVES']))"
)


def policy(**environment: str) -> dict[str, list[str]]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", PRINT],
        cwd=settings.BASE_DIR,
        env={**kept, "DJANGO_SETTINGS_MODULE": "config.settings", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("where", "origins"),
    [
        ({"endpoint": "https://s3.example.org:9000", "addressing": "path"}, ["https://s3.example.org:9000"]),
        ({"endpoint": "https://s3.example.org", "addressing": "virtual"}, ["https://pictures.s3.example.org"]),
        (
            {"endpoint": "http://10.0.0.2:9000", "addressing": "auto"},
            ["http://10.0.0.2:9000", "http://pictures.10.0.0.2:9000"],
        ),
        ({}, ["https://pictures.s3.amazonaws.com"]),
        (
            {"region": "eu-west-1"},
            ["https://pictures.s3.amazonaws.com", "https://pictures.s3.eu-west-1.amazonaws.com"],
        ),
    ],
)
def test_a_bucket_is_met_at_known_origins(where, origins):
    assert buckets.origins("pictures", **where) == origins


def test_a_bucket_with_dots_is_met_by_its_path_at_amazon():
    assert buckets.origins("my.pictures", region="eu-west-1")[-1] == "https://s3.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    "where", [{"endpoint": "https://s3.example.org", "addressing": "path"}, {"region": "eu-west-1"}]
)
def test_the_addresses_the_stores_give_out_begin_with_one_of_them(where):
    from media_assets.buckets import PrivateBucket, PublicBucket

    both = buckets.stores("pictures", "originals", access_key="a", secret_key="b", **where)
    for kind, entry, bucket in ((PublicBucket, "default", "pictures"), (PrivateBucket, "originals", "originals")):
        address = kind(**both[entry]["OPTIONS"]).url("2026/11/0f.jpg")
        assert buckets.origin_of(address) in buckets.origins(bucket, **where)
        assert ("X-Amz-Signature" in address) == (entry == "originals")


def test_a_page_may_show_files_of_the_buckets_and_the_cdn_and_send_to_the_buckets():
    found = policy(
        S3_BUCKET="pictures",
        S3_PRIVATE_BUCKET="originals",
        S3_ENDPOINT_URL="http://127.0.0.1:9000",
        S3_ADDRESSING="virtual",
        MEDIA_CDN_URL="https://files.example.org/deep/",
    )
    stores = ["http://pictures.127.0.0.1:9000", "http://originals.127.0.0.1:9000"]
    for directive in ("img-src", "media-src"):
        assert {*stores, "https://files.example.org"} <= set(found[directive])
    assert found["connect-src"] == ["'self'", *stores]
    assert "https://files.example.org" not in found["script-src"] + found["style-src"] + found["form-action"]


def test_without_a_bucket_nothing_is_let_in():
    assert policy()["connect-src"] == ["'self'"]


def test_an_addressing_nobody_knows_is_left_to_the_check(settings):
    assert buckets.stores("a", "b", addressing="sideways")["default"]["OPTIONS"]["bucket_name"] == "a"
