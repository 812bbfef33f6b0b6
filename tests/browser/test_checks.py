"""The checks and the search panel in a real browser: they follow what is typed, and each line leads to its remedy."""

import pytest

from accounts.roles import Role
from blog import publishing, writing
from blog.models import GateOverride, Post
from tests.conftest import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = "#id_content_markdown"


@pytest.fixture
def editor(transactional_db):
    return make_person("editor", Role.EDITOR)


@pytest.fixture
def desk(desk_of, editor):
    """Open a window of the editor: desk(width=390, script=False)."""
    return lambda **options: desk_of(editor, **options)


def saved(editor, title: str, text: str, *, live: bool = False, **fields) -> Post:
    post = Post(title=title, content_markdown=text, author=editor, **fields)
    writing.save(post, by=editor)
    if live:
        publishing.publish(post, by=editor)
    return post


def selected(page, selector: str) -> str:
    return page.eval_on_selector(selector, "field => field.value.slice(field.selectionStart, field.selectionEnd)")


def test_what_is_typed_is_checked_and_each_line_selects_its_place(desk):
    page = desk()
    page.goto("/admin/blog/post/add/")
    page.fill("#id_title", "The noon gun")
    page.fill(TEXT, "Words. " * 300 + "\n\nSee [the tides](/blog/none/) and ![](https://example.org/gun.png).")
    line = page.locator("#checks .blocking a", has_text="/blog/none/")
    line.wait_for(state="attached")
    if not page.locator("#checks").get_attribute("open"):
        page.locator("#checks > summary").click()
    line.click()
    assert selected(page, TEXT) == "[the tides](/blog/none/)"
    place = page.evaluate("document.activeElement.id")
    assert place == "id_content_markdown"
    page.keyboard.type("the tides")
    page.locator("#checks .blocking", has_text="/blog/none/").wait_for(state="detached")
    page.locator("#checks .blocking a", has_text="gun.png").click()
    assert selected(page, TEXT) == "![](https://example.org/gun.png)"
    page.locator("#checks .warning a", has_text="no category").click()
    assert page.evaluate("document.activeElement.id") == "id_category"


def test_a_refused_publication_leads_to_its_reasons_and_goes_over_them_with_one(desk, editor):
    page = desk()
    page.goto("/admin/blog/post/add/")
    page.fill("#id_title", "The noon gun")
    page.fill(TEXT, "See [the tides](/blog/none/).")
    page.locator(".submit-row button[value=publish]").click()
    page.wait_for_url("**/change/**")
    post = Post.objects.get()
    assert (post.status, post.content_markdown) == ("draft", "See [the tides](/blog/none/).")
    assert "/blog/none/" in page.evaluate("document.activeElement.textContent")
    page.fill("#id_override_reason", "The tides come at noon.")
    page.get_by_role("button", name="Publish anyway").click()
    page.wait_for_load_state()
    page.get_by_text("Published over checks").wait_for()
    assert GateOverride.objects.get().reason == "The tides come at noon."
    post.refresh_from_db()
    assert post.is_public


def test_words_that_name_another_post_become_a_link_that_can_be_undone(desk, editor):
    saved(editor, "Tide tables", "Words.", live=True)
    text = "First. Look up the tide tables before you go. Last."
    post = saved(editor, "The noon gun", text)
    page = desk()
    page.goto(f"/admin/blog/post/{post.pk}/change/")
    page.get_by_role("button", name="Link “tide tables” to “Tide tables”").click()
    linked = "First. Look up the [tide tables](/blog/tide-tables/) before you go. Last."
    assert page.input_value(TEXT) == linked
    page.get_by_role("button", name="Link “tide tables”").wait_for(state="detached")
    page.focus(TEXT)
    page.keyboard.press("Control+z")
    assert page.input_value(TEXT) == text


def test_the_cards_follow_the_title_and_are_cut_where_they_end(desk, editor):
    post = saved(editor, "The noon gun", "Words.")
    page = desk()
    page.goto(f"/admin/blog/post/{post.pk}/change/")
    page.locator(".lp-search-and-sharing > summary").click()
    page.fill("#id_meta_title", "A title with so very many words in it that no line of any search result could hold it")
    page.locator(".lp-result:not(.phone) .title", has_text="…").wait_for()
    assert page.locator(".lp-measure output").first.inner_text().endswith("of 580 px")
    page.get_by_role("button", name="Phone").last.click()
    assert page.locator(".lp-result.phone").is_visible()
    assert not page.locator(".lp-result:not(.phone)").is_visible()
    page.get_by_role("button", name="Share", exact=True).click()
    assert page.locator(".lp-share b").first.inner_text().startswith("A title with so very many words")
    assert page.complaints == []


@pytest.mark.parametrize("width", [1440, 390])
def test_a_title_that_fits_a_desktop_is_drawn_on_one_line_and_within_its_frame(desk, editor, width):
    post = saved(editor, "The noon gun", "Words.", meta_title="The noon gun " + "of the old harbour " * 2 + "in winter")
    page = desk(width=width)
    page.goto(f"/admin/blog/post/{post.pk}/change/")
    lines, title, frame = page.locator(".lp-result:not(.phone) .title").evaluate(
        """line => {
          const range = document.createRange();
          range.selectNodeContents(line);
          const frame = line.parentElement.getBoundingClientRect();
          return [range.getClientRects().length, range.getBoundingClientRect().width, frame.width];
        }"""
    )
    drawn = int(page.locator(".lp-measure output").first.inner_text().split()[0])
    assert lines == 1
    assert title / frame == pytest.approx(drawn / 604, rel=0.03)


def test_nothing_that_is_typed_runs_in_the_panel(desk, editor):
    hostile = "<img src=x onerror=\"document.title='run'\">"
    saved(editor, f"Tide {hostile}", "Words.", live=True, focus_keyword="tide gauge")
    page = desk()
    page.goto("/admin/blog/post/add/")
    page.fill("#id_title", hostile)
    page.fill(TEXT, f"The tide gauge. [x](/blog/{hostile}/)")
    page.locator(".lp-ideas mark").wait_for()
    page.wait_for_timeout(200)
    assert page.title() != "run"
    assert page.locator("#checks img, .lp-ideas img").count() == 0


def test_without_a_script_the_panel_says_the_same(desk, editor):
    post = saved(editor, "The noon gun", "See [the tides](/blog/none/).")
    page = desk(script=False)
    page.goto(f"/admin/blog/post/{post.pk}/change/")
    assert page.locator("#checks .blocking a").first.is_visible()
    assert page.locator(".lp-result").count() == 2
    page.fill("#id_override_reason", "It comes.")
    page.get_by_role("button", name="Publish anyway").click()
    post.refresh_from_db()
    assert post.is_public


@pytest.mark.parametrize("width", [1440, 390])
def test_its_pages_fit_the_window(desk, editor, width):
    saved(editor, "A long " + "unbreakable" * 12, "Words.", live=True)
    post = saved(editor, "Other", f"[{'x' * 300}](/blog/{'y' * 200}/)", focus_keyword="z" * 90)
    page = desk(width=width)
    addresses = [f"{post.pk}/change/", "orphans/", f"{post.pk}/mentions/"]
    for address in [*(f"/admin/blog/post/{each}" for each in addresses), "/admin/blog/checksetting/"]:
        page.goto(address)
        page.wait_for_timeout(200)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    assert page.complaints == []
