"""What a reader does on the page of a post, with a mouse, with keys, and with scripts switched off."""

import io

import pytest
from PIL import Image

from blog import publishing
from tests.blog.conftest import write  # noqa: F401  (a fixture)
from tests.media_assets.making_assets import make_asset

playwright_api = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
expect = playwright_api.expect

TEXT = """
Until the spring of 1911 the harbour office kept two clocks.[^1]

## Eleven minutes

{long}

![The upper face]({picture} "As it was in 1911")

## Working it out

```python title="tide.py"
def high_water(last):
    return last + 1
```

{long}

[^1]: And a dog.
""".replace("{long}", "It is right twice a day. " * 200)

CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { %s } } });"
SHARE = "navigator.share = async (what) => { window.shared = what; if (window.refuses) throw new Error('no'); };"
NO_SHARE = "delete Navigator.prototype.share;"
HOW_FAR = "new DOMMatrix(getComputedStyle(document.body, '::before').transform).a"


@pytest.fixture
def post(live_server, write, editor):  # noqa: F811
    text = TEXT.replace("{picture}", make_asset().url)
    post = write("Two clocks", text=text, by=editor, featured_image=make_asset(alt_text="The tower"))
    publishing.publish(post, by=editor, override="Only its page matters here.")
    return post


@pytest.fixture
def open_post(browser_page, post):
    """Open the post: open_post(CLIPBOARD, script=False); its pictures are there."""
    kept = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(kept, "PNG")

    def open_page(*before, **options):
        page = browser_page(**options)
        page.route("**/media/**", lambda route: route.fulfill(body=kept.getvalue(), content_type="image/png"))
        for script in before:
            page.add_init_script(script)
        page.goto(post.get_absolute_url())
        return page

    return open_page


def test_pictures_enlarge_and_the_focus_comes_back(open_post):
    page = open_post()
    shown = page.get_by_role("dialog", name="Picture")
    tower, face = (
        page.get_by_role("button", name=f"Enlarge the picture: {alt}") for alt in ("The tower", "The upper face")
    )

    tower.focus()
    page.keyboard.press("Enter")
    expect(shown.get_by_role("img", name="The tower")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(shown.get_by_role("img", name="The upper face")).to_be_visible()
    expect(shown).to_contain_text("As it was in 1911")
    page.keyboard.press("ArrowRight")
    expect(shown.get_by_role("img", name="The tower")).to_be_visible()
    page.keyboard.press("Escape")
    expect(shown).to_be_hidden()
    expect(tower).to_be_focused()

    page.locator(".prose figure img").click()
    expect(shown.get_by_role("img", name="The upper face")).to_be_visible()
    shown.get_by_role("button", name="Picture before").click()
    expect(shown.get_by_role("img", name="The tower")).to_be_visible()
    shown.get_by_role("button", name="Next picture").click()
    expect(shown.get_by_role("img", name="The upper face")).to_be_visible()
    shown.get_by_role("button", name="Close").click()
    expect(shown).to_be_hidden()
    expect(face).to_be_focused()
    assert not page.complaints


def test_the_link_is_copied_and_followed_where_copying_is_not_allowed(open_post, post):
    page = open_post(CLIPBOARD % "window.copied = text")
    link = page.locator("[data-copy-link]")
    expect(link).to_have_text("Copy link")
    with page.expect_request("**/share/") as counted:
        link.click()
    assert counted.value.post_data == "channel=link"
    expect(link).to_have_text("Copied")
    assert page.evaluate("window.copied").endswith(post.get_absolute_url()) and "#" not in page.url

    page = open_post(CLIPBOARD % "throw new Error('no')")
    page.evaluate("history.replaceState(null, '', '#here')")
    link = page.locator("[data-copy-link]")
    address = link.get_attribute("href")
    page.route(address, lambda route: route.fulfill(body="followed"))
    link.click()
    page.wait_for_url(address)


def test_the_device_shares_where_it_can(open_post, post):
    page = open_post(SHARE)
    with page.expect_request("**/share/") as counted:
        page.locator("#share").get_by_role("button", name="Share").click()
    assert counted.value.post_data == "channel=device"
    shared = page.evaluate("window.shared")
    assert shared["title"] == post.title and shared["url"].endswith(post.get_absolute_url())

    # The button under the title asks at once; who thinks better of it is not counted and not told off.
    sent = []
    page.on("request", lambda request: sent.append(request) if request.url.endswith("/share/") else None)
    page.evaluate("window.shared = null; window.refuses = true")
    page.locator(".by").get_by_role("link", name="Share").click()
    page.wait_for_function("window.shared")
    assert not sent and "#share" not in page.url and not page.complaints

    page = open_post(NO_SHARE)
    assert page.locator("#share").get_by_role("button", name="Share").count() == 0
    page.locator(".by").get_by_role("link", name="Share").click()
    assert page.url.endswith("#share")


def test_code_is_copied_as_it_was_written(open_post):
    page = open_post(CLIPBOARD % "window.copied = text")
    page.clock.install()
    button = page.locator(".code button")
    for _ in range(2):
        button.click()
        expect(button).to_have_text("Copied")
    expect(button).to_be_focused()
    page.clock.fast_forward(3000)
    expect(button).to_have_text("Copy")
    assert page.evaluate("window.copied") == "def high_water(last):\n    return last + 1"
    page = open_post(CLIPBOARD % "throw new Error('no')")
    page.locator(".code").get_by_role("button", name="Copy").click()
    expect(page.locator(".code")).to_contain_text("Not allowed")


def wait_until(page, condition: str) -> None:
    """Asked from here: a page without scripts has no timers to wait with."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{condition} never came, {HOW_FAR} is {page.evaluate(HOW_FAR)}")


@pytest.mark.parametrize("script", [True, False])
def test_a_line_says_how_far_the_reader_came(open_post, script):
    page = open_post(script=script)
    prose = page.locator(".prose").bounding_box()
    assert page.evaluate(HOW_FAR) == 0
    page.evaluate("(to) => scrollTo(0, to)", prose["y"] + (prose["height"] - 900) / 2)
    wait_until(page, f"Math.abs({HOW_FAR} - 0.5) < 0.05")
    page.evaluate("(to) => scrollTo(0, to)", prose["y"] + prose["height"])
    wait_until(page, f"{HOW_FAR} === 1")
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.body, '::before').content") == "none"


def test_the_page_does_all_of_it_by_links_without_script(open_post, post):
    page = open_post(script=False)
    assert page.get_by_role("button", name="Enlarge").count() == page.locator(".code button").count() == 0
    assert page.locator("#share").get_by_role("button", name="Share").count() == 0
    link = page.get_by_role("link", name="Link to this post")
    assert link.get_attribute("href").endswith(post.get_absolute_url())
    page.locator(".by").get_by_role("link", name="Share").click()
    assert page.url.endswith("#share")
    page.get_by_role("link", name="Working it out").click()
    assert page.url.endswith("#s-working-it-out")
    page.get_by_role("link", name="Note 1").click()
    note = page.locator(".notes li")
    assert page.url.endswith(f"#{note.get_attribute('id')}")
    expect(note).to_be_in_viewport()
    note.get_by_role("link", name="Back").click()
    expect(page.locator(".fnref")).to_be_in_viewport()
    assert page.locator("#memory").count() == 1 and page.locator(".since").count() == 0
