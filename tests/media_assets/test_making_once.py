"""However many ask at once, in however many processes, a rendition is made once; and whoever dies blocks nobody."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from media_assets.turns import turn
from tests.media_assets.photographs import encoded, scene, stored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]

BEGIN = """
import django, sys, threading, time
django.setup()
from pathlib import Path
from django.db import connection
from media_assets import making, pixels, unfinished
from media_assets.models import MediaAsset, Rendition
asset = MediaAsset.objects.get()
written, calls = pixels.written, []
"""

# Seventeen ask, and nothing is encoded until everybody has; says how many files were, and what everybody got.
ASK = """
asked, all_asked = threading.Semaphore(0), threading.Event()
def counted(*args, **options):
    calls.append(args)
    all_asked.wait(30)
    return written(*args, **options)
pixels.written = counted
got = []
def ask():
    asked.release()
    row = making.make(asset, "w480.avif")
    got.append((row.pk, row.size_bytes, len(Path(row.file.path).read_bytes())))
    connection.close()
threads = [threading.Thread(target=ask) for _ in range(17)]
print("ready", flush=True)
sys.stdin.readline()
[thread.start() for thread in threads]
[asked.acquire() for thread in threads]
print("asked", flush=True)
sys.stdin.readline()
all_asked.set()
[thread.join() for thread in threads]
print(len(calls), len(got), *{value for row in got for value in row})
"""

# Makes a few files of a set, says so, and does not get further.
HANG = """
def slow(*args, **options):
    calls.append(args)
    if len(calls) == 6:
        print("half", flush=True)
        time.sleep(600)
    return written(*args, **options)
pixels.written = slow
unfinished.make(asset.pk)
"""

# Waits for nobody's turn: one the dead had kept would leave it nothing to do.
SWEEP = """
from datetime import timedelta
from django.utils import timezone
from media_assets.turns import turn
making.turn = lambda name: turn(name, patience=0)
MediaAsset.objects.update(updated_at=timezone.now() - timedelta(minutes=2))
print(unfinished.make_missing(), unfinished.make_missing())
asset.refresh_from_db()
lie = [Path(row.file.path).exists() for row in Rendition.objects.all()]
print(bool(asset.renditions_made_at), len(lie) == len(making.all_specs(asset)), all(lie))
"""


@pytest.fixture
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path


@pytest.fixture
def process(own_store):
    """Starts Python on the database and the store of the test; what it reads and prints goes through pipes."""
    running = []

    def start(code, redis_url=settings.REDIS_URL):
        if settings.USES_SQLITE:
            database = own_store / "copy.sqlite3"
            if not database.exists():
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM INTO %s", [str(database)])
            database_url = f"sqlite:///{database}"
        else:
            database_url = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{connection.settings_dict['NAME']}"
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "CELERY_BROKER_URL": "memory://",
            "CACHE_NAMESPACE": own_store.name,
            "MEDIA_ROOT": str(own_store / "media"),
            "LOG_LEVEL": "ERROR",
        }
        command = [sys.executable, "-c", BEGIN + code]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        running.append(subprocess.Popen(command, cwd=ROOT, env=env, **pipes))
        return running[-1]

    yield start
    for one in running:
        one.kill()
        one.communicate()


def tell(processes):
    for one in processes:
        one.stdin.write("go on\n")
        one.stdin.flush()


@pytest.mark.parametrize(
    "redis_url", sorted({"", settings.REDIS_URL}), ids=["no redis", "redis"][: 1 + bool(settings.REDIS_URL)]
)
def test_fifty_in_three_processes_make_it_once(redis_url, process):
    stored(encoded(scene(1600, 1200)))
    asking = [process(ASK, redis_url) for _ in range(3)]
    assert {one.stdout.readline() for one in asking} == {"ready\n"}
    tell(asking)
    assert {one.stdout.readline() for one in asking} == {"asked\n"}
    tell(asking)
    answers = [[int(number) for number in one.communicate(timeout=60)[0].split()] for one in asking]
    assert sum(answer[0] for answer in answers) == 1, "encoded once by all of them together"
    assert [answer[1] for answer in answers] == [17, 17, 17]
    assert len({number for answer in answers for number in answer[2:]}) == 2, "the same row, and the whole of its file"


def test_a_set_that_was_killed_half_way_is_finished_by_the_sweeper(process, own_store):
    stored(encoded(scene(1600, 1200)))
    victim = process(HANG)
    assert victim.stdout.readline() == "half\n"
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    said = process(SWEEP).communicate(timeout=60)[0].split()
    assert said == ["1", "0", "True", "True", "True"]
    assert not list((own_store / "media").rglob("*.part"))


def test_while_somebody_has_the_turn_nobody_else_does():
    began, end, after = threading.Event(), threading.Event(), []

    def hold():
        try:
            with turn("the one"):
                began.set()
                end.wait(10)
        finally:
            connection.close()

    def wait():
        try:
            with turn("the one") as ours:
                after.append((ours, end.is_set()))
        finally:
            connection.close()

    threads = [threading.Thread(target=hold), threading.Thread(target=wait)]
    threads[0].start()
    assert began.wait(10)
    with turn("the one", patience=0.1) as ours:
        assert not ours
    with turn("another one", patience=0.1) as ours:
        assert ours
    threads[1].start()
    assert after == []
    end.set()
    for thread in threads:
        thread.join()
    assert after == [(True, True)]


def test_a_turn_is_given_back_when_its_work_fails():
    with pytest.raises(RuntimeError), turn("the one"):
        raise RuntimeError("the disk is full")
    with turn("the one", patience=0) as ours:
        assert ours


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has a time limit for locks")
@pytest.mark.parametrize("patience", [0, 15])
def test_what_is_waited_for_inside_a_turn_is_waited_for_as_long_as_ever(patience):
    def limit():
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            return cursor.fetchone()[0]

    before = limit()
    with turn("the one", patience=patience) as ours:
        assert ours
        assert limit() == before
    assert limit() == before
