"""Two people replace a file at the same moment, each over a connection of their own."""

import io
import threading

import pytest
from django.core.files.base import ContentFile
from django.db import connection, connections
from PIL import Image

from core.refusals import Refusal
from media_assets import intake
from media_assets.models import MediaAsset
from media_assets.replacing import REPLACED_MEANWHILE, replace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media-originals"


@pytest.fixture
def together(monkeypatch):
    """Runs one function for each argument at once, none going on to its row before all stored their file.

    What they were refused with comes back.
    """
    if connection.vendor == "sqlite":
        pytest.skip("a database in memory has one connection")
    real = intake.put_away

    def run(do, arguments):
        all_stored, said = threading.Barrier(len(arguments)), []

        def put_away_together(clean, name):
            stored = real(clean, name)
            all_stored.wait(30)
            return stored

        monkeypatch.setattr(intake, "put_away", put_away_together)
        # Nobody is to be told that others are examined first.
        monkeypatch.setattr(intake, "_turns", threading.BoundedSemaphore(len(arguments)))

        def go(argument):
            try:
                do(argument)
            except Refusal as refusal:
                said.append(refusal.sentence)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=go, args=(argument,)) for argument in arguments]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return said

    return run


def picture(colour):
    output = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(output, "JPEG")
    return ContentFile(output.getvalue(), name=f"{colour}.jpg")


def originals(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_one_wins_the_other_hears_of_it_and_one_original_is_left(author, own_store, together):
    asset = intake.take_in(picture("red"), by=author)
    said = together(
        lambda colour: replace(asset, picture(colour), by=author, shown=asset.sha256), ["blue", "green", "yellow"]
    )
    assert said == [REPLACED_MEANWHILE] * 2
    assert MediaAsset.objects.get().sha256 != asset.sha256
    (left,) = originals(own_store)
    assert MediaAsset.objects.get().file.path == str(left)


def test_the_same_new_file_lands_in_one_place_and_the_other_hears_where(author, own_store, together):
    assets = [intake.take_in(picture(colour), by=author, name=colour) for colour in ("red", "blue")]
    (sentence,) = together(lambda asset: replace(asset, picture("green"), by=author, shown=asset.sha256), assets)
    assert "The library has this file already" in sentence
    assert MediaAsset.objects.count() == len(originals(own_store)) == 2
