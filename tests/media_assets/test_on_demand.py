"""What a stranger can have made by asking for it is little at a time; the rest is left to the worker."""

import io
import threading

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from media_assets import making, on_demand, storage, tasks
from media_assets.intake import take_in

pytestmark = pytest.mark.django_db
SIZE = (900, 600)


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    monkeypatch.setattr(on_demand, "MOST_PIXELS", 500_000)


def kept(author, kind, size=SIZE, **options):
    output = io.BytesIO()
    Image.new("RGB", size, (20, 90, 160)).save(output, kind, **options)
    return take_in(ContentFile(output.getvalue(), name="field"), by=author)


@pytest.fixture
def decoded(monkeypatch):
    """Pictures whose pixels were read."""
    drawn, names = making.pixels.drawn, []

    def noted(*args):
        names.append(args)
        return drawn(*args)

    monkeypatch.setattr(making.pixels, "drawn", noted)
    return names


@pytest.mark.parametrize(
    ("kind", "options"), [("PNG", {}), ("WEBP", {"lossless": True}), ("JPEG", {"progressive": True})]
)
def test_a_large_picture_is_left_to_the_worker(
    author, client, decoded, queued, django_capture_on_commit_callbacks, kind, options
):
    asset = kept(author, kind, **options)
    making.make_all(asset)
    storage.public().delete(asset.public_name)
    decoded.clear(), queued.clear()
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            response = client.get(asset.url)
            assert response.status_code == 503
            assert (response["Retry-After"], response["Cache-Control"]) == ("5", "no-store")
    assert decoded == []
    assert queued == [("media_assets.tasks.make_renditions", (asset.pk,))]
    tasks.make_renditions(asset.pk)
    assert client.get(asset.url).status_code == 200


def test_one_that_can_be_read_smaller_or_is_small_is_made_at_once(author, client):
    for asset in (kept(author, "JPEG"), kept(author, "PNG", (800, 600))):
        assert client.get(asset.url).status_code == 200


def test_a_size_that_is_none_is_no_work_for_anybody(author, queued):
    asset = kept(author, "PNG")
    with pytest.raises(making.MakingRefused):
        on_demand.make(asset, "w7.webp")
    asset.refresh_from_db()
    assert queued == []


def test_one_picture_is_decoded_at_a_time(monkeypatch):
    inside, most, lock = 0, 0, threading.Lock()
    monkeypatch.setattr(on_demand, "_is_large", lambda asset: False)

    def make(*args):
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        threading.Event().wait(0.02)
        with lock:
            inside -= 1

    monkeypatch.setattr(making, "make", make)
    threads = [threading.Thread(target=on_demand.make, args=(None, "w480.webp")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_whoever_waits_too_long_is_told_to_come_again(author, client, monkeypatch):
    asset = kept(author, "JPEG")
    monkeypatch.setattr(on_demand, "PATIENCE", 0.01)
    with on_demand._decoding:
        response = client.get(asset.url)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert client.get(asset.url).status_code == 200
