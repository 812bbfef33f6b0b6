"""The dashboard: what waits for somebody, what comes, and the numbers, which are the same drawn and in words."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from blog import publishing, writing
from blog.admin.desk import desk_for, months_chart, words_chart
from blog.models import Post, PostVersion
from core import charts
from core.charts import Chart, Series, step_for

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 9, 41, tzinfo=UTC)


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW, tick=False):
        yield


def page_of(client) -> str:
    answer = client.get("/admin/")
    assert answer.status_code == 200
    return answer.content.decode()


def tasks_of(user):
    return [(task.state, task.post.title) for task in desk_for(user, NOW)["tasks"]]


# --- what waits
def test_the_wished_reviewer_finds_it_first(client_of, editor, admin, author, write):
    publishing.submit(write("For anybody"), by=author, at=NOW - timedelta(hours=9))
    publishing.submit(write("For the editor"), by=author, reviewer=editor, note="Look twice.", at=NOW)
    assert tasks_of(editor) == [("For you", "For the editor"), ("Pending", "For anybody")]
    assert tasks_of(admin) == [("Pending", "For anybody"), ("Pending", "For the editor")]
    page = page_of(client_of(editor))
    assert "author asks you for a review" in page
    assert "Look twice." in page
    assert "Two posts wait for you" in page


def test_changes_of_a_live_post_wait_as_well(editor, author, publish):
    post = publish("Live")
    post.excerpt = "Changed."
    writing.save(post, by=author)
    publishing.submit(post, by=author)
    desk = desk_for(editor, NOW)
    assert [task.sentence for task in desk["tasks"]] == ["author asks for a review of changes"]
    assert desk["counts"]["waiting"] == 1


def test_what_was_sent_back_stays_until_it_is_submitted_again(editor, author, write):
    post = write("The noon gun")
    publishing.submit(post, by=author, at=NOW - timedelta(days=2))
    publishing.send_back(post, by=editor, note="Which noon?", at=NOW - timedelta(days=1))
    desk = desk_for(author, NOW)
    assert [(task.state, task.sentence, task.note) for task in desk["tasks"]] == [
        ("Sent back", "editor sent it back", "Which noon?")
    ]
    assert tasks_of(editor) == []
    publishing.submit(post, by=author, at=NOW)
    assert tasks_of(author) == [("Pending", "The noon gun")]


def test_what_somebody_took_back_was_not_sent_back(author, write):
    post = write()
    publishing.submit(post, by=author)
    publishing.send_back(post, by=author)
    assert tasks_of(author) == []


def test_an_author_is_told_nothing_of_others(client_of, author, editor, write, publish):
    secret = write("Secret", by=editor)
    publishing.submit(secret, by=editor)
    publishing.schedule(write("Secret plan", by=editor), by=editor, at=NOW + timedelta(days=1))
    Post.objects.filter(pk=publish("Secretly stale", by=editor).pk).update(review_due_at=NOW - timedelta(days=1))
    desk = desk_for(author, NOW)
    assert (desk["tasks"], desk["coming"], desk["overdue"]) == ([], [], [])
    assert "Secret plan" not in page_of(client_of(author))


def test_overdue_are_live_posts_whose_day_has_come(client_of, editor, publish, write):
    due, later, draft = publish("Due"), publish("Later"), write("Draft")
    Post.objects.filter(pk__in=[due.pk, draft.pk]).update(review_due_at=NOW)
    Post.objects.filter(pk=later.pk).update(review_due_at=NOW + timedelta(seconds=1))
    desk = desk_for(editor, NOW)
    assert [post.title for post in desk["overdue"]] == ["Due"]
    assert desk["counts"]["overdue"] == 1
    assert "Due 21 November 2026" in page_of(client_of(editor))


# --- what comes
def test_posts_and_updates_come_in_their_order(client_of, editor, publish, write):
    live = publish("Live")
    live.excerpt = "Changed."
    writing.save(live, by=editor)
    publishing.plan_update(live, by=editor, at=NOW + timedelta(hours=3))
    publishing.schedule(write("Scheduled"), by=editor, at=NOW + timedelta(hours=5))
    desk = desk_for(editor, NOW)
    assert [(entry.kind, entry.post.title) for entry in desk["coming"]] == [
        ("update", "Live"),
        ("scheduled", "Scheduled"),
    ]
    assert "“Live” is updated today at 12:41" in page_of(client_of(editor))


def test_seven_days_around_today(editor, publish, write):
    publish("Yesterday", at=NOW - timedelta(days=1))
    publish("Too long ago", at=NOW - timedelta(days=3))
    publishing.schedule(write("In four days"), by=editor, at=NOW + timedelta(days=4))
    days = desk_for(editor, NOW)["days"]
    assert [day["date"] for day in days][2] == date(2026, 11, 21)
    assert [day["today"] for day in days] == [False, False, True, False, False, False, False]
    shown = [entry.post.title for day in days for entry in day["entries"]]
    assert shown == ["Yesterday", "In four days"]


# --- numbers
def test_posts_are_counted_in_the_month_of_the_zone(publish, write):
    publish("Last of October", at=datetime(2026, 10, 31, 23, 59, tzinfo=UTC))
    publish("First of November", at=datetime(2026, 11, 1, tzinfo=UTC))
    publish("In summer time", at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    publish("A year ago", at=datetime(2025, 11, 5, tzinfo=UTC))
    publish("A page", kind="page", at=NOW)
    write("A draft")
    months = months_chart(NOW)
    last, before = (series.values for series in months["chart"].series)
    counted = {name: number for name, number in zip(months["chart"].names, last, strict=True) if number}
    assert counted == {"July 2026": 1, "October 2026": 1, "November 2026": 1}
    assert before == [0] * 11 + [1]
    assert (months["now"], months["before"], months["year"], months["year_before"]) == (1, 1, 3, 1)


def test_words_are_those_of_posts_that_went_live_in_the_week(author, editor, publish, write):
    publish("Mine", text="one two three", at=datetime(2026, 11, 16, tzinfo=UTC))
    publish("Of the editor", text="one two", by=editor, at=datetime(2026, 11, 20, tzinfo=UTC))
    publish("Sunday before", text="one", at=datetime(2026, 11, 15, 23, 59, tzinfo=UTC))
    write("A draft", text="many words that do not count")
    words = words_chart(author, NOW)
    own, everybody = (series.values for series in words["chart"].series)
    assert (own[-2:], everybody[-2:]) == ([1, 3], [1, 5])
    assert (words["own"], words["all"], words["this"]) == (4, 6, 3)
    assert "6 in all, 4 of them yours" in words["chart"].sentence
    assert words_chart(editor, NOW)["own"] == 2


def test_numbers_are_new_when_something_goes_live(publish, django_capture_on_commit_callbacks):
    assert months_chart(NOW)["now"] == 0
    with django_capture_on_commit_callbacks(execute=True):
        publish("New", at=NOW)
    assert months_chart(NOW)["now"] == 1


def test_a_publication_without_posts_draws_nothing(client_of, editor):
    page = page_of(client_of(editor))
    assert page.count("Nothing to draw yet") == 2
    assert '<svg class="lp-chart"' not in page


def test_a_chart_is_a_drawing_with_a_sentence_and_a_table(client_of, editor, publish):
    publish("One", at=NOW)
    page = page_of(client_of(editor))
    assert 'role="img" aria-label="Posts published per month, December 2025 to November 2026: the most in' in page
    assert page.count('<svg class="lp-chart"') == 2
    assert '<th scope="row">November 2026</th><td class="num">1</td>' in page
    assert 'id="chart-months" type="application/json"' in page


@pytest.mark.parametrize(
    ("most", "step"),
    [(1, 1), (4, 1), (5, 2), (8, 2), (9, 5), (20, 5), (21, 10), (41, 20), (6200, 2000), (99999, 50000)],
)
def test_grid_lines_are_numbers_people_read(most, step):
    assert step_for(most) == step
    assert step * charts.LINES >= most


def test_bars_are_as_high_as_their_numbers():
    chart = Chart("k", "t", "s", ["a", "b"], ["A", "B"], [Series("x", [2, 4]), Series("y", [4, 4], "rest")], "c")
    main = [bar for bar in chart.bars if bar["look"] == "main"]
    assert main[1]["height"] == pytest.approx(2 * main[0]["height"])
    assert [bar["look"] for bar in chart.bars] == ["rest", "rest", "main", "main"]
    assert main[1]["y"] == charts.TOP
    assert [row["values"] for row in chart.rows] == [[4, 4], [2, 4]]


# --- how much it asks
def test_five_thousand_posts_cost_no_more_queries(client_of, editor, author, django_assert_max_num_queries):
    states = ("draft", "pending", "scheduled", "published", "archived")
    Post.objects.bulk_create(
        Post(
            title=f"Post {number}",
            slug=f"post-{number}",
            content_markdown="Long text.",
            author=(author, editor)[number % 2],
            status=states[number % 5],
            word_count=500,
            published_at=NOW - timedelta(hours=number) if states[number % 5] == "published" else None,
            scheduled_at=NOW + timedelta(hours=number) if states[number % 5] == "scheduled" else None,
        )
        for number in range(5000)
    )
    Post.objects.filter(status="published").update(review_due_at=NOW)
    PostVersion.objects.bulk_create(
        PostVersion(post=post, number=1, snapshot={"content_markdown": "x" * 100}, kind="save", created_at=NOW)
        for post in Post.objects.only("pk")[:1000]
    )
    for person, most in ((editor, 11), (author, 12)):
        desk_for(person, NOW)
        person = type(person).objects.get(pk=person.pk)
        person.get_all_permissions()
        with django_assert_max_num_queries(most) as asked:
            desk_for(person, NOW)
        assert not any("snapshot" in query["sql"] for query in asked.captured_queries)
        assert not any("content_markdown" in query["sql"] for query in asked.captured_queries)
        client = client_of(person)
        client.get("/admin/")
        with django_assert_max_num_queries(20):
            page = page_of(client)
    assert "Long text" not in page


def test_readers_have_no_dashboard(client_of, reader):
    assert client_of(reader).get("/admin/").status_code == 302


def test_an_author_hears_what_was_sent_back_before_what_does_not_wait(client_of, author, editor, write):
    post = write("The noon gun")
    publishing.submit(post, by=author, at=NOW)
    publishing.send_back(post, by=editor, note="Which noon?", at=NOW)
    page = page_of(client_of(author))
    assert "One post was sent back to you, and nothing is scheduled." in page
    assert "Nothing waits for review" not in page
    assert "just now" in page and "0 minutes ago" not in page
    assert "whole publication" in page and "whole publication" not in page_of(client_of(editor))
