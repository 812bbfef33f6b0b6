"""One slow receiver never delays another: each has a lane of its own."""

import time

import pytest
from django.db import connection

from tests.webhooks.conftest import NOON
from webhooks import delivering, tasks
from webhooks.models import Delivery
from webhooks.recording import record

pytestmark = pytest.mark.django_db(transaction=True)


def wait_for(happens, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def lanes_end():
    yield
    wait_for(lambda: not delivering._lanes)


def test_another_gets_its_events_while_one_says_nothing(receiver, listening, lanes_end):
    slow, quick = receiver(), receiver()
    slow.let_go.clear()
    listening(slow), listening(quick)
    for number in range(20):
        record("post.published", {"id": number}, at=NOON)
    began = time.monotonic()
    assert tasks.send_due() == 2 and time.monotonic() - began < 5, "the worker itself waits for nobody"
    wait_for(lambda: len(quick.heard) == 20)
    assert len(slow.heard) == 1, "it still keeps the first"
    record("post.published", {"id": 20}, at=NOON)
    wait_for(lambda: tasks.send_due() >= 0 and len(quick.heard) == 21)
    wait_for(lambda: Delivery.objects.filter(state="delivered").count() == 21)
    assert Delivery.objects.filter(state="sending").count() == 1 == len(slow.heard)
    slow.let_go.set()
    wait_for(lambda: len(slow.heard) == 21)
    wait_for(lambda: Delivery.objects.filter(state="delivered").count() == 42)
    assert len({heard.headers["webhook-id"] for heard in slow.heard}) == 21


@pytest.mark.skipif(connection.vendor == "sqlite", reason="a file has no connections to run out of")
def test_who_waits_holds_no_connection(receiver, listening, lanes_end):
    slow = [receiver() for _ in range(8)]
    for server in slow:
        server.let_go.clear()
        listening(server)
    record("post.published", {"id": 1}, at=NOON)
    tasks.send_due()
    wait_for(lambda: all(server.heard for server in slow))
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
            )
            assert cursor.fetchone() == (0,)
    finally:
        for server in slow:
            server.let_go.set()
    wait_for(lambda: Delivery.objects.filter(state="delivered").count() == 8)
