"""Two editors at one post, in two browsers, over real sockets."""

import re
import signal

import pytest

from tests.browser.judge import violations
from tests.journeys.conftest import publication

__all__ = ["publication"]
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]

TEXT = "The gun is fired at noon.\n\nThe keeper climbs the ladder.\n\nNobody has missed the shot."


@pytest.fixture
def desk_of(chromium, publication):
    """Open a browser in which somebody of the demo is signed in."""
    publication.start("-m", "config.serve")
    publication.wait_until_listening()
    contexts = []

    def sign_in(name, **options):
        context = chromium.new_context(base_url=publication.url, viewport={"width": 1440, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto("/admin/")
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", "letterpress")
        page.locator("main form button[type=submit]").click()
        page.wait_for_url("**/admin/")
        return page

    yield sign_in
    for context in contexts:
        context.close()


def write_post(page) -> str:
    page.goto("/admin/blog/post/add/")
    page.fill("#id_title", "The noon gun")
    page.fill("#id_content_markdown", TEXT)
    save(page)
    return page.url


def save(page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()


def text(page):
    return page.locator("#id_content_markdown")


def here(page):
    return page.locator(".lp-whoshere")


def test_two_editors_see_each_other_and_put_their_texts_together(desk_of, publication):
    ana, ben = desk_of("editor"), desk_of("admin")
    address = write_post(ana)
    assert not here(ana).is_visible()
    ben.goto(address)

    # Each sees the other.
    here(ana).get_by_text(re.compile(r"is here too, since \d\d:\d\d")).wait_for()
    here(ben).get_by_text(re.compile(r"is here too, since \d\d:\d\d")).wait_for()
    assert here(ana).inner_text() != here(ben).inner_text()

    # Both write at one paragraph and each at one of their own; Ben saves, Ana sees it.
    text(ben).fill("The gun is fired at noon, loudly.\n\nThe keeper climbs the stairs.\n\nNobody has missed the shot.")
    text(ana).fill(
        "The gun is fired at noon.\n\nThe old keeper climbs the ladder.\n\nNobody has missed the shot since 1903."
    )
    save(ben)
    notice = ana.locator(".lp-newer-saved")
    notice.get_by_text("saved version 2").wait_for()
    assert "Yours began from 1" in notice.inner_text()
    assert not ben.locator(".lp-newer-saved").is_visible()

    # Her stale save is refused; what does not overlap is merged, the rest she chooses.
    notice.get_by_role("button", name="Merge now").click()
    ana.get_by_role("heading", name="Put two versions of “The noon gun” together").wait_for()
    ana.get_by_text("1 of 1 still to choose").wait_for()
    ana.get_by_role("button", name="Save what is chosen").click()
    assert ana.locator(".lp-undecided").count() == 1
    ana.get_by_label("Both, one after the other").check()
    assert ana.locator(".lp-left").inner_text() == "All chosen"
    with ana.expect_navigation():
        ana.get_by_role("button", name="Save what is chosen").click()
    assert "as version 3." in ana.locator(".messagelist").inner_text()
    assert text(ana).input_value().replace("\r\n", "\n") == (
        "The gun is fired at noon, loudly.\n\nThe keeper climbs the stairs.\n\nThe old keeper climbs the ladder.\n\n"
        "Nobody has missed the shot since 1903."
    )
    ben.locator(".lp-newer-saved").get_by_text("saved version 3").wait_for()

    # Whoever leaves is gone.
    ben.goto("/admin/")
    here(ana).wait_for(state="hidden")
    assert ana.complaints == ben.complaints == []


def test_the_page_finds_its_way_back_when_the_server_was_gone(desk_of, publication):
    ana, ben = desk_of("editor"), desk_of("admin")
    address = write_post(ana)
    ben.goto(address)
    here(ana).wait_for()
    server = publication.processes.pop()
    server.send_signal(signal.SIGTERM)
    server.communicate()
    here(ana).wait_for(state="hidden")
    publication.start("-m", "config.serve")
    publication.wait_until_listening()
    here(ana).wait_for(timeout=60_000)
    assert ana.complaints == []


def test_two_texts_are_put_together_without_a_script(desk_of):
    ana, ben = desk_of("editor", java_script_enabled=False), desk_of("admin", java_script_enabled=False)
    address = write_post(ana)
    ben.goto(address)
    text(ben).fill(TEXT.replace("ladder", "stairs"))
    text(ana).fill(TEXT.replace("ladder", "tower"))
    save(ben)
    save(ana)
    ana.get_by_label("Write it anew").check()
    ana.get_by_label("Place 1, written anew").fill("The keeper climbs the stairs of the tower.")
    with ana.expect_navigation():
        ana.get_by_role("button", name="Save what is chosen").click()
    assert "The keeper climbs the stairs of the tower." in text(ana).input_value()
    assert "ladder" not in text(ana).input_value()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_the_merge_page_is_open_to_everybody(desk_of, width, scheme):
    ana, ben = desk_of("editor", color_scheme=scheme), desk_of("admin")
    ben.goto(write_post(ana))
    text(ben).fill(TEXT.replace("ladder", "stairs").replace("noon", "twelve"))
    text(ana).fill(TEXT.replace("ladder", "tower"))
    save(ben)
    ana.set_viewport_size({"width": width, "height": 900})
    ana.locator(".lp-newer-saved").wait_for()
    assert ana.evaluate("document.documentElement.scrollWidth") <= width
    found = violations(ana)
    save(ana)
    for folded in ana.locator(".lp-merge details").all():
        folded.evaluate("each => each.open = true")
    ana.get_by_label("Write it anew").check()
    assert ana.evaluate("document.documentElement.scrollWidth") <= width
    found += violations(ana)
    assert [(each["id"], [node["html"][:150] for node in each["nodes"]]) for each in found] == []
