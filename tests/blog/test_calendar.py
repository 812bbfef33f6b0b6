"""The calendar: which days it shows, who sees what in it, and what it says about the clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import override_settings
from django.utils import timezone, translation

from blog import planning, publishing, writing
from blog.admin.planning import month_span, week_before, week_span
from blog.models import Category, PendingChange, Post
from blog.planning import Kind
from blog.taxonomy import save_category

pytestmark = pytest.mark.django_db
CALENDAR = "/admin/blog/post/calendar/"
NOW = datetime(2026, 11, 21, 9, 41, tzinfo=UTC)
LATER = datetime(2026, 12, 3, 9, tzinfo=UTC)
LONDON, NEW_YORK, KATHMANDU = ZoneInfo("Europe/London"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def scheduled(write, editor):
    def make(title: str, at: datetime = LATER, **fields) -> Post:
        post = write(title, **fields)
        publishing.schedule(post, by=editor, at=at)
        return post

    return make


def shown(user, start=NOW - timedelta(days=40), end=NOW + timedelta(days=40)):
    return [(entry.kind, entry.post.title) for entry in planning.entries(user, start, end)]


def text_of(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


# --- what is in it
def test_everything_that_happens_is_on_its_day(client_of, editor, publish, scheduled, write):
    live = publish("The noon gun", at=NOW - timedelta(days=2))
    Post.objects.filter(pk=live.pk).update(unpublish_at=NOW + timedelta(days=3), review_due_at=NOW + timedelta(days=4))
    live.refresh_from_db()
    live.title = "The noon gun, louder"
    writing.save(live, by=editor)
    publishing.plan_update(live, by=editor, at=NOW + timedelta(days=1))
    scheduled("Leap seconds", NOW + timedelta(days=2))
    write("A draft")
    assert shown(editor) == [
        ("published", "The noon gun"),
        ("update", "The noon gun"),
        ("scheduled", "Leap seconds"),
        ("down", "The noon gun"),
        ("review", "The noon gun"),
    ]
    page = text_of(client_of(editor).get(CALENDAR))
    for word in ("Update planned", "Comes down", "Review due", "Leap seconds", "November 2026", "Europe/London"):
        assert word in page


def test_what_is_in_the_trash_or_archived_is_not_in_it(editor, scheduled, publish):
    publishing.trash(scheduled("Thrown away"), by=editor)
    publishing.archive(publish("Old", at=NOW - timedelta(days=1)), by=editor)
    assert shown(editor) == []


def test_an_author_sees_own_plans_and_what_others_published_but_no_more(client_of, author, editor, publish, scheduled):
    scheduled("Mine to come")
    scheduled("Secret of the editor", by=editor)
    other = publish("Live of the editor", by=editor, at=NOW - timedelta(days=1))
    Post.objects.filter(pk=other.pk).update(unpublish_at=NOW + timedelta(days=3), review_due_at=NOW + timedelta(days=3))
    other.refresh_from_db()
    other.excerpt = "Changed"
    writing.save(other, by=editor)
    publishing.plan_update(other, by=editor, at=NOW + timedelta(days=1))
    assert shown(author) == [("published", "Live of the editor"), ("scheduled", "Mine to come")]
    client = client_of(author)
    page = text_of(client.get(f"{CALENDAR}?month=2026-12")) + text_of(client.get(CALENDAR))
    assert "Mine to come" in page
    assert "Secret" not in page
    assert f'href="{other.get_absolute_url()}"' in page
    assert f"/admin/blog/post/{other.pk}/" not in page


def test_a_co_author_sees_the_plan_of_what_is_theirs_too(author, editor, scheduled):
    post = scheduled("Ours", by=editor)
    assert shown(author) == []
    post.co_authors.add(author)
    assert shown(author) == [("scheduled", "Ours")]


def test_whoever_may_not_publish_gets_no_handles_and_readers_no_page(client_of, author, reader, scheduled):
    scheduled("Mine")
    page = text_of(client_of(author).get(f"{CALENDAR}?month=2026-12"))
    assert "Mine" in page
    assert "reschedule/" not in page
    assert client_of(reader).get(CALENDAR).status_code == 302


def test_the_tray_holds_what_has_no_date(client_of, editor, write, publish, scheduled):
    write("A draft")
    publishing.submit(pending := write("In review"), by=editor)
    live = publish("Live")
    live.excerpt = "Changed"
    writing.save(live, by=editor)
    scheduled("Has a date")
    titles = [post.title for post in planning.without_date(editor)]
    assert sorted(titles) == ["A draft", "In review", "Live"]
    page = text_of(client_of(editor).get(f"{CALENDAR}?find=REVIEW"))
    assert f'data-key="tray-{pending.pk}"' in page
    assert page.count('data-key="tray-') == 1
    PendingChange.objects.update(go_live_at=LATER)
    assert "Live" not in [post.title for post in planning.without_date(editor)]


def test_the_tray_leaves_anothers_drafts_out(author, editor, write):
    write("Secret", by=editor)
    write("Own")
    assert [post.title for post in planning.without_date(author)] == ["Own"]


def test_filters_narrow_the_days_and_the_tray(client_of, editor, author, scheduled, write):
    places = save_category(Category(name="Places"))
    harbours = save_category(Category(name="Harbours", parent=places))
    scheduled("In a harbour", category=harbours)
    scheduled("Elsewhere", LATER + timedelta(hours=4), by=editor)
    write("Draft of a harbour", category=harbours)
    client = client_of(editor)
    page = text_of(client.get(f"{CALENDAR}?month=2026-12&category={places.pk}"))
    assert "In a harbour" in page
    assert "Draft of a harbour" in page
    assert "Elsewhere" not in page
    page = text_of(client.get(f"{CALENDAR}?month=2026-12&author={editor.pk}"))
    assert "Elsewhere" in page
    assert "In a harbour" not in page
    assert "In a harbour" not in text_of(client.get(f"{CALENDAR}?month=2026-12&state=published"))


def test_days_fold_what_does_not_fit(client_of, editor, scheduled):
    for number in range(6):
        scheduled(f"Number {number}", LATER + timedelta(hours=2 * number))
    page = text_of(client_of(editor).get(f"{CALENDAR}?month=2026-12"))
    assert "3 more" in page
    assert all(f"Number {number}" in page for number in range(6))


# --- which days
def test_a_month_is_whole_weeks_that_begin_on_monday():
    days = month_span(2026, 12).days
    assert (days[0], days[-1], len(days)) == (date(2026, 11, 30), date(2027, 1, 3), 35)
    february = month_span(2027, 2)
    assert len(february.days) == 28
    assert (february.before, february.after) == ("2027-01", "2027-03")


def test_where_weeks_begin_on_sunday_so_does_the_calendar():
    with translation.override("en-us"):
        assert week_before(date(2026, 12, 3)) == date(2026, 11, 29)
        assert month_span(2026, 12).days[0] == date(2026, 11, 29)
        span = week_span(date(2026, 11, 29))
        assert (span.value, span.before, span.after) == ("2026-W49", "2026-W48", "2026-W50")


def test_a_week_has_its_hours(client_of, editor, scheduled):
    scheduled("Leap seconds")
    page = text_of(client_of(editor).get(f"{CALENDAR}?week=2026-W49"))
    assert "30 November to 6 December 2026" in page
    assert 'data-day="2026-12-03" data-hour="09"' in page
    assert page.index('data-hour="09"') < page.index("Leap seconds")


def test_the_week_of_the_new_year_belongs_to_one_year():
    assert week_span(date(2026, 12, 28)).value == "2026-W53"
    assert week_span(date(2026, 12, 28)).after == "2027-W01"


@pytest.mark.parametrize(
    "query", ["month=2026-13", "month=x", "month=0000-01", "week=2026-W54", "week=2025-W53", "week=x", "week=2026-W00"]
)
def test_what_is_no_month_or_week_is_not_there(client_of, editor, query):
    assert client_of(editor).get(f"{CALENDAR}?{query}").status_code == 404


@pytest.mark.parametrize("query", ["month=1000-01", "month=9999-12", "week=9999-W52", "author=x", "category=9" * 9])
def test_the_edges_of_time_and_odd_choices_are_pages(client_of, editor, query):
    answer = client_of(editor).get(f"{CALENDAR}?{query}")
    assert answer.status_code in {200, 404}


def test_days_are_those_of_the_zone(editor, scheduled):
    scheduled("Late", datetime(2026, 12, 3, 18, 30, tzinfo=UTC))
    for zone, said in ((KATHMANDU, "2026-12-04 00:15"), (NEW_YORK, "2026-12-03 13:30")):
        with timezone.override(zone):
            (entry,) = planning.entries(editor, NOW, NOW + timedelta(days=40))
            assert f"{entry.day} {entry.clock}" == said


@override_settings(TIME_ZONE="Asia/Kathmandu")
def test_the_page_in_kathmandu_begins_its_days_there(client_of, editor, scheduled):
    timezone.get_default_timezone.cache_clear()
    try:
        with timezone.override(KATHMANDU):
            scheduled("Late", datetime(2026, 12, 31, 18, 14, tzinfo=UTC))
            scheduled("Later", datetime(2026, 12, 31, 18, 15, tzinfo=UTC))
            start, end = planning.midnight(date(2026, 12, 1)), planning.midnight(date(2027, 1, 1))
            assert [title for _, title in shown(editor, start, end)] == ["Late"]
            assert "Asia/Kathmandu" in text_of(client_of(editor).get(CALENDAR))
    finally:
        timezone.get_default_timezone.cache_clear()


# --- when the clocks change
@pytest.mark.parametrize(
    ("zone", "day", "before", "after"),
    [
        (LONDON, date(2027, 3, 28), "01:00", "02:00"),
        (LONDON, date(2026, 10, 25), "02:00", "01:00"),
        (NEW_YORK, date(2027, 3, 14), "02:00", "03:00"),
        (NEW_YORK, date(2026, 11, 1), "02:00", "01:00"),
        (ZoneInfo("Australia/Lord_Howe"), date(2027, 4, 4), "02:00", "01:30"),
        (ZoneInfo("Asia/Beirut"), date(2027, 3, 28), "00:00", "01:00"),
    ],
)
def test_a_change_of_the_clocks_is_known_to_the_minute(zone, day, before, after):
    change = planning.clock_change(day, zone)
    assert (f"{change.before:%H:%M}", f"{change.after:%H:%M}") == (before, after)
    assert planning.clock_change(day + timedelta(days=1), zone) is None
    assert planning.clock_change(day - timedelta(days=1), zone) is None


def test_kathmandu_never_changes_its_clocks():
    year = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    assert not any(planning.clock_change(day, KATHMANDU) for day in year)


def test_an_hour_that_comes_twice_says_which(client_of, editor, write):
    first, second = write("First"), write("Second")
    with time_machine.travel(datetime(2026, 10, 1, tzinfo=UTC), tick=False):
        publishing.schedule(second, by=editor, at=datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
        publishing.schedule(first, by=editor, at=datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
        page = text_of(client_of(editor).get(f"{CALENDAR}?week=2026-W43"))
    assert page.index("01:30 (first)") < page.index("01:30 (second)")
    assert "Comes twice: clocks go back" in page
    assert "the time from 01:00 to 02:00 comes twice" in page


def test_an_hour_that_does_not_come_is_struck_out_and_the_rest_of_the_week_stays_right(client_of, editor, scheduled):
    scheduled("Before", datetime(2027, 3, 28, 0, 30, tzinfo=UTC))
    scheduled("After", datetime(2027, 3, 28, 1, 30, tzinfo=UTC))
    page = text_of(client_of(editor).get(f"{CALENDAR}?week=2027-W12"))
    assert "there is no time between 01:00 and 02:00" in page
    assert page.count('class="lp-slot skipped') == 1
    slot = page.index('data-day="2027-03-28" data-hour="02"')
    assert page.index("Before") < slot < page.index("After")
    assert "02:30" in page


def test_other_weeks_say_nothing_of_clocks(client_of, editor):
    page = text_of(client_of(editor).get(f"{CALENDAR}?week=2026-W49"))
    assert "clocks" not in page.replace("clock-", "")


# --- hints
def said(user):
    found = planning.entries(user, NOW, NOW + timedelta(days=40))
    return [sentence for sentences in planning.hints(found, NOW).values() for sentence in sentences]


def test_two_within_an_hour_are_a_hint_and_an_hour_apart_are_none(editor, scheduled):
    scheduled("A")
    scheduled("B", LATER + timedelta(hours=1))
    assert said(editor) == []
    scheduled("C", LATER + timedelta(minutes=30))
    assert said(editor) == [
        "“A” and “C” go live within an hour: 09:00 and 09:30.",
        "“C” and “B” go live within an hour: 09:30 and 10:00.",
    ]


def test_neighbours_across_midnight_are_neighbours(editor, scheduled):
    scheduled("Late", datetime(2026, 12, 3, 23, 45, tzinfo=UTC))
    scheduled("Early", datetime(2026, 12, 4, 0, 15, tzinfo=UTC))
    assert said(editor) == ["“Late” and “Early” go live within an hour: 23:45 and 00:15."]


def test_the_same_category_twice_a_day_is_a_hint(editor, scheduled):
    clocks = save_category(Category(name="Clocks"))
    scheduled("A", category=clocks)
    scheduled("B", LATER + timedelta(days=1), category=clocks)
    assert said(editor) == []
    scheduled("C", LATER + timedelta(hours=5), category=clocks)
    assert said(editor) == ["2 posts in Clocks go live on this day."]


def test_a_crowded_day_is_a_hint_unless_days_are_like_that(editor, scheduled):
    for number in range(4):
        scheduled(f"Post {number}", LATER + timedelta(hours=2 * number))
    scheduled("Alone", LATER + timedelta(days=1))
    scheduled("Alone too", LATER + timedelta(days=2))
    assert said(editor) == ["4 posts go live on this day."]
    for day in range(1, 5):
        for number in range(4):
            scheduled(f"Day {day} {number}", LATER + timedelta(days=day, hours=2 * number + 1))
    assert said(editor) == []


def test_what_went_live_is_no_hint(editor, publish):
    publish("A", at=NOW - timedelta(hours=2))
    publish("B", at=NOW - timedelta(hours=2))
    assert said(editor) == []


# --- how much it asks
def five_hundred(author, count=500):
    Post.objects.bulk_create(
        Post(
            title=f"Post {number}",
            slug=f"post-{number}",
            author=author,
            status="scheduled",
            scheduled_at=datetime(2026, 12, 1, 8, tzinfo=UTC) + timedelta(minutes=80 * number),
        )
        for number in range(count)
    )


@pytest.mark.parametrize("query", ["?month=2026-12", "?week=2026-W50", "?month=2026-12&state=scheduled&find=post"])
def test_five_hundred_posts_a_month_cost_no_more_queries_than_none(
    client_of, editor, author, query, django_assert_max_num_queries
):
    client = client_of(editor)
    client.get(CALENDAR + query)
    five_hundred(author)
    with django_assert_max_num_queries(11):
        page = text_of(client.get(CALENDAR + query))
    assert "Post 200" in page


def test_an_author_pays_no_more(client_of, author, django_assert_max_num_queries):
    five_hundred(author)
    client = client_of(author)
    client.get(f"{CALENDAR}?month=2026-12")
    with django_assert_max_num_queries(12):
        client.get(f"{CALENDAR}?month=2026-12")


def test_kinds_have_words():
    assert set(planning.LABELS) == {Kind.PUBLISHED, Kind.SCHEDULED, Kind.UPDATE, Kind.DOWN, Kind.REVIEW}
