"""No webhook calls a private address: refused when it is saved and when it is called, and nobody there hears of it."""

import json
import socket
import threading

import pytest

from blog import webhook_desk
from core.refusals import Refusal
from tests.core.corpora import SHARED
from tests.webhooks.conftest import NOON
from webhooks import delivering
from webhooks.models import Attempt, Endpoint
from webhooks.recording import record

pytestmark = pytest.mark.django_db
FILE = SHARED / "corpora" / "ssrf" / "urls.jsonl"
ROWS = [json.loads(line) for line in FILE.read_text().splitlines()] if FILE.is_file() else []


@pytest.fixture(scope="module")
def trap():
    """What listens on every address of this machine where the rows point to, and counts who comes."""
    came = []
    listener = socket.socket()
    listener.bind(("0.0.0.0", 0))
    listener.listen()

    def wait():
        while True:
            try:
                came.append(listener.accept()[1])
            except OSError:
                return

    threading.Thread(target=wait, daemon=True).start()
    yield listener.getsockname()[1], came
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.mark.skipif(not ROWS, reason="the corpus is not beside this checkout")
@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_every_row_is_refused_when_saved_and_when_called(trap, admin, row, monkeypatch):
    monkeypatch.setattr(delivering, "SECONDS", 2.0)
    port, came = trap
    url = row["url"].replace("8999", str(port))
    if url.startswith("redirect:"):
        pytest.skip("a redirect needs a server; see test_delivering")
    refused_when_saved = False
    try:
        webhook_desk.add(url=url, events=["post.published"], by=admin, at=NOON)
    except Refusal as refusal:
        refused_when_saved = True
        assert refusal.field == "url"
    assert refused_when_saved != Endpoint.objects.exists()
    # And where it got into the database all the same.
    Endpoint.objects.all().delete()
    Endpoint.objects.create(url=url, events=["post.published"], state_since=NOON, created_at=NOON, updated_at=NOON)
    record("post.published", {"id": 1}, at=NOON)
    assert delivering.send_due() == 0
    attempt = Attempt.objects.get()
    assert attempt.status_code is None and attempt.error and not came


@pytest.mark.skipif(not ROWS, reason="the corpus is not beside this checkout")
def test_none_of_them_can_even_be_saved(admin):
    saved = []
    for row in ROWS:
        try:
            webhook_desk.add(url=row["url"], events=["post.published"], by=admin, at=NOON)
        except Refusal:
            continue
        saved.append(row["url"])
    assert saved == []


def test_a_name_that_changes_its_mind_wins_nothing(listening, receiver, monkeypatch, settings):
    server = receiver()
    port = server.server_port
    settings.OUTBOUND_ALLOW_PRIVATE = []
    listening(f"http://rebinding.example:{port}/")
    asked = []

    def resolve(host, port, *given, **named):
        asked.append(host)
        address = "93.184.215.14" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    called = []
    monkeypatch.setattr("core.outbound.socket.getaddrinfo", resolve)
    monkeypatch.setattr("core.outbound.socket.socket.connect", lambda sock, address: called.append(address) or refuse())
    record("post.published", {"id": 1}, at=NOON)
    delivering.send_due()
    assert called == [("93.184.215.14", port)], "the address that was looked at is the one that is called"
    Attempt.objects.all().delete()
    asked[:] = ["before"]
    record("post.published", {"id": 2}, at=NOON)
    delivering.send_due()
    assert len(called) == 1 and "not an address of the public internet" in Attempt.objects.first().error
    assert not server.heard


def refuse():
    raise ConnectionRefusedError
