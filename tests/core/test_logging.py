"""One id for what one click caused: answered, logged, carried into the queue."""

import json
import logging
import os
import subprocess
import sys
import time
import uuid

import pytest
import structlog
from celery import shared_task
from celery.contrib.testing.worker import start_worker
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from config.celery import app

log = structlog.get_logger("letterpress.test")
seen: list[dict] = []
QUEUE = f"tests-{uuid.uuid4().hex}"  # nobody else's worker listens to it


@shared_task(name="tests.note_request")
def note_request() -> None:
    seen.append(structlog.contextvars.get_contextvars())


def ask_for_work(request):
    note_request.apply_async(queue=QUEUE)
    return HttpResponse(structlog.contextvars.get_contextvars()["request_id"])


def break_down(request):
    raise RuntimeError("a fault")


urlpatterns = [path("work/", ask_for_work), path("broken/", break_down)]


@pytest.fixture
def own_addresses(settings):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "structlog" in name or "RequestId" in name]
    seen.clear()


def test_the_id_is_answered_and_is_the_one_the_view_saw(client, own_addresses):
    response = client.get("/work/")
    assert response["X-Request-ID"] == response.content.decode()
    assert uuid.UUID(response["X-Request-ID"])


def test_two_requests_have_two_ids(client, own_addresses):
    assert client.get("/work/")["X-Request-ID"] != client.get("/work/")["X-Request-ID"]


def test_a_stranger_does_not_choose_the_id(client, own_addresses):
    forged = "0 level=critical forged"
    assert client.get("/work/", headers={"X-Request-ID": forged})["X-Request-ID"] != forged


def test_the_id_is_answered_when_the_view_fails(own_addresses):
    response = Client(raise_request_exception=False).get("/broken/")
    assert response.status_code == 500
    assert response["X-Request-ID"]


def test_a_task_logs_the_id_of_the_request_that_asked_for_it(client, own_addresses):
    with start_worker(app, pool="solo", queues=[QUEUE], perform_ping_check=False, shutdown_timeout=10):
        request_id = client.get("/work/")["X-Request-ID"]
        wait_for(lambda: request_id in [context.get("request_id") for context in seen])
    (context,) = [context for context in seen if context.get("request_id") == request_id]
    assert context["task_id"]


def wait_for(condition, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)


def test_a_line_of_json_holds_level_logger_time_and_context():
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=settings.LOGGING["formatters"]["structured"]["foreign_pre_chain"],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
    )
    with structlog.contextvars.bound_contextvars(request_id="abc"):
        record = logging.LogRecord("blog", logging.WARNING, "x.py", 1, "late by %s s\nlevel=forged", (3,), None)
        line = formatter.format(record)
    assert "\n" not in line
    said = json.loads(line)
    assert said["event"] == "late by 3 s\nlevel=forged"
    assert (said["level"], said["logger"], said["request_id"]) == ("warning", "blog", "abc")
    assert said["timestamp"]


def test_a_line_of_djangos_is_written_once_and_without_the_secrets_of_addresses():
    said = (
        "import logging, django; django.setup(); "
        "logging.getLogger('django.request').warning('Not Found: %s', '/media/signed/a-secret')"
    )
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    done = subprocess.run(
        [sys.executable, "-c", said],
        cwd=settings.BASE_DIR,
        env={**clean, "DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr.count("Not Found") == 1
    assert "a-secret" not in done.stderr


def test_files_that_come_in_lie_where_it_was_said(tmp_path):
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    place = tmp_path / "var" / "incoming"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import django; django.setup(); from django.core.files.uploadedfile import TemporaryUploadedFile as T;"
            "print(T('a', '', 0, None).temporary_file_path())",
        ],
        cwd=settings.BASE_DIR,
        env={**clean, "DJANGO_SETTINGS_MODULE": "config.settings", "UPLOAD_TEMP_DIR": str(place)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.startswith(str(place))
