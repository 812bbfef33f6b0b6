"""A colour of one's own: measured before it is kept, and its stylesheet at an address that names it."""

import random

import pytest

from blog import site_settings
from blog.models import SiteSettings
from core import inks, publication
from core.checks import INKS
from core.refusals import Refusal


@pytest.mark.parametrize(
    ("light", "dark", "field", "says"),
    [
        ("#ffd400", "", "own_ink_light", "#ffd400 has a contrast of 1.26:1 on light stock"),
        ("#e8590c", "", "own_ink_light", "contrast of 3.15:1 on light stock"),
        # 4.5 on paper, a little less on what is sunk into it
        ("#767676", "", "own_ink_light", "contrast of 4.00:1 on light stock"),
        ("#ffffff", "", "own_ink_light", "Choose a darker colour"),
        ("#7a1fa2", "#7a1fa2", "own_ink_dark", "on dark stock; text needs 4.5:1. Choose a lighter colour"),
        ("#7a1fa2", "#000000", "own_ink_dark", "contrast of 1."),
        ("", "", "own_ink_light", "Choose the colour"),
        ("", "#ff9a85", "own_ink_light", "Choose the colour"),
        ("red", "", "own_ink_light", "six figures or letters"),
        ("#12345g", "", "own_ink_light", "six figures or letters"),
        ("red;}*{x:url(//evil.example)", "", "own_ink_light", "six figures or letters"),
    ],
)
def test_a_colour_nobody_could_read_is_refused_with_its_ratio(admin, light, dark, field, says):
    row = SiteSettings(ink="own", own_ink_light=light, own_ink_dark=dark)
    with pytest.raises(Refusal) as refused:
        site_settings.save(row, [], by=admin)
    assert refused.value.field == field and says in refused.value.sentence
    assert not SiteSettings.objects.exists()


@pytest.mark.parametrize(("typed", "kept"), [("#7A1FA2", "#7a1fa2"), ("7a1fa2", "#7a1fa2"), ("#a13", "#aa1133")])
def test_a_readable_one_is_kept_with_a_proposal_for_the_dark(client, admin, typed, kept):
    site_settings.save(SiteSettings(ink="own", own_ink_light=typed), [], by=admin)
    found = publication.current()
    assert found.own_ink[0] == kept and inks.is_readable(found.own_ink[1], inks.DARK)
    page = client.get("/").content.decode()
    assert 'data-ink="own"' in page and f'<link rel="stylesheet" href="{found.ink_css}">' in page
    sheet = client.get(found.ink_css)
    assert sheet["Content-Type"].startswith("text/css") and "immutable" in sheet["Cache-Control"]
    assert kept in sheet.content.decode() and "data-theme=dark" in sheet.content.decode()


@pytest.mark.parametrize("ink", INKS)
def test_the_six_inks_need_no_sheet(client, admin, ink):
    site_settings.save(SiteSettings(ink=ink), [], by=admin)
    page = client.get("/").content.decode()
    assert f'data-ink="{ink}"' in page and "/ink-" not in page


@pytest.mark.parametrize(
    "address",
    [
        "/ink-ffffff-000000.css",
        "/ink-7a1fa2-7a1fa2.css",
        "/ink-7A1FA2-ffbbaa.css",
        "/ink-7a1fa2.css",
        "/ink-xyz-xyz.css",
    ],
)
def test_no_other_colour_has_a_sheet(client, db, address):
    assert client.get(address).status_code == 404


def test_every_shade_of_a_readable_colour_can_be_read():
    chance = random.Random(7)
    seen = 0
    while seen < 300:
        light = f"#{chance.randrange(0x1000000):06x}"
        if not inks.is_readable(light, inks.LIGHT):
            continue
        seen += 1
        dark = inks.dark_of(light)
        for colour, grounds in ((light, inks.LIGHT), (dark, inks.DARK)):
            shades = inks.tokens(colour, grounds)
            assert inks.is_readable(colour, grounds)
            assert inks.contrast(shades["--spot"], shades["--spot-ink"]) >= 4.5, (light, dark, shades)
            assert inks.contrast(shades["--spot-deep"], shades["--spot-tint"]) >= 4.5, (light, dark, shades)


def test_the_shades_are_made_as_those_of_the_six():
    assert inks.tokens("#b3260f", inks.LIGHT) == {
        "--spot": "#b3260f", "--spot-ink": "#ffffff", "--spot-tint": "#f5e8e3", "--spot-deep": "#8f1e0c"
    }  # fmt: skip
    assert inks.tokens("#ff9a85", inks.DARK) == {
        "--spot": "#ff9a85", "--spot-ink": "#1f1210", "--spot-tint": "#48322f", "--spot-deep": "#ffbdb0"
    }  # fmt: skip
