"""Pictures of an installation that had one store come into the private one before anything takes their name."""

import hashlib
import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from PIL import Image

from media_assets import adopting, making, storage
from media_assets.models import MediaAsset

pytestmark = pytest.mark.django_db


def of_old(number, width=3000):
    """A picture as it came in before: one file, in the public store."""
    output = io.BytesIO()
    Image.new("RGB", (width, 20), (number * 25, 30, 90)).save(output, "JPEG")
    name = f"2025/02/{number:024x}.jpg"
    making.write(storage.public(), name, output.getvalue(), "image/jpeg")
    return MediaAsset.objects.create(
        file=name,
        key=name[:-4],
        extension="jpg",
        name=f"Picture {number}",
        mime_type="image/jpeg",
        size_bytes=len(output.getvalue()),
        width=width,
        height=20,
        sha256=hashlib.sha256(output.getvalue()).hexdigest(),
    )


def content(store, name):
    with store.open(name) as file:
        return file.read()


def test_the_original_is_copied_and_shown_until_there_is_a_copy_for_readers(store):
    asset = of_old(1)
    original = content(storage.public(), asset.public_name)
    assert adopting.adopt_originals().copied == 1
    assert content(storage.originals(), asset.file.name) == original == content(storage.public(), asset.public_name)
    making.make_all(asset)
    assert content(storage.originals(), asset.file.name) == original != content(storage.public(), asset.public_name)


def test_a_reader_who_comes_first_loses_nothing(store, client):
    asset = of_old(2)
    original = content(storage.public(), asset.public_name)
    making.make(asset, making.web_spec(asset).name, anew=True)
    assert content(storage.originals(), asset.file.name) == original
    assert Image.open(io.BytesIO(content(storage.public(), asset.public_name))).width == 2560


def test_a_second_run_finds_nothing_to_do(store):
    of_old(3)
    adopting.adopt_originals()
    again = adopting.adopt_originals()
    assert (again.copied, again.lost) == (0, [])


def test_it_goes_on_where_it_stopped(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    assets = [of_old(number) for number in range(5)]
    first = adopting.adopt_originals(most=2)
    assert (first.copied, first.last) == (2, assets[1].pk)
    assert [storage.originals().exists(asset.file.name) for asset in assets] == [True, True, False, False, False]
    assert adopting.adopt_originals(most=2, after=first.last).copied == 2
    assert adopting.adopt_originals().copied == 1


def test_a_copy_for_readers_is_never_taken_for_the_original(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    asset = of_old(4)
    making.write(storage.public(), asset.public_name, b"made for readers", "image/jpeg")
    outcome = adopting.adopt_originals()
    assert (outcome.copied, outcome.lost) == (0, [asset.pk])
    assert not storage.originals().exists(asset.file.name)


def test_what_has_all_its_sizes_is_not_looked_at(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    asset = of_old(5)
    making.make_all(asset)
    monkeypatch.setattr(making, "bring_home", lambda asset: pytest.fail("it was looked at"))
    assert adopting.adopt_originals() == adopting.Adopted()


def test_the_command_says_what_it_did_and_what_is_lost(settings, tmp_path, capsys, monkeypatch):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    monkeypatch.setattr("media_assets.management.commands.adopt_originals.AT_ONCE", 2)
    for number in range(5):
        of_old(number)
    call_command("adopt_originals")
    assert capsys.readouterr().out.splitlines()[-1] == "5 originals copied into the private store."
    lost = of_old(6)
    storage.public().delete(lost.public_name)
    with pytest.raises(CommandError, match=f"1 have no original in either: {lost.pk}"):
        call_command("adopt_originals")


def test_every_night_it_is_done(settings, tmp_path):
    from media_assets.tasks import sweep_files

    settings.MEDIA_ROOT = str(tmp_path / "media")
    asset = of_old(7)
    sweep_files()
    assert storage.originals().exists(asset.file.name)
    assert storage.public().exists(asset.public_name)
