"""Comparing, restoring and showing versions, as people do it."""

from urllib.parse import urlsplit

import pytest

from blog import publishing, versions, writing
from blog.models import Post, PostVersion
from tests.browser.judge import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
VIEWS = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
FIRST = (
    "The harbour office kept two clocks on its tower.\n\nThe lower face told the railway’s time, every day at ten.\n\n"
    "Boats that kept the tide’s time missed the water.\n\nNobody who lived there was ever late."
)
SECOND = (
    "Boats that kept the tide’s time missed the water.\n\nThe harbour office kept two clocks on its tower.\n\n"
    "The lower face told the railway’s time, every day at noon.\n\nThe upper face told nobody anything."
)


@pytest.fixture
def post(editor):
    made = Post(title="Two clocks", content_markdown=FIRST, excerpt="A tower.", author=editor)
    writing.save(made, by=editor, tags=["Clocks"])
    made.title, made.content_markdown = "Two clocks, revisited", SECOND
    writing.save(made, by=editor, reason="Ledger checked")
    made.excerpt = "A tower with two faces."
    writing.save(made, by=editor)
    return made


def quiet(page):
    return [said for said in page.complaints if "Failed to load resource" not in said]


@pytest.mark.parametrize("script", [True, False])
def test_two_versions_are_chosen_compared_and_one_field_restored(desk_of, editor, post, script):
    page = desk_of(editor, script=script)
    page.goto(f"/admin/blog/post/{post.pk}/versions/")
    page.get_by_text("1 earlier save of the same sitting").click() if page.locator(".lp-vfold").count() else None
    page.get_by_label("Compare from version 1").check()
    page.get_by_label("Compare to version 2").check()
    page.get_by_role("button", name="Compare").click()
    assert "paragraph moved" in page.locator(".lp-sum").inner_text()
    assert "Ledger checked" in page.locator(".lp-sum").inner_text()
    assert page.locator(".lp-moved").count() == 1
    assert "ten" in page.locator(".lp-text del").all_inner_texts()
    assert "noon" in page.locator(".lp-text ins").all_inner_texts()
    page.get_by_label("Restore the title of version 1").click()
    page.get_by_role("button", name="Restore the title").click()
    assert "as version 4" in page.locator(".messagelist").inner_text()
    post.refresh_from_db()
    assert (post.title, post.content_markdown) == ("Two clocks", SECOND)
    assert quiet(page) == []


def test_the_button_says_what_it_compares_and_never_one_with_itself(desk_of, editor, post):
    page = desk_of(editor)
    page.goto(f"/admin/blog/post/{post.pk}/versions/")
    button = page.locator(".lp-vhead button")
    page.get_by_label("Compare from version 2").check()
    assert button.inner_text() == "Compare 2 with 3"
    page.get_by_label("Compare to version 2").check()
    assert button.is_disabled()


@pytest.mark.parametrize(("width", "script"), [(1440, True), (390, False)])
def test_versions_far_apart_are_compared_by_number_and_their_numbers_stay_whole(desk_of, editor, post, width, script):
    newest = versions.latest(post)
    PostVersion.objects.bulk_create(
        PostVersion(post=post, number=number, snapshot=newest.snapshot, kind="publish", created_at=newest.created_at)
        for number in range(9_900, 10_003)
    )
    Post.objects.filter(pk=post.pk).update(content_version=10_002, current_version=10_002)
    page = desk_of(editor, width=width, script=script)
    page.goto(f"/admin/blog/post/{post.pk}/versions/")
    heights = page.locator(".lp-vnum").evaluate_all("found => found.map((each) => each.getBoundingClientRect().height)")
    assert max(heights) < 30
    spills = "found => found.some((each) => each.scrollWidth > each.clientWidth)"
    assert not page.locator(".lp-vlist > ol > li").evaluate_all(spills)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_label("From number").fill("2")
    page.get_by_label("To number").fill("9950")
    page.get_by_role("button", name="Compare by number").click()
    assert "from=2&to=9950" in page.url
    assert "summary changed" in page.locator(".lp-sum").inner_text()
    assert quiet(page) == []


def test_changes_are_walked_through_by_keys_and_the_source_is_one_click_away(desk_of, editor, post):
    page = desk_of(editor)
    page.goto(f"/admin/blog/post/{post.pk}/versions/compare/?from=1&to=3")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.locator(".here").count() == 1
    assert page.evaluate("document.activeElement.classList.contains('here')")
    page.get_by_label("Source").check(force=True)
    page.wait_for_url("**view=source*")
    assert page.locator(".lp-raw").count() == 1
    assert quiet(page) == []


@pytest.mark.parametrize("script", [True, False])
def test_a_link_is_made_read_by_a_stranger_and_revoked(desk_of, browser_page, editor, post, script):
    page = desk_of(editor, script=script)
    page.goto(f"/admin/blog/post/{post.pk}/change/")
    page.get_by_role("link", name="Make a link").click()
    page.get_by_label("For whom").fill("Agnes")
    page.get_by_role("button", name="Make the link").click()
    path = urlsplit(page.get_by_label("Address").input_value()).path
    assert page.get_by_role("button", name="Copy").is_visible() is script
    stranger = browser_page()
    stranger.goto(path)
    assert "Not published yet." in stranger.locator("#main").inner_text()
    assert stranger.locator("h1").inner_text() == "Two clocks, revisited"
    assert quiet(stranger) == []
    page.goto(f"/admin/blog/post/{post.pk}/preview-links/")
    assert "1" in page.locator("td.num").inner_text()
    page.get_by_label("Revoke the link for Agnes").click()
    page.get_by_role("button", name="Revoke").click()
    stranger.goto(path)
    assert "no longer works" in stranger.locator("h1").inner_text()
    assert quiet(page) == []


def test_the_pages_of_versions_are_open_to_everybody_and_fit(desk_of, editor, post):
    publishing.publish(post, by=editor)
    post.title = "Two clocks, once more"
    writing.save(post, by=editor)
    versions.rename(post.versions.get(number=1), "As sent to the printer", by=editor)
    page = desk_of(editor)
    base = f"/admin/blog/post/{post.pk}/"
    addresses = ["versions/", "versions/compare/?from=1", "versions/compare/?from=1&view=source", "versions/1/"]
    addresses += ["versions/1/name/", "versions/1/restore/", "versions/1/restore/title/", "preview-links/"]
    found = []
    for address in addresses:
        page.goto(base + address)
        if address == "preview-links/":
            page.get_by_role("button", name="Make the link").click()
            page.wait_for_selector("#address")
        found += [(address, *fault) for fault in faults(page, *VIEWS)]
    page.goto(urlsplit(page.get_by_label("Address").input_value()).path)
    found += [("preview", *fault) for fault in faults(page, *VIEWS)]
    assert found == []
