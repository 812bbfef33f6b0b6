"""Files no record knows go after a day, records without a file are told of, and nothing else is touched."""

import io
import os
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from PIL import Image

from accounts.models import Notification
from media_assets import intake, making, orphans, renditions, storage
from media_assets.models import MediaAsset
from tests.media_assets.making_assets import make_asset

pytestmark = pytest.mark.django_db
KEY = "2026/01/0123456789abcdef01234567"
OURS = {
    "originals": [f"{KEY}.jpg", f"{KEY}_aB3dE6x.pdf", f"2026/02/{KEY[8:]}.mp4"],
    "public": [f"{KEY}.jpg", f"{KEY}/0a1b2c3d-w640.avif", f"{KEY}/0a1b2c3d-16x9-960.webp", f"{KEY}/0a1b2c3d-card.jpg"],
}
FOREIGN = [
    "backup/2026/01/0123456789abcdef01234567.jpg",
    "2026/01/harbour.jpg",
    "2026/notes.txt",
    f"{KEY}/notes.txt",
    "2026/1/0123456789abcdef01234567.jpg",
    "readme.txt",
]


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path


def tomorrow():
    return timezone.now() + timedelta(days=1, minutes=1)


def put(label, *names):
    store = storage.originals() if label == "originals" else storage.public()
    for name in names:
        store.save(name, ContentFile(b"content"))


def there(label, name):
    return (storage.originals() if label == "originals" else storage.public()).exists(name)


def photograph(colour="red"):
    output = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(output, "JPEG")
    return ContentFile(output.getvalue(), name=f"{colour}.jpg")


@pytest.fixture
def asset(author):
    asset = intake.take_in(photograph(), by=author)
    making.make_all(asset)
    return asset


def test_what_no_record_knows_goes_after_a_day_and_the_rest_stays(store, asset):
    for label, names in OURS.items():
        put(label, *names, *FOREIGN)
    orphans.sweep()
    for label, names in OURS.items():
        assert all(there(label, name) for name in [*names, *FOREIGN])
    found = orphans.sweep(now=tomorrow())
    assert {(file.store, file.name) for file in found.orphans} == {
        (label, name) for label, names in OURS.items() for name in names
    }
    for label, names in OURS.items():
        assert not any(there(label, name) for name in names)
        assert all(there(label, name) for name in FOREIGN)
    assert there("originals", asset.file.name)
    assert there("public", asset.public_name)
    for spec in renditions.specs_of(asset):
        assert there("public", renditions.file_name(asset, spec))
    assert found.missing == []
    assert not Notification.objects.exists()


def test_in_one_bucket_for_both_the_originals_are_no_public_files(s3, settings, asset):
    from config import buckets

    settings.STORAGES = settings.STORAGES | buckets.stores(
        s3.public, "", endpoint=s3.endpoint, region="eu-west-1", access_key="k", secret_key="s", addressing="path"
    )
    put("originals", f"{KEY}.jpg", asset.file.name)
    assert f"originals/{KEY}.jpg" in s3.names(s3.public)
    found = orphans.find(now=tomorrow())
    assert [(file.store, file.name) for file in found.orphans] == [("originals", f"{KEY}.jpg")]


def test_what_a_rolled_back_import_left_goes(own_store, author):
    class TurnedBack(Exception):
        pass

    with pytest.raises(TurnedBack), transaction.atomic():
        name = intake.take_in(photograph(), by=author).file.name
        raise TurnedBack
    assert there("originals", name)
    orphans.sweep(now=tomorrow())
    assert not there("originals", name)


def test_a_part_that_was_never_finished_goes_even_from_the_folder_of_a_living_picture(asset):
    parts = [f"{asset.key}/.0123456789abcdef.part", "2026/01/.0123456789abcdef.part"]
    put("public", *parts)
    orphans.sweep(now=tomorrow())
    assert not any(there("public", part) for part in parts)


def test_a_copy_at_an_address_nobody_has_goes(asset):
    put("public", f"{asset.key}.webp")
    orphans.sweep(now=tomorrow())
    assert not there("public", f"{asset.key}.webp")
    assert there("public", asset.public_name)


def test_how_far_it_got_is_told_of_each_store_by_itself():
    put("originals", *OURS["originals"])
    put("public", *OURS["public"])
    said = []
    orphans.find(tell=said.append)
    assert said == [
        "originals 2026/01 (1 of 2): 2 originals seen so far",
        "originals 2026/02 (2 of 2): 3 originals seen so far",
        "public 2026/01 (1 of 1): 4 public files seen so far",
    ]


@pytest.mark.parametrize("failing", ["originals", "public"])
def test_a_store_that_fails_has_nothing_deleted_from_either(monkeypatch, failing, asset):
    put("originals", *OURS["originals"])
    put("public", *OURS["public"])
    store = storage.originals() if failing == "originals" else storage.public()
    listdir = store.listdir

    def fail(path):
        if path:
            raise PermissionError("not now")
        return listdir(path)

    monkeypatch.setattr(store, "listdir", fail)
    assert orphans.sweep(now=tomorrow()) is None
    assert all(there(label, name) for label, names in OURS.items() for name in names)
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("check_files", "--delete")
    assert not Notification.objects.exists()


def test_a_folder_that_cannot_be_read_is_a_failure_and_not_an_empty_one(own_store, monkeypatch, asset):
    put("originals", f"{KEY}.jpg")
    scandir = os.scandir

    def fail(path):
        if str(path).endswith("2026/01"):
            raise PermissionError("not now")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", fail)
    assert orphans.sweep(now=tomorrow()) is None
    assert there("originals", f"{KEY}.jpg")


def test_more_than_a_tenth_is_left_for_somebody_to_look_at(monkeypatch, admin, editor):
    monkeypatch.setattr(orphans, "ALWAYS", 2)
    put("originals", *OURS["originals"])
    for _ in range(2):
        assert orphans.sweep(now=tomorrow()).is_alarming
    assert all(there("originals", name) for name in OURS["originals"])
    (notice,) = Notification.objects.all()
    assert notice.recipient == admin
    assert "3 of 3 stored files belong to no record" in notice.text


def test_a_record_that_was_written_meanwhile_keeps_its_file(monkeypatch):
    put("originals", f"{KEY}.jpg")
    found = orphans.find(now=tomorrow())
    make_asset(file=f"{KEY}.jpg")
    assert orphans.delete(found.orphans) == 0
    assert there("originals", f"{KEY}.jpg")


def test_a_record_without_its_file_is_told_of_and_stays(admin, editor, asset, own_store):
    gone = [make_asset(name=f"Gone {number}") for number in range(7)]
    make_asset(name="Rejected")
    MediaAsset.objects.filter(name="Rejected").update(file="", state="rejected", rejection="Eicar.")
    old = make_asset(name="From before", key="2025/11/0123456789abcdef01234567")
    put("public", old.file.name)  # as originals lay once
    for _ in range(2):
        found = orphans.sweep(now=tomorrow())
        assert sorted(row.name for row in found.missing) == [row.name for row in gone]
    (notice,) = Notification.objects.all()
    assert notice.recipient == admin
    assert "“Gone 0”" in notice.text
    assert "and 2 more" in notice.text
    assert MediaAsset.objects.count() == 10
    Notification.objects.update(read_at=timezone.now())
    orphans.sweep(now=tomorrow())
    assert Notification.objects.count() == 2


def test_the_questions_to_the_database_grow_with_batches_not_with_files(django_assert_num_queries, monkeypatch):
    put("originals", *[f"2026/01/{number:024x}.jpg" for number in range(30)])
    with django_assert_num_queries(3):  # months of rows, one batch, rows of the month
        assert len(orphans.find(now=tomorrow()).orphans) == 30
    monkeypatch.setattr(orphans, "BATCH", 10)
    with django_assert_num_queries(5):
        assert orphans.find(now=tomorrow()).seen == 30


def test_the_command_lists_and_deletes_when_told_to(asset):
    put("originals", *OURS["originals"])
    make_asset(name="Gone")
    yesterday = (timezone.now() - timedelta(days=2)).timestamp()
    for name in OURS["originals"]:
        os.utime(storage.originals().path(name), (yesterday, yesterday))
    out, progress = io.StringIO(), io.StringIO()
    call_command("check_files", stdout=out, stderr=progress)
    said = out.getvalue()
    assert "3 of them without a record (21 bytes)" in said
    assert all(name in said for name in OURS["originals"])
    assert "1 records without their file" in said
    assert "Gone" in said
    assert "originals 2026/01 (1 of" in progress.getvalue()
    assert all(there("originals", name) for name in OURS["originals"])
    call_command("check_files", "--delete", stdout=out, stderr=progress)
    assert "3 files deleted, 0 left" in out.getvalue()
    assert not any(there("originals", name) for name in OURS["originals"])
    assert there("originals", asset.file.name)


def test_stores_nobody_has_written_to_are_empty(own_store):
    assert orphans.sweep() == orphans.Found()
