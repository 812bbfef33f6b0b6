"""Receivers: real servers on this machine, which write down what they are sent and answer as they are told."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import pytest

from blog import webhook_desk
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


class Heard(NamedTuple):
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict:
        return json.loads(self.body)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append(Heard({name.lower(): value for name, value in self.headers.items()}, body))
        self.server.let_go.wait(30)
        self.send_response(self.server.status)
        for name, value in self.server.extra.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def do_GET(self):
        self.server.heard.append(Heard({}, b'{"type": "a GET"}'))

    def log_message(self, *args):
        pass


@pytest.fixture
def receiver(settings) -> Callable:
    """receiver(): a server that answers 200; its `status`, `answer`, `extra` headers and `let_go` can be changed."""
    servers = []

    def start(status: int = 200, answer: bytes = b"thanks", **extra: str) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.heard, server.status, server.answer, server.extra = [], status, answer, extra
        server.let_go = threading.Event()
        server.let_go.set()
        server.url = f"http://127.0.0.1:{server.server_port}/hook"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        settings.OUTBOUND_ALLOW_PRIVATE = [*settings.OUTBOUND_ALLOW_PRIVATE, f"127.0.0.1:{server.server_port}"]
        return server

    yield start
    for server in servers:
        server.let_go.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def listening(admin) -> Callable:
    """listening(server, "post.published"): an endpoint of an administrator."""

    def add(server, *events: str, at: datetime = NOON):
        url = server if isinstance(server, str) else server.url
        return webhook_desk.add(url=url, events=events or ["post.published"], by=admin, at=at).endpoint

    return add
