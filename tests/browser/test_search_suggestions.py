"""While somebody types, the search field offers what there is; keys, pointers and screen readers can all take it."""

import pytest

from blog import publishing, writing
from blog.models import Post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def magazine(live_server, author, editor):
    """Two live posts about harbours, and a draft about a third."""
    for title in ("The harbour at noon", "The harbour at night", "The harbour nobody may know"):
        post = Post(title=title, content_markdown="Words.", author=author)
        writing.save(post, by=editor)
        if "nobody" not in title:
            publishing.publish(post, by=editor, override="Only its title matters here.")


@pytest.fixture
def field(browser_page, magazine):
    page = browser_page()
    page.goto("/search/")
    return page.get_by_role("combobox")


def offered(field):
    return field.page.get_by_role("option")


def test_the_keys_go_through_what_is_offered_and_enter_opens_it(field):
    page = field.page
    assert field.get_attribute("aria-expanded") == "false"
    field.press_sequentially("harb")
    offered(field).first.wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    labels = offered(field).all_inner_texts()
    assert len(labels) == 2 and not any("nobody" in label for label in labels)
    assert field.get_attribute("aria-activedescendant") is None
    field.press("ArrowDown")
    chosen = page.locator("[role=option][aria-selected=true]")
    assert chosen.count() == 1 and field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    first = chosen.inner_text()
    field.press("ArrowUp")
    assert page.locator("[role=option][aria-selected=true]").count() == 0, "back to what was typed"
    field.press("ArrowUp")
    assert chosen.inner_text() != first, "from the field up to the last"
    field.press("ArrowDown")
    field.press("ArrowDown")
    assert chosen.inner_text() == first
    field.press("Enter")
    page.wait_for_url("**/blog/the-harbour-at-*/")
    assert page.locator("h1").inner_text() in first
    assert page.complaints == []


def test_escape_puts_the_offers_away_and_enter_then_searches_for_the_words(field):
    page = field.page
    field.press_sequentially("harb")
    offered(field).first.wait_for()
    field.press("Escape")
    assert offered(field).count() == 0 and field.get_attribute("aria-expanded") == "false"
    assert field.input_value() == "harb", "what was typed is kept"
    field.press_sequentially("our")
    field.press("Enter")
    page.wait_for_url("**/search/?q=harbour**")
    page.get_by_text("2 posts").first.wait_for()
    assert "nobody may know" not in page.content()


def test_a_click_on_an_offer_opens_it(field):
    field.press_sequentially("noon")
    offered(field).first.click()
    field.page.wait_for_url("**/blog/the-harbour-at-noon/")


def test_without_scripts_the_field_is_a_field_and_the_button_searches(browser_page, magazine):
    page = browser_page(script=False)
    page.goto("/search/")
    assert page.get_by_role("combobox").count() == 0
    page.locator("main input[type=search]").fill("noon")
    page.locator("main form[role=search] button, main form button[type=submit]").first.click()
    page.get_by_text("The harbour at noon").first.wait_for()
    assert "q=noon" in page.url
