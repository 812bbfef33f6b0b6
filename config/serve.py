"""`python -m config.serve`: the whole publication from one command.

Without services (the default) the web server, the Celery worker and beat share one process. With REDIS_URL or
CELERY_BROKER_URL they are three, started here in development; a production installation starts each from its own
supervisor: `python -m config.serve --only web`, `celery -A config worker`, `celery -A config beat`.
"""

import argparse
import errno
import ipaddress
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

SECONDS_TO_STOP = 5
SECONDS_TO_CONNECT = 3
SECONDS_UNTAKEN = 60
DEMO_PEOPLE = ("admin", "editor", "author", "moderator", "reader")


def say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def refuse(sentence: str) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    sys.exit(1)


def leave(signum: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def port_number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port; choose a number from 1 to 65535")
    return int(text)


def read_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m config.serve", description="Run Letterpress: web, worker and beat."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=port_number, help="port to listen on (default: PORT, or 8000)")
    parser.add_argument("--only", choices=["web"], help="the web server alone; worker and beat run elsewhere")
    parser.add_argument(
        "--open-to-network",
        action="store_true",
        help="let a development site be reached from other machines, with its known passwords",
    )
    return parser.parse_args(argv)


def set_up() -> None:
    """Read the settings and refuse, in words, those that would hurt later."""
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
        from core.checks import check_installation, refuse_unsafe_start

        refuse_unsafe_start()
    except ImproperlyConfigured as error:
        refuse(f"Letterpress does not start.\n{error}")
    for warning in check_installation(None):
        say(f"Warning: {warning.msg}\n  {warning.hint}")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def guard_address(host: str, open_to_network: bool) -> None:
    from django.conf import settings

    if settings.PRODUCTION or is_loopback(host):
        return
    if not open_to_network:
        refuse(
            f"A development site does not listen on {host}: it shows its errors, and its passwords are known. "
            "Set ENVIRONMENT=production, or add --open-to-network."
        )
    say(f"Warning: this development site can be reached by everybody who reaches {host}.")


def take_port(host: str, port: int) -> socket.socket:
    """The bound socket, taken before anything else so that a taken port costs nobody a migration.

    It listens only when the server is there: whoever comes earlier is refused at once instead of kept waiting.
    """
    try:
        with bind(host, port) as trial:
            trial.listen()
        return bind(host, port)
    except OSError as error:
        other = f"PORT={port + 1} make run"
        if isinstance(error, PermissionError):
            refuse(f"Port {port} needs rights this user has not. Choose one above 1023, for example {other}.")
        if error.errno == errno.EADDRINUSE:
            refuse(f"Port {port} on {host} is already in use. Stop the other program, or choose another port: {other}.")
        refuse(f"Letterpress cannot listen on {host}, port {port}: {error.strerror or error}.")


def bind(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # What is closed is kept until it is sent: to whoever takes nothing, for ever.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SECONDS_UNTAKEN * 1000)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def prepare_database() -> None:
    """Development: apply what waits. Production: refuse, since a start must not change a schema by the way."""
    import psycopg
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.db.utils import OperationalError

    try:
        if connection.vendor == "postgresql":
            # the pool would try for ten seconds, and could not say why it got none
            parameters = connection.get_connection_params() | {"connect_timeout": SECONDS_TO_CONNECT}
            psycopg.connect(**parameters).close()
        executor = MigrationExecutor(connection)
    except (OperationalError, psycopg.OperationalError) as error:
        refuse(f"The database does not answer: {str(error).strip()}\nSee DATABASE_URL in .env.example.")
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not waiting:
        return
    if settings.PRODUCTION:
        refuse(f"{len(waiting)} migrations wait to be applied. Run: python manage.py migrate")
    say(f"Preparing the database ({len(waiting)} steps) …")
    call_command("migrate", verbosity=0, interactive=False)


def create_demo_when_empty() -> None:
    from django.apps import apps
    from django.contrib.auth import get_user_model
    from django.core.management import call_command, get_commands

    if "create_demo" not in get_commands():
        return
    if get_user_model()._default_manager.exists() or apps.get_model("blog", "Post")._default_manager.exists():
        return
    say("Creating the demo publication …")
    call_command("create_demo", verbosity=0)


def print_addresses(host: str, port: int) -> None:
    from django.conf import settings
    from django.contrib.auth import get_user_model

    from core import publication

    shown = "localhost" if is_loopback(host) else host
    say()
    say(f"  {publication.current().name}, published with Letterpress")
    say()
    say(f"  Read    http://{shown}:{port}/")
    say(f"  Write   http://{shown}:{port}/admin/")
    demo_people_here = get_user_model()._default_manager.filter(username__in=DEMO_PEOPLE)
    if settings.DEBUG and demo_people_here.count() == len(DEMO_PEOPLE):
        say(f"  Log in  {', '.join(DEMO_PEOPLE)}; the password of each is {settings.DEMO_PASSWORD}")


def serve_web(host: str, port: int, listener: socket.socket) -> int:
    """The one web server: httptools and uvloop, pages in WEB_THREADS threads, sockets beside them."""
    import uvicorn
    from django.conf import settings

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                say(f"Listening on http://{host}:{port} (Ctrl-C stops)")

    configuration = uvicorn.Config(
        "config.asgi:application",
        host=host,
        port=port,
        workers=settings.WEB_PROCESSES,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.PROXY_ADDRESSES),
        forwarded_allow_ips=settings.PROXY_ADDRESSES,
        ws_max_size=64 * 1024,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=3 if settings.DEBUG else 20,
        backlog=1024,
    )
    if settings.WEB_PROCESSES > 1:
        from uvicorn.supervisors import Multiprocess

        say(f"Listening on http://{host}:{port} with {settings.WEB_PROCESSES} processes")
        Multiprocess(configuration, sockets=[listener]).run()
        return 0
    server = Server(configuration)
    with suppress(KeyboardInterrupt):  # the signal that stopped it, raised once more
        server.run(sockets=[listener])
    if not server.started:
        return 1
    if settings.EMBEDDED_WORKERS:
        from config import embedded

        return int(embedded.failed.is_set())
    return 0


@contextmanager
def worker_and_beat_beside() -> Iterator[Callable[[], bool]]:
    """Worker and beat as child processes while the web runs here; one that ends takes everything with it.

    Gives a function that tells whether that has happened.
    """
    from django.conf import settings

    celery = f"{shlex.quote(sys.executable)} -m celery -A config --quiet"
    schedule = shlex.quote(settings.CELERY_BEAT_SCHEDULE_FILENAME)
    commands = {
        "worker": f"{celery} worker --loglevel WARNING --concurrency 2 --without-gossip --without-mingle",
        "beat": f"{celery} beat --loglevel WARNING --pidfile= --schedule {schedule}",
    }
    # sessions of their own, so that Ctrl-C reaches them once, from here
    children = {
        name: subprocess.Popen(shlex.split(command), start_new_session=True)  # noqa: S603
        for name, command in commands.items()
    }
    stopping, failed = threading.Event(), threading.Event()

    def watch() -> None:
        while not stopping.wait(0.2):
            for name, child in children.items():
                if child.poll() is not None:
                    say(f"The {name} process ended (status {child.returncode}), so all of Letterpress stops.")
                    failed.set()
                    os.kill(os.getpid(), signal.SIGTERM)
                    return

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield failed.is_set
    finally:
        stopping.set()
        stop_all(list(children.values()))


def stop_all(children: list["subprocess.Popen[bytes]"]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + SECONDS_TO_STOP
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def main(argv: list[str] | None = None) -> int:
    arguments = read_arguments(argv)
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), leave)
    set_up()
    from django.conf import settings

    host, port = arguments.host, arguments.port or settings.PORT
    guard_address(host, arguments.open_to_network)
    listener = take_port(host, port)
    if arguments.only != "web":
        prepare_database()
        if not settings.PRODUCTION:
            create_demo_when_empty()
        print_addresses(host, port)
        # a queue in memory cannot be seen from other processes, so a worker beside would only idle
        if not settings.EMBEDDED_WORKERS and not settings.CELERY_BROKER_URL.startswith("memory://"):
            with worker_and_beat_beside() as failed:
                return serve_web(host, port, listener) or int(failed())
    elif settings.PRODUCTION:
        prepare_database()
    return serve_web(host, port, listener)


if __name__ == "__main__":
    try:
        status = main()
    except KeyboardInterrupt:
        status = 0
    say("Stopped.")
    sys.exit(status)
