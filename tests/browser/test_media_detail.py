"""The page of one file in a browser: the focal point by mouse and keys, crops that follow, words that are counted."""

import io

import pytest
from PIL import Image

from media_assets.intake import take_in
from media_assets.models import MediaAsset
from tests.media_assets.library_files import page_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


@pytest.fixture
def asset(author):
    content = io.BytesIO()
    Image.linear_gradient("L").resize((1600, 800)).convert("RGB").save(content, "JPEG")
    content.seek(0)
    return take_in(content, by=author, name="gradient.jpg")


def test_a_click_sets_the_focal_point_and_the_crops_follow(desk_of, author, asset):
    page = desk_of(author)
    page.goto(page_of(asset, "change"))
    box = page.locator("[data-focal]").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.25)
    assert float(page.locator("#id_focal_x").input_value()) == pytest.approx(0.9, abs=0.02)
    assert float(page.locator("#id_focal_y").input_value()) == pytest.approx(0.25, abs=0.02)
    # At the right edge there is nothing left to cut: the square ends where the picture ends.
    assert page.locator("[data-crop='1x1']").evaluate("crop => crop.style.objectPosition") == "100% 50%"
    assert "-w720." in page.locator("[data-crop='16x9']").get_attribute("src")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/mediaasset/")
    assert MediaAsset.objects.get().focal_x == pytest.approx(0.9, abs=0.02)
    assert page.complaints == []


def test_it_is_dragged_and_moved_by_keys_and_numbers(desk_of, author, asset):
    page = desk_of(author)
    page.goto(page_of(asset, "change"))
    box = page.locator("[data-focal]").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] - 50, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    assert page.locator("#id_focal_x").input_value() == "0.00"
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    assert page.locator("#id_focal_x").input_value() == "0.11"
    assert "11 % from the left" in page.locator("[data-focal] [data-live]").inner_text()
    page.locator("#id_focal_x").fill("0.4")
    assert page.locator(".lpm-focus").evaluate("handle => handle.style.left") == "40%"
    page.get_by_role("button", name="To the middle").click()
    assert page.locator("#id_focal_x").input_value() == "0.50"


def test_words_are_counted_and_advised_on(desk_of, author, asset):
    page = desk_of(author)
    page.goto(page_of(asset, "change"))
    field, said = page.get_by_label("Alt text"), page.locator("#words-said")
    field.fill("Picture of a harbour")
    assert "20 of 500 characters." in said.inner_text() and "Begin with what it shows" in said.inner_text()
    field.fill("IMG_2034.jpg")
    assert "This is a file name" in said.inner_text()
    page.get_by_label("Decorative").check()
    assert field.input_value() == "" and field.is_disabled()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/mediaasset/")
    assert MediaAsset.objects.get().is_decorative


def test_leaving_with_unsaved_words_asks(desk_of, author, asset):
    page = desk_of(author)
    page.goto(page_of(asset, "change"))
    page.get_by_label("Credit").fill("Ada")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("location.assign('/admin/')")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]


def test_a_replacement_is_seen_before_it_is_sent(desk_of, author, asset):
    content = io.BytesIO()
    Image.new("RGB", (640, 480), "navy").save(content, "JPEG")
    page = desk_of(author)
    page.goto(page_of(asset, "replace"))
    page.get_by_label("The new file").set_input_files(
        {"name": "night.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}
    )
    said = page.locator(".lpm-new [data-said]")
    said.get_by_text("640 × 480").wait_for()
    assert "fewer pixels" in said.inner_text() and page.locator(".lpm-new canvas").is_visible()
    page.get_by_role("button", name="Replace the file").click()
    page.get_by_text("Its address is the same as before").wait_for()
    assert (MediaAsset.objects.get().width, MediaAsset.objects.get().url) == (640, asset.url)
