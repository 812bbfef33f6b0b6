"""The library in a browser: files dropped and watched, described where they lie, the session lost and found."""

import io

import pytest
from django.contrib.sessions.models import Session
from PIL import Image

from media_assets.models import MediaAsset
from tests.browser.judge import faults
from tests.conftest import PASSWORD
from tests.media_assets.library_files import kept, row

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIBRARY = "/admin/media_assets/mediaasset/"


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def photograph(number, size=(400, 300)):
    output = io.BytesIO()
    Image.new("RGB", size, (number * 20 % 256, 90, 120)).save(output, "JPEG")
    return {"name": f"IMG_{number:04}.jpg", "mimeType": "image/jpeg", "buffer": output.getvalue()}


def drop(page, files):
    """Let files fall onto the page as a hand would."""
    page.evaluate(
        """files => {
          const carried = new DataTransfer();
          for (const { name, type, bytes } of files)
            carried.items.add(new File([new Uint8Array(bytes)], name, { type }));
          const facts = { bubbles: true, cancelable: true, dataTransfer: carried };
          for (const kind of ["dragenter", "dragover", "drop"])
            document.body.dispatchEvent(new DragEvent(kind, facts));
        }""",
        [{"name": file["name"], "type": file["mimeType"], "bytes": list(file["buffer"])} for file in files],
    )


def finished(page):
    page.locator("[data-done]").wait_for(timeout=60_000)


def test_ten_photographs_are_dropped_and_described_without_leaving(desk_of, author):
    page = desk_of(author)
    page.goto(LIBRARY)
    drop(page, [photograph(number) for number in range(10)])
    finished(page)
    assert page.locator(".lpm-upsum").inner_text() == "10 of 10 files in the library."
    assert page.locator(".lpm-tile.fresh").count() == 10
    fields = page.locator(".lpm-upwords textarea")
    fields.first.focus()
    for number in range(10):
        page.keyboard.type(f"Roof {number} of the old town")
        page.keyboard.press("Enter")
    page.locator(".lpm-upwords .lpm-kept", has_text="Saved.").nth(9).wait_for()
    assert MediaAsset.objects.filter(alt_text__startswith="Roof").count() == 10
    assert page.locator(".lpm-tile .lp-chip.bad").count() == 0
    page.locator(".lp-tabs", has_text="All 10").wait_for()
    assert page.complaints == []


def test_never_more_than_three_are_sent_at_once(desk_of, author):
    page = desk_of(author)
    page.goto(LIBRARY)
    page.route("**/upload/", lambda route: None)
    page.set_input_files("[data-files]", [photograph(number) for number in range(5)])
    page.locator(".lpm-uploads li.waiting").nth(1).wait_for()
    assert page.locator(".lpm-uploads li:is(.sending, .checking)").count() == 3
    page.get_by_role("button", name="Cancel all").click()
    page.locator(".lpm-uploads li.cancelled").nth(4).wait_for()
    assert not MediaAsset.objects.exists()


def test_what_is_refused_says_why_and_what_failed_is_tried_again(desk_of, author):
    page = desk_of(author)
    page.goto(LIBRARY)
    page.route("**/upload/", lambda route: route.abort())
    trap = {"name": "trap\u202egnp.png", "mimeType": "image/png", "buffer": b"no picture"}
    page.set_input_files("[data-files]", [photograph(1), trap])
    page.locator(".lpm-uploads li.failed").nth(1).wait_for()
    assert "cannot be reached" in page.locator(".lpm-upsaid").first.inner_text()
    page.unroute("**/upload/")
    assert page.locator("[data-rows] bdi").all_inner_texts() == ["IMG_0001.jpg", "trapgnp.png"]
    assert page.locator("li.failed [data-again]").last.get_attribute("aria-label") == "Try trapgnp.png again"
    page.get_by_role("button", name="Try the failed again").press("Enter")
    finished(page)
    assert page.evaluate("document.activeElement.className") == "lpm-upsum"
    assert page.locator(".lpm-uploads li").evaluate_all("rows => rows.map(row => row.className)") == ["kept", "refused"]
    assert page.locator("li.refused [data-again]").is_hidden()
    assert MediaAsset.objects.count() == 1


def test_the_same_file_again_is_named_as_there_already(desk_of, author):
    page = desk_of(author)
    page.goto(LIBRARY)
    for _ in range(2):
        page.set_input_files("[data-files]", [photograph(1)])
        finished(page)
    assert page.locator(".lpm-upsaid").all_inner_texts() == ["In the library", "It was in the library already"]
    assert page.locator(".lpm-tile").count() == MediaAsset.objects.count() == 1


def test_a_large_file_goes_straight_into_the_store(desk_of, author, monkeypatch):
    monkeypatch.setattr("media_assets.admin.uploading.DIRECT_FROM", 0)
    page = desk_of(author)
    page.goto(LIBRARY)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    page.set_input_files("[data-files]", [photograph(3)])
    finished(page)
    assert page.locator(".lpm-upsaid").inner_text() == "In the library"
    assert any("/api/v1/media/uploads/" in url for url in asked) and any("/media/uploads/" in url for url in asked)
    assert page.locator(".lpm-tile.fresh").count() == MediaAsset.objects.count() == 1


def test_a_session_that_ended_is_said_and_nothing_is_lost(desk_of, author):
    page = desk_of(author)
    page.goto(LIBRARY)
    Session.objects.all().delete()
    page.context.clear_cookies(name="sessionid")
    page.set_input_files("[data-files]", [photograph(1), photograph(2)])
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    page.locator(".lpm-uploads li.kept").nth(1).wait_for(timeout=60_000)
    assert MediaAsset.objects.filter(uploaded_by=author).count() == 2


def test_leaving_asks_while_something_is_on_its_way(desk_of, author):
    page = desk_of(author)
    page.goto(LIBRARY)
    page.route("**/upload/", lambda route: None)
    page.locator("h1").click()
    page.set_input_files("[data-files]", [photograph(1)])
    page.locator(".lpm-uploads li:is(.sending, .checking)").wait_for()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("location.assign('/admin/')")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"] and page.url.endswith(LIBRARY)


def test_choosing_all_and_a_stretch(desk_of, editor):
    for number in range(6):
        row(number, editor)
    page = desk_of(editor)
    page.goto(LIBRARY)
    boxes = page.locator("input.lpm-choice")
    boxes.nth(1).check()
    boxes.nth(4).click(modifiers=["Shift"])
    assert page.locator(".lpm-chosen").inner_text() == "4 of 6 on this page chosen"
    page.get_by_label("All on this page").check()
    page.get_by_label("Action:").select_option("mark_decorative")
    page.get_by_role("button", name="Go").click()
    page.get_by_role("heading", name="Mark as decorative: 6 files").wait_for()
    page.get_by_role("button", name="Mark as decorative").click()
    page.get_by_text("6 files marked as decorative.").wait_for()


def test_without_a_script_everything_is_a_form(desk_of, editor):
    row(1, editor)
    page = desk_of(editor, script=False)
    page.goto(f"{LIBRARY}?view=list")
    assert page.locator("table.lpm-files").is_visible() and page.locator(".lpm-uploads").is_hidden()
    menu, content = page.locator("#nav-sidebar").bounding_box(), page.locator("#content").bounding_box()
    assert menu["x"] == 0 and menu["x"] + menu["width"] <= content["x"]
    assert page.locator("#nav-sidebar").get_by_role("link", name="Calendar").is_visible()
    page.get_by_role("link", name="Upload files").click()
    page.get_by_label("Files").set_input_files([photograph(1)])
    page.get_by_label("Alt text").fill("A roof")
    page.get_by_role("button", name="Upload").click()
    page.get_by_text("“IMG 0001” is in the library.").wait_for()
    assert "Every crop is cut" in page.locator(".lpm-point").inner_text()
    assert page.get_by_role("button", name="To the middle").count() == 0
    assert page.get_by_text("Click or drag").is_hidden()
    page.get_by_label("From the left").fill("0.2")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator("table.lpm-files").wait_for()
    assert MediaAsset.objects.get(name="IMG 0001").focal_x == 0.2


def test_every_page_of_the_library_is_open_to_everybody(desk_of, editor):
    asset = kept(editor)
    row(2, editor, kind="audio", extension="mp3", mime_type="audio/mpeg", duration_seconds=187)
    row(3, editor, state="scanning")
    row(4, editor, state="rejected")
    page = desk_of(editor)
    found = []
    for address in (
        "?view=list",
        "?view=grid",
        "?q=nothing",
        f"{asset.pk}/change/",
        f"{asset.pk}/replace/",
        f"{asset.pk}/delete/",
    ):
        page.goto(LIBRARY + address)
        found += [(address, *fault) for fault in faults(page, (1440, "light"), (1440, "dark"), (390, "light"))]
    page.goto(LIBRARY)
    page.set_input_files("[data-files]", [photograph(1)])
    finished(page)
    found += [("uploads", *fault) for fault in faults(page, (1440, "light"), (1440, "dark"), (390, "light"))]
    assert found == []
