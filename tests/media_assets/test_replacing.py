"""Another file in the place of one: its address stays, nothing is replaced unseen, nothing is half done."""

import io
import subprocess

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from accounts.models import AuditEntry
from core.refusals import Refusal
from media_assets import intake, making, storage
from media_assets.models import MediaAsset
from media_assets.replacing import REPLACED_MEANWHILE, SAME_FILE, replace
from media_assets.signals import asset_changed, asset_ready
from tests.media_assets.clamd import clamd, one_clamd

__all__ = ["clamd", "one_clamd"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media-originals"


def picture(kind="JPEG", colour="red", size=(64, 48), name="Harbour", **options):
    output = io.BytesIO()
    Image.new("RGB", size, colour).save(output, kind, **options)
    return ContentFile(output.getvalue(), name=f"{name}.{kind.lower()}")


def moving():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    output = io.BytesIO()
    frames[0].save(output, "GIF", save_all=True, append_images=frames[1:], duration=200)
    return ContentFile(output.getvalue(), name="Moving.gif")


def originals(folder):
    return sorted(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def row_of(asset):
    return MediaAsset.objects.filter(pk=asset.pk).values().get()


def refused(asset, file, by, shown=None):
    """The sentence; nothing at all was changed."""
    before, entries = row_of(asset), AuditEntry.objects.count()
    with pytest.raises(Refusal) as refusal:
        replace(asset, file, by=by, shown=asset.sha256 if shown is None else shown)
    assert row_of(asset) == before
    assert AuditEntry.objects.count() == entries
    return refusal.value.sentence


def test_the_address_the_description_and_the_focal_point_stay(
    author, own_store, queued, django_capture_on_commit_callbacks
):
    asset = intake.take_in(picture(), by=author, alt_text="The harbour", credit="A. Fisher")
    MediaAsset.objects.filter(pk=asset.pk).update(focal_x=0.2, renditions_made_at=asset.created_at)
    before = asset.sha256
    changed = []
    asset_changed.connect(lambda asset_id, **facts: changed.append(asset_id), weak=False, dispatch_uid="heard")
    try:
        with django_capture_on_commit_callbacks(execute=True):
            after = replace(asset, picture("PNG", "blue", (80, 20)), by=author, shown=asset.sha256)
    finally:
        asset_changed.disconnect(dispatch_uid="heard")
    assert after.pk == asset.pk
    after.refresh_from_db()
    assert (after.url, after.extension, after.key) == (asset.url, "jpg", asset.key)
    assert (after.alt_text, after.credit, after.focal_x, after.name) == ("The harbour", "A. Fisher", 0.2, "Harbour")
    assert (after.mime_type, after.width, after.height) == ("image/png", 80, 20)
    assert after.sha256 != before
    assert after.renditions_made_at is None
    assert after.state == MediaAsset.State.READY
    (content,) = originals(own_store)
    assert storage.originals().open(after.file.name).read() == content
    assert changed == [asset.pk]
    assert ("media_assets.tasks.make_renditions", (asset.pk,)) in queued
    (entry,) = AuditEntry.objects.all()
    assert (entry.actor, entry.action) == (author, "replaced the file of")
    assert [words.split(",")[0] for words in entry.changes["File"]] == ["image/jpeg", "image/png"]


def test_the_address_shows_the_former_picture_until_the_new_one_is_made(author, django_capture_on_commit_callbacks):
    asset = intake.take_in(picture(), by=author)
    making.make_all(asset)

    def colour_at_the_address():
        with storage.public().open(asset.public_name) as file:
            return Image.open(file).convert("RGB").resize((1, 1)).getpixel((0, 0))

    assert colour_at_the_address()[0] > 200
    with django_capture_on_commit_callbacks(execute=True):
        asset = replace(asset, picture("PNG", "blue"), by=author, shown=asset.sha256)
    assert colour_at_the_address()[0] > 200
    making.make_all(asset)
    assert colour_at_the_address()[2] > 200
    assert Image.open(storage.public().open(asset.public_name)).format == "JPEG"


def test_only_those_who_may_change_it_replace_it(author, editor, reader, moderator):
    asset = intake.take_in(picture(), by=author)
    for somebody in (reader, moderator):
        assert "role" in refused(asset, picture(colour="blue"), somebody)
    replace(asset, picture(colour="blue"), by=editor, shown=asset.sha256)


def test_nobody_replaces_a_file_they_have_not_seen(author, editor, own_store):
    asset = intake.take_in(picture(), by=author)
    shown = asset.sha256
    replace(asset, picture(colour="blue"), by=editor, shown=shown)
    assert refused(asset, picture(colour="green"), author, shown) == REPLACED_MEANWHILE
    assert refused(asset, picture(colour="blue"), author, shown) == REPLACED_MEANWHILE
    assert refused(asset, picture(colour="green"), author, "") == REPLACED_MEANWHILE


def test_the_same_content_is_not_stored_again_and_another_asset_is_named(author, own_store):
    asset = intake.take_in(picture(), by=author)
    intake.take_in(picture(colour="blue", name="Lighthouse"), by=author)
    assert refused(asset, picture(), author) == SAME_FILE
    assert "“Lighthouse”" in refused(asset, picture(colour="blue"), author)
    assert len(originals(own_store)) == 2


def test_what_the_address_could_not_show_is_refused(author, own_store):
    asset = intake.take_in(picture(), by=author)
    assert "JPG file" in refused(asset, moving(), author)
    MediaAsset.objects.filter(pk=asset.pk).update(extension="svg", mime_type="image/svg+xml")
    asset.refresh_from_db()
    assert "SVG file" in refused(asset, picture(colour="blue"), author)
    assert len(originals(own_store)) == 1


def test_a_picture_is_replaced_by_a_picture_only(author, own_store):
    asset = intake.take_in(picture(), by=author)
    MediaAsset.objects.filter(pk=asset.pk).update(kind="document", extension="pdf")
    asset.refresh_from_db()
    assert "is a document" in refused(asset, picture(colour="blue"), author)
    assert len(originals(own_store)) == 1


def test_a_moving_picture_takes_the_place_of_a_moving_one_or_a_still_does(author):
    asset = intake.take_in(moving(), by=author)
    assert asset.is_animated
    asset = replace(asset, picture("PNG"), by=author, shown=asset.sha256)
    assert not asset.is_animated
    asset = replace(asset, moving(), by=author, shown=asset.sha256)
    assert asset.is_animated


def test_a_refused_file_changes_nothing(author, own_store):
    asset = intake.take_in(picture(), by=author)
    refused(asset, ContentFile(b"nothing at all", name="nothing.jpg"), author)
    assert len(originals(own_store)) == 1


def test_a_deleted_one_says_so(author, own_store):
    asset = intake.take_in(picture(), by=author)
    MediaAsset.objects.all().delete()
    with pytest.raises(Refusal, match="deleted meanwhile"):
        replace(asset, picture(colour="blue"), by=author, shown=asset.sha256)
    assert len(originals(own_store)) == 1


def test_a_failure_in_the_database_leaves_the_former_file_alone(author, own_store, monkeypatch):
    asset = intake.take_in(picture(), by=author)
    content = originals(own_store)

    def fail(*args, **options):
        raise RuntimeError("the connection is lost")

    monkeypatch.setattr("media_assets.replacing.audit.record", fail)
    before = row_of(asset)
    with pytest.raises(RuntimeError):
        replace(asset, picture(colour="blue"), by=author, shown=asset.sha256)
    assert row_of(asset) == before
    assert originals(own_store) == content


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 64 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_changes_nothing_and_says_so(author, small_disk, settings):
    settings.ORIGINALS_ROOT = str(small_disk / "originals")
    asset = intake.take_in(picture(), by=author)
    content = originals(small_disk)
    output = io.BytesIO()
    Image.effect_noise((400, 400), 90).convert("RGB").save(output, "PNG")
    assert refused(asset, ContentFile(output.getvalue(), name="Noise.png"), author) == intake.NO_ROOM
    assert originals(small_disk) == content
    assert replace(asset, picture(colour="blue"), by=author, shown=asset.sha256).size_bytes < 2000


def test_the_scanner_judges_before_anything_is_stored(author, own_store, settings, clamd):
    asset = intake.take_in(picture(), by=author)
    MediaAsset.objects.update(state=MediaAsset.State.READY)
    with intake.examined(picture(colour="blue")) as clean:
        clamd.find_too("Letterpress.Blue", clean.path.read_bytes())
    assert "Letterpress.Blue" in refused(asset, picture(colour="blue"), author)
    settings.SCANNER_URL = "tcp://127.0.0.1:1"
    assert "does not answer" in refused(asset, picture(colour="green"), author)
    assert len(originals(own_store)) == 1
    settings.SCANNER_URL = clamd.url
    assert replace(asset, picture(colour="green"), by=author, shown=asset.sha256).is_ready


def test_what_was_rejected_is_ready_once_another_file_took_its_place(author, django_capture_on_commit_callbacks):
    asset = intake.take_in(picture(), by=author)
    MediaAsset.objects.update(state=MediaAsset.State.REJECTED, rejection="The scanner found X.", file="")
    ready = []
    asset_ready.connect(lambda asset_id, **facts: ready.append(asset_id), weak=False, dispatch_uid="heard")
    try:
        with django_capture_on_commit_callbacks(execute=True):
            after = replace(asset, picture(colour="blue"), by=author, shown=asset.sha256)
    finally:
        asset_ready.disconnect(dispatch_uid="heard")
    assert (after.state, after.rejection, ready) == (MediaAsset.State.READY, "", [asset.pk])
