"""The calendar in a real browser: posts are carried by mouse and by keyboard, and go back when they may not stay."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from blog import gate, publishing, writing
from blog.models import Post, Severity
from tests.browser.judge import faults, settle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CALENDAR = "/admin/blog/post/calendar/"


@pytest.fixture
def desk(desk_of, editor):
    """Open a window in which the editor is signed in: desk(width=390)."""
    return lambda **options: desk_of(editor, **options)


@pytest.fixture
def write(editor):
    def make(title: str, at: datetime | None = None) -> Post:
        post = Post(title=title, content_markdown="One shot at noon.", excerpt="Bang.", author=editor)
        writing.save(post, by=editor)
        if at is not None:
            publishing.schedule(post, by=editor, at=at)
        return post

    return make


def next_month(day: int, hour: int = 9, minute: int = 15) -> datetime:
    """A moment of the month after this one: all of it is to come."""
    first = (timezone.localtime().replace(day=1) + timedelta(days=32)).replace(day=1)
    return first.replace(day=day, hour=hour, minute=minute, second=0, microsecond=0)


def entry(page, title):
    return page.locator(".lp-ev", has_text=title)


def day(page, moment):
    return page.locator(f'.lp-day[data-day="{moment:%Y-%m-%d}"]')


def at_of(post):
    post.refresh_from_db()
    return timezone.localtime(post.scheduled_at) if post.scheduled_at else None


def open_month(page, extra=""):
    page.goto(f"{CALENDAR}?month={next_month(1):%Y-%m}{extra}")
    page.locator("#how-to-move").wait_for()


def test_a_post_is_dragged_to_another_day_and_brought_back(desk, write):
    post = write("Leap seconds", next_month(10))
    page = desk()
    open_month(page)
    entry(page, "Leap seconds").drag_to(day(page, next_month(12)))
    page.locator(".lp-toast", has_text="at 09:15").wait_for()
    assert at_of(post) == next_month(12)
    assert "Leap seconds" in day(page, next_month(12)).inner_text()
    page.get_by_role("button", name="Undo").click()
    page.locator(".lp-toast", has_text=f"{next_month(10).day} {next_month(10):%B}").wait_for()
    assert at_of(post) == next_month(10)
    day(page, next_month(10)).get_by_text("Leap seconds").wait_for()
    assert page.complaints == []


def test_a_draft_dropped_on_a_day_asks_the_time(desk, write):
    post = write("The noon gun")
    page = desk()
    open_month(page)
    entry(page, "The noon gun").drag_to(day(page, next_month(14)))
    dialog = page.get_by_role("dialog")
    assert dialog.get_by_label("Time").input_value() == "09:00"
    dialog.get_by_role("button", name="Cancel").click()
    assert at_of(post) is None
    entry(page, "The noon gun").drag_to(day(page, next_month(14)))
    dialog.get_by_label("Time").fill("12:30")
    dialog.get_by_role("button", name="Schedule").click()
    page.locator(".lp-toast", has_text="12:30").wait_for()
    assert at_of(post) == next_month(14, 12, 30)
    assert page.locator("[data-tray] .lp-ev").count() == 0
    page.get_by_role("button", name="Undo").click()
    page.locator("[data-tray] .lp-ev").wait_for()
    assert at_of(post) is None


def test_the_keyboard_carries_it_and_says_where_it_is(desk, write):
    post = write("Leap seconds", next_month(10))
    page = desk()
    open_month(page)
    says = page.locator("[data-says]")
    handle = page.get_by_role("link", name="Move “Leap seconds”")
    handle.focus()
    page.keyboard.press("Enter")
    assert "picked up" in says.inner_text()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    landed = next_month(18)
    assert says.inner_text() == f"{landed:%A} {landed.day} {landed:%B}, 09:15"
    assert "target" in day(page, landed).get_attribute("class")
    page.keyboard.press("Escape")
    assert "stays where it was" in says.inner_text()
    page.keyboard.press("m")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".lp-toast", has_text=f"{next_month(17).day} {next_month(17):%B}").wait_for()
    assert at_of(post) == next_month(17)
    # The page is renewed behind the hand; the handle has the focus again.
    page.locator(".lp-evmove:focus").wait_for()


def test_in_a_week_the_arrows_move_by_hours(desk, write):
    post = write("Leap seconds", next_month(10))
    page = desk()
    year, week, _ = next_month(10).isocalendar()
    page.goto(f"{CALENDAR}?week={year}-W{week:02}")
    page.get_by_role("link", name="Move “Leap seconds”").focus()
    page.keyboard.press("m")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".lp-toast", has_text="12:15").wait_for()
    assert at_of(post) == next_month(10, 12)
    page.locator('.lp-ev[data-clock="12:15"]').wait_for()
    slot = page.locator(f'.lp-slot[data-day="{next_month(10):%Y-%m-%d}"][data-hour="16"]')
    entry(page, "Leap seconds").drag_to(slot)
    page.locator(".lp-toast", has_text="16:15").wait_for()
    assert at_of(post) == next_month(10, 16)


def test_what_somebody_else_moved_stays_and_is_shown_there(desk, write, editor):
    post = write("Leap seconds", next_month(10))
    page = desk()
    open_month(page)
    publishing.schedule(post, by=editor, at=next_month(11))
    entry(page, "Leap seconds").drag_to(day(page, next_month(12)))
    page.locator(".lp-toast.bad", has_text="meanwhile").wait_for()
    day(page, next_month(11)).get_by_text("Leap seconds").wait_for()
    assert at_of(post) == next_month(11)
    entry(page, "Leap seconds").drag_to(day(page, next_month(12)))
    page.locator(".lp-toast:not(.bad)", has_text="at 09:15").wait_for()
    assert at_of(post) == next_month(12)


def test_the_page_is_not_renewed_under_a_hand(desk, write):
    write("Leap seconds", next_month(10))
    write("The noon gun", next_month(11))
    page = desk()
    open_month(page)
    page.evaluate("document.querySelector('.lp-calpage').dataset.old = '1'")
    with page.expect_response("**/reschedule/"):
        page.get_by_role("link", name="Move “Leap seconds”").focus()
        for key in ("m", "ArrowRight", "Enter"):
            page.keyboard.press(key)
        page.get_by_role("link", name="Move “The noon gun”").focus()
        page.keyboard.press("m")
    page.locator(".lp-toast").wait_for()
    page.wait_for_timeout(300)
    assert page.locator(".lp-ev.held").count() == 1
    assert page.locator(".lp-calpage[data-old]").count() == 1
    page.keyboard.press("Escape")
    page.locator(".lp-calpage:not([data-old])").wait_for()
    page.locator(".lp-evmove[aria-label*='noon gun']:focus").wait_for()


def test_into_the_tray_it_loses_its_date(desk, write):
    post = write("Leap seconds", next_month(10))
    page = desk()
    open_month(page)
    entry(page, "Leap seconds").drag_to(page.locator("[data-tray] h2"))
    page.locator(".lp-toast", has_text="a draft without a date").wait_for()
    assert at_of(post) is None
    assert "Leap seconds" in page.locator("[data-tray]").inner_text()


def test_what_is_refused_goes_back_and_the_reasons_are_said(desk, write, monkeypatch):
    post = write("Leap seconds", next_month(10))
    found = [gate.Finding("alt", Severity.BLOCKING, "One picture has no description.")]
    monkeypatch.setattr(gate, "findings", lambda post, *, at: found)
    page = desk()
    open_month(page)
    entry(page, "Leap seconds").drag_to(day(page, next_month(12)))
    toast = page.locator(".lp-toast.bad")
    toast.wait_for()
    assert "One picture has no description." in toast.inner_text()
    assert toast.get_by_role("link", name="Open the post").get_attribute("href").endswith(f"/{post.pk}/change/")
    assert "Leap seconds" in day(page, next_month(10)).inner_text()
    assert "Leap seconds" not in day(page, next_month(12)).inner_text()
    assert at_of(post) == next_month(10)


def test_without_an_answer_it_goes_back(desk, write):
    post = write("Leap seconds", next_month(10))
    page = desk()
    open_month(page)
    page.route("**/reschedule/", lambda route: route.abort())
    entry(page, "Leap seconds").drag_to(day(page, next_month(12)))
    page.locator(".lp-toast.bad", has_text="could not be reached").wait_for()
    assert "Leap seconds" in day(page, next_month(10)).inner_text()
    assert at_of(post) == next_month(10)


def test_without_a_script_a_page_asks_for_the_day(desk, write):
    post = write("Leap seconds", next_month(10))
    page = desk(script=False)
    page.goto(f"{CALENDAR}?month={next_month(1):%Y-%m}")
    page.get_by_role("link", name="Move “Leap seconds”").click()
    page.get_by_label("Goes live").fill(f"{next_month(20):%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Move").click()
    page.wait_for_url(f"**/calendar/?month={next_month(1):%Y-%m}")
    assert at_of(post) == next_month(20)
    assert "Leap seconds" in day(page, next_month(20)).inner_text()


def top_of_week(page, moment):
    """The hour at the top of the week in which a moment lies, below the names of the days."""
    year, week, _ = moment.isocalendar()
    page.goto(f"{CALENDAR}?week={year}-W{week:02}")
    settle(page)
    return page.evaluate(
        """() => {
          const below = document.querySelector(".lp-wday h2").getBoundingClientRect().bottom;
          const hours = [...document.querySelectorAll(".lp-hours span:not(.lp-corner)")];
          return hours.find((hour) => hour.getBoundingClientRect().bottom > below + 8).textContent;
        }"""
    )


@pytest.mark.parametrize("scripts", [True, False])
def test_a_week_opens_where_the_working_day_begins_or_its_first_post_is(desk, write, scripts):
    write("Leap seconds", next_month(10, 12))
    write("For early risers", next_month(17, 6))
    page = desk(script=scripts)
    assert top_of_week(page, next_month(10)) == "08:00"
    assert top_of_week(page, next_month(17)) == "06:00"
    assert top_of_week(page, next_month(24)) == "08:00"


def test_the_calendar_is_open_to_everybody_and_fits(desk, write):
    for number in range(6):
        write(f"Post {number}", next_month(10, 8 + number // 2))
    write("A draft")
    first = Post.objects.first()
    page = desk()
    year, week, _ = next_month(10).isocalendar()
    addresses = [f"calendar/?month={next_month(1):%Y-%m}", f"calendar/?week={year}-W{week:02}"]
    addresses += ["calendar/", f"{first.pk}/reschedule/"]
    found = []
    for address in addresses:
        page.goto(f"/admin/blog/post/{address}")
        found += [(address, *fault) for fault in faults(page, (1440, "light"), (1440, "dark"), (390, "light"))]
    assert found == []
    assert page.complaints == []
