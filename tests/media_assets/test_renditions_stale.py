"""What was made of former files goes a day after the new set was made, and not a file besides."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile

from media_assets import adopting, making, orphans, renditions, stale, storage, tasks, unfinished
from media_assets.models import MediaAsset, Rendition
from tests.media_assets.conftest import NOON
from tests.media_assets.photographs import stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def current(asset):
    return {making.public_name(asset, spec) for spec in making.all_specs(asset)}


def lying(asset):
    own = {asset.public_name} if storage.public().exists(asset.public_name) else set()
    return own | {f"{asset.key}/{name}" for name in storage.public().listdir(asset.key)[1]}


@pytest.fixture
def moved(noon):
    """A picture whose focal point was moved, with both sets: (asset, names of the former shapes)."""
    asset = stored()
    making.make_all(asset)
    former = current(asset)
    MediaAsset.objects.update(focal_x=0.1, renditions_made_at=None)
    asset.refresh_from_db()
    making.make_all(asset)
    asset.refresh_from_db()
    return asset, former - current(asset)


def test_former_shapes_stay_a_day_and_go_then(moved, noon):
    asset, former = moved
    assert len(former) > 5
    noon.move_to(NOON + timedelta(hours=23))
    assert stale.sweep_stale().files == 0
    assert lying(asset) == current(asset) | former
    noon.move_to(NOON + timedelta(hours=25))
    swept = stale.sweep_stale()
    assert (swept.files, swept.rows, swept.looked, swept.to_the_end) == (len(former), 0, 1, True)
    assert lying(asset) == current(asset)
    assert Rendition.objects.count() == len(current(asset))
    assert stale.sweep_stale().files == 0


def test_the_nightly_task_sweeps(moved, noon):
    asset, _ = moved
    noon.move_to(NOON + timedelta(days=2))
    tasks.sweep_files()
    assert lying(asset) == current(asset)


def test_what_is_no_rendition_is_not_its_business(moved, noon):
    asset, _ = moved
    storage.public().save(f"{asset.key}/notes.txt", ContentFile(b"mine"))
    noon.move_to(NOON + timedelta(days=2))
    stale.sweep_stale()
    assert storage.public().exists(f"{asset.key}/notes.txt")


def test_a_picture_whose_new_set_is_not_made_keeps_the_former_one(moved, noon):
    asset, former = moved
    MediaAsset.objects.update(renditions_made_at=None)
    noon.move_to(NOON + timedelta(days=2))
    assert stale.sweep_stale().looked == 0
    assert former <= lying(asset)


def test_another_recipe_is_made_first_and_swept_a_day_later(noon, monkeypatch):
    asset = stored()
    making.make_all(asset)
    former = current(asset) - {asset.public_name}
    monkeypatch.setattr(renditions, "RECIPE", renditions.RECIPE + 1)
    noon.move_to(NOON + timedelta(days=2))
    assert (stale.sweep_stale().unfinished, unfinished.make_missing()) == (1, 1)
    assert lying(asset) == current(asset) | former
    noon.move_to(NOON + timedelta(days=3, minutes=1))
    assert stale.sweep_stale().files == len(former)
    assert lying(asset) == current(asset)


def test_a_size_that_is_declared_no_longer_goes_with_its_row(noon, monkeypatch):
    asset = stored()
    making.make_all(asset)
    monkeypatch.setattr(making, "all_specs", lambda asset: [making.web_spec(asset), *renditions.specs_of(asset)[3:]])
    noon.move_to(NOON + timedelta(days=2))
    swept = stale.sweep_stale()
    assert (swept.rows, swept.files) == (3, 3)
    assert not Rendition.objects.filter(spec__startswith="w320").exists()


def test_a_picture_changed_at_that_moment_is_left_alone(moved, noon, monkeypatch):
    asset, former = moved
    noon.move_to(NOON + timedelta(days=2))
    names_in = stale._names_in

    def change(folder):
        MediaAsset.objects.update(focal_x=0.5, renditions_made_at=None)
        return names_in(folder)

    monkeypatch.setattr(stale, "_names_in", change)
    assert stale.sweep_stale().files == 0
    assert former <= lying(asset)


def test_a_run_without_time_goes_on_where_it_ended(noon, monkeypatch):
    for number in range(3):
        making.make_all(stored(sha256=f"{number}" * 64))
    noon.move_to(NOON + timedelta(days=2))
    clock = iter(range(100))
    monkeypatch.setattr(stale, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    runs = [stale.sweep_stale(seconds=1.5), stale.sweep_stale(seconds=100), stale.sweep_stale(seconds=100)]
    assert [(run.looked, run.to_the_end) for run in runs] == [(1, False), (2, True), (3, True)]


def test_one_picture_that_cannot_be_swept_does_not_end_the_run(moved, noon, monkeypatch, caplog):
    broken, _ = moved
    behind = stored(sha256="0" * 64)
    making.make_all(behind)
    storage.public().save(f"{behind.key}/00000000-w320.jpg", ContentFile(b"former"))
    noon.move_to(NOON + timedelta(days=2))
    names_in = stale._names_in

    def fail(folder):
        if folder == broken.key:
            raise PermissionError(folder)
        return names_in(folder)

    monkeypatch.setattr(stale, "_names_in", fail)
    swept = stale.sweep_stale()
    assert (swept.looked, swept.failed, swept.files, swept.to_the_end) == (2, 1, 1, True)
    assert lying(behind) == current(behind)
    assert f"asset {broken.pk} were not swept" in caplog.text


@pytest.mark.parametrize("failing", [(adopting, "adopt_originals"), (stale, "sweep_stale"), (orphans, "sweep")])
def test_a_part_of_the_night_that_fails_keeps_no_other_from_running_and_is_told(monkeypatch, failing):
    ran = []

    def fail():
        raise OSError("no such bucket")

    for module, name in ((adopting, "adopt_originals"), (stale, "sweep_stale"), (orphans, "sweep")):
        monkeypatch.setattr(module, name, fail if (module, name) == failing else lambda name=name: ran.append(name))
    with pytest.raises(OSError, match="no such bucket"):
        tasks.sweep_files()
    assert len(ran) == 2


def test_a_store_that_refuses_is_asked_again_the_next_night(moved, noon, monkeypatch):
    asset, former = moved
    noon.move_to(NOON + timedelta(days=2))

    def refuse(self, name):
        raise PermissionError(name)

    with monkeypatch.context() as refusing:
        refusing.setattr(type(storage.public()), "delete", refuse)
        assert stale.sweep_stale().files == 0
    assert stale.sweep_stale().files == len(former)
