"""The badge beside somebody's name counts what they are told while their page is open, in every window, by itself."""

import pytest

from tests.browser.judge import violations
from tests.journeys.conftest import publication

__all__ = ["publication"]
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def window_of(chromium, publication):
    """Open a window in which somebody of the demo is signed in."""
    publication.start("-m", "config.serve")
    publication.wait_until_listening()
    contexts = []

    def open_window(name, path, socket="/ws/notifications/"):
        context = chromium.new_context(base_url=publication.url, viewport={"width": 1200, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.complaints = []
        page.asked = set()
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto("/accounts/login/")
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", "letterpress")
        page.locator("main form button[type=submit]").click()
        page.wait_for_url(publication.url + "/**")
        with page.expect_websocket(lambda each: socket in each.url):
            page.goto(path)
        return page

    yield open_window
    for context in contexts:
        context.close()


def badge(page):
    return page.locator(".mast [data-unread]")


def test_being_followed_counts_up_and_reading_counts_down_without_a_reload(window_of):
    writer = window_of("author", "/me/notifications/")
    other_window = writer.context.new_page()
    other_window.goto("/")
    name = writer.locator(".own-head .kick a").inner_text()
    # What was told before is read, so that the first news is the first.
    read_all = writer.get_by_role("button", name="Mark all as read")
    if read_all.count():
        read_all.click()
        writer.wait_for_load_state("networkidle")
    badge(other_window).wait_for(state="hidden")
    for page in (writer, other_window):
        page.evaluate("document.documentElement.dataset.same = 'page'")

    reader = window_of("reader", "/blog/")
    row = reader.locator(".row", has=reader.get_by_text(name, exact=True)).first
    row.hover()
    follow = row.get_by_role("button", name="Follow")
    follow.click()
    for page in (writer, other_window):
        badge(page).filter(has_text="1").wait_for()
        assert page.locator(".mast a[data-notices]").get_attribute("href") == "/me/notifications/"
        assert page.evaluate("document.documentElement.dataset.same") == "page", "nobody reloaded"
        assert violations(page, rules=["color-contrast", "aria-valid-attr"]) == []

    # Taken back before anybody read it, it was nothing.
    row.hover()
    row.get_by_role("button", name="Following").click()
    for page in (writer, other_window):
        badge(page).wait_for(state="hidden")

    # Read in one window, it is read in the other.
    row.hover()
    row.get_by_role("button", name="Follow").click()
    badge(other_window).filter(has_text="1").wait_for()
    writer.reload()
    writer.locator(".inbox .new").get_by_role("button", name="Mark as read").click()
    badge(other_window).wait_for(state="hidden")
    assert other_window.evaluate("document.documentElement.dataset.same") == "page"
    assert writer.complaints == reader.complaints == []
