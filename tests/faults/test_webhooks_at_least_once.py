"""A worker that sends webhooks is killed in the middle, by the kill nobody can catch: nothing is lost, and what is sent
twice has the same id.

The child takes its own life at the step that is tried, so that every gap between two steps is hit and not only some.
"""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from tests.comments.storm import address_of_database
from tests.webhooks.conftest import listening, receiver  # noqa: F401  (fixtures)
from webhooks import delivering
from webhooks.models import Attempt, Delivery, Event
from webhooks.recording import record

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="a file is locked by who was killed"),
]
EVENTS = 6

PROGRAM = """
import os, signal, sys
import django
django.setup()
from webhooks import delivering
step = sys.argv[1]

def die_at(name, number, *, after):
    done, asked = getattr(delivering, name), [0]
    def deed(*given, **named):
        asked[0] += 1
        if asked[0] == number and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = done(*given, **named)
        if asked[0] == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
    setattr(delivering, name, deed)

if step == "claimed":
    die_at("claim_next", 3, after=True)
elif step == "sent, not marked":
    die_at("write", 3, after=False)
elif step == "marking":
    die_at("_judge", 3, after=False)
elif step == "marked":
    die_at("write", 3, after=True)
delivering.send_due()
"""


def start(step: str, port: int) -> subprocess.Popen:
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": address_of_database(),
        "OUTBOUND_ALLOW_PRIVATE": f"127.0.0.1:{port}",
    }
    return subprocess.Popen([sys.executable, "-c", PROGRAM, step], env=env, stderr=subprocess.PIPE, text=True)


def let_the_claim_run_out() -> None:
    past = timezone.now() - timedelta(minutes=5)
    Delivery.objects.filter(state="sending").update(next_try_at=past, claimed_at=past)


@pytest.mark.parametrize("step", ["claimed", "sent, not marked", "marking", "marked"])
def test_each_event_arrives_and_a_second_time_under_the_same_id(receiver, listening, step):  # noqa: F811
    server = receiver()
    listening(server)
    events = [record("post.published", {"id": number}, at=timezone.now()) for number in range(EVENTS)]
    killed = start(step, server.server_port)
    _, complaint = killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL, complaint
    stuck = {"claimed": 1, "sent, not marked": 1, "marking": 1, "marked": 0}[step]
    assert Delivery.objects.filter(state="sending").count() == stuck
    assert delivering.due_endpoints(timezone.now()), "the others wait for whoever comes"
    let_the_claim_run_out()
    both = [start("", server.server_port), start("", server.server_port)]  # two workers come back
    assert [process.wait(60) for process in both] == [0, 0]
    counts = Counter(heard.headers["webhook-id"] for heard in server.heard)
    assert set(counts) == {event.pk for event in events}, "nothing is lost"
    # Nobody knows whether what was sent has arrived: it goes again, as the same message.
    twice = 1 if step in {"sent, not marked", "marking"} else 0
    assert sorted(counts.values()) == [1] * (EVENTS - twice) + [2] * twice
    bodies = {heard.body for heard in server.heard}
    assert len(bodies) == EVENTS, "word for word the same"
    assert Delivery.objects.filter(state="delivered").count() == EVENTS == Event.objects.count()
    uncertain = Attempt.objects.filter(error=delivering.STOPPED_IN_THE_MIDDLE)
    assert uncertain.count() == stuck and not Attempt.objects.filter(finished_at=None).exists()


def test_many_workers_send_each_event_once(receiver, listening):  # noqa: F811
    server = receiver()
    listening(server)
    for number in range(60):
        record("post.published", {"id": number}, at=timezone.now())
    workers = [start("", server.server_port) for _ in range(4)]
    assert [process.wait(90) for process in workers] == [0] * 4
    counts = Counter(heard.headers["webhook-id"] for heard in server.heard)
    assert len(counts) == 60 and set(counts.values()) == {1}
    assert Delivery.objects.filter(state="delivered", attempts=F("tries")).count() == 60
