"""docs/webhooks.md: what it shows works as it is written there, and it names all there is."""

import re
import time
from pathlib import Path

import pytest

from blog import webhook_desk
from tests.webhooks.conftest import NOON
from webhooks import delivering, signing
from webhooks.kinds import KINDS
from webhooks.recording import record

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text()


@pytest.fixture
def is_genuine():
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.S)
    names: dict = {}
    exec(code, names)
    return names["is_genuine"]


@pytest.mark.django_db
def test_the_snippet_tells_genuine_messages_from_others(is_genuine, receiver, listening, admin):
    server = receiver()
    endpoint = listening(server)
    first = signing.secret_of(endpoint)
    second = webhook_desk.rotate(endpoint, by=admin).secret
    record("post.published", {"id": 1, "title": "Fähre"}, at=NOON)
    delivering.send_due()
    (heard,) = server.heard
    assert is_genuine(first, heard.headers, heard.body) and is_genuine(second, heard.headers, heard.body)
    another = listening("https://example.org/")
    assert not is_genuine(signing.secret_of(another), heard.headers, heard.body)
    assert not is_genuine(first, heard.headers, heard.body.replace(b"1", b"2"))
    assert not is_genuine(first, heard.headers | {"webhook-id": "evt_other"}, heard.body)
    early = str(int(time.time()) - 301)
    assert not is_genuine(first, heard.headers | {"webhook-timestamp": early}, heard.body)
    for broken in ({}, heard.headers | {"webhook-timestamp": "soon"}, heard.headers | {"webhook-signature": "v1,é"}):
        assert not is_genuine(first, broken, heard.body)


def test_the_guide_names_every_event_and_every_wait():
    assert set(re.findall(r"^\| `([a-z]+\.[a-z]+)`", GUIDE, re.M)) == set(KINDS)
    minutes = [round(wait.total_seconds() / 60, 2) for wait in delivering.RETRY_AFTER]
    assert minutes == [0.17, 1, 5, 15, 40, 60, 120, 240, 360, 600], "as the guide says"
    assert (delivering.KEPT_OF_ANSWER, delivering.KEPT_FOR.days, delivering.SECONDS) == (4000, 30, 10)
