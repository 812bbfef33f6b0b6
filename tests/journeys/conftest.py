"""A whole publication as its own processes, on the database and services the suite runs on."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings

from config.settings import numbered

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class RunningPublication:
    env: dict[str, str]
    url: str
    processes: list[subprocess.Popen] = field(default_factory=list)

    def start(self, *arguments: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=self.env,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.processes.append(process)
        return process

    def run(self, code: str) -> str:
        """Run Python inside the publication's settings; what it prints comes back."""
        prelude = "import django\ndjango.setup()\n"
        done = subprocess.run(
            [sys.executable, "-c", prelude + code], env=self.env, cwd=ROOT, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def wait_until_listening(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if self.status("/healthz") == 200:
                    return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        pytest.fail(f"the site did not listen within {seconds} s")

    def stop(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def publication(tmp_path):
    """Started empty-handed: `config.serve` migrates, makes the demo and runs web, worker and beat."""
    port = free_port()
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENVIRONMENT": "development",
        "PORT": str(port),
        "MEDIA_ROOT": str(tmp_path / "media"),
        "CACHE_NAMESPACE": f"journey-{secrets.token_hex(4)}",
    }
    drop = None
    if settings.USES_SQLITE:
        env["DATABASE_URL"] = f"sqlite:///{tmp_path / 'journey.sqlite3'}"
    else:
        import psycopg
        from django.db import connection

        name = f"letterpress_journey_{secrets.token_hex(4)}"
        known = connection.settings_dict
        parts = {"host": known["HOST"], "port": known["PORT"], "user": known["USER"], "password": known["PASSWORD"]}
        address = {key: value for key, value in parts.items() if value}

        def execute(statement: str) -> None:
            with psycopg.connect(dbname="postgres", autocommit=True, **address) as session:
                session.execute(statement)

        execute(f'CREATE DATABASE "{name}"')
        env["DATABASE_URL"] = env["DATABASE_URL"].rsplit("/", 1)[0] + f"/{name}"

        def drop() -> None:
            execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    if settings.REDIS_URL:
        env["CELERY_BROKER_URL"] = numbered(settings.REDIS_URL, 7)
    running = RunningPublication(env, f"http://127.0.0.1:{port}")
    try:
        yield running
    finally:
        running.stop()
        if drop:
            drop()
