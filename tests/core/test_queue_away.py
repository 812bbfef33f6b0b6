"""A queue that does not answer is asked once in a while; everybody else goes on at once, and the sweepers find it."""

import logging

import pytest
from kombu.exceptions import OperationalError

from core import background

_send = background._send  # what is tried here; elsewhere nothing reaches a queue


class Task:
    name = "tests.a_task"

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.asked = error, 0

    def apply_async(self, args):
        self.asked += 1
        if self.error:
            raise self.error


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    at = {"now": 1000.0}
    monkeypatch.setattr(background, "_away", {"until": 0.0})
    monkeypatch.setattr(background.time, "monotonic", lambda: at["now"])
    return at


@pytest.mark.parametrize("error", [OperationalError("refused"), OSError("timed out")])
def test_after_one_wait_nobody_waits_for_a_while(error, clock, caplog):
    broken, other = Task(error), Task()
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            _send(broken, ())
            _send(other, ())
    assert (broken.asked, other.asked) == (1, 0)
    assert caplog.text.count("waits for its sweeper") == 1
    clock["now"] += background.LEFT_ALONE + 1
    broken.error = None
    _send(broken, ())
    _send(other, ())
    assert (broken.asked, other.asked) == (2, 1)


def test_a_queue_that_answers_is_asked_each_time():
    task = Task()
    for _ in range(3):
        _send(task, (1,))
    assert task.asked == 3


def test_a_mistake_of_ours_is_not_taken_for_a_queue_that_is_away():
    with pytest.raises(TypeError):
        _send(Task(TypeError("no such argument")), ())
    assert background._away["until"] == 0.0
