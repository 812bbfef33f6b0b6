"""Moving posts in the calendar: where they land, who may, why not, and the way back."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from blog import gate, planning, publishing, reviewing, writing
from blog.models import GateOverride, PendingChange, ReviewRequest, Severity

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 9, 41, tzinfo=UTC)
LATER = datetime(2026, 12, 3, 9, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def scheduled(write, editor):
    post = write("Leap seconds")
    publishing.schedule(post, by=editor, at=LATER)
    return post


@pytest.fixture
def changed(publish, editor):
    """A live post with changes nobody sees yet."""
    post = publish("The noon gun", at=NOW - timedelta(days=9))
    post.excerpt = "Louder."
    writing.save(post, by=editor)
    return post


def send(client, post, **fields):
    address = reverse("admin:blog_post_reschedule", args=[post.pk])
    return client.post(address, fields, headers={"Accept": "application/json"})


def undo(client, answer):
    back = answer.json()["back"]
    return client.post(back.pop("url"), back, headers={"Accept": "application/json"})


def test_another_day_keeps_the_clock(client_of, editor, scheduled):
    answer = send(client_of(editor), scheduled, when="2026-12-05")
    assert answer.status_code == 200
    scheduled.refresh_from_db()
    assert scheduled.scheduled_at == LATER + timedelta(days=2)
    assert answer.json()["sentence"] == "“Leap seconds” goes live on Saturday 5 December 2026 at 09:15."


def test_the_clock_is_kept_across_a_change_of_the_clocks(client_of, editor, scheduled):
    send(client_of(editor), scheduled, when="2027-04-01")
    scheduled.refresh_from_db()
    assert scheduled.scheduled_at == datetime(2027, 4, 1, 8, 15, tzinfo=UTC)


def test_an_hour_and_a_minute_are_taken_as_they_are(client_of, editor, scheduled):
    send(client_of(editor), scheduled, when="2026-12-04T17:05")
    scheduled.refresh_from_db()
    assert scheduled.scheduled_at == datetime(2026, 12, 4, 17, 5, tzinfo=UTC)


def test_undo_moves_it_back_to_the_very_moment(client_of, editor, write):
    post, second_time_round = write("Twice"), datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    publishing.schedule(post, by=editor, at=second_time_round)
    client = client_of(editor)
    answer = send(client, post, when="2027-11-02")
    assert undo(client, answer).status_code == 200
    post.refresh_from_db()
    assert post.scheduled_at == second_time_round


def test_a_draft_needs_a_time_and_undo_makes_it_a_draft_again(client_of, editor, write):
    post, client = write("Draft"), client_of(editor)
    assert send(client, post, when="2026-12-05").status_code == 422
    post.refresh_from_db()
    assert post.status == "draft"
    answer = send(client, post, when="2026-12-05T09:00")
    post.refresh_from_db()
    assert post.status == "scheduled"
    undo(client, answer)
    post.refresh_from_db()
    assert (post.status, post.scheduled_at) == ("draft", None)


def test_undo_of_a_post_in_review_asks_the_same_person_again(client_of, editor, author, admin, write):
    post, client = write("In review"), client_of(editor)
    publishing.submit(post, by=author, note="Look twice.", reviewer=admin)
    answer = send(client, post, when="2026-12-05T09:00")
    assert ReviewRequest.objects.get().decision == "approved"
    undo(client, answer)
    post.refresh_from_db()
    assert post.status == "pending"
    asked = reviewing.open_request_of(post)
    assert (asked.note, asked.reviewer) == ("Look twice.", admin)


def test_changes_of_a_live_post_are_planned_moved_and_taken_off(client_of, editor, changed):
    client = client_of(editor)
    answer = send(client, changed, when="2026-12-05T09:00")
    assert "is updated on Saturday 5 December 2026 at 09:00" in answer.json()["sentence"]
    change = PendingChange.objects.get()
    assert (change.go_live_at, change.planned_by) == (datetime(2026, 12, 5, 9, tzinfo=UTC), editor)
    moved = send(client, changed, when="2026-12-07")
    assert undo(client, moved).status_code == 200
    change.refresh_from_db()
    assert change.go_live_at == datetime(2026, 12, 5, 9, tzinfo=UTC)
    undo(client, answer)
    change.refresh_from_db()
    assert change.go_live_at is None
    changed.refresh_from_db()
    assert changed.is_public
    assert changed.excerpt == ""


def test_into_the_tray_it_is_a_draft_and_undo_puts_it_back(client_of, editor, scheduled):
    client = client_of(editor)
    address = reverse("admin:blog_post_unschedule", args=[scheduled.pk])
    answer = client.post(address, headers={"Accept": "application/json"})
    scheduled.refresh_from_db()
    assert scheduled.status == "draft"
    assert client.get(address).status_code == 405
    undo(client, answer)
    scheduled.refresh_from_db()
    assert (scheduled.status, scheduled.scheduled_at) == ("scheduled", LATER)


def test_what_has_no_date_stays_as_it_is(client_of, editor, write, publish):
    draft, live = write("Draft"), publish("Live")
    client = client_of(editor)
    for post in (draft, live):
        state = post.status
        client.post(reverse("admin:blog_post_unschedule", args=[post.pk]))
        post.refresh_from_db()
        assert post.status == state


# --- refusals
def test_a_time_that_has_passed_is_refused_in_words(client_of, editor, scheduled):
    answer = send(client_of(editor), scheduled, when="2026-11-20")
    assert answer.status_code == 422
    assert answer.json()["reasons"] == ["That time has passed; choose one to come, or publish now."]
    scheduled.refresh_from_db()
    assert scheduled.scheduled_at == LATER


def test_an_hour_that_does_not_exist_is_refused_by_name(client_of, editor, scheduled):
    client = client_of(editor)
    send(client, scheduled, when="2026-12-03T01:30")
    answer = send(client, scheduled, when="2027-03-28")
    assert "There is no 01:30 on that day in Europe/London" in answer.json()["reasons"][0]
    scheduled.refresh_from_db()
    assert scheduled.scheduled_at == datetime(2026, 12, 3, 1, 30, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_the_first_unless_the_second_is_meant(client_of, editor, scheduled):
    client = client_of(editor)
    answer = send(client, scheduled, when="2027-10-31T01:30")
    assert "01:30, the first time the clocks say that" in answer.json()["sentence"]
    answer = send(client, scheduled, when="2027-10-31T01:30", second="on")
    assert "01:30, the second time the clocks say that" in answer.json()["sentence"]
    scheduled.refresh_from_db()
    assert scheduled.scheduled_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("when", ["0001-01-01T00:00", "1969-12-31T23:59", "2047-01-01T00:00", "9999-12-31T23:59"])
def test_a_year_beyond_all_plans_is_refused_in_words(client_of, editor, scheduled, when):
    client = client_of(editor)
    answer = send(client, scheduled, when=when)
    assert (answer.status_code, answer.json()["reasons"]) == (422, ["Choose a year from 1970 to 2046."])
    address = reverse("admin:blog_post_reschedule", args=[scheduled.pk])
    answer = client.post(address, {"when": when}, follow=True)
    assert answer.status_code == 200
    assert "Choose a year from 1970 to 2046." in answer.content.decode()
    scheduled.refresh_from_db()
    assert scheduled.scheduled_at == LATER


def test_the_last_year_of_all_is_taken_and_its_month_is_shown(client_of, editor, scheduled):
    address = reverse("admin:blog_post_reschedule", args=[scheduled.pk])
    answer = client_of(editor).post(address, {"when": "2046-12-31T23:59"}, follow=True)
    assert answer.redirect_chain[0][0].endswith("/calendar/?month=2046-12")
    assert answer.status_code == 200


# --- what somebody else moved meanwhile
def test_a_calendar_that_is_out_of_date_moves_nothing(client_of, editor, admin, scheduled):
    elsewhere = LATER + timedelta(days=1)
    publishing.schedule(scheduled, by=admin, at=elsewhere)
    client = client_of(editor)
    answer = send(client, scheduled, when="2026-12-05", seen=planning.stamp(LATER))
    assert answer.status_code == 422
    assert answer.json()["meanwhile"] is True
    assert answer.json()["reasons"] == ["It was moved to Friday 4 December 2026 at 09:15 meanwhile."]
    address = reverse("admin:blog_post_unschedule", args=[scheduled.pk])
    off = client.post(address, {"seen": planning.stamp(LATER)}, headers={"Accept": "application/json"})
    assert off.status_code == 422
    scheduled.refresh_from_db()
    assert scheduled.scheduled_at == elsewhere
    assert send(client, scheduled, when="2026-12-05", seen=planning.stamp(elsewhere)).status_code == 200


def test_undo_leaves_alone_what_somebody_else_moved_since(client_of, editor, admin, scheduled):
    client = client_of(editor)
    answer = send(client, scheduled, when="2026-12-05", seen=planning.stamp(LATER))
    elsewhere = LATER + timedelta(days=6)
    publishing.schedule(scheduled, by=admin, at=elsewhere)
    assert undo(client, answer).status_code == 422
    scheduled.refresh_from_db()
    assert scheduled.scheduled_at == elsewhere


def test_a_draft_that_got_a_date_and_a_post_that_lost_it_stay(client_of, editor, admin, write, scheduled):
    draft, client = write("Draft"), client_of(editor)
    publishing.schedule(draft, by=admin, at=LATER)
    assert send(client, draft, when="2026-12-05T09:00", seen="").json()["meanwhile"] is True
    publishing.send_back(scheduled, by=admin)
    answer = send(client, scheduled, when="2026-12-05T09:00", seen=planning.stamp(LATER))
    assert answer.json()["reasons"] == ["Its date was taken away meanwhile."]
    publishing.publish(scheduled, by=admin)
    answer = send(client, scheduled, when="2026-12-05T09:00", seen=planning.stamp(LATER))
    assert answer.json()["reasons"] == ["It went live meanwhile."]


def test_a_planned_update_that_somebody_else_moved_stays(client_of, editor, admin, changed):
    publishing.plan_update(changed, by=admin, at=LATER)
    answer = send(client_of(editor), changed, when="2026-12-05T09:00", seen="")
    assert answer.json()["reasons"] == ["It was moved to Thursday 3 December 2026 at 09:15 meanwhile."]
    assert planning.planned_for(changed) == LATER


def test_the_page_says_where_it_is_now_and_moves_it_from_there(client_of, editor, admin, scheduled):
    client, address = client_of(editor), reverse("admin:blog_post_reschedule", args=[scheduled.pk])
    field = '<input type="hidden" name="seen" value="{}">'.format
    assert field(planning.stamp(LATER)) in client.get(address).content.decode()
    elsewhere = LATER + timedelta(days=1)
    publishing.schedule(scheduled, by=admin, at=elsewhere)
    page = client.post(address, {"when": "2026-12-05T09:15", "seen": planning.stamp(LATER)}).content.decode()
    assert "It was moved to Friday 4 December 2026 at 09:15 meanwhile." in page
    assert "Now: Friday 4 December 2026, 09:15." in page
    assert field(planning.stamp(elsewhere)) in page


@pytest.mark.parametrize("when", ["", "x", "2026-13-01", "2026-12-05T25:00", "9999-99-99"])
def test_what_is_no_time_is_refused(client_of, editor, scheduled, when):
    assert send(client_of(editor), scheduled, when=when).status_code == 422
    scheduled.refresh_from_db()
    assert scheduled.scheduled_at == LATER


def test_a_blocking_check_gives_its_reasons_and_a_way_to_the_post(client_of, editor, write, monkeypatch):
    post = write("No words")
    found = [gate.Finding("alt", Severity.BLOCKING, f"Picture {n} has no description.") for n in (1, 2)]
    monkeypatch.setattr(gate, "findings", lambda post, *, at: found)
    client = client_of(editor)
    answer = send(client, post, when="2026-12-05T09:00")
    assert answer.status_code == 422
    assert answer.json()["reasons"] == ["Picture 1 has no description.", "Picture 2 has no description."]
    assert answer.json()["post"] == reverse("admin:blog_post_change", args=[post.pk])
    post.refresh_from_db()
    assert post.status == "draft"
    address = reverse("admin:blog_post_reschedule", args=[post.pk])
    page = client.post(address, {"when": "2026-12-05T09:00"}).content.decode()
    assert "Picture 2 has no description." in page
    assert "Reason to go over the checks" in page
    client.post(address, {"when": "2026-12-05T09:00", "override": "The printer waits."})
    post.refresh_from_db()
    assert post.status == "scheduled"
    assert GateOverride.objects.get().reason == "The printer waits."


# --- rights
def test_an_author_cannot_move_and_a_strangers_post_is_not_there(client_of, author, editor, scheduled, write):
    foreign = write("Secret", by=editor)
    client = client_of(author)
    assert send(client, scheduled, when="2026-12-05").status_code == 403
    assert send(client, foreign, when="2026-12-05T09:00").status_code == 404
    for name in ("reschedule", "unschedule"):
        assert client.post(reverse(f"admin:blog_post_{name}", args=[foreign.pk])).status_code == 404
        assert client.post(reverse(f"admin:blog_post_{name}", args=[scheduled.pk])).status_code == 403
    assert client.get(reverse("admin:blog_post_reschedule", args=[scheduled.pk])).status_code == 403
    scheduled.refresh_from_db()
    assert scheduled.scheduled_at == LATER


def test_strangers_and_readers_are_sent_away(client, client_of, reader, scheduled):
    for browser in (client, client_of(reader)):
        assert send(browser, scheduled, when="2026-12-05").status_code == 302
    scheduled.refresh_from_db()
    assert scheduled.scheduled_at == LATER


def test_looking_moves_nothing(client_of, editor, scheduled):
    answer = client_of(editor).get(reverse("admin:blog_post_reschedule", args=[scheduled.pk]), {"when": "2026-12-05"})
    page = answer.content.decode()
    assert 'value="2026-12-03T09:15"' in page
    assert "Thursday 3 December 2026, 09:15" in page
    scheduled.refresh_from_db()
    assert scheduled.scheduled_at == LATER


# --- without a script
def test_the_page_moves_it_and_leads_back_to_its_month(client_of, editor, scheduled):
    address = reverse("admin:blog_post_reschedule", args=[scheduled.pk])
    answer = client_of(editor).post(address, {"when": "2027-01-05T08:00"}, follow=True)
    assert answer.redirect_chain[0][0].endswith("/calendar/?month=2027-01")
    assert "goes live on Tuesday 5 January 2027 at 08:00" in answer.content.decode()


def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(client_of, editor, scheduled):
    address = reverse("admin:blog_post_reschedule", args=[scheduled.pk])
    page = client_of(editor).post(address, {"when": "2026-11-01T08:00"}).content.decode()
    assert "That time has passed" in page
    assert 'value="2026-11-01T08:00"' in page


def test_moving_where_it_is_says_so_and_offers_no_way_back(client_of, editor, scheduled):
    answer = send(client_of(editor), scheduled, when="2026-12-03")
    assert answer.json()["sentence"] == "“Leap seconds” was there already."
    assert answer.json()["back"] is None


def test_the_plan_of_a_post_is_found_wherever_it_is(write, scheduled, changed, editor):
    assert planning.planned_for(scheduled) == LATER
    assert planning.planned_for(changed) is None
    publishing.plan_update(changed, by=editor, at=LATER)
    assert planning.planned_for(changed) == LATER
    assert planning.planned_for(write()) is None
