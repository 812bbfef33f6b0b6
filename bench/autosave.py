"""The autosave beside a bare Django view, in one run: time of the endpoint for a post of 5,000 words.

On SQLite and memory by default; with DATABASE_URL and REDIS_URL set, on those (their data is left alone: a database and
a prefix of its own). Wall time counts here, as the database and Redis are other processes. Kept in var/bench/.
"""

import argparse
import io
import json
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
scratch = tempfile.TemporaryDirectory()
# In place of this folder, whose files may be called what modules of Python are called.
sys.path[0] = str(ROOT)
os.environ.setdefault("DATABASE_URL", f"sqlite:///{scratch.name}/bench.sqlite3")
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "CACHE_NAMESPACE": f"bench-{secrets.token_hex(4)}",
    "LOG_LEVEL": "ERROR",
}

import django  # noqa: E402
import django.test.signals  # noqa: E402  (lets changed settings reach templates and addresses)

django.setup()

from django.conf import settings  # noqa: E402
from django.core.cache import caches  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, override_settings  # noqa: E402
from django.urls import path  # noqa: E402

WORDS = 5_000
ADDRESS = "/admin/blog/post/autosave/"


def bare_view(request: HttpRequest) -> HttpResponse:
    """Takes the same body in and says as little as the endpoint does."""
    return HttpResponse(b"x" * 80 if request.body else b"")


urlpatterns = [path("bare/", bare_view)]


def environ(address: str, body: bytes, cookies: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": address,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_COOKIE": cookies,
        "HTTP_X_CSRFTOKEN": "a" * 32,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
    }


def measure(address: str, body_of: Callable[[int], bytes], cookies: str, calls: int) -> dict[str, Any]:
    """Milliseconds by the clock for one answer, and its queries."""
    handler = WSGIHandler()
    number = iter(range(1, calls + 20))

    def ask() -> float:
        body = body_of(next(number))
        began = time.perf_counter()
        status: list[str] = []
        answer = handler(environ(address, body, cookies), lambda line, headers, exc_info=None: status.append(line))
        b"".join(answer)
        answer.close()
        spent = (time.perf_counter() - began) * 1000
        if status != ["200 OK"]:
            raise SystemExit(f"{address} answered {status[0]}.")
        return spent

    for _ in range(5):
        ask()
    with CaptureQueriesContext(connection) as queries:
        ask()
    spent = sorted(ask() for _ in range(calls))
    return {
        "min_ms": round(spent[0], 3),
        "median_ms": round(statistics.median(spent), 3),
        "p95_ms": round(spent[int(calls * 0.95)], 3),
        "queries": (queries.final_queries or 0) - queries.initial_queries,
    }


def run(calls: int) -> dict[str, dict[str, Any]]:
    from django.contrib.auth import get_user_model

    from accounts.roles import Role, set_role, synchronise
    from blog import autosave, writing
    from blog.models import Post

    synchronise()
    author = get_user_model()._default_manager.create_user("bench", "bench@example.org", "a-long-password")
    set_role(author, Role.AUTHOR)
    author = get_user_model()._default_manager.get(pk=author.pk)
    post = Post(title="The noon gun", content_markdown="One shot.", author=author)
    writing.save(post, by=author)
    client = Client()
    client.force_login(author, backend="accounts.backends.RoleBackend")
    cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={'a' * 32}"
    text = " ".join(f"word{number % 700}" for number in range(WORDS))

    def body_of(sequence: int) -> bytes:
        fields = {"title": "The noon gun", "content_markdown": f"{text} {sequence}"}
        said = {"user": author.pk, "key": f"post:{post.pk}:bench", "sequence": sequence, "base_version": 1}
        return json.dumps(said | {"fields": fields}).encode()

    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[], DEBUG=False):
        results = {"bare view": measure("/bare/", body_of, "", calls)}
    with override_settings(DEBUG=False):
        # As with a worker at work, whose sign of life lasts six seconds.
        autosave.shelf.patience = 3600
        autosave.collect()
        results["autosave"] = measure(ADDRESS, body_of, cookies, calls)
        if settings.REDIS_URL:
            caches["kept"].delete_pattern("*")
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=300, help="measured requests of each (default 300)")
    calls = parser.parse_args().calls
    if connection.vendor == "sqlite":
        # a file, as in life; by itself a test database lives in memory
        connection.settings_dict["TEST"]["NAME"] = f"{scratch.name}/measured.sqlite3"
    name = connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        results = run(calls)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    where = f"{connection.vendor}{' and Redis' if settings.REDIS_URL else ' and memory'}"
    bare = results["bare view"]["median_ms"]
    print(f"{WORDS:,} words, {where}")
    print(f"{'view':<10} {'min ms':>8} {'median':>8} {'p95':>8} {'× bare':>8} {'queries':>8}")
    for view, found in results.items():
        found["times_bare"] = round(found["median_ms"] / bare, 1)
        print(
            f"{view:<10} {found['min_ms']:>8.2f} {found['median_ms']:>8.2f} {found['p95_ms']:>8.2f} "
            f"{found['times_bare']:>8.1f} {found['queries']:>8}"
        )
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    record = {"when": datetime.now(UTC).isoformat(timespec="seconds"), "where": where, "views": results}
    (folder / f"autosave-{connection.vendor}.json").write_text(json.dumps(record, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
