"""Every other screen of the reader site: forms with what is wrong in them, one's own pages, names nobody thought of."""

import pytest

from accounts.authors import ensure_profile
from accounts.roles import Role
from blog import publishing, taxonomy, writing
from blog.models import Category, Post, Series, SiteLink, SiteSettings
from tests.blog import screens
from tests.browser.judge import faults
from tests.browser.pictures import give_pictures
from tests.conftest import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A phone that is narrow, a window at twice its size, a desk.
VIEWS = [(320, "light"), (640, "dark"), (1440, "light"), (1440, "dark")]
WORD = "Donaudampfschifffahrtsgesellschaft"
# As long as a title may be.
LONGEST = (WORD * 9)[:300]
TURNED = "The \u202equarterly\u202c"


@pytest.fixture
def magazine(transactional_db):
    """A magazine in which every name is too long or runs the wrong way; returns its author."""
    author, editor = make_person("author", Role.AUTHOR), make_person("editor", Role.EDITOR)
    author.first_name = WORD * 4
    author.save()
    profile = ensure_profile(author)
    profile.bio, profile.expertise, profile.website = WORD * 30, f"Places, {WORD * 8}", f"https://{'w' * 60}.example/"
    profile.save()
    SiteSettings.objects.create(name=f"{TURNED} {WORD}", tagline=WORD * 4, footer=WORD * 12)
    for label in (TURNED, WORD, "Places", "Letters", "Archive", "Contact"):
        SiteLink.objects.create(place="sections", label=label, address="/blog/")
    places = taxonomy.save_category(Category(name=WORD * 3, slug="places", description=WORD * 8))
    series = Series.objects.create(name=WORD * 3, slug="noon", description=TURNED)
    for title in (LONGEST, f"{TURNED} <b>noon</b>"):
        post = Post(title=title, content_markdown="Words.", author=author, category=places, series=series)
        writing.save(post, by=editor, tags=[WORD * 2])
        publishing.publish(post, by=editor, override="Only how it looks matters here.")
    return author


def judge(page, addresses: list[str]) -> list[tuple]:
    found = []
    for address in addresses:
        page.goto(address)
        found += [(address, fault) for fault in faults(page, *VIEWS)]
    return found


def test_the_screens_of_a_stranger_are_open_to_everybody(browser_page, magazine):
    page = browser_page()
    profile, tag = magazine.author_profile, Post.objects.first().tags.get()
    lists = ["/", "/category/places/", "/series/noon/", "/archive/", tag.get_absolute_url(), profile.get_absolute_url()]
    others = ["/corrections/", "/feed/about/", "/contact/sent/", "/accounts/signup/", "/accounts/password/reset/"]
    assert judge(page, [*lists, *others, "/search/?q=words", "/search/?q=zxqvv"]) == []


@pytest.fixture
def stage(transactional_db):
    return screens.set_the_stage()


def test_pages_something_led_to_are_open_to_everybody(browser_page, stage):
    """Errors, account pages, what was liked, a preview: each in its state, as the server answers it."""
    page = browser_page()
    answers = screens.screens(stage)
    shown = ""

    def show(route):
        answer = answers[shown]
        headers = {name: value for name, value in answer.items() if name != "Content-Length"}
        route.fulfill(body=answer.content, headers=headers)

    page.route("**/shown/", show)
    give_pictures(page)
    found = []
    for shown in answers:
        page.goto("/shown/")
        assert page.locator("h1").is_visible(), shown
        found += [(shown, fault) for fault in faults(page, (320, "light"), (320, "dark"))]
    assert found == [] and page.complaints == []


def test_a_post_with_one_of_everything_is_open_to_everybody(desk_of, browser_page, stage):
    address = stage.post.get_absolute_url()
    parts = ["figure img", ".code pre", ".tw table", ".toc", ".admonition", ".fnref", ".editions"]
    page, stranger = desk_of(stage.reader), browser_page()
    give_pictures(page)
    give_pictures(stranger)
    page.goto(address)
    page.wait_for_function("(key) => localStorage.getItem(key)", arg=f"read:{stage.post.pk}")
    screens.put_right(stage)
    page.goto(address)
    page.locator(".since").wait_for()
    page.get_by_text("Continue where you stopped").wait_for()
    page.get_by_role("button", name="You follow agnes. Stop").first.wait_for()
    found = list(faults(page, *VIEWS))
    stranger.goto(address)
    stranger.get_by_role("link", name="Sign in to follow agnes").wait_for()
    found += faults(stranger, *VIEWS)
    for each in (page, stranger):
        assert not [part for part in parts if not each.locator(part).count()]
        assert each.locator("#corrections").get_by_text("taken down in 1934").is_visible()
    assert found == []


def test_forms_say_what_is_wrong_to_everybody(browser_page, magazine):
    page = browser_page()
    found = []
    for address in ("/contact/", "/accounts/login/", "/accounts/signup/"):
        page.goto(address)
        page.locator("main [type=email], main [name=login]").first.fill("nobody")
        page.locator("main form button[type=submit]").first.click()
        page.locator("main .bad").first.wait_for()
        found += [(address, fault) for fault in faults(page, *VIEWS)]
    assert found == []


def test_the_pages_of_one_s_own_are_open_to_everybody(desk_of, magazine):
    page = desk_of(magazine)
    own = ["/me/", "/me/feed/", "/me/sessions/", "/me/data/", "/me/reading-list/", "/me/author-page/"]
    assert judge(page, [*own, "/accounts/email/", "/accounts/password/change/"]) == []


def test_the_menu_of_sections_can_be_read_to_its_end_on_a_phone(browser_page, magazine):
    page = browser_page(width=320)
    page.goto("/blog/")
    last = page.locator(".nav a").last
    last.focus()
    box = last.bounding_box()
    # Whole, and clear of where the line fades, to the pixel.
    assert box["x"] >= 16 and box["x"] + box["width"] <= 320 - 15


def test_a_short_name_stays_in_one_line_beside_its_tagline(browser_page, transactional_db):
    SiteSettings.objects.create(name="Quoin", tagline="On places, tools and the keeping of time")
    page = browser_page()
    for width in (390, 641, 700, 768, 961, 1200):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/")
        word = page.locator(".mast .word")
        size = word.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
        assert word.bounding_box()["height"] < 1.5 * size, width
        assert page.locator(".tag-line").is_visible() == (width > 960)
