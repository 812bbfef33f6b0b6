# ruff: noqa: F401, F811  (fixtures are shared by name)
"""Choosing from the library where it is needed: in the text and for the post, by mouse, by keys, with its words."""

import io

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from blog.models import Post
from media_assets.intake import take_in
from media_assets.models import MediaAsset
from tests.browser.judge import settle, violations
from tests.browser.test_writing import FIELD, desk, expect, preview, text_of, write
from tests.browser.test_writing_paste import DROP

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DROP_ALL = f"""
(files) => {{
  const data = new DataTransfer();
  for (const [name, bytes] of files) data.items.add(new File([new Uint8Array(bytes)], name, {{ type: 'image/png' }}));
  const drop = new DragEvent('drop', {{ dataTransfer: data, bubbles: true, cancelable: true }});
  document.querySelector('{FIELD}').dispatchEvent(drop);
}}
"""
COLOURS = ("navy", "maroon", "olive", "teal", "gray", "purple")


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def picture_bytes(colour: str, size=(60, 40)) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", size, colour).save(kept, "PNG")
    return kept.getvalue()


@pytest.fixture
def library(author) -> list[MediaAsset]:
    """Six pictures, the first taken in named “navy”; “maroon” says what it shows."""
    return [
        take_in(
            ContentFile(picture_bytes(colour), name=f"{colour}.png"),
            by=author,
            alt_text="A maroon field" if colour == "maroon" else "",
        )
        for colour in COLOURS
    ]


def open_library(page):
    page.focus(FIELD)
    page.keyboard.press("Control+Alt+p")
    page.locator("#library .lp-media li").nth(len(COLOURS) - 1).wait_for()


def test_a_picture_is_found_described_and_put_into_the_text_by_keys_alone(library, desk):
    page = desk()
    write(page, "Before.")
    open_library(page)
    page.keyboard.type("navy")
    expect(page.locator("#library .lp-media li")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name="Before it goes into the text").wait_for()
    page.get_by_role("heading", name="Before it goes into the text").wait_for()
    expect(page.get_by_role("heading", name="Into the text", exact=True)).to_have_count(0)
    page.keyboard.type("A navy field")
    page.keyboard.press("Enter")
    page.locator("#library").wait_for(state="hidden")
    assert f"![A navy field]({library[0].url})" in text_of(page)
    library[0].refresh_from_db()
    assert library[0].alt_text == "A navy field"
    expect(preview(page).locator("picture img")).to_have_attribute("alt", "A navy field")
    assert page.complaints == []


def test_what_a_picture_says_already_is_there_and_may_differ_here(library, desk):
    page = desk()
    open_library(page)
    page.locator("#library .lp-media button", has_text="maroon").click()
    field = page.locator("#library").get_by_label("Alt text")
    expect(field).to_have_value("A maroon field")
    field.fill('Dusk [over] "it"')
    page.locator("#library").get_by_label("Caption").fill('The "hour"')
    page.locator("#library").get_by_label("Width").select_option("wide")
    page.locator("#library").get_by_role("button", name="Insert").click()
    assert text_of(page).strip() == f'![Dusk \\[over\\] "it"]({library[1].url} "The \\"hour\\""){{.wide}}'
    expect(preview(page).locator("figure.wide figcaption")).to_have_text('The "hour"')
    library[1].refresh_from_db()
    assert library[1].alt_text == "A maroon field"


def test_a_picture_without_words_is_asked_about_once_and_never_refused(library, desk):
    page = desk()
    open_library(page)
    page.locator("#library .lp-media button", has_text="teal").click()
    page.get_by_role("button", name="Insert").click()
    page.get_by_role("alert").filter(has_text="Say what it shows").wait_for()
    page.get_by_role("button", name="Leave it without").click()
    page.locator("#library").wait_for(state="hidden")
    assert text_of(page).strip() == f"![]({library[3].url})"
    assert not MediaAsset.objects.get(pk=library[3].pk).is_decorative


def test_the_picture_of_the_post_is_chosen_and_described_in_one_go(library, desk):
    page = desk()
    page.get_by_role("button", name="Choose a picture").first.click()
    page.locator("#library .lp-media button", has_text="olive").click()
    page.get_by_role("heading", name="Describe it").wait_for()
    page.locator("#library").get_by_label("Decorative").check()
    page.get_by_role("button", name="Use it").click()
    page.locator("#library").wait_for(state="hidden")
    assert page.locator("#id_featured_image").input_value() == str(library[2].pk)
    assert "Decorative" in page.locator(".lp-choose .lp-ok").first.inner_text()
    library[2].refresh_from_db()
    assert library[2].is_decorative


def test_files_are_links_and_only_where_text_is_written(library, desk, author):
    MediaAsset.objects.create(
        name="Tide [table]",
        file="2026/11/tide.pdf",
        kind="document",
        mime_type="application/pdf",
        extension="pdf",
        size_bytes=9,
        sha256="1" * 64,
    )
    page = desk()
    page.get_by_role("button", name="Choose a picture").first.click()
    page.locator("#library .lp-media li").first.wait_for()
    assert not page.get_by_role("button", name="Files and sound").is_visible()
    page.keyboard.press("Escape")
    open_library(page)
    page.get_by_role("button", name="Files and sound").click()
    page.locator("#library .lp-media button", has_text="Tide").click()
    assert text_of(page).strip().startswith("[Tide \\[table\\]](/media/")


def test_several_dropped_pictures_are_described_in_one_dialog(desk, author):
    page = desk()
    page.evaluate(DROP_ALL, [[f"{colour}.png", list(picture_bytes(colour))] for colour in COLOURS[:3]])
    page.get_by_role("heading", name="What do these 3 pictures show?").wait_for()
    for words in ("Night", "Wine"):
        page.keyboard.type(words)
        page.keyboard.press("Enter")
    page.locator("#library").get_by_label("Decorative").nth(2).check()
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.locator("#library").wait_for(state="hidden")
    said = dict(MediaAsset.objects.values_list("name", "alt_text"))
    assert said == {"navy": "Night", "maroon": "Wine", "olive": ""}
    assert text_of(page).index("![Night](") < text_of(page).index("![Wine](") < text_of(page).index("![](")
    assert MediaAsset.objects.get(name="olive").is_decorative


def test_who_goes_on_writing_is_not_interrupted(desk, author):
    page = desk()
    page.focus(FIELD)
    held = []
    page.route("**/mediaasset/upload/", lambda route: held.append(route))
    page.evaluate(DROP, ["navy.png", "image/png", list(picture_bytes("navy"))])
    page.keyboard.type("I go on. ")
    page.wait_for_function("document.querySelector('.lp-heard').textContent.includes('on its way')")
    while not held:
        page.wait_for_event("request")
    held[0].continue_()
    page.get_by_role("button", name="Describe it").wait_for()
    assert not page.locator("#library").is_visible()
    assert "I go on. " in text_of(page)
    page.get_by_role("button", name="Describe it").click()
    page.keyboard.type("Night")
    page.keyboard.press("Enter")
    page.locator("#library").wait_for(state="hidden")
    assert "![Night](" in text_of(page)


def test_a_file_is_uploaded_from_the_dialog_and_used_at_once(desk, author):
    page = desk()
    page.get_by_role("button", name="Choose a picture").first.click()
    page.locator("#library [data-files]").set_input_files(
        {"name": "harbour.png", "mimeType": "image/png", "buffer": picture_bytes("teal")}
    )
    page.get_by_role("heading", name="Describe it").wait_for()
    page.keyboard.type("The harbour")
    page.keyboard.press("Enter")
    page.locator("#library").wait_for(state="hidden")
    kept = MediaAsset.objects.get()
    assert (kept.alt_text, kept.uploaded_by) == ("The harbour", author)
    assert page.locator("#id_featured_image").input_value() == str(kept.pk)


def test_a_library_that_does_not_answer_says_so(library, desk):
    page = desk()
    page.route("**/choose/**", lambda route: route.abort())
    page.focus(FIELD)
    page.keyboard.press("Control+Alt+p")
    expect(page.locator("#library .lp-empty")).to_have_text("The library cannot be reached. Look again in a moment.")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_the_dialog_is_accessible_to_everybody(library, desk, width, scheme):
    page = desk(width=width, scheme=scheme)
    page.locator(".lp-choose [data-choose]").first.click()
    page.locator("#library .lp-media li").nth(5).wait_for()
    settle(page)
    assert violations(page) == []
    page.locator("#library .lp-media button", has_text="teal").click()
    page.get_by_role("heading", name="Describe it").wait_for()
    settle(page)
    assert violations(page) == []


def drop_all(page, colours):
    page.evaluate(DROP_ALL, [[f"{colour}.png", list(picture_bytes(colour))] for colour in colours])


@pytest.mark.parametrize("way_out", ["Escape", "Later"])
def test_what_was_typed_is_kept_when_the_dialog_is_left_unfinished(desk, author, way_out):
    page = desk()
    drop_all(page, COLOURS[:3])
    page.get_by_role("heading", name="What do these 3 pictures show?").wait_for()
    dialog = page.locator("#library")
    dialog.get_by_label("Alt text").nth(0).fill("Night")
    dialog.get_by_label("Alt text").nth(1).focus()
    expect(dialog.locator("[data-kept]").first).to_have_text("Saved.")
    assert MediaAsset.objects.get(name="navy").alt_text == "Night"
    page.keyboard.type("Wine")
    if way_out == "Escape":
        page.keyboard.press("Escape")
    else:
        page.get_by_role("button", name="Later").click()
    dialog.wait_for(state="hidden")
    page.locator(".lp-heard").get_by_text("One picture has no description yet.").wait_for()
    assert "![Night](" in text_of(page) and "![Wine](" in text_of(page)
    said = dict(MediaAsset.objects.values_list("name", "alt_text"))
    assert said == {"navy": "Night", "maroon": "Wine", "olive": ""}
    # Opened again it goes on where it was left, and what is changed there is changed in the text.
    page.get_by_role("button", name="Describe it").click()
    expect(dialog.get_by_label("Alt text").nth(1)).to_have_value("Wine")
    expect(dialog.get_by_label("Alt text").nth(2)).to_be_focused()
    page.keyboard.type("Oil")
    dialog.get_by_label("Alt text").nth(0).fill("Midnight")
    dialog.get_by_role("button", name="Save", exact=True).click()
    dialog.wait_for(state="hidden")
    text = text_of(page)
    assert "![Midnight](" in text and "![Night](" not in text and "![Oil](" in text
    assert MediaAsset.objects.get(name="navy").alt_text == "Midnight"


def test_words_the_library_did_not_take_are_in_the_text_and_come_again(desk, author):
    page = desk()
    drop_all(page, COLOURS[:1])
    page.get_by_role("heading", name="What does it show?").wait_for()
    page.route("**/words/", lambda route: route.abort())
    page.keyboard.type("Night")
    page.keyboard.press("Escape")
    page.get_by_role("alert").filter(has_text="in the text, but not in the library").wait_for()
    assert "![Night](" in text_of(page) and MediaAsset.objects.get().alt_text == ""
    page.unroute("**/words/")
    page.get_by_role("button", name="Look again").click()
    expect(page.locator("#library").get_by_label("Alt text")).to_have_value("Night")
    page.locator("#library").get_by_role("button", name="Save", exact=True).click()
    page.locator("#library").wait_for(state="hidden")
    assert text_of(page).count("![Night](") == 1 and MediaAsset.objects.get().alt_text == "Night"


def test_what_was_typed_stands_there_again_when_the_same_picture_is_chosen_again(library, desk):
    page = desk()
    dialog = page.locator("#library")
    open_library(page)
    dialog.locator(".lp-media button", has_text="maroon").click()
    dialog.get_by_label("Alt text").fill("Dusk")
    dialog.get_by_label("Caption").fill("The hour")
    dialog.get_by_label("Width").select_option("wide")
    dialog.get_by_role("button", name="Back").click()
    dialog.locator(".lp-media button", has_text="teal").click()
    expect(dialog.get_by_label("Alt text")).to_have_value("")
    dialog.get_by_role("button", name="Back").click()
    dialog.locator(".lp-media button", has_text="maroon").click()
    expect(dialog.get_by_label("Alt text")).to_have_value("Dusk")
    expect(dialog.get_by_label("Caption")).to_have_value("The hour")
    dialog.get_by_role("button", name="Insert").click()
    assert text_of(page).strip() == f'![Dusk]({library[1].url} "The hour"){{.wide}}'
    assert MediaAsset.objects.get(pk=library[1].pk).alt_text == "A maroon field"
    # Once it is in, the next time begins with what the library says.
    open_library(page)
    dialog.locator(".lp-media button", has_text="maroon").click()
    expect(dialog.get_by_label("Alt text")).to_have_value("A maroon field")


def test_a_dropped_picture_is_shown_beside_its_words_before_the_library_has_made_its_small_ones(desk, author):
    page = desk()
    page.route("**/media/**", lambda route: route.abort())
    drop_all(page, ["maroon"])
    page.get_by_role("heading", name="What does it show?").wait_for()
    page.wait_for_function(
        """() => {
          const canvas = document.querySelector('#library [data-rows] canvas');
          const [red, green, blue, opaque] = canvas?.getContext('2d').getImageData(96, 96, 1, 1).data ?? [];
          return red === 128 && green === 0 && blue === 0 && opaque === 255;
        }"""
    )
    assert page.locator("#library [data-rows] canvas").bounding_box()["width"] == 96


def test_many_files_are_counted_in_one_line_which_goes_by_itself(desk, author):
    page = desk()
    page.clock.install()
    held = []
    page.route("**/mediaasset/upload/", lambda route: held.append(route))
    lines = page.locator(".lp-heard p")
    files = [[f"{colour}.png", list(picture_bytes(colour))] for colour in COLOURS[:3]]
    page.evaluate(DROP_ALL, [files[0], ["fake.png", [60, 98, 62]], *files[1:]])
    expect(lines).to_have_text(["0 of 4 in the textShow allDismiss"])
    for number, said in enumerate(["1 of 4 in the text", "1 of 4 in the text, 1 not", "2 of 4 in the text, 1 not"], 1):
        held[-1].continue_()
        expect(lines.last.locator("span")).to_have_text(said)
        expect(lines).to_have_count(1 if number == 1 else 2)
        while len(held) <= number:
            page.wait_for_timeout(20)
    held[-1].continue_()
    page.get_by_role("heading", name="What do these 3 pictures show?").wait_for()
    page.keyboard.press("Escape")
    expect(page.locator(".lp-heard").get_by_text("3 of 4 in the text, 1 not.")).to_have_count(1)
    page.clock.run_for(6500)
    expect(page.locator(".lp-heard").get_by_text("of 4 in the text")).to_have_count(0)
    # What went wrong and what is still to do stays until somebody is done with it.
    expect(page.get_by_role("alert").filter(has_text="“fake.png” was not kept.")).to_have_count(1)
    expect(page.get_by_role("button", name="Describe them")).to_be_visible()


def test_notices_cover_no_more_than_a_line_of_a_long_text(desk, author):
    page = desk()
    write(page, "A line.\n\n" * 120)
    page.evaluate("scrollTo(0, 1200)")
    for number in range(4):
        page.evaluate(DROP, [f"fake {number}.png", "image/png", [60, 98, 62]])
    alerts = page.locator(".lp-heard p.wrong")
    expect(alerts).to_have_count(4)
    expect(alerts.locator("visible=true")).to_have_count(1)
    page.get_by_role("button", name="Show all").locator("visible=true").click()
    expect(alerts.locator("visible=true")).to_have_count(4)
    expect(page.get_by_role("button", name="Show all").locator("visible=true")).to_have_count(0)


@pytest.fixture
def many(library) -> list[MediaAsset]:
    """The six of the library, and thirty newer ones that push them off the list."""
    for number in range(30):
        MediaAsset.objects.create(
            name=f"Newer {number}",
            file=f"newer-{number}.png",
            kind="image",
            mime_type="image/png",
            extension="png",
            width=60,
            height=40,
            size_bytes=9,
            sha256=f"{number:064}",
        )
    return library


def test_without_a_script_an_older_picture_is_named_by_its_address(many, desk, author):
    page = desk(script=False)
    assert not page.locator(f"#id_featured_image option[value='{many[1].pk}']").count()
    field = page.get_by_label("Address of an older picture").first
    page.get_by_text("These are the 30 newest.").first.wait_for()
    link = page.get_by_role("link", name="the library (a new tab)").first
    assert link.get_attribute("href") == "/admin/media_assets/mediaasset/?kind=image"
    page.fill("#id_title", "The clock")
    field.fill("/media/2026/01/000000000000000000000000.png")
    page.locator(".lp-save [name=_continue]").first.click()
    page.get_by_text("There is no such picture in the library.").first.wait_for()
    assert not Post.objects.exists()
    field = page.get_by_label("Address of an older picture").first
    expect(field).to_have_value("/media/2026/01/000000000000000000000000.png")
    field.fill(many[1].url)
    page.locator(".lp-save [name=_continue]").first.click()
    page.wait_for_url("**/change/")
    assert Post.objects.get().featured_image == many[1]


def test_with_a_script_the_dialog_has_them_all_and_no_address_is_asked_for(many, desk):
    page = desk()
    page.get_by_role("button", name="Choose a picture").first.wait_for()
    expect(page.get_by_label("Address of an older picture")).to_have_count(0)
