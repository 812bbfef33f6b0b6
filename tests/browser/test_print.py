"""On paper there is the text with its pictures and notes, in black, and nothing that waits to be pressed."""

import pytest

from tests.blog import screens
from tests.browser.judge import violations

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CONTROLS = (
    ":is(button, input, select, textarea, iframe, nav:not(.crumbs), [data-continue], [data-follow], [role=group], "
    ".btn, .anc, .back):visible"
)


# Whether what can be opened takes no more room than the line that opens it.
FOLDED = """(() => {
  const part = document.querySelector(".prose details");
  return part.offsetHeight - part.querySelector("summary").offsetHeight < 30;
})()"""


def shown_to_press(page):
    return [each.evaluate("each => each.outerHTML.slice(0, 160)") for each in page.locator(CONTROLS).all()]


@pytest.fixture
def stage(live_server):
    return screens.set_the_stage()


def test_a_post_on_paper_has_its_text_and_no_controls(browser_page, desk_of, stage):
    address = stage.post.get_absolute_url()
    for page, offered in [
        (browser_page(width=720), "Sign in to follow agnes"),
        (desk_of(stage.reader, width=720), "Continue where you stopped"),
    ]:
        page.goto(address)
        # Who reads in the dark prints on white paper.
        page.get_by_role("button", name="Dark").click()
        assert page.get_by_text(offered).is_visible() and page.locator(CONTROLS).count() > 10

        assert page.evaluate(FOLDED)
        page.emulate_media(media="print")
        assert shown_to_press(page) == []
        assert page.get_by_text(offered).is_hidden()
        for text in ("Two clocks", "Nobody was ever late.", "As it was in 1911", "And a dog.", "the next one comes"):
            assert page.locator("article").get_by_text(text).first.is_visible(), text
        assert not page.evaluate(FOLDED), "folded text is on paper too"
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        pale = violations(page, rules=["color-contrast"])
        assert [node["html"][:160] for each in pale for node in each["nodes"]] == []


def test_addresses_stand_after_the_links_that_lead_out_and_after_no_others(browser_page, stage):
    page = browser_page(width=720)
    page.goto(stage.post.get_absolute_url())
    out, within = page.locator(".prose a[href^='https://harbour']"), page.locator(".prose a[href='/blog/']")
    expect(out).to_have_accessible_name("harbour office")
    page.emulate_media(media="print")
    expect(out).to_have_accessible_name("harbour office (https://harbour.example/office/)")
    expect(within).to_have_accessible_name("on one tower")


def test_lists_have_no_controls_on_paper_either(desk_of, stage):
    page = desk_of(stage.reader, width=720)
    for address in ("/", "/blog/", "/author/agnes/"):
        page.emulate_media(media="screen")
        page.goto(address)
        assert page.locator(CONTROLS).count()
        page.emulate_media(media="print")
        assert shown_to_press(page) == []
        assert page.locator("main").get_by_text("Two clocks").first.is_visible()
