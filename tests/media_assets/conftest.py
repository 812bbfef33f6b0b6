"""Stores for files that tests of this folder ask for by name."""

from datetime import UTC, datetime

import pytest
import time_machine

from tests.media_assets.s3 import s3, s3_endpoint, store  # noqa: F401

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def own_store(settings, tmp_path):
    """The folder in which the files of this test lie, in "media" and "media-originals"."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path


@pytest.fixture
def noon(own_store):
    """A clock that stands at NOON, and a store of one's own."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock
