"""The writing page and the category tree in a real browser."""

import pytest

from blog.models import Category, Post
from blog.taxonomy import save_category

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADD = "/admin/blog/post/add/"


def text_field(page):
    return page.locator("#id_content_markdown")


def preview(page):
    return page.frame_locator("iframe.lp-paper").locator("[data-part=text]")


def test_the_preview_follows_what_is_typed_and_runs_nothing(desk_of, author):
    page = desk_of(author)
    page.goto(ADD)
    text_field(page).fill("## Noon\n\nA *gun* <img src=x onerror=\"document.title='run'\"><script>alert(1)</script>")
    preview(page).locator("em").wait_for()
    assert preview(page).locator("h2").inner_text().startswith("Noon")
    assert page.locator(".lp-words").inner_text() == "3 words · 1 min"
    assert page.title() != "run"
    assert [said for said in page.complaints if "Failed to load resource" not in said] == []


def test_the_toolbar_writes_markdown_that_can_be_undone(desk_of, author):
    page = desk_of(author)
    page.goto(ADD)
    field = text_field(page)
    field.fill("noon gun")
    field.select_text()
    page.get_by_role("button", name="Bold").click()
    assert field.input_value() == "**noon gun**"
    page.keyboard.press("Control+z")
    assert field.input_value() == "noon gun"
    field.select_text()
    page.keyboard.press("Control+i")
    assert field.input_value() == "*noon gun*"
    page.keyboard.press("Control+i")
    assert field.input_value() == "noon gun"
    page.get_by_role("button", name="H2").click()
    assert field.input_value() == "## noon gun"
    field.press("End")
    page.get_by_role("button", name="Note").click()
    assert field.input_value() == "## noon gun[^1]\n\n[^1]: Note."


def test_the_address_follows_the_title_until_somebody_writes_one(desk_of, author):
    page = desk_of(author)
    page.goto(ADD)
    page.fill("#id_title", "The Noon Gun & C#")
    assert page.input_value("#id_slug") == "the-noon-gun-and-c-sharp"
    page.fill("#id_slug", "by-hand")
    page.fill("#id_title", "Another title")
    assert page.input_value("#id_slug") == "by-hand"


def test_control_s_saves_with_tags_as_tokens(desk_of, author):
    page = desk_of(author)
    page.goto(ADD)
    page.fill("#id_title", "The noon gun")
    text_field(page).fill("One shot.")
    tags = page.get_by_placeholder("Add a tag")
    tags.fill("Clocks")
    tags.press("Enter")
    tags.fill("Guns")
    page.keyboard.press("Control+s")
    page.wait_for_url("**/change/")
    assert "as version 1." in page.locator(".messagelist").inner_text()
    assert sorted(Post.objects.get().tags.names()) == ["Clocks", "Guns"]


def test_leaving_with_unsaved_words_asks(desk_of, author):
    page = desk_of(author)
    page.goto(ADD)
    page.locator("#id_title").press_sequentially("Unsaved")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="All posts").click(no_wait_after=True)
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert page.url.endswith(ADD)


def test_a_dangerous_step_asks_in_a_dialog(desk_of, author):
    from blog import writing

    post = Post(title="Bin me", content_markdown="Words.", author=author)
    writing.save(post, by=author)
    page = desk_of(author)
    page.goto(f"/admin/blog/post/{post.pk}/change/")
    page.get_by_role("link", name="Move to trash").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name="Cancel").click()
    assert not dialog.is_visible()
    page.get_by_role("link", name="Move to trash").click()
    dialog.get_by_role("button", name="Move to trash").click()
    page.wait_for_url("**/admin/blog/post/")
    post.refresh_from_db()
    assert post.is_trashed


def test_all_of_it_works_without_a_script(desk_of, editor):
    page = desk_of(editor, script=False)
    page.goto(ADD)
    page.fill("#id_title", "Without a script")
    page.fill("#id_content_markdown", "Plain words.")
    page.get_by_role("button", name="Publish", exact=True).click()
    post = Post.objects.get()
    assert post.is_public
    page.get_by_role("link", name="Archive").click()
    page.get_by_role("button", name="Archive").click()
    post.refresh_from_db()
    assert post.status == "archived"


def test_a_category_moves_by_arrow_keys_and_by_dragging(desk_of, editor):
    places, time = save_category(Category(name="Places")), save_category(Category(name="Time"))
    page = desk_of(editor)
    page.goto("/admin/blog/category/")
    page.get_by_role("button", name="Move Time").press("ArrowRight")
    page.locator(".messagelist", has_text="moved").wait_for()
    time.refresh_from_db()
    assert time.path == "places/time"
    page.get_by_role("button", name="Move Time").press("ArrowLeft")
    page.locator(".messagelist", has_text="/category/time/").wait_for()
    page.locator(f"#category-{places.pk} > .lp-twig").drag_to(page.locator(f"#category-{time.pk} > .lp-twig"))
    page.locator(".messagelist", has_text="/category/time/places/").wait_for()
    places.refresh_from_db()
    assert places.parent_id == time.pk


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_of_the_desk_is_wider_than_the_window_or_complains(desk_of, editor, width):
    from blog import publishing, writing

    post = Post(title="A long " + "unbreakable" * 12, content_markdown="Words.", author=editor)
    writing.save(post, by=editor, tags=["One"])
    publishing.publish(post, by=editor)
    save_category(Category(name="Places"))
    page = desk_of(editor, width=width)
    addresses = ["", "blog/post/", "blog/post/add/", f"blog/post/{post.pk}/change/", f"blog/post/{post.pk}/versions/"]
    addresses += ["blog/category/", "blog/redirect/add/", "blog/tag/", "media_assets/mediaasset/upload/"]
    for address in addresses:
        page.goto(f"/admin/{address}")
        page.wait_for_timeout(150)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    assert page.complaints == []
