"""Nothing written to do harm runs in a reader's browser or keeps the server busy; tried in every checkout."""

import pytest

from comments.models.comment import LONGEST
from comments.writing import render
from tests.comments.hostile_texts import CALL, attacks, bombs
from tests.comments.test_writing import _seconds, faults_in

HALVES, WHOLES = dict(bombs(LONGEST // 2)), dict(bombs(LONGEST))
INSIDE = ["[{}](https://x.example)", '[x](https://y.example "{}")', "> {}", "- {}", "```{}\nx\n```", "**{}**", "a{}"]


def test_nothing_that_would_run_is_left():
    texts = attacks()
    assert {text: found for text in texts if (found := faults_in(render(text)))} == {}
    assert len(texts) == len(set(texts)) > 350


@pytest.mark.parametrize("shape", INSIDE)
def test_nothing_of_it_is_left_inside_other_marks(shape):
    texts = [shape.format(text) for text in attacks()]
    assert {text: found for text in texts if (found := faults_in(render(text)))} == {}


def test_they_would_run_if_nothing_were_done():
    harmful = [text for text in attacks() if text.startswith("<") and faults_in(text)]
    assert len(harmful) > 100 and faults_in(f"<p>{CALL}</p>") == []


@pytest.mark.parametrize("name", WHOLES)
def test_no_bomb_takes_a_second_or_grows_faster_than_its_length(name):
    assert len(HALVES[name]) == LONGEST // 2 and len(WHOLES[name]) == LONGEST
    half, whole = _seconds(HALVES[name]), _seconds(WHOLES[name])
    assert whole < 1
    # Below some milliseconds the clock measures the machine.
    assert whole < 0.05 or whole <= 3 * half
