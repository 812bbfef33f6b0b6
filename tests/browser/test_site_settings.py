"""The site settings in a real browser: what is typed is seen beside the form, on the phone and by every eye."""

import pytest

from accounts.roles import Role
from blog.models import SiteLink, SiteSettings
from tests.browser.judge import settle, violations
from tests.conftest import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE = "/admin/blog/sitesettings/"


@pytest.fixture
def admin(transactional_db):
    return make_person("admin", Role.ADMINISTRATOR)


def faults(page) -> list:
    settle(page)
    return [(each["id"], [node["html"][:160] for node in each["nodes"][:3]]) for each in violations(page)]


def test_a_publication_is_set_up_while_it_is_looked_at(desk_of, admin):
    SiteLink.objects.create(place="sections", label="Tides", address="/tag/tides/")
    SiteLink.objects.create(place="sections", label="Gulls", address="/tag/gulls/")
    page = desk_of(admin)
    page.goto(PAGE)
    home = page.frame_locator("iframe")
    home.locator(".nav a", has_text="Tides").wait_for()
    page.get_by_label("Name", exact=True).fill("The Tide Table")
    home.locator(".mast .word", has_text="The Tide Table").wait_for()
    page.get_by_label("Our own colour", exact=True).check()
    light = page.get_by_label("Our own colour on light paper", exact=True)
    light.fill("#ffd400")
    page.locator("[data-measured]", has_text="has a contrast of 1.26:1").wait_for()
    light.fill("#7a1fa2")
    home.locator("html[data-ink=own]").wait_for()
    handle = page.get_by_label("Move line 2; use the arrow keys").first
    handle.press("ArrowUp")
    page.get_by_label("Name of line 3").first.fill("Boats")
    page.get_by_label("Address of line 3").first.fill("/tag/boats/")
    home.locator(".nav a", has_text="Boats").wait_for()
    assert home.locator(".nav a").all_inner_texts() == ["Gulls", "Tides", "Boats"]
    assert faults(page) == []
    assert not SiteSettings.objects.exists()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved. Readers see it from now on.").wait_for()
    row = SiteSettings.objects.get()
    assert (row.name, row.own_ink_light) == ("The Tide Table", "#7a1fa2")
    assert [link.label for link in SiteLink.objects.all()] == ["Gulls", "Tides", "Boats"]
    assert page.complaints == []


@pytest.mark.parametrize(("width", "scheme", "script"), [(390, "dark", True), (320, "light", False)])
def test_the_page_fits_a_phone_and_needs_no_script(desk_of, admin, width, scheme, script):
    page = desk_of(admin, width=width, scheme=scheme, script=script)
    page.goto(PAGE)
    if script:
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        return
    page.locator("[name=websub_hub]").fill("nowhere")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="WebSub hub").wait_for()
    page.locator("[name=websub_hub]").fill("")
    page.locator("[name=name]").fill("The Tide Table")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Preview", exact=True).click()
    opened.value.locator(".mast .word", has_text="The Tide Table").wait_for()
    assert not SiteSettings.objects.exists()
