"""Which sizes there are: declared here, once, and never larger than the picture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets import making, renditions
from media_assets.models import MediaAsset

SIDES = st.integers(1, 12_000)


def picture(width, height, mime_type="image/jpeg", **fields):
    extension = mime_type.removeprefix("image/").replace("jpeg", "jpg")
    return MediaAsset(
        **{"mime_type": mime_type, "extension": extension, "width": width, "height": height, "sha256": "a" * 64}
        | fields
    )


def names(asset):
    return [spec.name for spec in making.all_specs(asset)]


def test_the_set_of_a_photograph():
    expected = ["web.jpg"]
    widths = (320, 480, 720, 800, 1080, 1440, 1920, 2560)
    expected += [f"w{width}.{form}" for width in widths for form in ("avif", "webp", "jpg")]
    expected += [f"16x9-{width}.{form}" for width in (480, 960, 1600) for form in ("avif", "webp", "jpg")]
    expected += [f"1x1-{width}.{form}" for width in (96, 320, 640) for form in ("avif", "webp", "jpg")]
    expected += ["card.jpg"]
    assert names(picture(4000, 3000)) == expected


def test_a_small_picture_has_its_own_size_and_nothing_hardly_smaller():
    widths = {spec.width for spec in renditions.specs_of(picture(700, 500)) if not spec.shape}
    assert widths == {320, 480, 700}


@pytest.mark.parametrize(
    ("mime_type", "formats"),
    [
        ("image/png", {"avif", "webp", "png"}),
        ("image/gif", {"webp", "png"}),
        ("image/webp", {"avif", "webp"}),
        ("image/avif", {"avif", "webp"}),
    ],
)
def test_the_last_format_shows_what_the_original_can(mime_type, formats):
    specs = renditions.specs_of(picture(800, 600, mime_type))
    assert {spec.format for spec in specs if spec.shape != "card"} == formats


def test_png_has_one_size_to_be_read_and_the_largest_alone():
    found = [name for name in names(picture(4000, 3000, "image/png", extension="png")) if name.endswith(".png")]
    assert found == ["web.png", "w1080.png", "w2560.png", "16x9-1600.png", "1x1-640.png"]


def test_moving_pictures_and_drawings_have_their_own_copy_alone():
    assert names(picture(800, 600, "image/gif", is_animated=True)) == ["web.gif"]
    assert names(picture(None, None, "image/svg+xml", extension="svg")) == ["web.svg"]


def test_a_picture_too_long_for_webp_has_none():
    assert not [name for name in names(picture(400, 40_000)) if name.startswith("w3") and name.endswith("webp")]


@given(SIDES, SIDES)
def test_no_size_is_larger_than_the_picture(width, height):
    for spec in making.all_specs(picture(width, height)):
        assert 1 <= spec.width <= width
        assert 1 <= spec.height <= height


@given(SIDES, SIDES)
def test_every_size_keeps_the_proportions_within_a_pixel(width, height):
    for spec in making.all_specs(picture(width, height)):
        wide, high = renditions.SHAPES[spec.shape][0] if spec.shape else (width, height)
        assert abs(spec.height - spec.width * high / wide) <= 1


@given(SIDES, SIDES)
def test_no_size_is_listed_twice(width, height):
    found = names(picture(width, height))
    assert len(found) == len(set(found))
