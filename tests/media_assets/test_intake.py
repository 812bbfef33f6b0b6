"""Pictures come in safe, once, or not at all."""

import io
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from PIL import Image, ImageOps

from core.refusals import Refusal
from media_assets import removing, storage
from media_assets.intake import IntakeRefused, display_name, take_in
from media_assets.models import MediaAsset

pytestmark = pytest.mark.django_db
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "corpora" / "images"


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path


def picture(kind="PNG", size=(40, 20), colour=(200, 10, 30), **options):
    output = io.BytesIO()
    Image.new("RGB", size, colour).save(output, kind, **options)
    return ContentFile(output.getvalue(), name=f"A picture.{kind.lower()}")


def corpus_file(name):
    path = CORPUS / name
    if not path.exists():
        pytest.skip("the picture corpus is not on this machine")
    return ContentFile(path.read_bytes(), name=name)


def stored_files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_a_picture_is_stored_with_its_size_and_colour(kind, author):
    asset = take_in(picture(kind), by=author, alt_text="A red field")
    assert (asset.width, asset.height, asset.uploaded_by) == (40, 20, author)
    assert asset.name == "A picture"
    assert asset.file.name.endswith({"JPEG": "jpg"}.get(kind, kind.lower()))
    assert asset.placeholder_colour.startswith("#c") or asset.placeholder_colour.startswith("#d")
    assert storage.originals().exists(asset.file.name)


def test_the_same_picture_twice_is_one_record_and_one_file(author, editor, own_store):
    first, second = take_in(picture(), by=author), take_in(picture(), by=editor)
    assert first == second
    assert len(stored_files(own_store)) == MediaAsset.objects.count() == 1


def test_two_at_the_same_moment_leave_one_record_and_one_file(author, own_store, monkeypatch):
    first = take_in(picture(), by=author)
    nobody_yet = MediaAsset.objects.none()
    monkeypatch.setattr(MediaAsset.objects, "filter", lambda **_: nobody_yet)
    assert take_in(picture(), by=author) == first
    assert len(stored_files(own_store)) == 1


def test_a_record_that_cannot_be_written_leaves_no_file(author, own_store, monkeypatch):
    def fail(**_):
        raise RuntimeError("the disk of the database is full")

    monkeypatch.setattr(MediaAsset.objects, "create", fail)
    with pytest.raises(RuntimeError):
        take_in(picture(), by=author)
    assert stored_files(own_store) == []


def test_a_reader_may_not_upload(reader):
    with pytest.raises(IntakeRefused):
        take_in(picture(), by=reader)
    assert not MediaAsset.objects.exists()


def test_a_file_over_the_limit_is_refused_with_the_limit_named(author, settings):
    settings.MAX_UPLOAD_BYTES = 1024 * 1024
    with pytest.raises(IntakeRefused, match="larger than 1 MB"):
        take_in(ContentFile(b"\xff\xd8\xff" + b"x" * 1024 * 1024), by=author)


def test_places_and_comments_do_not_reach_readers(author):
    exif = Image.Exif()
    exif[0x010E] = "SECRET DESCRIPTION"
    exif.get_ifd(0x8825)[1] = "N"
    asset = take_in(picture("JPEG", exif=exif, comment=b"SECRET COMMENT"), by=author)
    with asset.file.open() as stored:
        content = stored.read()
    assert b"SECRET" not in content
    assert not Image.open(io.BytesIO(content)).getexif()


def test_an_animation_keeps_its_frames_and_loses_its_comments(author):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    output = io.BytesIO()
    frames[0].save(output, "GIF", save_all=True, append_images=frames[1:], comment=b"SECRET", duration=100, loop=0)
    asset = take_in(ContentFile(output.getvalue() + b"<script>", name="moving.gif"), by=author)
    with asset.file.open() as stored:
        content = stored.read()
    assert Image.open(io.BytesIO(content)).n_frames == 3
    assert b"SECRET" not in content
    assert b"<script>" not in content


@pytest.mark.parametrize(("kind", "name"), [("WEBP", "webp"), ("PNG", "png")])
def test_moving_webp_and_png_keep_their_frames(kind, name, author):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    output = io.BytesIO()
    frames[0].save(output, kind, save_all=True, append_images=frames[1:], exif=Image.Exif())
    asset = take_in(ContentFile(output.getvalue(), name=f"moving.{name}"), by=author)
    with asset.file.open() as stored:
        assert Image.open(io.BytesIO(stored.read())).n_frames == 3


@pytest.mark.parametrize("number", [1, 3, 5, 7])
def test_pictures_taken_sideways_stand_upright(number, author):
    turned = take_in(corpus_file(f"own-orient{number}.jpg"), by=author)
    assert (turned.width, turned.height) == ((240, 320) if number >= 5 else (320, 240))
    with turned.file.open() as stored:
        shown = Image.open(io.BytesIO(stored.read()))
        assert ImageOps.exif_transpose(shown).size == (turned.width, turned.height)
        assert set(shown.getexif()) <= {274}


def test_a_colour_profile_is_kept(author):
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    asset = take_in(picture("JPEG", icc_profile=profile), by=author)
    with asset.file.open() as stored:
        assert Image.open(io.BytesIO(stored.read())).info["icc_profile"] == profile


def test_names_from_outside_never_become_paths(author):
    for name in ("../../evil.png", "..\\..\\evil.png", ".htaccess", "a<b>.png", "x" * 400 + ".png", "\u202egnp.exe"):
        shown = display_name(name)
        assert shown
        assert "/" not in shown and "\\" not in shown and "\u202e" not in shown and len(shown) <= 200
    hostile = picture()
    hostile.name = "../../evil.png"
    assert "evil" not in take_in(hostile, by=author).file.name


def test_a_used_picture_is_not_deleted_and_says_where_it_is_used(author, editor):
    from accounts.authors import ensure_profile

    asset = take_in(picture(), by=author)
    profile = ensure_profile(author)
    profile.avatar = asset
    profile.save()
    with pytest.raises(Refusal, match=str(profile)):
        removing.remove(asset, by=editor)
    assert MediaAsset.objects.filter(pk=asset.pk).exists()


def test_deleting_an_unused_picture_deletes_its_file(author, editor, own_store, django_capture_on_commit_callbacks):
    asset = take_in(picture(), by=author)
    with pytest.raises(Refusal):
        removing.remove(asset, by=author)
    with django_capture_on_commit_callbacks(execute=True):
        removing.remove(asset, by=editor)
    assert stored_files(own_store) == []
