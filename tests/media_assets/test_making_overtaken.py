"""A picture replaced, rejected or deleted while renditions are made of it: its address is right, nothing is left."""

import io
import threading

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from PIL import Image

from core.refusals import Refusal
from media_assets import making, pixels, removing, storage
from media_assets.intake import take_in
from media_assets.models import MediaAsset, Rendition
from media_assets.replacing import replace
from tests.media_assets.photographs import encoded, scene, stored

WAIT = 30


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


def plain(colour):
    return ContentFile(encoded(Image.new("RGB", (800, 600), colour)), name=f"{colour}.jpg")


def replace_and_make(asset, by):
    making.make_all(replace(asset, plain("blue"), by=by, shown=asset.sha256))


def is_blue_at_its_address(asset):
    with storage.public().open(asset.public_name) as file:
        red, _, blue = Image.open(io.BytesIO(file.read())).convert("RGB").getpixel((5, 5))
    return blue > 200 > 50 > red


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def once_written(monkeypatch, act, after=1):
    """Do `act` once, when so many files have been encoded."""
    written, left = pixels.written, [after]

    def write(*args, **options):
        content = written(*args, **options)
        left[0] -= 1
        if left[0] == 0:
            act()
        return content

    monkeypatch.setattr(pixels, "written", write)


@pytest.mark.django_db
def test_a_copy_made_of_the_former_file_does_not_take_the_place_of_the_new(editor, monkeypatch):
    asset = take_in(plain("red"), by=editor)
    once_written(monkeypatch, lambda: replace_and_make(asset, editor))
    making.make(asset, "web.jpg")
    assert MediaAsset.objects.get().renditions_made_at
    assert is_blue_at_its_address(asset)


@pytest.mark.django_db
@pytest.mark.parametrize("after", [1, 5])
def test_what_was_made_of_a_deleted_picture_goes_with_its_folder(editor, monkeypatch, own_store, after):
    asset = take_in(plain("red"), by=editor)

    def remove():
        original = str(asset.file.name)
        MediaAsset.objects.get().delete()
        removing._delete_files(original, asset.key, {asset.public_name})

    once_written(monkeypatch, remove, after)
    with pytest.raises(Refusal, match="deleted"):
        making.make_all(asset)
    assert files(own_store) == set()
    assert not (own_store / asset.key).exists()


@pytest.mark.django_db
def test_what_fails_half_way_because_the_picture_went_leaves_nothing(monkeypatch, own_store):
    asset = stored()
    drawn = pixels.drawn

    def break_off(*args):
        for number, pair in enumerate(drawn(*args)):
            if number == 6:
                MediaAsset.objects.get().delete()
                raise OSError("the original is gone")
            yield pair

    monkeypatch.setattr(pixels, "drawn", break_off)
    with pytest.raises(Refusal, match="deleted"):
        making.make_all(asset)
    assert files(own_store) == set()


@pytest.mark.django_db
def test_a_picture_rejected_meanwhile_has_no_file_for_readers(monkeypatch, own_store):
    asset = stored()
    once_written(monkeypatch, lambda: MediaAsset.objects.update(state="rejected", rejection="A virus."), after=5)
    with pytest.raises(Refusal, match="not ready"):
        making.make_all(asset)
    assert files(own_store) == set()
    assert not Rendition.objects.exists()


@pytest.mark.django_db
def test_of_a_replaced_picture_only_what_is_of_now_is_left(editor, monkeypatch, own_store):
    asset = take_in(plain("red"), by=editor)
    once_written(monkeypatch, lambda: replace(asset, plain("blue"), by=editor, shown=asset.sha256), after=5)
    making.make_all(asset)
    asset = MediaAsset.objects.get()
    assert files(own_store) == {making.public_name(asset, spec) for spec in making.all_specs(asset)}


@pytest.mark.django_db
def test_a_moved_focal_point_leaves_whole_pictures_and_what_readers_still_see(monkeypatch, own_store):
    asset = stored(encoded(scene()))
    making.make_all(asset)
    former = files(own_store)
    once_written(monkeypatch, lambda: MediaAsset.objects.update(focal_x=0.1), after=5)
    making.make_all(asset, anew=True)
    asset.refresh_from_db()
    assert files(own_store) == former | {making.public_name(asset, spec) for spec in making.all_specs(asset)}


@pytest.mark.django_db
def test_a_copy_that_cannot_be_written_leaves_the_set_unfinished(monkeypatch):
    asset = stored()
    write = making.write

    def refuse(store, name, content, mime_type):
        if name == asset.public_name:
            raise PermissionError(name)
        write(store, name, content, mime_type)

    monkeypatch.setattr(making, "write", refuse)
    assert list(making.make_all(asset).failed) == ["web.jpg"]
    with pytest.raises(making.MakingFailed, match="PermissionError"):
        making.make(asset, "web.jpg")
    assert MediaAsset.objects.get().renditions_made_at is None
    assert not Rendition.objects.filter(spec="web.jpg").exists()
    assert Rendition.objects.count() == len(making.all_specs(asset)) - 1


class Paused:
    """A function that stops once, in the thread that comes first, until it is let go on."""

    def __init__(self, function, when):
        self.function, self.when = function, when
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __call__(self, *args, **options):
        if self.when(*args) and not self.reached.is_set():
            self.reached.set()
            assert self.go_on.wait(WAIT)
        return self.function(*args, **options)


@pytest.fixture
def start():
    """Runs a function in a thread of its own, and at the end waits for all."""
    if connection.vendor == "sqlite":
        pytest.skip("a database in memory has one connection")
    threads, failed = [], []

    def run(act, *args):
        def go():
            try:
                act(*args)
            except Exception as error:
                failed.append(error)
            finally:
                connection.close()

        threads.append(threading.Thread(target=go))
        threads[-1].start()
        return threads[-1]

    yield run
    for thread in threads:
        thread.join(WAIT)
    assert failed == []


@pytest.mark.django_db(transaction=True)
def test_in_two_threads_a_copy_drawn_before_the_replacement_is_given_up(editor, start, monkeypatch):
    asset = take_in(plain("red"), by=editor)
    paused = Paused(pixels.written, lambda *args: True)
    monkeypatch.setattr(pixels, "written", paused)
    making_red = start(making.make, asset, "web.jpg")
    assert paused.reached.wait(WAIT)
    replace_and_make(asset, editor)
    assert is_blue_at_its_address(asset)
    paused.go_on.set()
    making_red.join(WAIT)
    assert is_blue_at_its_address(asset)


@pytest.mark.django_db(transaction=True)
def test_in_two_threads_a_replacement_waits_for_the_copy_that_is_being_written(editor, start, monkeypatch):
    asset = take_in(plain("red"), by=editor)
    paused = Paused(making.write, lambda store, name, *rest: name == asset.public_name)
    monkeypatch.setattr(making, "write", paused)
    making_red = start(making.make, asset, "web.jpg")
    assert paused.reached.wait(WAIT)
    replacing = start(replace_and_make, asset, editor)
    replacing.join(0.5)
    assert replacing.is_alive()
    paused.go_on.set()
    making_red.join(WAIT)
    replacing.join(WAIT)
    assert is_blue_at_its_address(asset)
