"""Asking clamd about a file over its socket: INSTREAM of clamd(8). Knows no records; see `media_assets.scanning`."""

from __future__ import annotations

import re
import socket
import struct
import time
from contextlib import closing
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings

PORT = 3310
PIECE = 64 * 1024
# Seconds. clamd itself gives up on a file after 120 (MaxScanTime).
CONNECTED_WITHIN = 3
ANSWERED_WITHIN = 130
LONGEST_ANSWER = 4096

_FOUND = re.compile(r"stream: (.+) FOUND")
# What clamd says of files it did not look at to the end, where AlertExceedsMax is on.
_LIMITS = "Heuristics.Limits.Exceeded"


class Silent(Exception):
    """clamd said nothing about the file: away, too slow, cut off, or an answer nobody understands."""


class TooLarge(Exception):
    """clamd does not take files of this size."""


def ask(content: IO[bytes], *, seconds: float = ANSWERED_WITHIN) -> str:
    """The name of what was found in `content`, empty when it is clean; reads it from where it stands, in pieces.

    Raises Silent, also when the answer takes longer than `seconds` altogether, and TooLarge.
    """
    answer = _converse(b"zINSTREAM\0", content, seconds)
    if answer == "stream: OK":
        return ""
    found = _FOUND.fullmatch(answer)
    if answer == "INSTREAM size limit exceeded. ERROR" or (found and found[1].startswith(_LIMITS)):
        raise TooLarge
    if not found:
        raise Silent(f"it answered “{answer[:100]}”")
    return found[1]


def is_there() -> bool:
    """Whether clamd answers at all."""
    try:
        return _converse(b"zPING\0", None, CONNECTED_WITHIN) == "PONG"
    except Silent:
        return False


def _converse(command: bytes, content: IO[bytes] | None, seconds: float) -> str:
    deadline = time.monotonic() + seconds
    try:
        with closing(_connect(min(seconds, CONNECTED_WITHIN))) as connection:
            try:
                _send(connection, command, deadline)
                if content is not None:
                    _send_pieces(connection, content, deadline)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has heard enough, and may have said why
            return _receive(connection, deadline)
    except TimeoutError as error:
        raise Silent("it did not answer in time") from error
    except OSError as error:
        raise Silent(f"it cannot be reached ({error.strerror or error})") from error


def _connect(seconds: float) -> socket.socket:
    url = urlsplit(settings.SCANNER_URL)
    if url.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(seconds)
            connection.connect(url.path)
        except BaseException:
            connection.close()
            raise
        return connection
    return socket.create_connection((url.hostname or "", url.port or PORT), timeout=seconds)


def _send_pieces(connection: socket.socket, content: IO[bytes], deadline: float) -> None:
    while piece := content.read(PIECE):
        _send(connection, struct.pack(">L", len(piece)) + piece, deadline)
    _send(connection, struct.pack(">L", 0), deadline)


def _send(connection: socket.socket, data: bytes, deadline: float) -> None:
    connection.settimeout(_left(deadline))
    connection.sendall(data)


def _receive(connection: socket.socket, deadline: float) -> str:
    answer = b""
    while not answer.endswith(b"\0"):
        connection.settimeout(_left(deadline))
        piece = connection.recv(LONGEST_ANSWER)
        answer += piece
        if not piece or len(answer) > LONGEST_ANSWER:
            raise Silent("it broke off" if not piece else "it answered at length and without sense")
    return answer[:-1].decode(errors="replace").strip()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
