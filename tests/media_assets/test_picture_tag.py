"""The template tag that shows a picture, and the sizes behind it."""

import re

import pytest
from django.template import Context, Template

from media_assets import renditions
from media_assets.models import MediaAsset
from media_assets.templatetags.pictures import first_at_once
from media_assets.texts import pictures_in
from tests.media_assets.making_assets import make_asset

pytestmark = pytest.mark.django_db


def shown(asset: MediaAsset, words: str = '"card"', **said: str) -> str:
    return Template("{% load pictures %}{% picture asset " + words + " %}").render(Context({"asset": asset, **said}))


def test_every_format_and_size_is_offered_with_the_place_it_takes():
    html = shown(make_asset(), '"cover"')
    assert re.findall(r'<source type="(\S+)"', html) == ["image/avif", "image/webp"]
    assert [int(width) for width in re.findall(r"\.jpg (\d+)w", html)] == [320, 480, 720, 800, 1080, 1440, 1920, 2560]
    assert 'width="2560" height="1920"' in html
    assert 'sizes="auto, ' in html
    assert 'loading="lazy"' in html
    assert "fetchpriority" not in html


def test_a_small_place_offers_no_large_files():
    html = shown(make_asset(), '"row"')
    assert max(int(width) for width in re.findall(r" (\d+)w", html)) == 480
    assert 'width="480" height="360"' in html


def test_the_first_picture_is_fetched_at_once():
    html = shown(make_asset(), '"cover" priority=True')
    assert 'fetchpriority="high"' in html
    assert "lazy" not in html
    assert "auto," not in html


def test_a_small_picture_is_never_enlarged():
    html = shown(make_asset(width=700, height=500))
    assert sorted({int(width) for width in re.findall(r" (\d+)w", html)}) == [320, 480, 700]


def test_the_place_has_the_picture_s_colour_unless_one_sees_through_it():
    assert "tint-011" in shown(make_asset(mime_type="image/webp", extension="webp"))
    assert "tint-" not in shown(make_asset(placeholder_colour=""))


def test_alt_text_and_classes_cannot_break_out():
    html = shown(make_asset(), '"card" alt=alt name=name', alt='"><script>', name='"><script>')
    assert "<script>" not in html


@pytest.mark.parametrize("state", ["pending", "scanning", "rejected"])
def test_what_is_not_ready_is_not_shown(state):
    asset = make_asset(state=state)
    assert shown(asset) == ""
    assert pictures_in(f"![x]({asset.url})") == {}


def test_a_drawing_and_a_moving_picture_are_shown_as_they_are():
    for asset in (make_asset(mime_type="image/svg+xml", extension="svg"), make_asset(is_animated=True)):
        html = shown(asset)
        assert f'src="{asset.url}"' in html
        assert "srcset" not in html


def test_addresses_change_with_the_file_and_shapes_with_the_focal_point():
    asset = make_asset()
    whole, square = renditions.picture(asset), renditions.picture(asset, "1x1")
    asset.focal_x = 0.2
    assert renditions.picture(asset) == whole
    assert renditions.picture(asset, "1x1") != square
    asset.sha256 = "0" * 64
    assert renditions.picture(asset).src != whole.src
    assert asset.url == asset.url.replace(whole.src, "")


def test_the_pictures_of_a_text_are_found_by_every_form_of_their_address(settings, django_assert_num_queries):
    asset, other = make_asset(), make_asset()
    whole = settings.SITE_URL + other.url
    with django_assert_num_queries(1):
        found = pictures_in(f"![a]({asset.url}) <img src='{whole}'> https://x.org{asset.url.replace('.jpg', '.png')}")
    assert set(found) == {asset.url, whole}
    with django_assert_num_queries(0):
        assert pictures_in("No picture of ours: /media/x.jpg ![x](https://x.org/y.jpg)") == {}


def test_the_first_picture_of_a_text_is_fetched_at_once_when_it_stands_near_the_top():
    image = '<img src="/a.jpg" sizes="auto, 38rem" loading="lazy">'
    html = first_at_once(f"<p>Words.</p>{image}{image}")
    assert html == f'<p>Words.</p><img src="/a.jpg" sizes="38rem" fetchpriority="high">{image}'
    long = f'<picture><source srcset="{"/media/x 1w, " * 300}">{image}</picture>'
    assert 'fetchpriority="high"' in first_at_once(f"<p>Words.</p>{long}")
    below = "<p>" + "word " * 1000 + f"</p>{image}"
    assert first_at_once(below) == below


def test_the_share_card_is_a_jpeg_of_its_own_proportions():
    assert renditions.card_address(make_asset())[1:] == (1200, 630)
    address, width, height = renditions.card_address(make_asset(width=500, height=900, mime_type="image/png"))
    assert address.endswith("card.jpg")
    assert width == 500
    assert abs(width / height - 1200 / 630) < 0.01
