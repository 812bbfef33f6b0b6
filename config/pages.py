"""Pages from a few threads, and files from the event loop.

Somebody who watches a film slowly, or stops it, holds a connection for an hour. A thread that waits with them would be
one less for everybody else's pages; there are WEB_THREADS of them, four unless set.
"""

from __future__ import annotations

import asyncio
from typing import Any

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi import WSGIResponder

from core import downloads


class PagesAndFiles(WSGIMiddleware):
    """A WSGI application as an ASGI one; a response with a `part` (core.downloads) is sent when its thread is free."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await _Responder(self.app, self.executor, self.send_queue_size)(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class _Responder(WSGIResponder):
    part: downloads.Part | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await super().__call__(scope, receive, send)
        if self.part is not None:
            await send_part(self.part, receive, send)

    def wsgi(self, environ: Any, start_response: Any) -> None:
        environ[downloads.SERVER_SENDS_PARTS] = True
        response: Any = self.app(environ, start_response)
        try:
            self.part = getattr(response, "part", None)
            if self.part is None:
                for chunk in response:
                    self.send({"type": "http.response.body", "body": chunk, "more_body": True})
                self.send({"type": "http.response.body", "body": b""})
        finally:
            getattr(response, "close", lambda: None)()


async def send_part(part: downloads.Part, receive: Any, send: Any) -> None:
    """Send a file as fast as the other end takes it, and no further once that has gone."""
    gone = asyncio.ensure_future(_gone(receive))
    try:
        while content := await asyncio.to_thread(part.read, downloads.BLOCK):
            if gone.done():
                return
            await send({"type": "http.response.body", "body": content, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
        part.close()


async def _gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
