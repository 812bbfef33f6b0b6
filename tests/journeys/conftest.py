"""A whole publication as its own processes, on the database and services the suite runs on."""

import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
            [sys.executable, "-c", prelude + code], env=self.env, cwd=ROOT, capture_output=True, text=True, timeout=150
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def is_listening(self) -> bool:
        if self.processes[-1].poll() is not None:
            pytest.fail(f"the site ended instead of listening:\n{self.processes[-1].communicate()[0]}")
        try:
            return self.status("/healthz") == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def wait_until_listening(self) -> None:
        self.wait_for(self.is_listening, "the site did not listen")

    def wait_for(self, happens: Callable[[], object], otherwise: str, seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while not happens():
            if time.monotonic() > deadline:
                pytest.fail(f"{otherwise} within {seconds} s")
            time.sleep(0.1)

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


@contextmanager
def running_publication(folder: Path) -> Iterator[RunningPublication]:
    """Nothing runs in it yet, and its database is empty; what belongs to it is in `folder`."""
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENVIRONMENT": "development",
        "PORT": str(free_port()),
        "MEDIA_ROOT": str(folder / "media"),
        "CACHE_NAMESPACE": f"journey-{secrets.token_hex(4)}",
    }
    drop = None
    if settings.USES_SQLITE:
        env["DATABASE_URL"] = f"sqlite:///{folder / 'journey.sqlite3'}"
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
    running = RunningPublication(env, f"http://127.0.0.1:{env['PORT']}")
    try:
        yield running
    finally:
        running.stop()
        if drop:
            drop()


def fill_once(folder: Path) -> Path:
    """A folder with the database and the files of the demo, made by the first of all workers of a run that needs it."""
    folder.mkdir(exist_ok=True)
    whole = folder / "whole"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            begun = Path(tempfile.mkdtemp(dir=folder))
            with running_publication(begun) as made:
                for command in ("migrate", "create_demo"):
                    done = made.start("manage.py", command, "--verbosity", "0")
                    said, _ = done.communicate(timeout=120)
                    assert done.returncode == 0, said
            begun.rename(whole)
    return whole


WITHOUT_DEMO = """
from django.contrib.auth import get_user_model
from django.core.management import call_command
from accounts.roles import Role, set_role
call_command("migrate", verbosity=0)
set_role(get_user_model().objects.create_user("editor", "editor@example.org", "a-long-password"), Role.EDITOR)
"""


@pytest.fixture
def bare_publication(tmp_path):
    """An editor and nothing else: no demo is made where somebody is, and no picture of it keeps the worker busy."""
    with running_publication(tmp_path) as running:
        running.run(WITHOUT_DEMO)
        yield running


@pytest.fixture
def empty_publication(tmp_path):
    """Started empty-handed: `config.serve` migrates, makes the demo and runs web, worker and beat."""
    with running_publication(tmp_path) as running:
        yield running


@pytest.fixture
def publication(tmp_path, tmp_path_factory):
    """The demo is there already on SQLite, as a copy of one that was made once; elsewhere `config.serve` makes it."""
    folder = tmp_path / "publication"
    if settings.USES_SQLITE:
        run = tmp_path_factory.getbasetemp()
        run = run.parent if "PYTEST_XDIST_WORKER" in os.environ else run
        shutil.copytree(fill_once(run / "filled"), folder)
    else:
        folder.mkdir()
    with running_publication(folder) as running:
        yield running
