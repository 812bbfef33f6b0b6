"""Background work. The queue carries hints, never facts: whatever must happen has a row, and a sweeper."""

import os

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("letterpress")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**kwargs: object) -> None:
    """Celery would replace the handlers; ours carry the request id."""


@worker_init.connect
@beat_init.connect
def refuse_unsafe_settings(**kwargs: object) -> None:
    """Worker and beat open on the same settings as the web, so they refuse the same ones."""
    from django.core.exceptions import ImproperlyConfigured

    from core.checks import refuse_unsafe_start

    try:
        refuse_unsafe_start()
    except ImproperlyConfigured as error:
        # Celery logs and forgets every other exception of a receiver
        raise SystemExit(f"Letterpress does not start.\n{error}") from error


@app.on_after_configure.connect
def add_request_id_steps(sender: Celery, **kwargs: object) -> None:
    from django_structlog.celery.steps import DjangoStructLogInitStep

    sender.steps["worker"].add(DjangoStructLogInitStep)
