"""The dashboard in a real browser: its charts can be asked, and are there without a script as well."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blog import publishing, writing
from blog.models import Post
from tests.browser.judge import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(desk_of, editor):
    """Open a window in which an editor is signed in who has something of everything."""
    now = timezone.now()

    def write(title):
        post = Post(title=title, content_markdown="One shot at noon.", excerpt="Bang.", author=editor)
        writing.save(post, by=editor)
        return post

    for number in range(4):
        publishing.publish(write(f"Live {number}"), by=editor, at=now - timedelta(days=40 * number))
    publishing.submit(write("In review"), by=editor, note="Look twice.")
    publishing.schedule(write("To come"), by=editor, at=now + timedelta(days=1))
    write("A draft")
    Post.objects.filter(title="Live 3").update(review_due_at=now - timedelta(days=3))

    def open_desk(**options):
        page = desk_of(editor, **options)
        page.goto("/admin/")
        return page

    return open_desk


def test_a_chart_answers_the_pointer_and_follows_the_theme(desk):
    page = desk()
    drawing = page.locator("[data-chart=months] .lp-drawing")
    drawing.locator("canvas").wait_for()
    box = drawing.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.87, box["y"] + box["height"] / 2)
    asked = page.locator("[data-chart=months] .lp-asked")
    asked.wait_for()
    assert timezone.localtime().strftime("%B %Y") in asked.inner_text()
    before = drawing.screenshot()
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)
    assert drawing.screenshot() != before
    assert page.complaints == []


def test_without_a_script_the_drawing_of_the_server_stays(desk):
    page = desk(script=False)
    assert page.locator("[data-chart=months] svg path.main").count() == 1
    assert page.locator("[data-chart=words] svg rect.main").count() >= 1
    page.locator("[data-chart=months] summary").click()
    assert page.locator("[data-chart=months] tbody tr").count() == 12


def test_the_dashboard_is_open_to_everybody_and_fits(desk):
    page = desk()
    page.locator("canvas").first.wait_for()
    for details in page.locator(".lp-numbers summary").all():
        details.click()
    assert faults(page, (1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")) == []
    assert page.complaints == []
