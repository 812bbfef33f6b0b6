"""One after the other, over all threads, processes and machines that share the database."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

# Seconds one waits for somebody who may have died without letting go.
PATIENCE = 15.0
_PAUSE = 0.02


@contextmanager
def turn(name: str, patience: float = PATIENCE) -> Iterator[bool]:
    """Hold the turn called `name` inside the block; gives False when it did not come within `patience` seconds.

    Whoever dies lets go at once: on PostgreSQL the lock belongs to a transaction, which the block is inside of, on
    SQLite to an open file. A cache that forgets or is away plays no part.
    """
    with _transaction(name, patience) if connection.vendor == "postgresql" else _file(name, patience) as held:
        yield held


@contextmanager
def _transaction(name: str, patience: float) -> Iterator[bool]:
    number = int.from_bytes(hashlib.blake2s(name.encode(), digest_size=8).digest(), "big", signed=True)
    with transaction.atomic():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('lock_timeout')")
                before = cursor.fetchone()[0]
                _set_lock_timeout(cursor, f"{max(1, round(patience * 1000))}ms")
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
                # It counts for every lock of the transaction, and what the block waits for is its own affair.
                _set_lock_timeout(cursor, before)
                held = True
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
                raise
            held = False
        yield held


def _set_lock_timeout(cursor: CursorWrapper, value: str) -> None:
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [value])


@contextmanager
def _file(name: str, patience: float) -> Iterator[bool]:
    path = _folder() / hashlib.blake2s(name.encode(), digest_size=16).hexdigest()
    deadline = time.monotonic() + patience
    held = _taken(path)
    while held is None and time.monotonic() < deadline:
        time.sleep(_PAUSE)
        held = _taken(path)
    try:
        yield held is not None
    finally:
        if held is not None:
            path.unlink(missing_ok=True)
            os.close(held)


def _taken(path: Path) -> int | None:
    """The open file that holds the turn; None while it is somebody else's."""
    opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The one before may have taken the name away between our opening it and our turn: then it holds nothing.
        if os.fstat(opened).st_ino == os.stat(path).st_ino:
            return opened
    except OSError:
        pass
    os.close(opened)
    return None


def _folder() -> Path:
    """Beside the database, where every process that uses it can write."""
    database = str(connection.settings_dict["NAME"])
    in_memory = "memory" in database
    folder = (
        Path(tempfile.gettempdir()) / f"letterpress-turns-{os.getuid()}" if in_memory else Path(f"{database}-turns")
    )
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
