"""Our pages beside a bare Django view, in one run: CPU of this process per request, through the WSGI handler.

Ratios travel between machines, milliseconds do not. `make bench ARGS="--calls 500"`; kept in var/bench/.
"""

import argparse
import io
import json
import os
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
sys.path.insert(0, str(ROOT))
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DATABASE_URL": f"sqlite:///{scratch.name}/bench.sqlite3",
    "MEDIA_ROOT": f"{scratch.name}/media",
    "LOG_LEVEL": "ERROR",
}

import django  # noqa: E402
import django.test.signals  # noqa: E402  (lets changed settings reach templates and addresses)

django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test.utils import CaptureQueriesContext, override_settings  # noqa: E402
from django.urls import path  # noqa: E402

TWELVE_KILOBYTES = b"x" * 12 * 1024


def bare_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse(TWELVE_KILOBYTES)


urlpatterns = [path("bare/", bare_view)]


def environ(address: str) -> dict[str, Any]:
    route, _, query = address.partition("?")
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": route,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
    }


def measure(handler: WSGIHandler, address: str, calls: int) -> dict[str, Any]:
    """Milliseconds of CPU for one answer (smallest and median), its size and its queries."""

    def ask() -> bytes:
        status: list[str] = []
        answer = handler(environ(address), lambda line, headers, exc_info=None: status.append(line))
        body = b"".join(answer)
        answer.close()
        if status != ["200 OK"]:
            raise SystemExit(f"{address} answered {status[0]}.")
        return body

    for _ in range(5):
        body = ask()
    with CaptureQueriesContext(connection) as queries:
        ask()
    spent = [cpu_of(ask) for _ in range(calls)]
    return {
        "address": address,
        "min_ms": round(min(spent), 3),
        "median_ms": round(statistics.median(spent), 3),
        "bytes": len(body),
        "queries": (queries.final_queries or 0) - queries.initial_queries,
    }


def cpu_of(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200, help="measured requests for each page (default 200)")
    calls = parser.parse_args().calls
    call_command("migrate", verbosity=0)
    call_command("create_demo", verbosity=0)
    from blog.models import Post

    post = Post.objects.published().order_by("-published_at").first()
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[], DEBUG=False):
        results = {"bare view": measure(WSGIHandler(), "/bare/", calls)}
    with override_settings(DEBUG=False):
        handler = WSGIHandler()
        for name, address in {"home": "/", "list": "/blog/", "post": post.get_absolute_url()}.items():
            results[name] = measure(handler, address, calls)
    bare = results["bare view"]["min_ms"]
    print(f"{'page':<10} {'min ms':>8} {'median':>8} {'× bare':>8} {'queries':>8} {'kB':>7}")
    for name, found in results.items():
        found["times_bare"] = round(found["min_ms"] / bare, 1)
        print(
            f"{name:<10} {found['min_ms']:>8.2f} {found['median_ms']:>8.2f} {found['times_bare']:>8.1f} "
            f"{found['queries']:>8} {found['bytes'] / 1000:>7.1f}"
        )
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    record = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": sys.version.split()[0],
        "pages": results,
    }
    (folder / "pages.json").write_text(json.dumps(record, indent=1) + "\n")
    print("Kept in var/bench/pages.json.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
