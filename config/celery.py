"""Background work. The queue carries hints, never facts: whatever must happen has a row, and a sweeper."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("letterpress")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**kwargs: object) -> None:
    """Celery would replace the handlers; ours carry the request id."""


@app.on_after_configure.connect
def add_request_id_steps(sender: Celery, **kwargs: object) -> None:
    from django_structlog.celery.steps import DjangoStructLogInitStep

    sender.steps["worker"].add(DjangoStructLogInitStep)
