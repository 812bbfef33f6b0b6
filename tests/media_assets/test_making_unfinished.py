"""Sets that are not complete are taken up again, the oldest first, and not for ever."""

from datetime import timedelta
from pathlib import Path

import pytest

from media_assets import making, storage, tasks, unfinished
from media_assets.models import MediaAsset, Rendition
from media_assets.signals import asset_taken_in
from tests.media_assets.conftest import NOON
from tests.media_assets.photographs import encoded, scene, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def taken_up(monkeypatch):
    """The pictures whose set was begun, in order."""
    found, make_all = [], making.make_all

    def begin(asset, **options):
        found.append(asset.pk)
        return make_all(asset, **options)

    monkeypatch.setattr(making, "make_all", begin)
    return found


def waiting(clock, **fields):
    """A picture that came in a while ago."""
    clock.move_to(NOON - timedelta(minutes=10))
    asset = stored(**fields)
    clock.move_to(NOON)
    return asset


def damaged(clock):
    asset = waiting(clock)
    Path(storage.originals().path(asset.file.name)).write_bytes(b"\xff\xd8\xff nothing")
    return asset


def test_a_picture_that_came_in_has_its_set_made(queued, django_capture_on_commit_callbacks):
    asset = stored()
    with django_capture_on_commit_callbacks(execute=True):
        asset_taken_in.send(None, asset_id=asset.pk)
    assert queued == [("media_assets.tasks.make_renditions", (asset.pk,))]
    tasks.make_renditions(asset.pk)
    asset.refresh_from_db()
    assert asset.renditions_made_at == NOON
    assert Rendition.objects.count() == len(making.all_specs(asset))


def test_the_sweeper_takes_up_what_waits_and_leaves_the_rest(noon, taken_up):
    older, newer = waiting(noon), waiting(noon, focal_x=0.25, sha256="b" * 64)
    waiting(noon, sha256="c" * 64, state="scanning")
    waiting(noon, sha256="d" * 64, kind="document")
    waiting(noon, sha256="e" * 64, renditions_made_at=NOON)
    on_its_way = stored(sha256="f" * 64)
    tasks.make_missing_renditions()
    assert taken_up == [older.pk, newer.pk]
    assert set(MediaAsset.objects.filter(renditions_made_at=NOON).values_list("pk", flat=True)) >= set(taken_up)
    on_its_way.refresh_from_db()
    assert on_its_way.renditions_made_at is None


def test_one_run_takes_up_a_bounded_number(noon, taken_up, monkeypatch):
    monkeypatch.setattr(unfinished, "AT_ONCE", 2)
    for number in range(3):
        waiting(noon, sha256=f"{number}" * 64)
    assert unfinished.make_missing() == 2
    assert unfinished.make_missing() == 1


def test_a_picture_that_fails_is_left_in_peace_for_longer_and_longer(noon, taken_up):
    damaged(noon)
    moments = []
    for minutes in range(0, 3 * 24 * 60, 5):
        noon.move_to(NOON + timedelta(minutes=minutes))
        before = len(taken_up)
        tasks.make_missing_renditions()
        moments += [minutes] * (len(taken_up) - before)
    assert moments == [0, 5, 20, 80, 440, 1880, 3320]


def test_a_picture_that_takes_its_worker_down_counts_as_failed(noon, taken_up, monkeypatch):
    asset = waiting(noon)

    def die(*args, **options):
        taken_up.append(asset.pk)
        raise SystemExit

    monkeypatch.setattr(making, "make_all", die)
    for _ in range(4):
        try:
            tasks.make_renditions(asset.pk)
        except SystemExit:
            continue
    assert len(taken_up) == 2


def test_another_file_is_another_chance(noon, taken_up):
    asset = damaged(noon)
    for _ in range(3):
        unfinished.make_missing()
    assert len(taken_up) == 2
    other = stored(encoded(scene(400, 300)))
    facts = {"file": other.file, "sha256": other.sha256}
    other.delete()
    MediaAsset.objects.filter(pk=asset.pk).update(**facts)
    assert unfinished.make(asset.pk).failed == {}


def test_one_that_fails_does_not_keep_the_next(noon):
    damaged(noon)
    good = waiting(noon, sha256="a" * 64)
    tasks.make_missing_renditions()
    good.refresh_from_db()
    assert good.renditions_made_at


def test_a_picture_that_is_gone_or_complete_costs_nothing(taken_up):
    asset = stored(renditions_made_at=NOON)
    assert unfinished.make(asset.pk) is None
    assert unfinished.make(asset.pk + 1) is None
    assert taken_up == []
