"""The Arabic edition: its front page, search and posts run from right to left, at every width, open to everybody."""

import pytest

from accounts.roles import Role
from blog import publishing, taxonomy, writing
from blog.models import Category, Post, SiteSettings
from tests.browser.judge import faults, violations
from tests.browser.pictures import give_pictures
from tests.conftest import make_person
from tests.media_assets.making_assets import make_asset

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT = """
كان في مكتب الميناء ساعتان حتى ربيع عام 1911.[^1]

## إحدى عشرة دقيقة

> لم يتأخر أحد قط.
{.pull}

![الوجه العلوي](PICTURE "كما كان في عام 1911")

## كيف يُحسب

```python title="tide.py"
def high_water(last: int) -> int:  # the next one comes twelve hours and some minutes after the last
    return last + 1
```

### تنبيه

!!! warning "ساعتان"
    اعرف أي وجه يُقصد، أو اسأل the harbour master (عند الرصيف).

| السنة | الوجه العلوي | الوجه السفلي |
|---|---:|---:|
| 1868 | 41 | 12 |

- [x] املأ الساعة العليا

## النهاية

الوجه لا يزال هناك. LONG

[^1]: وكلب واحد.
""".replace("LONG", "إنه يصيب مرتين في اليوم. " * 60)

# What reaches over an edge of the window without being a part that scrolls or that only some hear.
BEYOND = """() => {
  const width = document.documentElement.clientWidth, inside = ".vh, .skip, .nav, .own-nav, .sift, .tw, pre, svg";
  return [...document.querySelectorAll("body *")]
    .filter((each) => !each.closest(inside) && each.checkVisibility())
    .map((each) => [each, each.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.left < -1 || box.right > width + 1))
    .map(([each]) => each.outerHTML.slice(0, 160));
}"""


@pytest.fixture
def post(live_server):
    SiteSettings.objects.create(name="The Quarterly", editions=["ar"])
    author, editor = make_person("author", Role.AUTHOR, first_name="أحمد"), make_person("editor", Role.EDITOR)
    places = taxonomy.save_category(Category(name="أماكن", slug="places"))
    text = TEXT.replace("PICTURE", make_asset().url)
    for title, slug in [("الساعة الثانية", "second"), ("ساعتان في الميناء", "two-clocks")]:
        post = Post(
            title=title,
            slug=slug,
            content_markdown=text,
            author=author,
            category=places,
            content_language="ar",
            excerpt="إحدى عشرة دقيقة بينهما.",
        )
        writing.save(post, by=editor, tags=["عبّارات"])
        publishing.publish(post, by=editor, override="Only how it looks matters here.")
    return post


# How far from the right edge of a paragraph its first line begins.
FIRST_LINE = """(each) => {
  const range = document.createRange();
  range.selectNodeContents(each);
  const pieces = [...range.getClientRects()].filter((one) => one.width > 1);
  const first = pieces.filter((one) => Math.abs(one.bottom - pieces[0].bottom) < 9);
  return each.getBoundingClientRect().right - Math.max(...first.map((one) => one.right));
}"""


def style_of(page, selector, name):
    return page.locator(selector).first.evaluate("(each, name) => getComputedStyle(each)[name]", name)


def box_of(page, selector):
    return page.locator(selector).first.bounding_box()


def test_every_page_is_open_to_everybody_and_inside_the_window(browser_page, post):
    page = browser_page()
    give_pictures(page)
    found = []
    for address in ("/ar/", "/ar/search/", "/ar/search/?q=ساعتان", post.get_absolute_url()):
        page.goto(address)
        assert page.evaluate("document.documentElement.dir + document.documentElement.lang") == "rtlar", address
        for width, scheme in ((320, "light"), (1440, "dark")):
            found += [(address, fault) for fault in faults(page, (width, scheme))]
            found += [(address, width, each) for each in page.evaluate(BEYOND)]
    assert found == [] and page.complaints == []


def test_the_page_is_a_mirror_and_code_is_not(browser_page, post):
    page = browser_page(width=1440)
    page.goto(post.get_absolute_url())
    prose, contents = box_of(page, ".prose"), box_of(page, ".toc")
    assert contents["x"] >= prose["x"] + prose["width"], "the contents stand before the text"
    assert box_of(page, ".mast .word")["x"] > 720 > box_of(page, ".mast .acts")["x"]
    heads = [each.bounding_box()["x"] for each in page.locator(".prose th").all()]
    assert heads == sorted(heads, reverse=True) and len(heads) == 3

    assert [style_of(page, f".prose {part}", "direction") for part in ("pre code", ".admonition")] == ["ltr", "rtl"]
    sides = [style_of(page, ".admonition", f"border{side}Width") for side in ("Left", "Right")]
    assert sides == ["0px", "4px"], "the rule stands where its lines begin"
    assert page.locator(".prose > p").first.evaluate(FIRST_LINE) < 4, "lines begin at the right"


def test_a_note_opens_inside_the_window(browser_page, post):
    for width in (320, 1440):
        page = browser_page(width=width)
        page.goto(post.get_absolute_url())
        page.locator(".fnref").first.click()
        box = page.locator(".note-box")
        box.get_by_text("وكلب واحد").wait_for()
        shown = box.bounding_box()
        assert shown["x"] >= 0 and shown["x"] + shown["width"] <= width
        assert style_of(page, ".note-box", "direction") == "rtl"
        assert violations(page) == []
