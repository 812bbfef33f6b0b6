"""Renditions are made whole, of what the picture is now, and written down."""

import errno
import io
from pathlib import Path

import pytest
from PIL import Image

from core.refusals import Refusal
from media_assets import making, pixels, renditions, storage
from media_assets.models import MediaAsset, Rendition
from media_assets.signals import asset_changed
from tests.media_assets.photographs import encoded, scene, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_store")]


@pytest.fixture
def news(django_capture_on_commit_callbacks):
    """Runs something as if its transaction was committed; returns the assets that were announced as changed."""

    def heard(act):
        found = []

        def hear(asset_id, **facts):
            found.append(asset_id)

        asset_changed.connect(hear)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                act()
        finally:
            asset_changed.disconnect(hear)
        return found

    return heard


def moving(kind="GIF"):
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:])


def content_of(row):
    with storage.public().open(row.file.name) as file:
        return file.read()


def public_files(folder):
    return {str(path.relative_to(folder / "media")) for path in (folder / "media").rglob("*") if path.is_file()}


def change_while_drawing(monkeypatch, change):
    """Do `change` once, between the reading of the picture and the writing down of what was made."""
    drawn, changes = pixels.drawn, [change]

    def draw(*args):
        yield from drawn(*args)
        if changes:
            changes.pop()()

    monkeypatch.setattr(pixels, "drawn", draw)


def fail_for(monkeypatch, form, error):
    written = pixels.written

    def write(picture, wanted, **options):
        if wanted == form:
            raise error
        return written(picture, wanted, **options)

    monkeypatch.setattr(pixels, "written", write)


def test_a_rendition_is_made_and_written_down():
    asset = stored()
    row = making.make(asset, "w320.webp")
    assert (row.width, row.height, row.mime_type) == (320, 240, "image/webp")
    assert row.file.name == renditions.file_name(asset, making.spec_named(asset, "w320.webp"))
    assert row.size_bytes == len(content_of(row))
    with Image.open(io.BytesIO(content_of(row))) as picture:
        assert (picture.format, picture.size) == ("WEBP", (320, 240))
    asset.refresh_from_db()
    assert asset.renditions_made_at is None, "one is not the whole set"


def test_what_is_there_is_not_made_again(monkeypatch):
    asset = stored()
    row = making.make(asset, "w320.webp")
    monkeypatch.delattr(pixels, "drawn")
    assert making.make(asset, "w320.webp") == row


def test_what_the_store_lost_is_made_again():
    asset = stored()
    row = making.make(asset, "w320.webp")
    storage.public().delete(row.file.name)
    assert making.make(asset, "w320.webp").pk == row.pk
    assert storage.public().exists(row.file.name)


@pytest.mark.parametrize("name", ["w321.webp", "w1080.webp", "w320.tiff", "web.png", "../w320.webp", "", "16x9-7.avif"])
def test_a_rendition_that_is_not_declared_is_refused(name, own_store):
    with pytest.raises(Refusal):
        making.make(stored(), name)
    assert public_files(own_store) == set()


@pytest.mark.parametrize("state", ["pending", "scanning", "rejected"])
def test_nothing_is_made_of_what_is_not_ready(state, own_store):
    asset = stored(state=state)
    with pytest.raises(Refusal, match="not ready"):
        making.make(asset, "w320.webp")
    with pytest.raises(Refusal, match="not ready"):
        making.make_all(asset)
    assert public_files(own_store) == set()


def test_nothing_is_made_of_a_document():
    with pytest.raises(Refusal, match="no picture"):
        making.make_all(stored(kind="document"))


def test_the_whole_set_is_made_and_the_asset_marked(own_store, news):
    asset = stored()
    assert news(lambda: making.make_all(asset)) == [asset.pk]
    asset.refresh_from_db()
    assert asset.renditions_made_at
    specs = making.all_specs(asset)
    assert set(Rendition.objects.values_list("spec", flat=True)) == {spec.name for spec in specs}
    assert public_files(own_store) == {making.public_name(asset, spec) for spec in specs}
    for row in Rendition.objects.all():
        with Image.open(io.BytesIO(content_of(row))) as picture:
            assert (picture.size, Image.MIME[picture.format]) == ((row.width, row.height), row.mime_type)


def test_a_complete_set_is_left_alone_and_announced_to_nobody(monkeypatch, news):
    asset = stored()
    making.make_all(asset)
    monkeypatch.delattr(pixels, "drawn")
    outcome = []
    assert news(lambda: outcome.append(making.make_all(asset))) == []
    assert outcome[0].made == []
    assert len(outcome[0].there) == len(making.all_specs(asset))


def test_made_anew_even_what_is_there_is_made():
    asset = stored()
    making.make_all(asset)
    assert len(making.make_all(asset, anew=True).made) == len(making.all_specs(asset))


def test_the_queries_of_a_set_do_not_grow_with_it(django_assert_max_num_queries):
    asset = stored()
    with django_assert_max_num_queries(15):
        making.make_all(asset)


def test_one_format_that_fails_does_not_keep_the_others(monkeypatch, own_store, news):
    asset = stored()
    fail_for(monkeypatch, "avif", ValueError("no such encoder"))
    outcome = []
    news(lambda: outcome.append(making.make_all(asset)))
    assert {name.rpartition(".")[2] for name in outcome[0].failed} == {"avif"}
    assert {name.rpartition(".")[2] for name in outcome[0].made} == {"webp", "jpg"}
    assert {row.rpartition(".")[2] for row in public_files(own_store)} == {"webp", "jpg"}
    asset.refresh_from_db()
    assert asset.renditions_made_at is None


def test_a_full_disk_leaves_neither_half_a_file_nor_a_row(monkeypatch, own_store):
    asset = stored()

    def full(number):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("media_assets.making.os.fdatasync", full)
    with pytest.raises(making.MakingFailed, match="no room left"):
        making.make(asset, "w320.webp")
    assert public_files(own_store) == set()
    assert not Rendition.objects.exists()


def test_a_write_that_fails_leaves_the_former_file(monkeypatch, own_store):
    store = storage.public()
    making.write(store, "a/b.jpg", b"former", "image/jpeg")

    def fail(self, target):
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="broken"):
        making.write(store, "a/b.jpg", b"new", "image/jpeg")
    assert public_files(own_store) == {"a/b.jpg"}
    with store.open("a/b.jpg") as file:
        assert file.read() == b"former"


def test_a_missing_original_is_told(own_store):
    asset = stored()
    storage.originals().delete(asset.file.name)
    with pytest.raises(making.MakingFailed, match="original is not in the store"):
        making.make_all(asset)
    assert public_files(own_store) == set()


def test_a_damaged_original_is_told():
    asset = stored()
    Path(storage.originals().path(asset.file.name)).write_bytes(encoded(scene())[:3000])
    with pytest.raises(making.MakingFailed):
        making.make(asset, "w320.webp")


@pytest.mark.parametrize("act", [making.make_all, lambda asset: making.make(asset, "1x1-96.jpg")])
def test_a_focal_point_moved_meanwhile_is_the_one_that_counts(act, monkeypatch):
    asset = stored()
    change_while_drawing(monkeypatch, lambda: MediaAsset.objects.update(focal_x=0.0))
    act(asset)
    asset.refresh_from_db()
    row = Rendition.objects.get(spec="1x1-96.jpg")
    assert row.file.name == renditions.file_name(asset, making.spec_named(asset, row.spec))
    assert Image.open(io.BytesIO(content_of(row))).getpixel((1, 48))[0] < 15, "the left edge, where there is no red"


def test_a_file_replaced_meanwhile_is_the_one_the_address_shows(monkeypatch):
    asset = stored()
    other = stored(encoded(Image.new("RGB", (400, 300), "blue")))
    facts = {name: getattr(other, name) for name in ("file", "sha256", "width", "height", "size_bytes")}
    other.delete()
    change_while_drawing(monkeypatch, lambda: MediaAsset.objects.update(**facts, renditions_made_at=None))
    making.make_all(asset)
    row = Rendition.objects.get(spec="web.jpg")
    assert (row.width, row.height) == (400, 300)
    assert Image.open(io.BytesIO(content_of(row))).getpixel((200, 150))[2] > 240


def test_the_copy_at_its_address_follows_the_file():
    asset = stored()
    making.make_all(asset)
    other = stored(encoded(Image.new("RGB", (400, 300), "blue"), "PNG"))
    facts = {name: getattr(other, name) for name in ("file", "sha256", "width", "height", "mime_type")}
    other.delete()
    MediaAsset.objects.update(**facts, renditions_made_at=None)
    making.make_all(asset)
    row = Rendition.objects.get(spec="web.jpg")
    assert row.file.name == asset.public_name
    with Image.open(io.BytesIO(content_of(row))) as picture:
        assert (picture.format, picture.size) == ("JPEG", (400, 300))


def test_an_asset_deleted_meanwhile_gets_no_rows(monkeypatch):
    asset = stored()
    change_while_drawing(monkeypatch, lambda: MediaAsset.objects.all().delete())
    with pytest.raises(Refusal, match="deleted"):
        making.make_all(asset)
    assert not Rendition.objects.exists()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_moving_pictures_are_shown_byte_by_byte(kind):
    asset = stored(moving(kind), is_animated=True)
    assert making.make_all(asset).made == [f"web.{kind.lower()}"]
    assert content_of(Rendition.objects.get()) == moving(kind)


def test_what_moves_without_the_record_knowing_is_put_right():
    asset = stored(moving())
    with pytest.raises(Refusal):
        making.make(asset, "w40.webp")
    asset.refresh_from_db()
    assert asset.is_animated
    assert making.make_all(asset).made == ["web.gif"]


def test_a_still_gif_keeps_its_colours():
    content = encoded(scene(), "GIF")
    assert content_of(making.make(stored(content), "web.gif")) == content


def test_a_drawing_is_shown_as_it_was_cleaned():
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    asset = stored()
    Path(storage.originals().path(asset.file.name)).write_bytes(drawing)
    MediaAsset.objects.update(mime_type="image/svg+xml", extension="svg", width=None, height=None)
    asset.refresh_from_db()
    making.make_all(asset)
    row = Rendition.objects.get()
    assert (row.spec, row.mime_type, content_of(row)) == ("web.svg", "image/svg+xml", drawing)


def test_an_original_among_the_public_files_is_kept_before_its_copy_takes_the_place(own_store):
    content = encoded(scene())
    asset = stored(content, public=True)
    assert asset.file.name == asset.public_name
    making.make_all(asset)
    with storage.originals().open(asset.file.name) as file:
        assert file.read() == content
    assert content_of(Rendition.objects.get(spec="web.jpg")) != content


def test_a_public_copy_is_never_taken_for_the_original():
    asset = stored()
    making.make_all(asset)
    storage.originals().delete(asset.file.name)
    with pytest.raises(making.MakingFailed):
        making.make_all(asset, anew=True)
    assert not storage.originals().exists(asset.file.name)


def test_the_colour_of_its_place_is_filled_in_and_never_changed():
    blue = Image.new("RGB", (300, 200), (10, 20, 230))
    empty, known = stored(encoded(blue), placeholder_colour=""), stored(placeholder_colour="#010203")
    making.make_all(empty)
    making.make_all(known)
    empty.refresh_from_db()
    known.refresh_from_db()
    assert empty.placeholder_colour[:2] == "#0"
    assert int(empty.placeholder_colour[5:], 16) == pytest.approx(230, abs=8)
    assert known.placeholder_colour == "#010203"
