"""The reader site in a real browser: open to everybody, in both schemes, at every width, with and without script."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.authors import ensure_profile
from accounts.models import User
from accounts.roles import Role, set_role, synchronise
from blog import publishing, taxonomy, writing
from blog.models import Category, Post, TopicCluster
from tests.blog.hostile import publish_all, publish_footnotes
from tests.browser.judge import faults, violations

playwright_api = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT = """
Until the spring of 1911 the harbour office kept two clocks.[^1]

## Eleven minutes

> Nobody was ever late.
{.pull}

```python title="tide.py"
def high_water(last: int) -> int:  # a comment
    return last + 1
```

### A note

!!! warning "Two clocks"
    Know which face it means.

- [x] Wind the upper clock

| Year | Missed |
|---|---:|
| 1868 | 41 |

https://www.youtube.com/watch?v=dQw4w9WgXcQ

## The end

The face is still up there. {long}

[^1]: And a dog.
""".replace("{long}", "It is right twice a day. " * 200)


@pytest.fixture
def magazine(live_server):
    synchronise()
    author = User.objects.create_user("agnes", "agnes@example.org", "x", first_name="Agnes", last_name="Tulloch")
    editor = User.objects.create_user("edith", "edith@example.org", "x")
    set_role(author, Role.AUTHOR)
    set_role(editor, Role.EDITOR)
    profile = ensure_profile(author)
    profile.bio, profile.website = "Writes about harbours.", "https://tulloch.example"
    profile.save()
    places = taxonomy.save_category(Category(name="Places", description="On foot."))
    below = taxonomy.save_category(Category(name="Bridges", parent=places))
    topic = TopicCluster.objects.create(name="Hours", slug="hours")
    now = timezone.now()
    for number in range(25):
        post = Post(
            title=f"Piece number {number}",
            content_markdown=TEXT,
            author=author,
            category=below if number % 2 else places,
            topic_cluster=topic,
            excerpt="Eleven minutes apart, and nobody was ever late.",
            is_featured=number % 5 == 0,
        )
        writing.save(post, by=editor, tags=["ferries"])
        publishing.publish(post, by=editor, at=now - timedelta(days=number))


ADDRESSES = [
    "/",
    "/category/places/",
    "/topic/hours/",
    "/blog/piece-number-3/",
    "/author/agnes-tulloch/",
    "/archive/",
    "/feed/about/",
    "/search/?q=piece",
    "/contact/",
    "/blog/piece-number/",
]


@pytest.fixture
def by_hand(magazine):
    """Make a live post of any content."""
    editor = User.objects.get(username="edith")

    def publish(title, *, text="", tags=None, **fields):
        post = Post(title=title, content_markdown=text, author=editor, **fields)
        writing.save(post, by=None, tags=tags)
        publishing.publish(post, by=editor, override="Only how it looks matters here.")
        return post

    return publish


def test_axe_finds_nothing_in_either_scheme(browser_page, by_hand):
    page = browser_page()
    views = [(1440, "light"), (390, "dark")]
    found = []
    for address in [*ADDRESSES, *publish_all(by_hand)[2:5]]:
        page.goto(address)
        found += [(address, *fault) for fault in faults(page, *views)]
    # What opens on a page: a note, and an enlarged picture has the same box.
    for width, scheme in views:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.goto("/blog/piece-number-3/")
        page.locator(".fnref").first.click()
        found += [(violation["id"], "note", scheme) for violation in violations(page)]
    assert found == []


def test_axe_finds_nothing_where_nothing_is_published_yet(browser_page, live_server):
    for scheme in ("light", "dark"):
        page = browser_page(scheme=scheme)
        for address in ("/", "/blog/", "/archive/", "/feed/about/", "/search/?q=nothing", "/nowhere/"):
            page.goto(address)
            assert [(violation["id"], address, scheme) for violation in violations(page)] == []


def test_nothing_scrolls_sideways(browser_page, by_hand):
    hostile, notes = publish_all(by_hand), publish_footnotes(by_hand)
    page = browser_page(width=320)
    wide = []
    for address in [*ADDRESSES, *hostile, notes]:
        page.goto(address)
        # 640 is a window at twice its size.
        for width in (320, 640, 768, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append((address, width))
    assert wide == []


def test_a_note_opens_beside_its_number_and_the_reader_goes_on_where_they_were(browser_page, by_hand):
    page = browser_page(width=390)
    page.goto(publish_footnotes(by_hand))
    number = page.locator("#s-ref-4000")
    number.focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("dialog", name="Note 4000")
    playwright_api.expect(box).to_contain_text("The note 4000.")
    assert "#note" not in page.url and box.get_by_text("Back").count() == 0
    at, shown = number.bounding_box(), box.bounding_box()
    assert abs(shown["y"] - at["y"]) < 400 and shown["x"] >= 0 and shown["x"] + shown["width"] <= 390
    page.keyboard.press("Escape")
    playwright_api.expect(box).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "s-ref-4000"
    number.click()
    box.get_by_role("button", name="Close").click()
    assert page.evaluate("document.activeElement.id") == "s-ref-4000"


def test_the_policy_is_never_broken(browser_page, magazine):
    page = browser_page()
    for address in ADDRESSES[:-1]:
        page.goto(address)
    assert page.complaints == []


def test_everything_can_be_read_without_script(browser_page, magazine):
    page = browser_page(script=False)
    page.goto("/blog/piece-number-3/")
    assert page.get_by_text("The face is still up there.").is_visible()
    assert page.locator(".toc a").first.is_visible()
    assert page.get_by_role("link", name="Play on YouTube").is_visible()
    assert page.locator(".themes").is_hidden() and page.get_by_role("button", name="Copy").count() == 0


def test_the_choice_of_colour_is_remembered(browser_page, magazine):
    page = browser_page(scheme="light")
    page.goto("/")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Dark").click()
    dark = page.evaluate(ground)
    assert dark != light
    page.goto("/archive/")
    assert page.evaluate(ground) == dark
    page.get_by_role("button", name="As my device").click()
    assert page.evaluate(ground) == light
    assert page.context.cookies() == []


def test_contents_follow_the_reader(browser_page, magazine):
    page = browser_page()
    page.goto("/blog/piece-number-3/")
    assert page.locator(".toc a[aria-current]").inner_text() == "Eleven minutes"
    page.evaluate("document.getElementById('s-the-end').scrollIntoView()")
    playwright_api.expect(page.locator(".toc a[aria-current]")).to_have_text("The end")


def test_a_video_is_fetched_only_when_asked_for(browser_page, magazine):
    page = browser_page()
    asked = []
    page.route(
        "**/*",
        lambda route: (
            route.continue_()
            if "127.0.0.1" in route.request.url or "localhost" in route.request.url
            else (asked.append(route.request.url), route.abort())
        ),
    )
    page.goto("/blog/piece-number-3/")
    assert asked == []
    page.get_by_role("link", name="Play on YouTube").click()
    page.wait_for_selector("figure.embed iframe")
    page.wait_for_timeout(200)
    assert [url.split("?")[0] for url in asked] == ["https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"]


def test_the_keyboard_gets_past_the_masthead(browser_page, magazine):
    page = browser_page()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the text"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
