"""The API beside a bare view of the same framework and beside our own pages, in one run: CPU of this process per
request, through the WSGI handler.

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
from django.test.utils import CaptureQueriesContext, override_settings  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from accounts.api import limits  # noqa: E402

TWELVE_KILOBYTES = {"content": "x" * 12 * 1024}


class BareView(APIView):
    """As little as the framework does: nobody asked who calls or how often, one string as JSON."""

    authentication_classes = ()
    throttle_classes = ()

    def get(self, request: Request) -> Response:
        return Response(TWELVE_KILOBYTES)


urlpatterns = [path("bare/", BareView.as_view())]


def environ(address: str, **headers: str) -> dict[str, Any]:
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
        **headers,
    }


def measure(handler: WSGIHandler, address: str, calls: int, *, known: bool = False) -> dict[str, Any]:
    """Milliseconds of CPU for one answer (smallest and median), its size and its queries; with `known`, of an answer
    to somebody who has it."""
    headers: dict[str, str] = {}
    wanted = "200 OK"

    def ask() -> tuple[bytes, dict[str, str]]:
        said: list[Any] = []

        def began(line: str, sent: list[tuple[str, str]], exc_info: Any = None) -> Any:
            said.extend((line, dict(sent)))

        answer: Any = handler(environ(address, **headers), began)
        body = b"".join(answer)
        answer.close()
        if said[0] != wanted:
            raise SystemExit(f"{address} answered {said[0]}.")
        return body, said[1]

    body, sent = ask()
    if known:
        headers, wanted = {"HTTP_IF_NONE_MATCH": sent["ETag"]}, "304 Not Modified"
    for _ in range(5):
        body, sent = ask()
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
    parser.add_argument("--calls", type=int, default=200, help="measured requests for each address (default 200)")
    calls = parser.parse_args().calls
    call_command("migrate", verbosity=0)
    call_command("create_demo", verbosity=0)
    from blog.models import Post

    # What is measured is the answer, not the limit on asking for it.
    limits.POLICIES["strangers"] = (10**9, 60)
    post = Post.objects.published().articles().order_by("-published_at").first()
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[], DEBUG=False):
        results = {"bare API view": measure(WSGIHandler(), "/bare/", calls)}
    detail, whole = f"/api/v1/posts/{post.slug}/", "expand=author,category,tags,co_authors"
    with override_settings(DEBUG=False):
        handler = WSGIHandler()
        results["list of 20"] = measure(handler, "/api/v1/posts/", calls)
        results["list, expanded"] = measure(handler, f"/api/v1/posts/?{whole}", calls)
        results["list, known"] = measure(handler, "/api/v1/posts/", calls, known=True)
        results["post"] = measure(handler, detail, calls)
        results["post, known"] = measure(handler, detail, calls, known=True)
        results["page of a list"] = measure(handler, "/blog/", calls)
        results["page of a post"] = measure(handler, post.get_absolute_url(), calls)
    bare = results["bare API view"]["min_ms"]
    pages = {"list": results["page of a list"]["min_ms"], "post": results["page of a post"]["min_ms"]}
    print(f"{'answer':<15} {'min ms':>8} {'median':>8} {'× bare':>8} {'× page':>8} {'queries':>8} {'kB':>7}")
    for name, found in results.items():
        found["times_bare"] = round(found["min_ms"] / bare, 1)
        page = pages.get(name.split(",")[0].split(" ")[0])
        found["times_page"] = round(found["min_ms"] / page, 2) if page else None
        print(
            f"{name:<15} {found['min_ms']:>8.2f} {found['median_ms']:>8.2f} {found['times_bare']:>8.1f} "
            f"{found['times_page'] or '':>8} {found['queries']:>8} {found['bytes'] / 1024:>7.1f}"
        )
    kept = ROOT / "var" / "bench"
    kept.mkdir(parents=True, exist_ok=True)
    at = datetime.now(UTC)
    (kept / f"api-{at:%Y%m%dT%H%M%S}.json").write_text(json.dumps({"at": at.isoformat(), "results": results}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
