"""Write, crash, recover; a session that ends; a server that goes away and comes back."""

import json
import re
from contextlib import suppress

import pytest
from django.utils import timezone

from accounts.roles import Role
from blog import autosave, publishing, writing
from blog.models import Autosave, Category, Post
from blog.taxonomy import save_category
from tests.browser.judge import faults, settle
from tests.conftest import PASSWORD, make_person

playwright_api = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADD = "/admin/blog/post/add/"
ENDPOINT = "**/admin/blog/post/autosave/**"
# What the page waits after the last key, and a little.
SOON = 12_000


@pytest.fixture
def post(author):
    made = Post(title="The noon gun", content_markdown="One shot at noon.", author=author)
    writing.save(made, by=author)
    return made


def change(post):
    return f"/admin/blog/post/{post.pk}/change/"


def field(page):
    return page.locator("#id_content_markdown")


def type_on(page, words):
    field(page).press("Control+End")
    field(page).press_sequentially(words)


def wait_kept(page):
    page.locator(".lp-kept", has_text="Kept ").wait_for(timeout=SOON)


def crash(page):
    """The window is gone at once: no question, no last words."""
    page.context.route(ENDPOINT, lambda route: route.abort())
    page.close(run_before_unload=False)


def complaints(page):
    return [said for said in page.complaints if not said.startswith("Failed to load resource")]


def test_write_and_crash_and_recover(desk_of, author, post):
    page = desk_of(author)
    page.goto(change(post))
    type_on(page, " And another at one.")
    wait_kept(page)
    crash(page)
    page = desk_of(author)  # another browser, which holds nothing
    page.goto(change(post))
    assert field(page).input_value() == "One shot at noon."
    page.locator(".lp-unsaved").get_by_text("And another at one.").wait_for()
    page.get_by_role("link", name="Compare or discard").click()
    assert page.locator("ins", has_text="And another at one.").count() == 1
    page.get_by_role("link", name="Go on with this text").click()
    assert field(page).input_value() == "One shot at noon. And another at one."
    type_on(page, " And at two.")
    page.keyboard.press("Control+s")
    page.locator(".messagelist", has_text="as version 2").wait_for()
    post.refresh_from_db()
    assert post.content_markdown == "One shot at noon. And another at one. And at two."
    assert page.locator(".lp-unsaved").count() == 0
    assert not Autosave.objects.exists()
    assert complaints(page) == []


def test_words_the_server_never_heard_of_are_recovered_from_the_browser(desk_of, author, post):
    page = desk_of(author)
    context = page.context
    page.goto(change(post))
    context.route(ENDPOINT, lambda route: route.abort())
    type_on(page, " Offline words.")
    page.locator(".lp-kept", has_text="Kept in this browser only").wait_for(timeout=SOON)
    crash_tab(page)
    assert not Autosave.objects.exists()
    context.unroute(ENDPOINT)
    page = context.new_page()
    page.goto(change(post))
    page.locator(".lp-unsaved", has_text="Offline words.").wait_for()
    page.get_by_role("link", name="Go on with this text").click()
    assert field(page).input_value() == "One shot at noon. Offline words."
    assert stored(page) == []


def crash_tab(page):
    """The renderer is killed, as by the system when memory ends; the browser itself lives on."""
    with page.expect_event("crash"), suppress(playwright_api.Error):
        page.goto("chrome://crash", timeout=2000)
    page.close(run_before_unload=False)


def stored(page):
    return page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('letterpress:unsaved'))")


def test_a_draft_never_saved_is_offered_on_the_new_post_page(desk_of, author):
    page = desk_of(author)
    page.goto(ADD)
    page.fill("#id_title", "An idea")
    field(page).press_sequentially("It begins here.")
    wait_kept(page)
    crash(page)
    page = desk_of(author)
    page.goto(ADD)
    page.locator(".lp-unsaved", has_text="An idea").get_by_text("It begins here.").wait_for()
    page.get_by_role("link", name="Compare or discard").click()
    page.get_by_role("button", name="Discard it").click()
    page.goto(ADD)
    assert page.locator(".lp-unsaved").count() == 0
    assert stored(page) == []


def test_the_server_goes_away_and_comes_back(desk_of, author, post):
    page = desk_of(author)
    page.goto(change(post))
    page.route(ENDPOINT, lambda route: route.fulfill(status=502, body="Bad gateway"))
    type_on(page, " More.")
    page.locator(".lp-kept", has_text="the server does not answer").wait_for(timeout=SOON)
    assert len(stored(page)) == 1
    page.unroute(ENDPOINT)
    page.locator(".lp-kept", has_text="Kept ").filter(has_not_text="only").wait_for(timeout=8000)
    assert stored(page) == []
    assert Autosave.objects.get().fields["content_markdown"] == "One shot at noon. More."


def test_saving_waits_for_a_server_that_is_away(desk_of, author, post):
    page = desk_of(author)
    page.goto(change(post))
    page.context.route("**/admin/**", lambda route: route.abort())
    type_on(page, " More.")
    page.locator(".lp-kept", has_text="the server does not answer").wait_for(timeout=SOON)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_timeout(300)
    assert field(page).input_value() == "One shot at noon. More."
    page.context.unroute("**/admin/**")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".messagelist", has_text="as version 2").wait_for()
    post.refresh_from_db()
    assert post.content_markdown == "One shot at noon. More."


def test_a_session_that_ends_while_writing_costs_no_word(desk_of, author, post):
    page = desk_of(author)
    page.goto(change(post))
    page.context.clear_cookies()
    type_on(page, " Typed after the session ended.")
    dialog = page.get_by_role("dialog", name="Sign in again")
    dialog.wait_for(timeout=SOON)
    assert dialog.get_by_label("Username or e-mail").input_value() == "author"
    dialog.get_by_label("Password").fill("not-my-password")
    dialog.get_by_role("button", name="Sign in").click()
    dialog.get_by_text("The name or the password is not right").wait_for()
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    dialog.wait_for(state="hidden")
    wait_kept(page)
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".messagelist", has_text="as version 2").wait_for()
    post.refresh_from_db()
    assert post.content_markdown == "One shot at noon. Typed after the session ended."


def test_pressing_save_with_an_ended_session_asks_first_and_then_saves(desk_of, author, post):
    page = desk_of(author)
    page.clock.install()
    page.goto(change(post))
    page.clock.run_for(30_000)  # the last answer is old by now
    page.context.clear_cookies()
    field(page).evaluate("(area) => { area.value += ' Pressed too late.'; }")
    page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.get_by_role("dialog", name="Sign in again")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    page.locator(".messagelist", has_text="as version 2").wait_for()
    post.refresh_from_db()
    assert post.content_markdown == "One shot at noon. Pressed too late."


def test_what_was_typed_a_moment_before_a_refused_save_is_kept(desk_of, author, editor, post):
    page = desk_of(author)
    page.goto(change(post))
    mine = Post.objects.get()
    mine.content_markdown = "The editor's words."
    writing.save(mine, by=editor)
    type_on(page, " Mine, just now.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("heading", name="Put two versions").wait_for()
    crash(page)
    page = desk_of(author)
    page.goto(change(post))
    page.get_by_role("link", name="Go on with this text").click()
    assert field(page).input_value() == "One shot at noon. Mine, just now."


def test_looking_at_a_post_keeps_nothing(desk_of, editor):
    places = save_category(Category(name="Places"))
    made = Post(
        title="Full", content_markdown="One.\r\n\r\nTwo. ", excerpt="Sum & mary", author=editor, category=places
    )
    made.last_reviewed_at = timezone.now()
    writing.save(made, by=editor, tags=["Guns", "Clocks"], co_authors=[make_person("author", Role.AUTHOR)])
    page = desk_of(editor)
    page.goto(change(made))
    page.wait_for_timeout(SOON)
    page.goto(ADD)
    page.wait_for_timeout(SOON)
    assert page.locator(".lp-kept").inner_text() == ""
    assert not Autosave.objects.exists()


def test_the_text_of_one_is_not_mixed_with_anothers_account(desk_of, author, editor, post):
    page = desk_of(author)
    page.goto(change(post))
    page.context.clear_cookies()
    type_on(page, " Mine.")
    dialog = page.get_by_role("dialog", name="Sign in again")
    dialog.get_by_label("Username or e-mail").fill("editor", timeout=SOON)
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    dialog.get_by_text("this text belongs to somebody else").wait_for()
    dialog.get_by_role("button", name="Not now").click()
    assert field(page).input_value() == "One shot at noon. Mine."
    assert not Autosave.objects.exists()


def test_the_lock_is_explained_in_the_dialog(desk_of, author, post):
    page = desk_of(author)
    page.goto(change(post))
    page.context.clear_cookies()
    type_on(page, " Mine.")
    dialog = page.get_by_role("dialog", name="Sign in again")
    dialog.wait_for(timeout=SOON)
    for _ in range(5):
        dialog.get_by_label("Password").fill("wrong-password")
        with page.expect_response(lambda answer: answer.request.method == "POST" and "login" in answer.url):
            dialog.get_by_role("button", name="Sign in").click()
    dialog.get_by_text("Too many wrong passwords. Try again in 5 minutes").wait_for()


def test_two_windows_of_one_person_do_not_overwrite_each_other(desk_of, author, post):
    first = desk_of(author)
    first.goto(change(post))
    second = first.context.new_page()
    second.goto(change(post))
    # As when a browser opens the same page twice, with everything in it.
    key = first.locator("[name=autosave_key]").input_value()
    second.locator("[name=autosave_key]").evaluate("(input, key) => { input.value = key; }", key)
    type_on(first, " First window.")
    wait_kept(first)
    type_on(second, " Second window.")
    wait_kept(second)
    texts = {entry.fields["content_markdown"] for entry in autosave.of_post(author, post)}
    assert texts == {"One shot at noon. First window.", "One shot at noon. Second window."}


def test_a_newer_version_of_somebody_else_is_told(desk_of, author, editor, post):
    page = desk_of(author)
    page.goto(change(post))
    mine = Post.objects.get()
    mine.title = "The evening gun"
    writing.save(mine, by=editor)
    type_on(page, " More.")
    page.get_by_text("editor saved version 2 at").first.wait_for(timeout=SOON)
    assert field(page).input_value() == "One shot at noon. More."


def test_a_post_deleted_meanwhile_goes_on_as_a_new_one(desk_of, author, post):
    page = desk_of(author)
    page.goto(change(post))
    Post.objects.all().delete()
    type_on(page, " Still here.")
    dialog = page.get_by_role("dialog", name="This post is not there any more")
    dialog.wait_for(timeout=SOON)
    dialog.get_by_role("button", name="Go on as a new post").click()
    page.wait_for_url("**/write/")
    assert field(page).input_value() == "One shot at noon. Still here."
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".messagelist", has_text="as version 1").wait_for()
    assert Post.objects.get().content_markdown == "One shot at noon. Still here."


def test_leaving_asks_only_while_something_is_not_kept(desk_of, author, post):
    page = desk_of(author)
    page.goto(change(post))
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    type_on(page, " Fresh.")
    page.get_by_role("link", name="All posts").click(no_wait_after=True)
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    wait_kept(page)
    page.get_by_role("link", name="All posts").click()
    page.wait_for_url("**/admin/blog/post/")
    assert asked == ["beforeunload"]


def test_the_last_words_are_sent_while_the_page_is_left(desk_of, author, post):
    page = desk_of(author)
    page.goto(change(post))
    page.on("dialog", lambda dialog: dialog.accept())
    type_on(page, " Last words.")
    page.get_by_role("link", name="All posts").click()
    page.wait_for_url("**/admin/blog/post/")
    page.goto(change(post))
    page.locator(".lp-unsaved", has_text="Last words.").wait_for()


def test_saving_leaves_nothing_behind(desk_of, author, post):
    page = desk_of(author)
    page.goto(change(post))
    type_on(page, " More.")
    page.keyboard.press("Control+s")
    page.locator(".messagelist", has_text="as version 2").wait_for()
    page.reload()
    page.wait_for_timeout(500)
    assert page.locator(".lp-unsaved").count() == 0
    assert stored(page) == []
    assert not Autosave.objects.exists()


@pytest.mark.parametrize("width", [1440, 390])
def test_without_a_script_the_kept_text_is_recovered_by_links(desk_of, author, post, width):
    fields = {"title": post.title, "content_markdown": "Kept before.", "table_of_contents_enabled": "on"}
    autosave.keep(author, f"post:{post.pk}:a", fields, base_version=1, sequence=1, at=timezone.now())
    page = desk_of(author, script=False, width=width)
    page.goto(change(post))
    page.get_by_role("link", name="Go on with this text").click()
    assert field(page).input_value() == "Kept before."
    page.get_by_role("button", name="Save", exact=True).click()
    post.refresh_from_db()
    assert post.content_markdown == "Kept before."


def test_its_pages_are_accessible_and_fit(desk_of, author, post):
    fields = {"title": "Another title", "content_markdown": "Kept " + "unbreakable" * 20}
    key = f"post:{post.pk}:a"
    autosave.keep(author, key, fields, base_version=1, sequence=1, at=timezone.now())
    page = desk_of(author)
    for address in (change(post), f"/admin/blog/post/unsaved/{key}/", "/admin/blog/post/unsaved/", ADD):
        page.complaints.clear()
        page.goto(address)
        settle(page)
        assert complaints(page) == [], address
        # The judge itself writes styles into the page, which the policy refuses.
        assert faults(page, (1440, "light"), (390, "dark")) == [], address


FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }"
NOWHERE = "Not kept anywhere: copy your text"


def test_a_browser_that_is_full_says_that_nothing_is_kept(desk_of, author, post):
    page = desk_of(author)
    page.add_init_script(FULL)
    page.goto(change(post))
    page.context.route(ENDPOINT, lambda route: route.abort())
    type_on(page, " Kept by nobody.")
    said = page.locator(".lp-kept.wrong", has_text=NOWHERE)
    said.wait_for(timeout=SOON)
    assert "only" not in said.inner_text()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="All posts").click(no_wait_after=True)
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    page.context.unroute(ENDPOINT)
    page.locator(".lp-kept:not(.wrong)", has_text=re.compile(r"^Kept \d")).wait_for(timeout=SOON)


def test_a_full_browser_and_an_ended_session_keep_nothing_either(desk_of, author, post):
    page = desk_of(author)
    page.add_init_script(FULL)
    page.goto(change(post))
    page.context.clear_cookies()
    type_on(page, " Kept by nobody.")
    page.locator(".lp-kept.wrong", has_text=f"{NOWHERE}; your session has ended").wait_for(timeout=SOON)


def test_typing_goes_on_after_not_now(desk_of, author, post):
    page = desk_of(author)
    page.goto(change(post))
    page.context.clear_cookies()
    type_on(page, " More")
    dialog = page.get_by_role("dialog", name="Sign in again")
    dialog.wait_for(timeout=SOON)
    dialog.get_by_role("button", name="Not now").click()
    dialog.wait_for(state="hidden")
    page.keyboard.type(" words.")
    assert field(page).input_value() == "One shot at noon. More words."


def test_a_post_trashed_or_published_meanwhile_is_told(desk_of, author, editor, post):
    page = desk_of(author)
    page.goto(change(post))
    told = page.locator(".lp-moved")
    assert not told.is_visible()
    publishing.trash(post, by=editor)
    type_on(page, " More.")
    told.get_by_text("This post is in the trash now").wait_for(timeout=SOON)
    chips = page.locator(".lp-save .lp-chip, .lp-status > summary .lp-chip")
    assert chips.all_inner_texts() == ["Trashed", "Trashed"]
    publishing.restore(post, by=editor)
    type_on(page, " And more.")
    told.wait_for(state="hidden", timeout=SOON)
    assert chips.all_inner_texts() == ["Draft", "Draft"]
    publishing.publish(post, by=editor)
    type_on(page, " And more.")
    told.get_by_text("This post was published at ").wait_for(timeout=SOON)
    wait_kept(page)
    told.get_by_role("link", name="Load the page again").click()
    page.wait_for_load_state()
    assert chips.first.inner_text() == "Published" and not told.is_visible()


def test_an_open_page_hears_of_the_trash_and_of_the_end_over_its_socket(desk_of, author, post):
    page = desk_of(author)
    sockets = []
    page.route_web_socket("**/ws/editing/**", lambda socket: sockets.append(socket))
    page.goto(change(post))
    page.wait_for_timeout(300)
    moved = {"type": "post.moved", "state": "trashed", "label": "Trashed", "sentence": "This post is in the trash now."}
    sockets[-1].send(json.dumps(moved))
    page.locator(".lp-moved", has_text="This post is in the trash now.").wait_for(timeout=3000)
    Post.objects.all().delete()
    sockets[-1].close(code=4404)
    page.get_by_role("dialog", name="This post is not there any more").wait_for(timeout=5000)
    assert page.locator(".lp-kept").inner_text() == "The post is not there any more"
