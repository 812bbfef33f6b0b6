"""The admin between the phone and the desk: a head of one row, and nothing runs off sideways."""

import pytest

from tests.media_assets.library_files import row

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIBRARY = "/admin/media_assets/mediaasset/"


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


@pytest.mark.parametrize(
    ("width", "address"),
    [
        (768, f"{LIBRARY}?view=list"),
        (1024, f"{LIBRARY}?view=list"),
        (1110, f"{LIBRARY}?view=list"),
        (320, f"{LIBRARY}storage/"),
        (720, "/admin/blog/post/add/"),
    ],
)
def test_it_stays_within_every_width(desk_of, editor, width, address):
    row(1, editor, name="the_harbour_master_on_the_pier_1868", width=4032, height=3024, alt_text="A man. " * 20)
    page = desk_of(editor, width=width)
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    past = "e => e.getBoundingClientRect().right > innerWidth"
    assert (
        page.locator("#content :is(textarea, figure, td, .flex-container):visible").evaluate_all(
            f"all => all.filter({past}).map(e => e.id || e.className || e.tagName)"
        )
        == []
    )
    name, own = page.locator("#branding").bounding_box(), page.locator("#user-tools").bounding_box()
    head = page.locator("#header").bounding_box()
    assert name["x"] + name["width"] <= own["x"] and own["x"] + own["width"] <= width
    for box in (name, own):
        assert box["y"] >= head["y"] and box["y"] + box["height"] <= head["y"] + head["height"]


def test_a_heading_is_never_broken_inside_a_word(desk_of, editor):
    row(1, editor)
    page = desk_of(editor, width=768)
    page.goto(f"{LIBRARY}?view=list")
    lines = "h => h.getBoundingClientRect().height / parseFloat(getComputedStyle(h).lineHeight)"
    assert page.locator("#content h1").evaluate(lines) < 1.5
