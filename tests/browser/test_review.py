"""A review as two people live it: the author asks, the editor’s bell rings, the answer comes back with its note."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import publication  # noqa: F401  (a fixture: the bell needs the real server)

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PASSWORD = "letterpress"


@pytest.fixture
def desk_of(chromium, publication):  # noqa: F811
    """Open a window of a running publication in which somebody is signed in."""
    publication.start("-m", "config.serve")
    publication.wait_until_listening()
    contexts = []

    def open_desk(name: str, **options):
        context = chromium.new_context(base_url=publication.url, viewport={"width": 1440, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto("/admin/login/")
        page.fill("[name=login]", name)
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/admin/")
        return page

    yield open_desk
    for context in contexts:
        context.close()


def count(page):
    return page.locator(".lp-ring [data-unread]")


def unread(page) -> int:
    return int(count(page).inner_text()) if count(page).is_visible() else 0


def test_review_and_send_back(desk_of):
    author, editor = desk_of("author"), desk_of("editor")
    before, authors_before = unread(editor), unread(author)

    author.goto("/admin/blog/post/add/")
    author.locator("#id_title").fill("The tide that came twice")
    author.locator("#id_content_markdown").fill("It came at noon, and again at one.")
    author.locator(".lp-save button[value=submit]").click()
    asking = author.get_by_role("dialog", name="Submit for review")
    asking.get_by_label("Note for the reviewer").fill("Is the second hour right?")
    asking.get_by_label("Who shall look at it").select_option(label="Mara Lindqvist")
    asking.get_by_role("button", name="Submit for review").click()
    author.get_by_text("waits for review").first.wait_for()

    # The editor has not touched the page since.
    expect(count(editor)).to_have_text(str(before + 1), timeout=10_000)
    editor.get_by_role("button", name="Notifications").click()
    newest = editor.locator(".lp-told li").first
    expect(newest).to_contain_text("asks for a review of “The tide that came twice”. Is the second hour right?")
    newest.get_by_role("button").click()
    expect(editor.locator("#review")).to_contain_text("Is the second hour right?")
    expect(count(editor)).to_have_text(str(before)) if before else expect(count(editor)).to_be_hidden()

    editor.get_by_role("link", name="Send back with a note").click()
    editor.get_by_label("What is missing").fill("The log says half past one.")
    editor.get_by_role("button", name="Send back").click()
    editor.get_by_text("is back with").wait_for()

    # The author still has the post open: the bell rings, and the panel says what happened.
    expect(count(author)).to_have_text(str(authors_before + 1), timeout=10_000)
    expect(author.locator(".lp-news")).to_contain_text("was sent back. The log says half past one.")
    author.locator(".lp-news a").click()
    expect(author.locator("#review")).to_contain_text("The log says half past one.")
    expect(author.locator(".lp-state .lp-chip")).to_have_text("Draft")


def test_without_a_script_the_same_is_done_with_forms(desk_of):
    page = desk_of("author", java_script_enabled=False)
    page.goto("/admin/blog/post/add/")
    page.locator("#id_title").fill("A quiet tide")
    page.locator("#id_content_markdown").fill("Nothing was heard.")
    page.locator("#review summary").click()
    page.get_by_label("Note for the reviewer").fill("Short enough?")
    page.locator("#review button[value=submit]").click()
    expect(page.locator("#review")).to_contain_text("Short enough?")
    page.get_by_role("link", name="Notifications").click()
    expect(page.get_by_role("heading", name="Notifications")).to_be_visible()
