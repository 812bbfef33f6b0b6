"""`python -m config.serve` as a stranger meets it: it starts, says where it is, answers, and stops when told."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from django.conf import settings


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Publication:
    """A running copy with a database of its own."""

    def __init__(self, folder, *arguments: str, **variables: str) -> None:
        self.port = free_port()
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment |= {"DATABASE_URL": f"sqlite:///{folder}/x.sqlite3", "MEDIA_ROOT": f"{folder}/media"}
        environment |= {"PORT": str(self.port), **variables}
        self.output = (folder / "output.txt").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.serve", *arguments],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def said(self) -> str:
        self.output.seek(0)
        return self.output.read()

    def wait_until_listening(self, seconds: float = 60) -> float:
        started = time.monotonic()
        while "Listening on" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() - started < seconds, self.said()
            time.sleep(0.05)
        return time.monotonic() - started

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("localhost", self.port, timeout=10)
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()

    def stop(self, how: int = signal.SIGINT) -> float:
        started = time.monotonic()
        self.process.send_signal(how)
        self.process.wait(15)
        return time.monotonic() - started

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.output.close()


@pytest.fixture
def start(tmp_path):
    started = []

    def start(*arguments: str, **variables: str) -> Publication:
        started.append(Publication(tmp_path, *arguments, **variables))
        return started[-1]

    yield start
    for publication in started:
        publication.end()


@pytest.mark.slow
def test_it_starts_with_the_demo_answers_and_stops(start):
    first = start()
    first.wait_until_listening()
    assert f"http://localhost:{first.port}/admin/" in first.said()
    assert "the password of each is letterpress" in first.said()
    assert first.get("/")[0] == 200
    status, body = first.get("/readyz")
    assert status == 200, body
    assert {"worker", "beat"} <= json.loads(body)["parts"].keys()
    assert first.stop() < 15
    assert first.process.returncode == 0
    assert "Traceback" not in first.said()

    second = start()
    assert second.wait_until_listening() < 10
    assert "Creating the demo" not in second.said()
    assert second.stop(signal.SIGTERM) < 15
    assert second.process.returncode == 0
    assert "Stopped." in second.said()


def test_a_taken_port_is_said_in_one_plain_sentence(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = start(PORT=str(port))
        assert refused.process.wait(30) == 1
    assert refused.said().strip() == (
        f"Port {port} on 127.0.0.1 is already in use. "
        f"Stop the other program, or choose another port: PORT={port + 1} make run."
    )


def test_a_development_site_does_not_listen_to_the_network_unasked(start):
    refused = start("--host", "0.0.0.0")
    assert refused.process.wait(30) == 1
    assert "A development site does not listen on 0.0.0.0" in refused.said()


def test_production_does_not_change_its_database_by_the_way(start):
    refused = start(
        ENVIRONMENT="production",
        SECRET_KEY="r4nd0m-" * 10,
        ALLOWED_HOSTS="example.org",
        SITE_URL="https://example.org",
        EMAIL_URL="smtp://127.0.0.1:25",
    )
    assert refused.process.wait(30) == 1
    assert "Run: python manage.py migrate" in refused.said()
    assert "password" not in refused.said()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost"])
def test_this_machine_is_loopback(address):
    from config.serve import is_loopback

    assert is_loopback(address)
    assert not is_loopback("192.168.1.4")
