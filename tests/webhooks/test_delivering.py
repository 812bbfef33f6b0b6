"""An event is sent until it is taken, for a day; what came of each try is written down."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import Notification
from blog import webhook_desk
from core import outbound
from tests.webhooks.conftest import NOON
from webhooks import delivering
from webhooks.models import Attempt, Delivery, Endpoint, Event
from webhooks.recording import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def happen(at=NOON, **payload) -> Event:
    return record("post.published", {"id": 1, **payload}, at=at)


def try_at(clock, moment) -> Attempt:
    clock.move_to(moment)
    delivering.send_due()
    return Attempt.objects.first()


def test_what_was_asked_for_arrives_once_with_its_id(clock, receiver, listening):
    server, other = receiver(), receiver()
    listening(server, "post.published")
    listening(other, "comment.created")
    event = happen(title="Fähre")
    assert delivering.send_due() == 1 and delivering.send_due() == 0
    (heard,) = server.heard
    assert heard.said == {
        "id": event.pk,
        "type": "post.published",
        "timestamp": "2026-05-04T12:00:00+00:00",
        "data": {"id": 1, "title": "Fähre"},
    }
    assert heard.headers["webhook-id"] == event.pk and event.pk.startswith("evt_")
    assert heard.headers["content-type"].startswith("application/json")
    attempt = Attempt.objects.get()
    assert (attempt.status_code, attempt.answer, attempt.error, attempt.number) == (200, "thanks", "", 1)
    assert attempt.finished_at == NOON and Delivery.objects.get().delivered_at == NOON
    assert not other.heard


def test_nothing_is_kept_that_nobody_asked_for(receiver, listening):
    listening(receiver(), "comment.created")
    assert happen() is None and not Event.objects.exists()
    with pytest.raises(ValueError, match="no event"):
        record("post.imagined", {}, at=NOON)


def test_what_fails_is_tried_again_over_a_day_and_then_given_up(clock, receiver, listening):
    server = receiver(500, b"broken")
    endpoint = listening(server)
    happen()
    moment = NOON
    for number, wait in enumerate([*delivering.RETRY_AFTER, None], start=1):
        attempt = try_at(clock, moment)
        assert attempt.number == number == len(server.heard)
        assert (attempt.status_code, attempt.answer, attempt.error) == (500, "broken", "It answered 500.")
        if wait is not None:
            delivery = Delivery.objects.get()
            assert delivery.state == "waiting" and delivery.next_try_at == moment + wait
            try_at(clock, moment + wait - timedelta(seconds=1))
            assert len(server.heard) == number, "not before its time"
            moment += wait
    assert moment - NOON == timedelta(days=1, seconds=70)
    assert len({heard.headers["webhook-id"] for heard in server.heard}) == 1, "the same id each time"
    assert len({heard.body for heard in server.heard}) == 1
    assert Delivery.objects.get().state == "failed"
    endpoint.refresh_from_db()
    assert endpoint.state == "paused" and "11 tries in a row" in endpoint.reason and "answered 500" in endpoint.reason


def test_a_paused_endpoint_is_told_of_once_and_keeps_what_it_missed(clock, receiver, listening, admin, editor, queued):
    server = receiver(503)
    endpoint = listening(server)
    happen()
    moment = NOON
    for wait in [timedelta(0), *delivering.RETRY_AFTER]:
        moment += wait
        try_at(clock, moment)
    assert webhook_desk.tell_of_stopped(moment) == 1 and webhook_desk.tell_of_stopped(moment) == 0
    notice = Notification.objects.get()
    assert notice.recipient == admin and notice.priority == "high" and f"/endpoint/{endpoint.pk}/" in notice.url
    missed = happen(moment)
    assert delivering.send_due() == 0 and Delivery.objects.get(event=missed).state == "skipped"
    server.status = 200
    endpoint = webhook_desk.change(endpoint, is_active=True, by=admin, at=moment)
    assert delivering.send_due() == 0, "it begins with what happens from now on"
    chosen = webhook_desk.Range(NOON, moment + timedelta(seconds=1))
    assert webhook_desk.replay_range(endpoint, chosen, by=admin, at=moment) == 2
    assert delivering.send_due() == 2 and webhook_desk.replay_range(endpoint, chosen, by=admin, at=moment) == 0


def test_one_success_ends_a_row_of_failures(clock, receiver, listening):
    server = receiver(500)
    endpoint = listening(server)
    happen()
    try_at(clock, NOON)
    try_at(clock, NOON + timedelta(seconds=10))
    server.status = 204
    try_at(clock, NOON + timedelta(days=2))
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.failures, endpoint.failing_since) == ("active", 0, None)
    assert endpoint.last_success_at == NOON + timedelta(days=2)


def test_gone_is_gone_at_once(clock, receiver, listening):
    server = receiver(410)
    endpoint = listening(server)
    happen()
    happen()
    delivering.send_due()
    endpoint.refresh_from_db()
    assert endpoint.state == "gone" and len(server.heard) == 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {"skipped"}
    assert happen() is None, "nothing is kept for what is gone"
    assert webhook_desk.tell_of_stopped(NOON) == 1


def test_a_redirect_is_not_followed(clock, receiver, listening):
    target = receiver()
    server = receiver(302, b"", Location=target.url)
    listening(server)
    happen()
    delivering.send_due()
    attempt = Attempt.objects.get()
    assert attempt.status_code == 302 and target.url in attempt.error and not target.heard
    assert Delivery.objects.get().state == "waiting"


def test_an_endless_answer_is_not_read_to_its_end(clock, receiver, listening):
    server = receiver(200, b"x" * 70_000)
    listening(server)
    happen()
    assert delivering.send_due() == 1, "it took it, whatever it says"
    attempt = Attempt.objects.get()
    assert attempt.answer == "" and "larger than 65,536" in attempt.error


def test_an_answer_is_kept_shortened_as_text(clock, receiver, listening):
    listening(receiver(200, b"\xff\x00" + b"<script>" * 2000))
    happen()
    delivering.send_due()
    answer = Attempt.objects.get().answer
    assert len(answer) == delivering.KEPT_OF_ANSWER + 1 and answer.endswith("…") and "\0" not in answer


def test_a_receiver_that_takes_too_long_is_cut_off(monkeypatch, receiver, listening):
    monkeypatch.setattr(delivering, "SECONDS", 0.2)
    server = receiver()
    server.let_go.clear()
    listening(server)
    happen()
    delivering.send_due()
    attempt = Attempt.objects.get()
    assert attempt.status_code is None and "longer than 0.2 seconds" in attempt.error


def test_a_wish_to_be_left_alone_is_heard_up_to_a_day(clock, receiver, listening):
    server = receiver(429, b"", **{"Retry-After": "3600"})
    endpoint = listening(server)
    happen()
    delivering.send_due()
    assert Delivery.objects.get().next_try_at == NOON + timedelta(hours=1)
    endpoint.refresh_from_db()
    assert endpoint.held_until == NOON + timedelta(hours=1)
    assert delivering._wish("99999999") == timedelta(hours=24)
    for nonsense in ("", "soon", "-5", "1e9", "9" * 400, "Mon, 99 Foo 2026 99:99:99 GMT"):
        assert delivering._wish(nonsense) == timedelta(0)


def test_a_broken_endpoint_is_asked_about_few_of_the_many_that_wait(clock, receiver, listening):
    server = receiver(500)
    listening(server)
    for _ in range(50):
        happen()
    delivering.send_due()
    assert len(server.heard) == 2, "after the second failure it is left alone for a while"
    server.status = 200
    clock.shift(timedelta(minutes=1))
    delivering.send_due()
    assert Delivery.objects.filter(state="delivered").count() == 50


def test_a_poisonous_event_does_not_hold_up_the_others(clock, receiver, listening, monkeypatch):
    server = receiver()
    listening(server)
    poison, *others = [happen() for _ in range(5)]
    ask = outbound.fetch

    def fetch(url, **named):
        server.status = 500 if poison.pk.encode() in named["body"] else 200
        return ask(url, **named)

    monkeypatch.setattr(delivering, "fetch", fetch)
    assert delivering.send_due() == 4
    assert Delivery.objects.get(event=poison).state == "waiting"


def test_what_is_switched_off_hears_nothing(clock, receiver, listening, admin):
    server = receiver()
    endpoint = listening(server)
    happen()
    webhook_desk.change(endpoint, is_active=False, by=admin, at=NOON)
    assert happen() is None and delivering.send_due() == 0 and not server.heard
    assert Delivery.objects.get().state == "skipped"


def test_what_is_removed_hears_nothing_and_is_forgotten_later(clock, receiver, listening, admin):
    server = receiver()
    endpoint = listening(server)
    happen()
    assert webhook_desk.remove(endpoint, by=admin, at=NOON) and not webhook_desk.remove(endpoint, by=admin, at=NOON)
    assert delivering.send_due() == 0 and not server.heard
    delivering.forget_old(NOON)
    assert Endpoint.objects.count() == 1, "somebody may be recording for it at this moment"
    delivering.forget_old(NOON + timedelta(hours=2))
    assert not Endpoint.objects.exists() and not Delivery.objects.exists()


def test_old_events_are_forgotten_but_none_that_waits(clock, receiver, listening):
    server = receiver()
    endpoint = listening(server)
    happen(), delivering.send_due()
    server.status = 500
    waiting = happen()
    delivering.send_due()
    later = NOON + timedelta(days=31)
    assert delivering.forget_old(NOON + timedelta(days=29)) == 0
    assert delivering.forget_old(later) == 1 and Event.objects.get() == waiting
    delivering.stop(endpoint, "paused", "Enough.", at=later)
    assert delivering.forget_old(later) == 1 and not Attempt.objects.exists()


def test_a_late_answer_changes_nothing_for_who_has_it_now(clock, receiver, listening):
    endpoint = listening(receiver())
    happen()
    first = delivering.claim_next(endpoint.pk, NOON)
    assert delivering.claim_next(endpoint.pk, NOON) is None
    clock.shift(delivering.CLAIM_LASTS)
    second = delivering.claim_next(endpoint.pk, NOON + delivering.CLAIM_LASTS)
    delivering.write(first, delivering.Said(500, error="late"), NOON + delivering.CLAIM_LASTS)
    row = Delivery.objects.get()
    assert (row.state, row.attempts, second.attempts) == ("sending", 2, 2)
    assert list(Attempt.objects.order_by("number").values_list("error", flat=True)) == ["late", ""]
