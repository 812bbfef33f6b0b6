"""A publication whose every process can be killed: web, worker, beat and a Redis of its own, each started by itself."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from django.conf import settings

from tests.journeys.conftest import free_port

ROOT = Path(__file__).resolve().parents[2]

WRITER = """
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from accounts.roles import Role, set_role, synchronise
synchronise()
user = get_user_model().objects.create_user("writer", "writer@example.org", "a-long-password")
set_role(user, Role.AUTHOR)
session = SessionStore()
session["_auth_user_id"] = str(user.pk)
session["_auth_user_backend"] = "accounts.backends.RoleBackend"
session["_auth_user_hash"] = user.get_session_auth_hash()
session.create()
print(user.pk, session.session_key)
"""


class Stay(HTTPRedirectHandler):
    """An answer that leads elsewhere is an answer."""

    def redirect_request(self, *args: object) -> None:
        return None


class Press:
    """The processes by name. `kill` is the kill nobody can catch, with all children; `start` brings one back."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.port, self.redis_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        redis = f"redis://127.0.0.1:{self.redis_port}"
        self.env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "ENVIRONMENT": "development",
            "PORT": str(self.port),
            "MEDIA_ROOT": str(folder / "media"),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis,
            "CELERY_BROKER_URL": f"{redis}/3",
            "LOG_LEVEL": "WARNING",
        }
        celery = [sys.executable, "-m", "celery", "-A", "config", "--quiet"]
        worker = ["worker", "--loglevel", "ERROR", "--concurrency", "1", "--without-gossip", "--without-mingle"]
        self.commands = {
            "redis": ["redis-server", "--port", str(self.redis_port), "--save", "", "--dir", str(folder)],
            "web": [sys.executable, "-m", "config.serve", "--only", "web"],
            "worker": [*celery, *worker],
            "beat": [*celery, "beat", "--loglevel", "ERROR", "--pidfile=", "--schedule", str(folder / "beat")],
            "second beat": [*celery, "beat", "--loglevel", "ERROR", "--pidfile=", "--schedule", str(folder / "beat2")],
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.open = build_opener(Stay).open
        self.csrf = secrets.token_hex(16)

    def start(self, *names: str) -> None:
        for name in names:
            running = self.processes.get(name)
            if running is not None and running.poll() is None:
                continue
            log = (self.folder / f"{name}.txt").open("ab")
            self.processes[name] = subprocess.Popen(
                self.commands[name], cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        if "web" in names:
            self.wait_for(lambda: self.get("/healthz")[0] == 200, "the web process did not answer")
        if "worker" in names or "beat" in names:
            self.wait_for(self.is_collecting, "nobody collected")

    def kill(self, *names: str) -> None:
        for name in names:
            process = self.processes.pop(name)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def stop(self) -> None:
        for name in list(self.processes):
            self.kill(name)

    def wait_for(self, happens: object, otherwise: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if happens():
                return
            time.sleep(0.1)
        pytest.fail(f"{otherwise} within {seconds} s")

    def is_collecting(self) -> bool:
        """Whether the worker left its sign of life."""
        command = ["redis-cli", "-p", str(self.redis_port), "-n", "4", "--raw", "keys", "*shelf:autosave:collector"]
        return bool(subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip())

    def run(self, code: str) -> str:
        """Run Python inside the publication's settings; what it prints comes back."""
        command = [sys.executable, "-c", f"import django\ndjango.setup()\n{code}"]
        done = subprocess.run(command, env=self.env, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def sign_in(self) -> None:
        user, self.session = self.run(WRITER).split()
        self.user = int(user)

    def ask(self, path: str, body: bytes | None = None) -> tuple[int, str]:
        """Status and body of an answer to the writer; status 0 when nobody answered."""
        headers = {"Cookie": f"sessionid={self.session}; csrftoken={self.csrf}", "X-CSRFToken": self.csrf}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            with self.open(Request(self.url + path, data=body, headers=headers), timeout=8) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def get(self, path: str) -> tuple[int, str]:
        try:
            with self.open(self.url + path, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, ""
        except OSError:
            return 0, ""


@pytest.fixture(scope="module")
def press(tmp_path_factory) -> Iterator[Press]:
    """Everything running, and somebody signed in."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    folder = tmp_path_factory.mktemp("press")
    drop = None
    if settings.USES_SQLITE:
        database_url = f"sqlite:///{folder / 'press.sqlite3'}"
    else:
        import psycopg
        from django.db import connection

        name = f"letterpress_faults_{secrets.token_hex(4)}"
        known = connection.settings_dict
        parts = {"host": known["HOST"], "port": known["PORT"], "user": known["USER"], "password": known["PASSWORD"]}
        address = {key: value for key, value in parts.items() if value}

        def execute(statement: str) -> None:
            with psycopg.connect(dbname="postgres", autocommit=True, **address) as session:
                session.execute(statement)

        execute(f'CREATE DATABASE "{name}"')
        database_url = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{name}"

        def drop() -> None:
            execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    made = Press(folder, database_url)
    try:
        made.start("redis")
        made.run("from django.core.management import call_command\ncall_command('migrate', verbosity=0)")
        made.sign_in()
        made.start("web", "worker", "beat")
        yield made
    finally:
        made.stop()
        if drop:
            drop()
