"""A real clamd with signatures of our own, and a stand-in that answers as no sound clamd does."""

import hashlib
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journeys.conftest import free_port

# In two halves, so that no scanner ever takes this file for what it looks for.
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR" + "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
# Something intake keeps as it is: the pixels of a picture.
MARK = b"LETTERPRESS-" + b"MARK-OF-A-VIRUS."
# What it reads at most, and what it takes at most.
READ, LIMIT = 250_000, 300_000


class Clamd:
    """clamd as a process of its own, without anybody else's signatures."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"tcp://127.0.0.1:{self.port}"
        self.socket_url = f"unix://{folder}/clamd.ctl"
        signatures = folder / "signatures"
        signatures.mkdir()
        (signatures / "own.ndb").write_text(
            f"Letterpress.Test:0:*:{MARK.hex()}\nEicar.Test:0:*:{EICAR.encode().hex()}\n"
        )
        (folder / "clamd.conf").write_text(
            f"Foreground yes\nTCPSocket {self.port}\nTCPAddr 127.0.0.1\nLocalSocket {folder}/clamd.ctl\n"
            f"DatabaseDirectory {signatures}\nTemporaryDirectory {folder}\nMaxThreads 4\n"
            f"StreamMaxLength {LIMIT}\nMaxFileSize {READ}\nAlertExceedsMax yes\n"
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [clamd_program(), "-c", str(self.folder / "clamd.conf")]
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        pytest.fail(f"clamd did not start: {(self.folder / 'log.txt').read_text()}")

    def find_too(self, name: str, content: bytes) -> None:
        """Take exactly this file for a virus as well."""
        with (self.folder / "signatures" / "own.hdb").open("a") as signatures:
            signatures.write(f"{hashlib.md5(content, usedforsecurity=False).hexdigest()}:{len(content)}:{name}\n")
        self.stop()
        self.start()

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def clamd_program() -> str:
    return shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin") or ""


@pytest.fixture(scope="session")
def one_clamd(tmp_path_factory) -> Iterator[Clamd]:
    if not clamd_program():
        pytest.skip("clamd is not installed (apt-get install clamav-daemon)")
    clamd = Clamd(tmp_path_factory.mktemp("clamd"))
    yield clamd
    clamd.stop()


@pytest.fixture
def clamd(one_clamd, settings) -> Clamd:
    """clamd running, and the site asking it."""
    if one_clamd.process is None:
        one_clamd.start()
    settings.SCANNER_URL = one_clamd.url
    return one_clamd


@contextmanager
def stand_in(answer: Callable[[socket.socket, bytes], None]) -> Iterator[str]:
    """A server at the address yielded that lets `answer(connection, command)` say whatever it likes."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                try:
                    answer(connection, connection.recv(10))
                except OSError:
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


def heard(connection: socket.socket) -> bytes:
    """What came in pieces, to the end of it."""
    content = b""
    while length := int.from_bytes(exactly(connection, 4)):
        content += exactly(connection, length)
    return content


def exactly(connection: socket.socket, number: int) -> bytes:
    got = b""
    while len(got) < number:
        piece = connection.recv(number - len(got))
        if not piece:
            raise OSError("cut")
        got += piece
    return got
