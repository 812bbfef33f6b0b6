# ruff: noqa: E501  (what a browser is asked to run is set as it is)
"""Writing by keyboard, with the preview beside it, in a real browser."""

import json

import pytest

from blog import publishing, writing
from blog.models import Post, Snippet
from blog.views.posts import BEGINS_PLAINLY
from tests.browser.judge import settle, violations
from tests.conftest import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADD = "/admin/blog/post/add/"
FIELD = "#id_content_markdown"
expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture
def desk(desk_of, author):
    """Open the form of a new post, or of `post`, in which the author is signed in."""

    def open_desk(post=None, **options):
        page = desk_of(author, **options)
        page.goto(f"/admin/blog/post/{post.pk}/change/" if post else ADD)
        return page

    return open_desk


def text_of(page):
    return page.input_value(FIELD)


def preview(page):
    return page.frame_locator("iframe.lp-paper").locator("[data-part=text]")


def write(page, text, select=None):
    page.fill(FIELD, text)
    page.focus(FIELD)
    start, end = select if select else (len(text), len(text))
    page.evaluate(f"([a, b]) => document.querySelector('{FIELD}').setSelectionRange(a, b)", [start, end])


@pytest.mark.parametrize(
    ("keys", "made"),
    [
        ("Control+b", "**noon gun**"),
        ("Control+i", "*noon gun*"),
        ("Control+e", "`noon gun`"),
        ("Control+k", "[noon gun](https://)"),
        ("Control+Alt+2", "## noon gun"),
        ("Control+Alt+3", "### noon gun"),
        ("Control+Shift+7", "1. noon gun"),
        ("Control+Shift+8", "- noon gun"),
        ("Control+Shift+9", "> noon gun"),
        ("Control+Alt+f", "noon gun[^1]\n\n[^1]: Note."),
    ],
)
def test_every_tool_has_keys_and_can_be_undone(desk, keys, made):
    page = desk()
    write(page, "noon gun", (0, 8))
    page.keyboard.press(keys)
    assert text_of(page) == made
    for _ in range(3):
        page.keyboard.press("Control+z")
        if text_of(page) == "noon gun":
            break
    assert text_of(page) == "noon gun"


def test_lists_go_on_by_enter_and_end_on_an_empty_item(desk):
    page = desk()
    write(page, "- one")
    page.keyboard.press("Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("9. nine")
    page.keyboard.press("Enter")
    page.keyboard.type("ten")
    assert text_of(page) == "- one\n- two\n9. nine\n10. ten"
    write(page, "- [x] done")
    page.keyboard.press("Enter")
    assert text_of(page) == "- [x] done\n- [ ] "
    write(page, "```\n- no list")
    page.keyboard.press("Enter")
    assert text_of(page) == "```\n- no list\n"


def test_tab_moves_items_and_otherwise_leaves_the_text(desk):
    page = desk()
    write(page, "- one\n- two")
    page.keyboard.press("Tab")
    assert text_of(page) == "- one\n    - two"
    page.keyboard.press("Shift+Tab")
    assert text_of(page) == "- one\n- two"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "id_content_markdown"
    assert text_of(page) == "- one\n- two"
    write(page, "Plain words")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "id_content_markdown"


def test_nothing_is_done_to_a_text_that_is_being_composed(desk):
    page = desk()
    write(page, "- 午")
    page.evaluate(
        f"""() => {{
          const field = document.querySelector('{FIELD}');
          for (const key of ['Enter', 'Tab']) {{
            field.dispatchEvent(new KeyboardEvent('keydown', {{ key, isComposing: true, bubbles: true, cancelable: true }}));
          }}
          const bold = {{ key: 'b', ctrlKey: true, isComposing: true, bubbles: true, cancelable: true }};
          field.dispatchEvent(new KeyboardEvent('keydown', bold));
        }}"""
    )
    assert text_of(page) == "- 午"


def test_the_map_lists_every_key(desk):
    page = desk()
    page.focus(FIELD)
    page.keyboard.press("Control+/")
    said = page.locator("#keys").inner_text()
    for words in ("Bold", "Footnote", "Save", "Ctrl+S", "Escape", "Full screen", "Ctrl+Shift+K"):
        assert words in said
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()


def test_search_counts_and_replaces_all_in_one_step(desk):
    page = desk()
    before = "The clock. A CLOCK, two clocks; clock"
    write(page, before, (0, 0))
    page.keyboard.press("Control+f")
    page.keyboard.type("clock")
    panel = page.locator(".lp-seek")
    assert panel.locator("output").inner_text() == "4"
    page.keyboard.press("Enter")
    assert panel.locator("output").inner_text() == "1 of 4"
    where = f"[document.querySelector('{FIELD}').selectionStart, document.querySelector('{FIELD}').selectionEnd]"
    assert page.evaluate(where) == [4, 9]
    assert page.locator(".lp-found").count() == 1
    panel.get_by_role("button", name="Same case").click()
    assert panel.locator("output").inner_text() == "3"
    panel.get_by_role("button", name="Whole words").click()
    assert panel.locator("output").inner_text() == "2"
    panel.get_by_label("Replace by").fill("$& gun")
    panel.get_by_role("button", name="Replace all").click()
    assert text_of(page) == "The $& gun. A CLOCK, two clocks; $& gun"
    page.focus(FIELD)
    page.keyboard.press("Control+z")
    assert text_of(page) == before
    panel.get_by_label("Search").focus()
    page.keyboard.press("Escape")
    assert not panel.is_visible()
    assert page.evaluate("document.activeElement.id") == "id_content_markdown"


def test_search_finds_chinese_and_arabic(desk):
    page = desk()
    write(page, "午砲每日鳴響。مدفع الظهر. 午砲", (0, 0))
    page.keyboard.press("Control+f")
    for words, number in (("午砲", "2"), ("الظهر", "1"), ("(", "None")):
        page.locator(".lp-seek").get_by_label("Search").fill(words)
        assert page.locator(".lp-seek output").inner_text() == number


def test_what_is_searched_for_is_no_change_of_the_post(desk):
    page = desk()
    page.focus(FIELD)
    page.keyboard.press("Control+f")
    page.keyboard.type("clock")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="All posts").click()
    page.wait_for_url("**/admin/blog/post/")
    assert asked == []


def test_a_link_to_a_post_is_found_by_its_title(desk, author):
    for title in ("The noon gun", "Two clocks"):
        writing.save(Post(title=title, content_markdown="Words.", author=author), by=author)
    page = desk()
    write(page, "See ")
    page.keyboard.type("[[")
    page.locator("#picker").wait_for()
    page.keyboard.type("noon")
    expect(page.locator("#picked [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    assert text_of(page) == "See [The noon gun](/blog/the-noon-gun/)"
    write(page, "Look at these clocks", (14, 20))
    page.keyboard.press("Control+Shift+k")
    expect(page.locator("#picked [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    assert text_of(page) == "Look at these [clocks](/blog/two-clocks/)"
    page.keyboard.press("Control+Shift+k")
    page.keyboard.type("nothing such")
    page.locator("#picker .lp-empty").wait_for()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "id_content_markdown"


def test_a_snippet_goes_in_where_the_caret_is(desk):
    page = desk()
    page.focus(FIELD)
    page.keyboard.press("Control+Alt+s")
    page.locator("#picker .lp-empty", has_text="There are no snippets yet").wait_for()
    page.keyboard.press("Escape")
    Snippet.objects.create(name="Correction", content_markdown="*Corrected.*")
    write(page, "ab", (1, 1))
    page.keyboard.press("Control+Alt+s")
    page.locator("#picked [role=option]").wait_for()
    page.keyboard.press("Enter")
    assert text_of(page) == "a*Corrected.*b"


def test_only_the_text_is_remembered_and_left_by_escape(desk):
    page = desk()
    page.focus(FIELD)
    page.keyboard.press("Control+Shift+e")
    assert not page.locator(".lp-rail").is_visible() and not page.locator("#header").is_visible()
    page.reload()
    assert not page.locator(".lp-rail").is_visible()
    page.keyboard.press("Escape")
    assert page.locator(".lp-rail").is_visible()
    page.reload()
    assert page.locator(".lp-rail").is_visible()


def test_lengths_and_words_are_counted_as_one_writes(desk):
    page = desk()
    page.fill("#id_title", "The noon gun")
    page.fill("#id_excerpt", "x" * 200)
    said = page.locator(".lp-lengths").inner_text()
    assert "Title 12 of 60" in said and "cut in search results at about 160" in said
    page.fill("#id_title", "午砲")
    assert "Title 2 of 30" in page.locator(".lp-lengths").inner_text()
    write(page, "午砲 fires")
    expect(page.locator(".lp-words")).to_have_text("3 words · 1 min")


def test_the_toolbar_is_one_stop_with_arrows_within(desk):
    page = desk()
    page.get_by_role("button", name="H2").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.do") == "bold"
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('.lp-keys') !== null")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.dataset.do") == "bold"
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    assert page.locator("#more-tools").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#more-tools").is_visible()


@pytest.mark.parametrize("script", [True, False])
def test_arabic_runs_from_the_right_with_and_without_a_script(desk, script):
    page = desk(script=script)
    page.fill(FIELD, "مدفع الظهر")
    style = f"getComputedStyle(document.querySelector('{FIELD}'))"
    assert page.evaluate(f"[{style}.unicodeBidi, {style}.textAlign]") == ["plaintext", "start"]
    assert page.locator(".lp-keys").is_visible() is script


SIDES = """(text) => [...text.querySelectorAll('p, li')].map((each) => {
  const range = each.ownerDocument.createRange();
  range.selectNodeContents(each);
  const [words, box] = [range.getBoundingClientRect(), each.getBoundingClientRect()];
  return words.left - box.left > 60 ? 'right' : 'left';
})"""
ARABIC = "مدفع الظهر كل يوم.\n\n- الأول\n\nAn English paragraph."


def test_the_preview_and_the_page_run_the_way_the_words_do(desk, author, editor, browser_page):
    post = Post(title="مدفع الظهر", content_markdown=ARABIC, author=author)
    writing.save(post, by=author)
    publishing.publish(post, by=editor)
    page = desk(post)
    expect(preview(page)).to_contain_text("English")
    public = browser_page()
    public.goto(post.get_absolute_url())
    for text in (preview(page), public.locator(".prose")):
        assert text.evaluate(SIDES) == ["right", "right", "left"]
        assert text.evaluate("(text) => getComputedStyle(text.querySelector('ul')).direction") == "rtl"
        assert "initial" not in text.get_attribute("class").split()
    write(page, "The noon gun.")
    expect(preview(page)).to_have_class("prose initial")
    expect(preview(page)).to_have_css("direction", "ltr")


@pytest.mark.parametrize(
    ("begins", "initial"),
    [
        ("Noon", True),
        ("Ωρα", True),
        ("Час", True),
        ("École", True),
        ("مدفع", False),
        ("正午", False),
        ("12 shots", False),
    ],
)
def test_a_drop_initial_is_latin_greek_or_cyrillic_on_the_page_and_in_the_preview(desk, begins, initial):
    assert bool(BEGINS_PLAINLY.match(f"<p>{begins} and on.</p>")) is initial
    page = desk()
    write(page, f"{begins} and on.")
    expect(preview(page)).to_contain_text(begins)
    assert ("initial" in preview(page).get_attribute("class").split()) is initial


def test_on_the_phone_more_is_always_in_sight(desk):
    page = desk(width=390)
    more = page.locator(".lp-keys [popovertarget]")
    for scrolled in (0, 9999):
        page.evaluate("(x) => { document.querySelector('.lp-tools').scrollLeft = x; }", scrolled)
        box = more.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
        more.click()
        page.locator("#more-tools").wait_for()
        page.keyboard.press("Escape")


@pytest.mark.parametrize("opened", ["Control+/", "Control+Shift+k"])
def test_typing_goes_on_when_a_dialog_is_closed_by_the_mouse(desk, opened):
    page = desk()
    write(page, "One two.", (3, 3))
    page.keyboard.press(opened)
    page.locator("dialog[open] [data-close]").click()
    page.keyboard.type(" more")
    assert text_of(page) == "One more two."


LONG = "\n\n".join(
    [
        *(
            f"## Part {n}\n\nParagraph {n} with *words* about [a clock](/blog/c/)." + " More words." * 20
            for n in range(60)
        ),
        "| A | B |\n| --- | --- |\n| 1 | 2 |",
        "```python\nprint('x')\n```",
        "Last words.[^1]",
        "[^1]: A note.",
    ]
)


def test_what_did_not_change_stays_the_same_node(desk):
    page = desk()
    write(page, LONG)
    preview(page).locator("h2", has_text="Part 59").wait_for()
    page.evaluate(
        """() => {
          const text = document.querySelector('iframe.lp-paper').contentDocument.querySelector('[data-part=text]');
          [...text.children].forEach((node, index) => { node.mine = index; });
          window.children = text.children.length;
        }"""
    )
    write(page, LONG.replace("Paragraph 30 with", "Paragraph 30 changed, with").replace("Part 45", "Part forty-five"))
    preview(page).locator("p", has_text="Paragraph 30 changed").wait_for()
    kept = page.evaluate(
        """() => {
          const text = document.querySelector('iframe.lp-paper').contentDocument.querySelector('[data-part=text]');
          return [[...text.children].every((node, index) => node.mine === index), text.children.length === window.children];
        }"""
    )
    assert kept == [True, True]
    # A paragraph put in is the one new node; nothing else is made anew.
    write(page, LONG.replace("## Part 20", "A new one.\n\n## Part 20"))
    preview(page).locator("p", has_text="A new one.").wait_for()
    fresh = page.evaluate(
        """() => [...document.querySelector('iframe.lp-paper').contentDocument.querySelector('[data-part=text]').children]
          .filter((node) => node.mine === undefined).map((node) => node.textContent)"""
    )
    assert fresh == ["A new one."]


def test_the_preview_scrolls_with_the_text_and_the_text_with_it(desk):
    page = desk()
    write(page, LONG, (0, 0))
    preview(page).locator("h2", has_text="Part 59").wait_for()
    page.wait_for_timeout(300)
    top = "document.querySelector('iframe.lp-paper').contentWindow.scrollY"
    page.mouse.move(200, 500)
    page.mouse.wheel(0, 4000)
    page.wait_for_timeout(500)
    seen = page.evaluate(
        """() => {
          const frame = document.querySelector('iframe.lp-paper');
          const field = document.querySelector('#id_content_markdown');
          const shown = [...frame.contentDocument.querySelectorAll('h2')].filter((node) => {
            const box = node.getBoundingClientRect();
            return box.top > 0 && box.bottom < frame.clientHeight;
          }).map((node) => node.textContent.replace(/\\D/g, '')).filter(Boolean);
          return [scrollY, shown];
        }"""
    )
    assert seen[0] > 3000 and seen[1]
    in_text = page.evaluate(
        """async (parts) => {
          const { measureOf } = await import(new URL('text.js', document.querySelector('script[src*="editor"]').src));
          const field = document.querySelector('#id_content_markdown');
          const measure = measureOf(field);
          measure.renew();
          return parts.map((part) => measure.at(field.value.indexOf(`## Part ${part}\\n`)) + field.getBoundingClientRect().top);
        }""",
        seen[1],
    )
    assert all(-300 < y < 1200 for y in in_text)
    box = page.locator("iframe.lp-paper").bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 200)
    before = page.evaluate("scrollY")
    page.mouse.wheel(0, -3000)
    page.wait_for_timeout(500)
    assert page.evaluate("scrollY") < before - 500
    page.mouse.wheel(0, -99_999)
    page.wait_for_timeout(500)
    assert page.evaluate(top) == 0 and page.evaluate("scrollY") == 0


def test_the_preview_wears_exactly_the_type_of_the_page(desk, author, browser_page, live_server):
    from accounts.roles import Role

    text = "First *words* and `code`.\n\n## Heading\n\nSecond [link](/about/).\n\n> A quote.\n\n- item\n\n```python\nx = 1\n```"
    post = Post(title="The noon gun", excerpt="Bang.", content_markdown=text, author=author)
    writing.save(post, by=author)
    publishing.publish(post, by=make_person("editor", Role.EDITOR), override="A test of type.")
    page = desk(post)
    preview(page).locator("blockquote").wait_for()
    width = page.evaluate("document.querySelector('iframe.lp-paper').contentWindow.innerWidth")
    public = browser_page(width=width)
    public.goto(post.get_absolute_url())
    wear = """(doc) => Object.fromEntries(['.prose > p', '.prose > p + h2 ~ p', '.prose h2', '.prose blockquote', '.prose pre',
      '.prose p code', '.prose li', '.prose a', 'h1', '.dek'].map((name) => {
        const style = getComputedStyle((doc || document).querySelector(name));
        return [name, ['fontFamily', 'fontSize', 'fontWeight', 'fontStyle', 'lineHeight', 'letterSpacing', 'color', 'width',
          'marginTop', 'marginBottom', 'paddingLeft', 'backgroundColor', 'textDecorationColor', 'hyphens'].map((each) => style[each])];
      }))"""
    inside = page.frame(url="**/preview/**").evaluate(wear)
    assert inside == public.evaluate(wear)
    assert json.dumps(inside).count("Vollkorn") > 5


@pytest.mark.parametrize("width", [1440, 390])
def test_the_tools_fit_the_window(desk, width):
    page = desk(width=width)
    page.wait_for_selector(".lp-keys:not([hidden])")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 390:
        heights = page.evaluate("[...document.querySelectorAll('.lp-keys button')].map((each) => each.offsetHeight)")
        assert min(heights) >= 44
    for keys, box in (("Control+f", ".lp-seek"), ("Control+/", "#keys")):
        page.focus(FIELD)
        page.keyboard.press(keys)
        page.locator(box).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


def test_the_tools_are_open_to_everybody(desk):
    page = desk()
    for keys in ("Control+f", "Control+/", "Control+Shift+k"):
        page.focus(FIELD)
        page.keyboard.press(keys)
        settle(page)
        assert [(rule["id"], rule["nodes"][0]["html"][:120]) for rule in violations(page)] == []
        page.keyboard.press("Escape")
