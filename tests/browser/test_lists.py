"""Lists in a real browser: views kept, posts put in order, many changed at once, stale ones reviewed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import SavedFilter
from accounts.roles import Role
from blog import publishing, review_cycle, series, writing
from blog.models import Post, Series
from tests.browser.judge import faults
from tests.conftest import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/admin/blog/post/"


@pytest.fixture
def editor(transactional_db):
    return make_person("editor", Role.EDITOR)


@pytest.fixture
def desk(desk_of, editor):
    """Open a window of the editor: desk(width=390, script=False)."""
    return lambda **options: desk_of(editor, **options)


@pytest.fixture
def posts(editor) -> list[Post]:
    made = [Post(title=f"Crossing {number}", content_markdown="Words.", author=editor) for number in (1, 2, 3)]
    for post in made:
        writing.save(post, by=editor)
    return made


def titles(page) -> list[str]:
    return page.locator(".lp-order:has([name=part]) .lp-what a").all_inner_texts()


@pytest.mark.parametrize(("width", "script"), [(1440, True), (390, True), (1440, False)])
def test_a_view_is_kept_found_again_and_deleted(desk, posts, width, script):
    page = desk(width=width, script=script)
    page.goto(f"{LIST}?state=draft&q=Crossing+2")
    page.locator(".lp-keep summary").click()
    box = page.locator(".lp-keeper").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    page.get_by_label("Name of this view").fill("The second")
    page.get_by_role("button", name="Save view").click()
    tabs = page.get_by_role("navigation", name="Saved views")
    assert tabs.get_by_role("link", name="The second").get_attribute("aria-current") == "page"
    page.goto(LIST)
    tabs.get_by_role("link", name="The second").click()
    page.locator("#result_list").get_by_text("Crossing 2").wait_for()
    assert page.locator("#result_list tbody tr").count() == 1
    page.locator(".lp-keep summary").click()
    page.get_by_role("button", name="Delete the view The second").click()
    page.get_by_text("The view “The second” is deleted.").wait_for()
    assert not SavedFilter.objects.exists()


def test_the_file_of_a_list_is_downloaded(desk, posts):
    page = desk()
    page.goto(f"{LIST}?q=Crossing+2")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    text = download.value.path().read_text("utf-8-sig")
    assert "Crossing 2" in text and "Crossing 1" not in text


def test_parts_of_a_series_move_by_keys_and_by_dragging(desk, posts, editor):
    ferries = Series.objects.create(name="Ferries", slug="ferries")
    series.arrange(ferries, [post.pk for post in posts], by=editor)
    page = desk()
    page.goto(f"/admin/blog/series/{ferries.pk}/change/")
    page.get_by_role("button", name="Move Crossing 1").press("ArrowDown")
    assert titles(page) == ["Crossing 2", "Crossing 1", "Crossing 3"]
    assert page.get_by_role("status").filter(has_text="Part 2 of 3").count() == 1
    page.get_by_role("button", name="Move Crossing 1").press("ArrowUp")
    rows = page.locator(".lp-order li")
    rows.nth(2).drag_to(rows.nth(0), source_position={"x": 300, "y": 10}, target_position={"x": 300, "y": 4})
    assert titles(page) == ["Crossing 3", "Crossing 1", "Crossing 2"]
    page.get_by_role("button", name="Save order").click()
    page.get_by_text("3 posts have a new place.").wait_for()
    assert [post.title for post in series.in_order(ferries.posts.all())] == ["Crossing 3", "Crossing 1", "Crossing 2"]
    assert page.complaints == []


def test_a_series_is_arranged_without_a_script(desk, posts, editor):
    ferries = Series.objects.create(name="Ferries", slug="ferries")
    series.arrange(ferries, [post.pk for post in posts[:2]], by=editor)
    page = desk(script=False)
    page.goto(f"/admin/blog/series/{ferries.pk}/change/")
    page.get_by_label("Add a post").fill("Crossing 3")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Add Crossing 3").click()
    page.get_by_label("Place of Crossing 3").fill("1")
    page.get_by_label("Take Crossing 2 out of the series").check()
    page.get_by_role("button", name="Save order").click()
    assert titles(page) == ["Crossing 1", "Crossing 3"]


def test_several_posts_are_edited_in_three_pages(desk, posts):
    page = desk()
    page.goto(LIST)
    for post in posts[:2]:
        page.locator(f"input.action-select[value='{post.pk}']").check()
    page.locator("select[name=action]").select_option("edit_chosen")
    page.get_by_role("button", name="Go", exact=True).click()
    page.get_by_label("Add tags").fill("Harbour, Boats")
    page.get_by_role("button", name="Show what changes").click()
    page.get_by_role("heading", level=1, name="2 of 2 posts will change").wait_for()
    page.get_by_role("button", name="Change 2 posts").click()
    page.get_by_role("heading", level=1, name="2 posts changed").wait_for()
    assert set(posts[0].tags.names()) == {"Harbour", "Boats"}
    assert not posts[2].tags.exists()


def test_stale_posts_are_reviewed_by_one_click(desk, posts, editor):
    for post in posts:
        publishing.publish(post, by=editor)
    long_ago = timezone.now() - timedelta(days=90)
    Post.objects.update(review_after_days=30, published_at=long_ago, content_changed_at=long_ago)
    review_cycle.renew_all()
    page = desk(width=390)
    page.goto("/admin/blog/post/stale/")
    page.get_by_role("button", name="Crossing 1: reviewed, no change").click()
    page.get_by_text("“Crossing 1” is reviewed").wait_for()
    assert page.locator(".lp-stale tbody tr").count() == 2
    page.locator("[name=chosen]").first.check()
    assert "1 of 2 on this page chosen" in page.locator("[data-chosen]").inner_text()
    page.locator("[name=chosen]").last.check()
    page.get_by_role("button", name="Mark the chosen as reviewed").click()
    page.get_by_text("Nothing is overdue.").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.complaints == []


def test_these_pages_are_open_to_everybody(desk, posts, editor):
    writing.save(posts[0], by=editor, tags=["Boats", "Ferries"])
    tags = ",".join(str(pk) for pk in posts[0].tags.values_list("pk", flat=True))
    ferries = Series.objects.create(name="Ferries", slug="ferries")
    series.arrange(ferries, [post.pk for post in posts[:2]], by=editor)
    for post in posts:
        publishing.publish(post, by=editor)
    Post.objects.update(review_after_days=30)
    review_cycle.renew_all()
    page = desk()

    def views() -> None:
        page.locator(".lp-keep summary").click()

    def bulk() -> None:
        page.locator("input.action-select").first.check()
        page.locator("select[name=action]").select_option("edit_chosen")
        page.get_by_role("button", name="Go", exact=True).click()
        page.get_by_label("Add tags").wait_for()

    def plan() -> None:
        bulk()
        page.get_by_label("Add tags").fill("Harbour")
        page.get_by_role("button", name="Show what changes").click()
        page.get_by_text("Nothing has happened yet.").wait_for()

    visits = [
        (f"{LIST}?state=published", views),
        (LIST, bulk),
        (LIST, plan),
        (f"{LIST}stale/?show=all", None),
        ("/admin/blog/series/", None),
        (f"/admin/blog/series/{ferries.pk}/change/?find=crossing", None),
        (f"/admin/blog/tag/merge/?tags={tags}", None),
        ("/series/ferries/", None),
        (posts[0].get_absolute_url(), None),
    ]
    found = []
    for address, act in visits:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(address)
        if act:
            act()
        found += [(address, *fault) for fault in faults(page, (1440, "light"), (390, "dark"))]
    assert found == []
