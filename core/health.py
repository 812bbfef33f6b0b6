"""Is the process alive, and may it be sent visitors? For load balancers, containers and the person on call.

`/healthz` touches nothing. `/readyz` asks every part the site stands on, all at once, each for at most two seconds. The
answers name parts, never addresses, versions or error texts: strangers may read them. Probes must send a Host of
ALLOWED_HOSTS, as every other request.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

log = logging.getLogger(__name__)

SECONDS_ALLOWED = 2.0

Probe = Callable[[], None]


class NotReady(Exception):
    """A part answered, but not with what the site needs."""


def ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


_migrations_seen_applied = threading.Event()


def ask_migrations() -> None:
    """Every migration this code knows has run. Once true it stays true for this process, so it is asked once."""
    if _migrations_seen_applied.is_set():
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady("migrations wait to be applied")
    _migrations_seen_applied.set()


def ask_cache() -> None:
    # "limits" raises when Redis is away; "default" would call it a miss
    cache, token = caches["limits"], uuid.uuid4().hex
    cache.set("readyz", token, timeout=30)
    if cache.get("readyz") is None:
        raise NotReady("the cache forgot at once what it was given")


def ask_broker() -> None:
    if settings.CELERY_BROKER_URL.startswith("memory://"):
        embedded = {name for name in probes if name in EMBEDDED_PARTS}
        if embedded != EMBEDDED_PARTS:
            raise NotReady("no worker runs in this process, and no other process can see its queue")
        return
    from celery import current_app

    with current_app.connection_for_write(connect_timeout=SECONDS_ALLOWED) as broker:
        broker.ensure_connection(max_retries=0, timeout=SECONDS_ALLOWED)


def ask_storage() -> None:
    """Write a small file to each store, and take it away again; in a bucket look at one name, which costs no write."""
    for store in (storages["default"], storages["originals"]):
        if settings.S3_BUCKET:
            store.exists("readyz")
        else:
            store.delete(store.save(f".readyz-{uuid.uuid4().hex}", ContentFile(b"ready")))


EMBEDDED_PARTS = {"worker", "beat"}
probes: dict[str, Probe] = {
    "database": ask_database,
    "migrations": ask_migrations,
    "cache": ask_cache,
    "broker": ask_broker,
    "storage": ask_storage,
}
"""Part → function that raises when it is down. The embedded worker and beat add themselves."""

_still_asking: dict[str, threading.Thread] = {}


def ask_all(seconds: float = SECONDS_ALLOWED) -> dict[str, dict[str, Any]]:
    """Ask every part at the same time. Part → `{"ok": whether it answered well in time, "ms": how long it took}`."""
    found: dict[str, dict[str, Any]] = {}

    def ask(name: str, probe: Probe, started: float) -> None:
        try:
            probe()
            ok = True
        except Exception as error:
            ok = False
            log.warning("not ready: %s: %s: %s", name, type(error).__name__, error)
        finally:
            connections.close_all()
        found[name] = {"ok": ok, "ms": milliseconds_since(started)}

    asked = dict(probes)
    deadline = time.monotonic() + seconds
    for name, probe in asked.items():
        if name in _still_asking and _still_asking[name].is_alive():
            continue  # one hanging question a part is enough
        thread = threading.Thread(target=ask, args=(name, probe, time.monotonic()), name=f"ready-{name}", daemon=True)
        _still_asking[name] = thread
        thread.start()
    for name in asked:
        _still_asking[name].join(max(0.0, deadline - time.monotonic()))
    late = {"ok": False, "ms": round(seconds * 1000, 1)}
    return {name: found.get(name, late) for name in asked}


def milliseconds_since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)


def answer(content: dict[str, Any], status: int = 200) -> JsonResponse:
    response = JsonResponse(content, status=status)
    response["Cache-Control"] = "no-store"
    return response


def alive(request: HttpRequest) -> JsonResponse:
    return answer({"ok": True})


def ready(request: HttpRequest) -> JsonResponse:
    parts = ask_all()
    everything = all(part["ok"] for part in parts.values())
    return answer({"ok": everything, "parts": parts}, status=200 if everything else 503)
