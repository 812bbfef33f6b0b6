"""A real server and real sockets: who takes nothing is hung up on, and everybody else goes on hearing."""

import base64
import json
import socket
import threading
import time

import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from comments import live
from config import serve
from core import presence
from core import sockets as listening
from core.live import send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(monkeypatch):
    """The web server as `config.serve` runs it, in a thread, with little patience."""
    monkeypatch.setattr(listening, "SLOW_AFTER", 0.5)
    monkeypatch.setattr(serve, "SECONDS_UNTAKEN", 2)
    listener = serve.bind("127.0.0.1", 0)
    options = {"loop": "uvloop", "http": "httptools", "ws": "websockets-sansio", "lifespan": "off", "log_config": None}
    server = uvicorn.Server(uvicorn.Config("config.asgi:application", timeout_graceful_shutdown=1, **options))
    server.install_signal_handlers = lambda: None
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    wait_until(lambda: server.started)
    server.port = listener.getsockname()[1]
    live._seen.clear()
    live._marks.clear()
    presence._here.clear()
    yield server
    server.should_exit = True
    thread.join(10)
    listener.close()


def wait_until(is_so, seconds=15):
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it never came to be"
        time.sleep(0.02)


def listen(server, post, *, host="127.0.0.1"):
    origin = f"http://{host}:{server.port}"
    return connect(f"ws://127.0.0.1:{server.port}/ws/posts/{post.slug}/", origin=origin)


def fall_asleep(server, post) -> socket.socket:
    """A page that opens its socket and takes nothing from it, not even from its own computer."""
    wire = socket.socket()
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.connect(("127.0.0.1", server.port))
    key = base64.b64encode(b"sixteen letters!").decode()
    asked = f"GET /ws/posts/{post.slug}/ HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\n"
    asked += f"Connection: Upgrade\r\nOrigin: http://127.0.0.1:{server.port}\r\nSec-WebSocket-Version: 13\r\n"
    wire.sendall(f"{asked}Sec-WebSocket-Key: {key}\r\n\r\n".encode())
    assert wire.recv(12) == b"HTTP/1.1 101"
    return wire


def test_who_takes_nothing_is_dropped_and_the_others_go_on_hearing(server, publish):
    post = publish("One")
    room = live.room_of(post.pk)
    heard = []

    def follow(reader):
        for text in reader:
            if (said := json.loads(text))["type"] == "comment.updated":
                heard.append(said["id"])

    with listen(server, post) as reader:
        assert json.loads(reader.recv(10))["type"] == "reading.here"
        asleep = fall_asleep(server, post)
        wait_until(lambda: len(presence.present(room)) == 2)
        threading.Thread(target=follow, args=(reader,), daemon=True).start()
        said = 0
        while len(presence.present(room)) == 2:
            # More than all the buffers on the way hold.
            assert said < 1000, "somebody who takes nothing is told for ever"
            said += 1
            content = {"type": "comment.updated", "id": said, "html": "x" * 50_000, "edited": ""}
            send(room, {"type": "live.message", "content": content})
            wait_until(lambda: heard[-1:] == [content["id"]])  # noqa: B023  (called at once)
            time.sleep(0.01)
        # And the server hangs up, with all it still held for them.
        wait_until(lambda: len(server.server_state.connections) == 1)
        send(room, {"type": "live.message", "content": content | {"id": 0}})
        wait_until(lambda: heard == [*range(1, said + 1), 0])
        asleep.close()


def test_a_flood_is_closed_with_its_code_and_only_that(server, publish):
    post = publish("One")
    with listen(server, post) as flooding, listen(server, post) as other:
        assert json.loads(other.recv(10))["type"] == "reading.here"
        with pytest.raises(ConnectionClosed) as closed:
            for _ in range(500):
                flooding.send("{}")
            while True:
                flooding.recv(5)
        assert closed.value.rcvd.code == 1008
        content = {"type": "comment.deleted", "id": 1, "words": "", "heading": ""}
        send(live.room_of(post.pk), {"type": "live.message", "content": content})
        while json.loads(other.recv(5))["type"] == "presence":
            pass


def test_pages_of_other_sites_are_refused_before_anything_is_said(server, publish):
    with pytest.raises(InvalidStatus) as refused:
        listen(server, publish("One"), host="evil.example").__enter__()
    assert refused.value.response.status_code == 403
