"""A file as an answer: whole, one part of it, or the news that the caller has it already (RFC 9110, 13 and 14).

Django knows conditions but no ranges, without which no browser jumps within a film and no download is taken up again.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import islice
from typing import IO, Any

from asgiref.sync import sync_to_async
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, parse_http_date_safe, quote_etag

_ONE_RANGE = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.ASCII | re.IGNORECASE)
# In the environment of a request when the server sends the `part` of a response by itself.
SERVER_SENDS_PARTS = "letterpress.sends_parts"
# Read and handed on at a time; what a large file costs in memory is a few of these.
BLOCK = 128 * 1024


class OutOfRange(Exception):
    """None of the bytes that are asked for exist."""


def wanted_part(header: str, size: int) -> range | None:
    """The bytes a Range header means of a file of `size` bytes; None for the whole file.

    Whole is also the answer to what is no range, to other units and to several ranges at once, as RFC 9110, 14.2
    allows. Raises OutOfRange.
    """
    found = _ONE_RANGE.fullmatch(header)
    if not found or not (found[1] or found[2]):
        return None
    if not found[1]:
        part = range(max(0, size - int(found[2])), size)
    elif found[2] and int(found[2]) < int(found[1]):
        return None
    else:
        part = range(int(found[1]), min(size, int(found[2]) + 1) if found[2] else size)
    if not part:
        raise OutOfRange
    return part


class Part(io.RawIOBase):
    """`part` of an open file, as a file; closing it closes the other."""

    def __init__(self, file: IO[bytes], part: range) -> None:
        self._file, self._left = file, len(part)
        file.seek(part.start)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        content = self._file.read(wanted) if wanted else b""
        self._left -= len(content)
        return content

    def fileno(self) -> int:
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()
        super().close()


class HandedOver(HttpResponse):
    """A part of a file that the server sends itself (config.pages), so that no thread waits for a slow reader."""

    def __init__(self, part: Part, status: int) -> None:
        super().__init__(status=status)
        self.part = part


class Streamed(FileResponse):
    """A part of a file, sent by whoever made the response; nothing is guessed from its content or its name."""

    block_size = BLOCK

    def __init__(self, part: Part, status: int) -> None:
        super().__init__(part, status=status)

    def set_headers(self, filelike: Any) -> None:
        """Guess nothing."""


def answer(request: HttpRequest, path: str, headers: dict[str, str]) -> HttpResponseBase:
    """Answer with the file at `path`; `headers` say what it is and who may keep it. Raises FileNotFoundError.

    The tag is the one nginx gives the same file, so that it is of no account who answers.
    """
    file = open(path, "rb")
    try:
        facts = os.fstat(file.fileno())
        response = _answer(request, file, facts.st_size, int(facts.st_mtime), headers)
    except BaseException:
        file.close()
        raise
    if not isinstance(response, HandedOver | Streamed):
        file.close()
    return response


def _answer(
    request: HttpRequest, file: IO[bytes], size: int, modified: int, headers: dict[str, str]
) -> HttpResponseBase:
    etag = quote_etag(f"{modified:x}-{size:x}")
    headers = {**headers, "ETag": etag, "Last-Modified": http_date(modified), "Accept-Ranges": "bytes"}
    seen = get_conditional_response(request, etag=etag, last_modified=modified)
    if seen is not None:
        # nothing comes along that would have a type or a name to be saved by
        return _with(seen, {**headers, "Content-Type": None, "Content-Disposition": None})
    try:
        part = wanted_part(_range_of(request, etag, modified), size)
    except OutOfRange:
        return _with(HttpResponse(status=416), {"Content-Range": f"bytes */{size}", "Cache-Control": "no-store"})
    whole = range(size) if part is None else part
    status = 200 if part is None else 206
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse(status=status)
    else:
        kind = HandedOver if SERVER_SENDS_PARTS in request.META else Streamed
        response = kind(Part(file, whole), status)
    _with(response, headers)
    response["Content-Length"] = str(len(whole))
    if part is not None:
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return response


def _range_of(request: HttpRequest, etag: str, modified: int) -> str:
    """The Range header, when it counts: only for GET, and only of the file the caller has begun with."""
    if request.method != "GET":
        return ""
    condition = request.headers.get("If-Range", "")
    if condition and condition != etag and parse_http_date_safe(condition) != modified:
        return ""
    return request.headers.get("Range", "")


def _with(response: Any, headers: Mapping[str, str | None]) -> Any:
    for name, value in headers.items():
        if value is None:
            del response[name]
        else:
            response[name] = value
    return response


async def handed_on(lines: Iterator[str]) -> AsyncIterator[str]:
    """Lines for a server that does not wait: asked for in the thread of the request, some at a time."""

    def some() -> str:
        return "".join(islice(lines, 200))

    while part := await sync_to_async(some)():
        yield part
