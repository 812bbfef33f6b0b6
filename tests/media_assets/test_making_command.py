"""The command makes what is missing, says what it did, and fails when something is not complete."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from media_assets import making, storage
from media_assets.models import MediaAsset
from tests.media_assets.photographs import stored

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def run(*args):
    said, errors = StringIO(), StringIO()
    try:
        call_command("make_renditions", *args, stdout=said, stderr=errors)
    except CommandError as error:
        return said.getvalue(), f"{errors.getvalue()}{error}"
    return said.getvalue(), ""


@pytest.fixture
def two():
    return [stored(), stored(sha256="a" * 64)]


def test_what_is_missing_is_made_and_a_second_run_has_nothing_to_do(two):
    each = len(making.all_specs(two[0]))
    assert run() == (f"2 pictures: {2 * each} renditions made, 0 there already, 0 pictures failed.\n", "")
    assert not MediaAsset.objects.filter(renditions_made_at=None).exists()
    assert run("--missing") == ("0 pictures: 0 renditions made, 0 there already, 0 pictures failed.\n", "")


def test_all_finds_what_the_store_lost(two):
    run()
    row = two[0].renditions.get(spec="w320.avif")
    storage.public().delete(row.file.name)
    each = len(making.all_specs(two[0]))
    assert run("--all")[0] == f"2 pictures: 1 renditions made, {2 * each - 1} there already, 0 pictures failed.\n"


def test_forced_everything_of_one_picture_is_made_again(two):
    run()
    each = len(making.all_specs(two[0]))
    said, _ = run("--asset", str(two[1].pk), "--force")
    assert said == f"1 pictures: {each} renditions made, 0 there already, 0 pictures failed.\n"


def test_going_on_behind_a_picture(two):
    assert run("--after", str(two[0].pk))[0].startswith("1 pictures")


def test_what_fails_is_named_and_keeps_nothing_else(two):
    storage.originals().delete(two[0].file.name)
    said, error = run()
    assert said.endswith("0 there already, 1 pictures failed.\n")
    assert "the original is not in the store" in error
    assert error.endswith(f"Not complete: {two[0].pk}.")
    two[1].refresh_from_db()
    assert two[1].renditions_made_at


def test_a_picture_that_does_not_exist_is_an_error():
    assert run("--asset", "12")[1] == "There is no picture 12 that is ready to be shown."


def test_stopped_it_says_how_to_go_on(two, monkeypatch):
    make_all = making.make_all

    def stop(asset, **options):
        if asset.pk == two[1].pk:
            raise KeyboardInterrupt
        return make_all(asset, **options)

    monkeypatch.setattr(making, "make_all", stop)
    assert run()[1] == f"Stopped. What was made stays; --after {two[0].pk} goes on from there."
