"""A moderator clears a queue of fifty by keyboard, and the queue on every screen."""

import pytest

from accounts.models import AuditEntry
from accounts.roles import Role
from blog import publishing, writing
from blog.models import Post
from comments import moderation, reporting
from comments.models import Ban, Comment
from comments.posting import Verdict, post_comment
from comments.rules import Writer
from tests.browser.judge import faults
from tests.conftest import make_person

pytestmark = pytest.mark.browser

QUEUE = "/admin/comments/comment/"
LINKS = Verdict("hold", [{"code": "links", "points": 3, "words": ["https://a.example/one"], "number": 3}], 3.0)


@pytest.fixture
def moderator(transactional_db):
    return make_person("moderator", Role.MODERATOR)


@pytest.fixture
def post(author, editor):
    post = Post(title="The harbour that kept two clocks", content_markdown="Some words to read.", author=author)
    writing.save(post, by=author)
    publishing.publish(post, by=editor)
    return post


@pytest.fixture
def fifty(post):
    """Fifty comments of as many guests."""
    return [
        post_comment(
            post,
            Writer(name=f"Guest {number}", email=f"guest{number}@example.org", fingerprint=f"{number:064x}"),
            f"The upper face was stopped, and this is remark number {number} about it.",
            judge=(lambda *_: LINKS) if number % 7 == 3 else None,
        ).comment
        for number in range(50)
    ]


def press_through(page, keys):
    for key in keys:
        page.keyboard.press(key)


def settled(page):
    page.wait_for_function("() => !document.querySelector('[aria-busy]')")


def test_a_queue_of_fifty_is_cleared_by_keyboard(desk_of, moderator, post, fifty):
    page = desk_of(moderator)
    page.goto(QUEUE)
    assert page.locator("[data-row]").count() == 50
    assert page.locator(".now").get_attribute("data-row") == str(fifty[0].pk)
    # Down two, back one; the second is decided first, and the walk goes on from there.
    press_through(page, "jjk")
    assert page.locator(".now").get_attribute("data-row") == str(fifty[1].pk)
    press_through(page, "a")
    assert page.locator(".now").get_attribute("data-row") == str(fifty[2].pk)
    press_through(page, "sr" + "a" * 45)
    settled(page)
    left = page.locator("[data-row]:not(.done)")
    assert [row.get_attribute("data-row") for row in left.all()] == [str(fifty[0].pk), str(fifty[49].pk)]
    # The first is banned, which is a page of its own and comes back here.
    page.keyboard.press("k")
    while page.locator(".now").get_attribute("data-row") != str(fifty[0].pk):
        page.keyboard.press("k")
    page.keyboard.press("b")
    page.get_by_role("heading", name="Ban Guest 0?").wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("Guest 0 cannot write here any more.").wait_for()
    assert page.locator("[data-row]").count() == 1
    page.keyboard.press("a")
    page.get_by_text("Nothing waits for a decision.").wait_for()
    assert page.complaints == []
    found = dict(Comment.objects.values_list("pk", "status"))
    assert [found.pop(fifty[number].pk) for number in (0, 2, 3)] == ["rejected", "spam", "rejected"]
    assert set(found.values()) == {"approved"}
    assert Post.objects.get(pk=post.pk).comment_count == 47
    assert Ban.objects.count() == 1
    assert AuditEntry.objects.filter(target_type__model="comment").count() == 50


def test_a_decision_the_server_does_not_take_comes_back(desk_of, moderator, fifty):
    page = desk_of(moderator)
    page.goto(QUEUE)
    page.route("**/decide/", lambda route: route.abort())
    page.keyboard.press("a")
    row = page.locator(f'[data-row="{fifty[0].pk}"]')
    row.get_by_text("Not saved; try again").wait_for()
    assert "done" not in row.get_attribute("class")
    assert Comment.objects.filter(status="pending").count() == 50
    page.unroute("**/decide/")
    row.get_by_role("button", name="Approve").click()
    settled(page)
    row.get_by_text("Approved").first.wait_for()
    assert Comment.objects.get(pk=fifty[0].pk).status == "approved"


def test_typing_in_a_field_decides_nothing(desk_of, moderator, fifty):
    page = desk_of(moderator)
    page.goto(QUEUE)
    page.get_by_role("searchbox", name="Words").fill("")
    page.get_by_role("searchbox", name="Words").press_sequentially("arsb remark")
    page.keyboard.press("Control+a")
    assert page.locator(".done").count() == 0
    assert Comment.objects.filter(status="pending").count() == 50


def test_without_scripts_the_buttons_work(desk_of, moderator, fifty):
    page = desk_of(moderator, script=False)
    page.goto(QUEUE)
    assert not page.locator("[data-keys]").is_visible()
    page.locator("[data-row]").first.get_by_role("button", name="Approve").click()
    page.get_by_text("Guest 0: approved.").wait_for()
    for row in page.locator("[data-row]").all()[:3]:
        row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Mark chosen as spam").click()
    page.get_by_text("3 comments marked as spam.").wait_for()
    assert Comment.objects.filter(status="pending").count() == 46


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_is_wider_than_the_screen(desk_of, moderator, fifty, width):
    long = Comment.objects.get(pk=fifty[1].pk)
    Comment.objects.filter(pk=long.pk).update(content_html=f"<p>{'x' * 4000}</p>", guest_name="W" * 80)
    moderation.decide(fifty[2].pk, "approve", by=moderator)
    reporting.report(fifty[2], "abuse", fingerprint="a" * 64)
    page = desk_of(moderator, width=width)
    for address in (QUEUE, f"{QUEUE}{long.pk}/change/", f"{QUEUE}{long.pk}/ban/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_every_screen_of_moderators_can_be_used_by_everybody(desk_of, moderator, post, fifty):
    post_comment(post, Writer(user=moderator), "> a quote\n\n- one\n- [two](https://a.example)", parent=None)
    moderation.decide(fifty[2].pk, "approve", by=moderator)
    reporting.report(fifty[2], "abuse", fingerprint="a" * 64, note="Look at this")
    moderation.ban(fifty[3], by=moderator, until=None)
    page = desk_of(make_person("chief", Role.ADMINISTRATOR))
    addresses = [QUEUE, f"{QUEUE}?show=approved", f"{QUEUE}{fifty[2].pk}/change/", f"{QUEUE}{fifty[2].pk}/ban/"]
    addresses += [f"/admin/comments/{name}/" for name in ("conversationsettings", "ban", "spamword")]
    found = []
    for address in addresses:
        page.goto(address)
        found += [(address, *fault) for fault in faults(page, (1440, "light"), (1440, "dark"), (390, "light"))]
    assert found == []
