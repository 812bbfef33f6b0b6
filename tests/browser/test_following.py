"""A member follows from the cards of a list and from an author's box, with script and without."""

import pytest

from accounts.follows import follow
from accounts.models import Follow
from accounts.roles import Role
from blog import publishing, writing
from blog.models import Post
from tests.browser.judge import faults
from tests.conftest import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def reader(live_server):
    return make_person("reader")


@pytest.fixture
def posts(reader, author, editor):
    """Two by one author, one by another whom the reader follows."""
    other = make_person("ines", Role.AUTHOR)
    for number, by in enumerate((author, other, author)):
        post = Post(title=f"Piece {number}", content_markdown="Some words to read.", author=by)
        writing.save(post, by=by)
        publishing.publish(post, by=editor)
    follow(reader, other)
    return [author, other]


def buttons(page, name):
    return page.locator(f"button[data-follow][value='author:{name}']")


def said(page, name):
    return [
        text.split("\n")[0].strip() for text in buttons(page, name).locator("span:not([hidden], .vh)").all_inner_texts()
    ]


def test_both_buttons_of_an_author_answer_at_once(desk_of, posts, reader):
    page = desk_of(reader)
    page.goto("/blog/")
    first, second = buttons(page, "author").all()
    assert first.evaluate("each => getComputedStyle(each).opacity") == "0", "no wall of buttons"
    first.hover()
    page.wait_for_function("each => getComputedStyle(each).opacity === '1'", arg=first.element_handle())

    # Before anything is answered both say so; the other author's stays as it is.
    held = []
    page.route("**/me/follow/", lambda route: held.append(route))
    first.click()
    page.locator("button[name=stop][value='author:author'] >> nth=1").wait_for(state="attached")
    assert [each.get_attribute("name") for each in (first, second)] == ["stop", "stop"]
    assert all("Following" in text for text in said(page, "author"))
    assert not Follow.objects.filter(follower=reader, followed=posts[0]).exists()
    while not held:
        page.wait_for_timeout(10)
    with page.expect_response("**/me/follow/"):
        held.pop().continue_()
    assert Follow.objects.filter(follower=reader, followed=posts[0]).exists()
    page.unroute("**/me/follow/")

    # Back by the other one, with the keyboard.
    second.focus()
    page.wait_for_function("each => getComputedStyle(each).opacity === '1'", arg=second.element_handle())
    with page.expect_response("**/me/follow/"):
        page.keyboard.press("Enter")
    assert [each.get_attribute("name") for each in (first, second)] == ["what", "what"]
    assert not Follow.objects.filter(follower=reader, followed=posts[0]).exists()
    assert Follow.objects.filter(follower=reader, followed=posts[1]).exists()
    assert page.complaints == []


@pytest.mark.parametrize("how", ["no network", "an error"])
def test_what_fails_is_taken_back(desk_of, posts, reader, how):
    page = desk_of(reader)
    page.goto("/blog/")
    page.route("**/me/follow/", lambda route: route.abort() if how == "no network" else route.fulfill(status=500))
    first, second = buttons(page, "author").all()
    first.hover()
    first.click()
    page.wait_for_load_state("networkidle")
    page.locator("button[name=what][value='author:author'] >> nth=1").wait_for(state="attached")
    assert all(text.startswith("Follow") and "ing" not in text for text in said(page, "author"))
    assert not Follow.objects.filter(follower=reader, followed=posts[0]).exists()


def test_who_was_signed_out_meanwhile_sees_that(desk_of, posts, reader):
    page = desk_of(reader)
    page.goto("/blog/")
    page.context.clear_cookies(name="sessionid")
    first = buttons(page, "author").first
    first.hover()
    with page.expect_navigation():
        first.click()
    assert page.get_by_role("link", name="Sign in").first.is_visible()
    assert buttons(page, "author").count() == 0


def test_without_script_a_card_leads_back_to_its_list(desk_of, posts, reader):
    page = desk_of(reader, script=False)
    page.goto("/blog/?page=1")
    first = buttons(page, "author").first
    first.hover()
    first.click()
    assert page.url.endswith("/blog/?page=1")
    page.get_by_text("You follow author now.").wait_for()
    assert buttons(page, "author").first.get_attribute("name") == "stop"
    assert Follow.objects.filter(follower=reader, followed=posts[0]).exists()
    page.goto("/author/author/")
    page.get_by_role("button", name="You follow author. Stop").click()
    page.get_by_text("You follow author no longer.").wait_for()


def test_where_nothing_hovers_each_author_is_offered_once(chromium, live_server, client_of, posts, reader):
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    context.add_cookies(
        [{"name": "sessionid", "value": client_of(reader).cookies["sessionid"].value, "url": live_server.url}]
    )
    page = context.new_page()
    page.goto("/blog/")
    first, second = buttons(page, "author").all()
    assert first.is_visible() and not second.is_visible()
    box = first.bounding_box()
    assert box["height"] >= 24 and box["width"] >= 24
    with page.expect_response("**/me/follow/"):
        first.tap()
    assert Follow.objects.filter(follower=reader, followed=posts[0]).exists()
    context.close()


def test_lists_with_buttons_are_open_to_everybody(desk_of, posts, reader):
    page = desk_of(reader)
    page.goto("/blog/")
    views = [(width, scheme) for width in (1440, 390) for scheme in ("light", "dark")]
    assert faults(page, *views) == []
    page.locator(".row").first.hover()
    assert faults(page, *views[:2]) == []
