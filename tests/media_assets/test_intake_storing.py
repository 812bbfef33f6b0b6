"""A row and its file come and go together, whatever happens on the way."""

import errno
import io
import os
import subprocess
import threading
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import connection, connections
from PIL import Image

from media_assets import intake, storage
from media_assets.intake import IntakeRefused, examined, take_in
from media_assets.models import MediaAsset, MediaTag

pytestmark = pytest.mark.django_db
SAMPLES = Path(__file__).resolve().parents[1] / "core" / "samples"


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path


def picture(colour="red", size=(40, 20)):
    output = io.BytesIO()
    Image.new("RGB", size, colour).save(output, "PNG")
    return ContentFile(output.getvalue(), name="picture.png")


def stored_files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


class FullDisk(FileSystemStorage):
    """Writes half of a file, and then there is no room."""

    def _save(self, name, content):
        place = Path(self.path(name))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.read(20))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_a_refusal_and_leaves_nothing_behind(author, own_store, monkeypatch):
    monkeypatch.setattr(storage, "originals", lambda: FullDisk(location=own_store / "full"))
    with pytest.raises(IntakeRefused, match="no room left for files"):
        take_in(picture(), by=author)
    assert stored_files(own_store) == []
    assert not MediaAsset.objects.exists()


def test_a_disk_that_is_really_full_is_a_refusal(author, own_store, settings):
    small = own_store / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", small], capture_output=True)
    if mounted.returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        settings.ORIGINALS_ROOT = str(small)
        noise = io.BytesIO()
        Image.effect_noise((300, 300), 90).save(noise, "PNG")
        with pytest.raises(IntakeRefused, match="no room left for files"):
            take_in(ContentFile(noise.getvalue(), name="noise.png"), by=author)
        assert stored_files(small) == []
        assert not MediaAsset.objects.exists()
    finally:
        subprocess.run(["umount", small], check=True)


def test_no_room_for_the_examination_is_the_same_refusal(author, monkeypatch):
    def fail(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(intake.files, "clean", fail)
    with pytest.raises(IntakeRefused, match="no room left for files"):
        take_in(picture(), by=author)


def test_nothing_temporary_is_left(author, own_store, settings):
    settings.FILE_UPLOAD_TEMP_DIR = str(own_store / "temporary")
    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir()
    with examined(picture()) as clean:
        assert clean.path.is_relative_to(own_store)
    with pytest.raises(IntakeRefused):
        take_in(ContentFile(b"words"), by=author)
    assert list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir()) == []


def test_a_large_upload_is_examined_where_it_lies(author):
    upload = TemporaryUploadedFile("film.mp4", "text/html", 0, None)
    upload.write((SAMPLES / "film.mp4").read_bytes())
    upload.flush()
    asset = take_in(upload, by=author)
    assert (asset.kind, asset.mime_type, asset.extension, asset.duration_seconds) == ("video", "video/mp4", "mp4", 1.0)
    assert asset.name == "film"


def test_an_upload_cut_in_the_middle_leaves_nothing(author, own_store):
    noise = io.BytesIO()
    Image.effect_noise((200, 200), 90).save(noise, "PNG")
    with pytest.raises(IntakeRefused, match="damaged or incomplete"):
        take_in(ContentFile(noise.getvalue()[:9000], name="noise.png"), by=author)
    assert stored_files(own_store) == []


def test_sound_may_be_larger_than_pictures(author, settings):
    settings.MAX_UPLOAD_BYTES = 1000
    assert take_in((SAMPLES / "sound.mp3").read_bytes(), by=author, name="Bells").kind == "audio"
    settings.MAX_RECORDING_BYTES = 1000
    with pytest.raises(IntakeRefused, match="larger than"):
        take_in((SAMPLES / "opus.ogg").read_bytes(), by=author)


def test_where_a_picture_is_needed_a_film_is_refused(author, own_store):
    with pytest.raises(IntakeRefused, match="This is a film; a picture is needed here"):
        take_in((SAMPLES / "film.mp4").read_bytes(), by=author, kinds={"image"})
    assert stored_files(own_store) == []


def test_a_file_waits_for_the_scanner_where_there_is_one(author, settings, queued):
    settings.SCANNER_URL = "tcp://127.0.0.1:3310"
    assert take_in(picture(), by=author).state == MediaAsset.State.SCANNING


def test_what_was_rejected_before_is_refused_with_the_reason(author, editor):
    take_in(picture(), by=author)
    MediaAsset.objects.update(state=MediaAsset.State.REJECTED, rejection="It carries a virus.")
    with pytest.raises(IntakeRefused, match="It carries a virus"):
        take_in(picture(), by=editor)


def test_a_file_there_is_already_comes_back_as_it_is(author, editor):
    first = take_in(picture(), by=author)
    again = take_in(picture(), by=editor, alt_text="Another description", tags=["harbour"])
    assert again == first
    assert again.alt_text == ""
    assert not again.tags.exists()


def test_tags_are_found_whatever_their_case(author):
    MediaTag.objects.create(name="Harbour")
    asset = take_in(picture(), by=author, tags=["harbour", "  night  sky ", ""])
    assert sorted(tag.name for tag in asset.tags.all()) == ["Harbour", "night sky"]


def test_drawings_are_refused_where_they_are_not_wanted(author, settings):
    settings.SVG_UPLOADS = "refuse"
    with pytest.raises(IntakeRefused, match="does not take them"):
        take_in(b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>', by=author)


@pytest.mark.django_db(transaction=True)
def test_the_same_file_from_two_at_once_is_one_record_and_one_file(author, own_store):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite writes one after another")
    together, found, failed = threading.Barrier(2), [], []
    put_away = intake.put_away

    def meet(*arguments):
        together.wait(timeout=60)
        return put_away(*arguments)

    def upload():
        try:
            found.append(take_in(picture("navy"), by=author).pk)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    intake.put_away = meet
    try:
        threads = [threading.Thread(target=upload) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        intake.put_away = put_away
    assert failed == []
    assert len(set(found)) == 1
    assert len(found) == 2
    assert MediaAsset.objects.count() == len(stored_files(own_store)) == 1
