"""News is sent after commit, in plain values, and no receiver can disturb anybody."""

import logging
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.dispatch import Signal

from core.events import announce

happened = Signal()


@pytest.fixture
def heard():
    facts_heard = []

    def listen(sender, **facts):
        facts.pop("signal")
        facts_heard.append(facts)

    happened.connect(listen)
    yield facts_heard
    happened.disconnect(listen)


@pytest.mark.django_db
def test_news_waits_for_the_commit(heard, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        announce(happened, post_id=1, at=datetime(2026, 1, 1, tzinfo=UTC), tags=["a", "b"])
        assert heard == []
    assert heard == [{"post_id": 1, "at": datetime(2026, 1, 1, tzinfo=UTC), "tags": ["a", "b"]}]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_said_about_what_was_rolled_back(heard):
    with pytest.raises(RuntimeError), transaction.atomic():
        announce(happened, post_id=1)
        raise RuntimeError
    assert heard == []
    announce(happened, post_id=2)
    assert heard == [{"post_id": 2}]


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_fails_is_logged_and_the_others_hear(heard, caplog):
    def fail(sender, **facts):
        raise ValueError("broken receiver")

    happened.connect(fail)
    with caplog.at_level(logging.ERROR, logger="core.events"):
        announce(happened, post_id=3)
    happened.disconnect(fail)
    assert heard == [{"post_id": 3}]
    assert "fail" in caplog.text and "broken receiver" in caplog.text


@pytest.mark.parametrize("value", [Group(name="x"), [Group(name="x")], {"g": Group(name="x")}, object()])
def test_instances_are_refused(value, heard):
    with pytest.raises(TypeError, match="post"):
        announce(happened, post=value)
    assert heard == []
