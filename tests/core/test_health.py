"""Alive and ready: what load balancers and containers ask."""

import time

import pytest
from django.db import connection

from core import health

PARTS = {"database", "migrations", "cache", "broker", "storage"}


@pytest.fixture
def everything_runs(monkeypatch, settings, tmp_path):
    """Files in a scratch folder, and a worker and a clock that say they run."""
    settings.MEDIA_ROOT = str(tmp_path)
    for part in health.EMBEDDED_PARTS:
        monkeypatch.setitem(health.probes, part, lambda: None)


def fail() -> None:
    raise ConnectionError("redis://user:secret@10.0.0.7:6379 refused")


def test_alive_asks_nothing(client, django_assert_num_queries):
    response = client.get("/healthz")
    assert response.json() == {"ok": True}
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.django_db(transaction=True)
def test_ready_names_every_part_with_its_time(client, everything_runs):
    response = client.get("/readyz")
    assert response.status_code == 200, response.json()
    parts = response.json()["parts"]
    assert parts.keys() >= PARTS
    assert all(part["ok"] and 0 <= part["ms"] < 2000 for part in parts.values())
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(PARTS))
def test_one_part_down_is_503_and_tells_strangers_no_more(client, everything_runs, monkeypatch, name):
    monkeypatch.setitem(health.probes, name, fail)
    response = client.get("/readyz")
    assert response.status_code == 503
    down = [part for part, found in response.json()["parts"].items() if not found["ok"]]
    assert down == [name]
    assert b"secret" not in response.content
    assert b"10.0.0.7" not in response.content


def test_a_hanging_part_does_not_hang_the_answer(monkeypatch):
    monkeypatch.setattr(health, "probes", {"storage": lambda: time.sleep(1.5), "cache": lambda: None})
    started = time.monotonic()
    found = health.ask_all(seconds=0.2)
    assert time.monotonic() - started < 1
    assert found["storage"] == {"ok": False, "ms": 200.0}
    assert found["cache"]["ok"]


@pytest.mark.parametrize("folder", ["media", "media-originals"])
def test_a_folder_for_files_nobody_can_write_to_is_not_ready(folder, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    health.ask_storage()
    assert list((tmp_path / "media").iterdir()) == list((tmp_path / "media-originals").iterdir()) == []
    (tmp_path / folder).rmdir()
    (tmp_path / folder).write_text("no folder")
    with pytest.raises(OSError):
        health.ask_storage()


def test_a_queue_in_memory_without_a_worker_is_not_ready(monkeypatch, settings):
    settings.CELERY_BROKER_URL = "memory://localhost"
    for part in health.EMBEDDED_PARTS:
        monkeypatch.delitem(health.probes, part, raising=False)
    with pytest.raises(health.NotReady):
        health.ask_broker()


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_waits_is_not_ready(monkeypatch):
    health._migrations_seen_applied.clear()
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    with pytest.raises(health.NotReady, match="migrations"):
        health.ask_migrations()
    assert connection.introspection.table_names()
