"""WSGI entry point: pages only, for servers that know no ASGI. Sockets and the embedded worker need config.asgi."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from core.checks import refuse_unsafe_start  # noqa: E402  (needs the settings)

refuse_unsafe_start()
