"""Settings of files that would hurt later are refused with their mending."""

import pytest

from core.checks import check_installation
from core.file_checks import is_scanner

DISK = {"S3_BUCKET": "", "S3_PRIVATE_BUCKET": "", "S3_ENDPOINT_URL": "", "S3_ACCESS_KEY": "", "S3_SECRET_KEY": ""}
BUCKETS = {
    "S3_BUCKET": "pictures",
    "S3_PRIVATE_BUCKET": "originals",
    "S3_ENDPOINT_URL": "https://s3.example.org",
    "S3_ACCESS_KEY": "a",
    "S3_SECRET_KEY": "b",
    "S3_ADDRESSING": "path",
}


def found(settings, **changes):
    for name, value in changes.items():
        setattr(settings, name, value)
    return check_installation(None)


def test_the_disk_and_two_buckets_are_sound(settings):
    assert found(settings, **DISK) == []
    assert found(settings, **BUCKETS, MEDIA_CDN_URL="https://files.example.org/") == []


@pytest.mark.parametrize(
    ("change", "number", "what", "mend"),
    [
        ({**DISK, "S3_ENDPOINT_URL": "https://s3.example.org"}, 20, "S3_ENDPOINT_URL is set", "Set S3_BUCKET"),
        ({**DISK, "S3_ACCESS_KEY": "a", "S3_SECRET_KEY": "b"}, 20, "S3_SECRET_KEY are set", "remove the others"),
        ({**BUCKETS, "S3_SECRET_KEY": ""}, 21, "S3_ACCESS_KEY is set, but S3_SECRET_KEY is not", "Set both"),
        ({**BUCKETS, "S3_ACCESS_KEY": ""}, 21, "S3_SECRET_KEY is set, but S3_ACCESS_KEY is not", "Set both"),
        ({**BUCKETS, "S3_ACCESS_KEY": "", "S3_SECRET_KEY": ""}, 22, "neither", "keys the store gave you"),
        ({**BUCKETS, "S3_PRIVATE_BUCKET": "pictures"}, 23, "among what everybody may read", "another bucket"),
        ({**BUCKETS, "S3_ADDRESSING": "sideways"}, 24, "sideways", "path, virtual, auto"),
        ({"MEDIA_CDN_URL": "https://files.example.org/?v=1"}, 26, "?v=1", "without ? and #"),
        ({"MEDIA_CDN_URL": "https://a.example/", "SITE_URL": "https://a.example"}, 26, "SITE_URL", "/media/"),
        ({"REMOVED_SETTINGS": ["MEDIA_CDN_HOST"]}, 29, "MEDIA_CDN_HOST is set", "Set MEDIA_CDN_URL"),
        (
            {**DISK, "FILES_BY_NGINX": True, "ORIGINALS_ROOT": "/mnt/originals"},
            30,
            "/mnt/originals",
            "FILES_BY_NGINX=0",
        ),
        ({"SVG_UPLOADS": "maybe"}, 27, "maybe", "sanitise or refuse"),
        ({"SCANNER_URL": "127.0.0.1:3310"}, 28, "127.0.0.1:3310", "tcp://host:3310"),
        ({"MAX_RECORDING_BYTES": 0}, 6, "MAX_RECORDING_BYTES is 0", "from 1"),
    ],
)
def test_each_fault_is_refused_with_its_mending(settings, monkeypatch, change, number, what, mend):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    (refusal,) = found(settings, **change)
    assert refusal.id == f"letterpress.E{number:03}"
    assert what in refusal.msg
    assert mend in refusal.hint


def test_pictures_of_http_on_a_site_of_https_are_refused_in_production(settings):
    settings.SITE_URL, settings.MEDIA_CDN_URL = "https://example.org", "http://files.example.org/"
    assert "letterpress.E026" not in {refusal.id for refusal in check_installation(None)}
    assert "letterpress.E026" in {refusal.id for refusal in found(settings, PRODUCTION=True)}


@pytest.mark.parametrize("originals", ["media", "media/originals", "media/../media/deep/originals", "link"])
def test_originals_among_the_public_files_are_refused(settings, tmp_path, originals):
    (tmp_path / "media").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "media")
    (refusal,) = found(settings, MEDIA_ROOT=str(tmp_path / "media"), ORIGINALS_ROOT=str(tmp_path / originals))
    assert refusal.id == "letterpress.E025"
    assert "everybody could read" in refusal.msg


def test_public_files_among_the_originals_are_refused(settings, tmp_path):
    (refusal,) = found(settings, MEDIA_ROOT=str(tmp_path / "all" / "media"), ORIGINALS_ROOT=str(tmp_path / "all"))
    assert (refusal.id, "swept" in refusal.msg) == ("letterpress.E025", True)


def test_folders_side_by_side_are_sound(settings, tmp_path):
    assert found(settings, MEDIA_ROOT=str(tmp_path / "media"), ORIGINALS_ROOT=str(tmp_path / "media-originals")) == []


def test_one_bucket_for_all_is_warned_about(settings):
    (warning,) = found(settings, **BUCKETS | {"S3_PRIVATE_BUCKET": ""})
    assert warning.id == "letterpress.W023"
    assert "originals/" in warning.msg


@pytest.mark.parametrize(
    ("address", "sound"),
    [
        ("tcp://127.0.0.1:3310", True),
        ("tcp://clamd", True),
        ("tcp://[::1]:3310", True),
        ("unix:///run/clamav/clamd.ctl", True),
        ("unix://run/clamav/clamd.ctl", False),
        ("tcp://:3310", False),
        ("tcp://host:99999", False),
        ("http://host:3310", False),
        ("clamd:3310", False),
    ],
)
def test_what_names_a_scanner(address, sound):
    assert is_scanner(address) is sound
