"""One ASGI server for everything: sockets through Channels, pages through Django's sync handler in a fixed thread pool.

Django's own ASGI handler costs six times its WSGI handler with our middleware, hence a2wsgi.
"""

import asyncio
import os

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config.pages import PagesAndFiles

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

pages = PagesAndFiles(get_wsgi_application(), workers=settings.WEB_THREADS)  # type: ignore[arg-type]

from config.sockets import websocket_urlpatterns  # noqa: E402  (Django must be set up first)
from core.checks import refuse_unsafe_start  # noqa: E402

refuse_unsafe_start()

routes = ProtocolTypeRouter(
    {
        "http": pages,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)


async def serve_lifespan(receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Start and stop the embedded worker and beat with the server."""
    workers = None
    if settings.EMBEDDED_WORKERS:
        from config.embedded import EmbeddedWorkers

        workers = await asyncio.to_thread(EmbeddedWorkers)
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            if workers:
                await asyncio.to_thread(workers.start)
            await send({"type": "lifespan.startup.complete"})
        else:
            if workers:
                await asyncio.to_thread(workers.stop)
            await send({"type": "lifespan.shutdown.complete"})
            return


async def application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    if scope["type"] == "lifespan":
        await serve_lifespan(receive, send)
    else:
        await routes(scope, receive, send)
