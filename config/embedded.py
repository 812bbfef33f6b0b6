"""Celery worker and beat as threads of the web process, for the installation without services.

Only with the in-memory broker and one web process. What the queue forgets when the process ends is found again by
the sweepers of config/schedule.py, because every piece of work has a row first.
"""

import logging
import threading

from celery import beat
from celery.worker import WorkController
from celery.worker import state as worker_state
from django.db import connections

from config.celery import app

log = logging.getLogger(__name__)


class EmbeddedWorkers:
    """One worker thread and one beat thread; `start` returns at once, `stop` waits up to five seconds."""

    def __init__(self) -> None:
        self.worker = WorkController(
            app=app,
            hostname="embedded@localhost",
            pool="solo",
            concurrency=1,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            loglevel="WARNING",
        )
        self.beat = beat.Service(app, max_interval=1, schedule_filename="", scheduler_cls=beat.Scheduler)
        self.threads = [
            threading.Thread(target=self._run_worker, name="worker", daemon=True),
            threading.Thread(target=self._run_beat, name="beat", daemon=True),
        ]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.beat.stop()
        worker_state.should_stop = 0
        for thread in self.threads:
            thread.join(timeout=5)

    def _run_worker(self) -> None:
        try:
            self.worker.start()
        finally:
            connections.close_all()

    def _run_beat(self) -> None:
        try:
            self.beat.start()
        except Exception:
            log.exception("beat stopped")
