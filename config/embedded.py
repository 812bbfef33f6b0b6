"""Celery worker and beat as threads of the web process, for the installation without services.

Only with the in-memory broker and one web process. What the queue forgets when the process ends is found again by
the sweepers of config/schedule.py, because every piece of work has a row first.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

from celery import beat
from celery.worker import WorkController
from celery.worker import state as worker_state
from django.db import connections

from config.celery import app
from core import health

log = logging.getLogger(__name__)

SECONDS_TO_STOP = 2.5
failed = threading.Event()
"""Set when a thread ended unasked."""


@app.task(name="config.embedded.wake")
def wake() -> None:
    """Nothing to do: its arrival ends the worker's two-second wait for messages, so that a stop is noticed at once."""


class Clock(beat.Scheduler):
    """The schedule of config/schedule.py, kept in memory: a tick missed while the process was away is worth nothing."""

    def setup_schedule(self) -> None:
        self.merge_inplace(self.app.conf.beat_schedule)


class EmbeddedWorkers:
    """One worker thread and one beat thread. `start` returns at once, `stop` waits until both have ended.

    A thread that ends unasked takes the process with it: a site whose clock stands still must not look alive.
    """

    def __init__(self) -> None:
        self.stopping = False
        self.worker = WorkController(
            app=app,
            hostname="embedded@localhost",
            pool_cls="solo",
            concurrency=1,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            timer_precision=0.2,
            loglevel="WARNING",
        )
        self.beat = beat.Service(app, max_interval=1, scheduler_cls=Clock, remote_control=False)
        self.threads = [self._thread("worker", self.worker.start), self._thread("beat", self.beat.start)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()
            health.probes[thread.name] = self._probe(thread)

    def stop(self) -> None:
        self.stopping = True
        for thread in self.threads:
            health.probes.pop(thread.name, None)
        self.beat.stop()
        worker_state.should_stop = 0
        for _ in range(2):  # Celery waits for messages once more after it has noticed
            wake.delay()
        for thread in self.threads:
            thread.join(timeout=SECONDS_TO_STOP)
        worker_state.should_stop = None

    def _thread(self, name: str, run: Callable[[], Any]) -> threading.Thread:
        def run_until_stopped() -> None:
            try:
                run()
            except Exception:
                log.exception("%s failed", name)
            finally:
                connections.close_all()
            if not self.stopping:
                log.critical("The embedded %s ended unexpectedly, so Letterpress stops; start it again.", name)
                failed.set()
                os.kill(os.getpid(), signal.SIGTERM)

        return threading.Thread(target=run_until_stopped, name=name, daemon=True)

    @staticmethod
    def _probe(thread: threading.Thread) -> health.Probe:
        def ask() -> None:
            if not thread.is_alive():
                raise health.NotReady(f"the {thread.name} thread has ended")

        return ask
