# ruff: noqa: F401, F811  (fixtures are shared by name)
"""Ten photographs from a phone, dragged into a post; a reader on a phone gets them sharp, small and in their place."""

import io
import re

import pytest
from PIL import Image

from blog import publishing, writing
from blog.models import Post
from media_assets import on_demand
from media_assets.models import MediaAsset, Rendition
from tests.browser.test_writing import FIELD, desk, expect, text_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MANY = 10
PHONE_WIDTH = 390
SHIFTS = """
() => {
  window.shifted = 0;
  const add = (list) => { for (const shift of list.getEntries()) window.shifted += shift.value; };
  new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true });
}
"""


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path, monkeypatch):
    """And the patience of a machine with other things to do: how long a picture is waited for is tried elsewhere."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    monkeypatch.setattr(on_demand, "PATIENCE", 60)


def photograph(number: int) -> bytes:
    """Twelve million pixels as a phone writes them: lying on its side, with the place it was taken at."""
    grain = [Image.effect_noise((504, 378), 40 + 5 * number).resize((4032, 3024), Image.Resampling.BICUBIC)] * 3
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    kept = io.BytesIO()
    Image.merge("RGB", grain).save(kept, "JPEG", quality=85, exif=exif)
    return kept.getvalue()


HAND = """
() => {
  const box = document.createElement('input');
  Object.assign(box, { type: 'file', multiple: true, id: 'hand' });
  document.body.append(box);
}
"""
LET_FALL = f"""
() => {{
  const data = new DataTransfer();
  const hand = document.getElementById('hand');
  for (const file of hand.files) data.items.add(file);
  hand.remove();
  const drop = new DragEvent('drop', {{ dataTransfer: data, bubbles: true, cancelable: true }});
  document.querySelector('{FIELD}').dispatchEvent(drop);
}}
"""


def drop_all(page, files):
    """As a hand does it: all of them let fall on the text at once."""
    page.evaluate(HAND)
    page.set_input_files("#hand", files)
    page.evaluate(LET_FALL)


class Fetched:
    """What a window fetched of the library: width by address, and bytes in all."""

    def __init__(self, page):
        self.widths: list[int] = []
        self.types: set[str] = set()
        self.sizes: list[int] = []
        page.on("response", self.note)

    def note(self, response):
        if "/media/" not in response.url or response.status != 200:
            return
        self.widths.append(int(re.search(r"-w(\d+)\.", response.url)[1]))
        self.types.add(response.headers["content-type"])
        self.sizes.append(int(response.headers["content-length"]))


@pytest.fixture
def album(desk, editor, tmp_path):
    """A live post with ten photographs that an author dragged into it, and how many bytes they came with."""
    files = [tmp_path / f"IMG_{4100 + number}.JPG" for number in range(MANY)]
    for number, file in enumerate(files):
        file.write_bytes(photograph(number))
    page = desk()
    page.fill("#id_title", "Ten photographs")
    page.focus(FIELD)
    drop_all(page, files)
    page.get_by_role("heading", name=f"What do these {MANY} pictures show?").wait_for(timeout=120_000)
    for number in range(MANY):
        page.keyboard.type(f"The harbour at {number} o’clock")
        page.keyboard.press("Enter")
    page.locator("#library").wait_for(state="hidden")
    assert page.complaints == []
    text = text_of(page)
    assert re.findall(r"!\[The harbour at (\d)", text) == [str(number) for number in range(MANY)]
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/change/")
    post = Post.objects.get(title="Ten photographs")
    post.excerpt = "An album."
    writing.save(post, by=editor)
    publishing.publish(post, by=editor, override="An album of pictures alone.")
    return post, sum(file.stat().st_size for file in files)


def visit(chromium, live_server, post, *, width, ratio):
    context = chromium.new_context(viewport={"width": width, "height": 844}, device_scale_factor=ratio)
    context.route_web_socket("**/ws/**", lambda socket: None)
    page = context.new_page()
    fetched = Fetched(page)
    page.add_init_script(f"({SHIFTS})()")
    page.goto(live_server.url + post.get_absolute_url())
    page.wait_for_load_state("networkidle")
    first = len(fetched.sizes)
    for image in page.locator(".prose img").all():
        image.scroll_into_view_if_needed()
        page.wait_for_function("(image) => image.complete && image.naturalWidth", arg=image.element_handle())
    shifted = page.evaluate("window.shifted")
    context.close()
    return fetched, first, shifted


def test_ten_photographs_reach_a_phone_in_the_right_size(album, chromium, live_server):
    post, sent = album
    originals = MediaAsset.objects.all()
    assert [(asset.width, asset.height) for asset in originals] == [(3024, 4032)] * MANY
    fetched, first, shifted = visit(chromium, live_server, post, width=PHONE_WIDTH, ratio=3)
    needed = (PHONE_WIDTH - 32) * 3
    assert len(fetched.widths) == MANY
    assert all(needed <= width <= needed * 1.25 for width in fetched.widths)
    assert fetched.types == {"image/avif"}
    assert first < MANY
    assert shifted < 0.01
    # Grain is what compresses worst: real photographs come in a tenth.
    assert sum(fetched.sizes) < sent / 5
    # Nobody was given a file that was not asked for, and none was made twice.
    assert Rendition.objects.filter(spec=f"w{fetched.widths[0]}.avif").count() == MANY
    desk, _, moved = visit(chromium, live_server, post, width=1440, ratio=1)
    assert set(desk.widths) == {720}
    assert moved < 0.01
    print(f"{sent} bytes in; phone {sum(fetched.sizes)} ({first} of {MANY} before scrolling); desk {sum(desk.sizes)}")
