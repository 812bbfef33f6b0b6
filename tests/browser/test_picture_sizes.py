"""What the pages say of the width of their pictures is the width they show them in, on every screen."""

import io

import pytest
from PIL import Image

from blog import publishing
from tests.blog.conftest import write  # noqa: F401  (a fixture)
from tests.media_assets.making_assets import make_asset

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = (320, 390, 600, 760, 900, 1100, 1300, 1440, 1920)
# Shown and said, in CSS pixels, of every picture that is offered in sizes.
MEASURE = """
() => [...document.querySelectorAll('img[srcset]')].filter((image) => image.offsetWidth).map((image) => {
  const ruler = document.createElement('div');
  document.body.append(ruler);
  const offers = image.sizes.replace(/^auto, /, '').split(/,\\s*(?![^(]*\\))/);
  const parts = offers.map((offer) => /^(?:(\\(.*?\\)) )?(.*)$/.exec(offer));
  const [, , width] = parts.find(([, media]) => !media || matchMedia(media).matches);
  // A rem in here is of the browser, not of the page.
  ruler.style.width = `calc(${width.replace(/([\\d.]+)rem/g, (_, many) => `${many * 16}px`)})`;
  const said = ruler.getBoundingClientRect().width;
  ruler.remove();
  const place = image.closest('.lead, .row, .card, .cover, .wide, .by, .abox, .prose');
  return [place.className, image.getBoundingClientRect().width, said];
})
"""


@pytest.fixture
def pages(write, editor):  # noqa: F811
    image, wide = make_asset(), make_asset()
    text = f'Words.\n\n![A]({image.url})\n\n![B]({wide.url} "Wide"){{.wide}}\n\nMore words.'
    posts = [
        write(
            f"The harbour {number}", text=text, featured_image=make_asset(), excerpt="Tides.", by=editor, tags=["tides"]
        )
        for number in range(4)
    ]
    for post in posts:
        publishing.publish(post, by=editor, override="Only its pictures matter here.")
    return ["/", "/blog/", posts[0].get_absolute_url()]


def test_the_widths_pages_name_are_the_widths_they_show(browser_page, pages):
    page = browser_page()
    kept = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(kept, "PNG")
    page.route("**/media/**", lambda route: route.fulfill(body=kept.getvalue(), content_type="image/png"))
    wrong = []
    seen = set()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for address in pages:
            page.goto(address)
            for place, shown, said in page.evaluate(MEASURE):
                seen.add(place.split()[0])
                if not 0.9 * said - 1 <= shown <= 1.02 * said + 1:
                    wrong.append((width, address, place, round(shown), round(said)))
    assert wrong == []
    assert {"lead", "row", "card", "cover", "wide", "prose"} <= seen
