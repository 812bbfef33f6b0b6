"""Signatures as Standard Webhooks 1.0 says, by two secrets while one takes over from the other."""

import base64
import hashlib
import hmac
from datetime import timedelta

import pytest
import time_machine

from blog import webhook_desk
from tests.webhooks.conftest import NOON
from webhooks import delivering, signing
from webhooks.models import Endpoint
from webhooks.recording import record

pytestmark = pytest.mark.django_db


def signed(secret: str, headers: dict, body: bytes) -> str:
    """As a receiver would, from the text of the standard alone."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def test_what_is_sent_is_signed_over_id_time_and_body(receiver, listening):
    server = receiver()
    secret = signing.secret_of(listening(server))
    record("post.published", {"id": 1}, at=NOON)
    with time_machine.travel(NOON + timedelta(hours=3), tick=False):
        delivering.send_due()
    (heard,) = server.heard
    assert heard.headers["webhook-timestamp"] == str(int((NOON + timedelta(hours=3)).timestamp())), "of the try"
    assert heard.headers["webhook-signature"] == signed(secret, heard.headers, heard.body)
    assert heard.headers["webhook-signature"] != signed(secret, heard.headers, heard.body + b" ")


def test_both_secrets_sign_for_a_day_and_then_the_newest_alone(listening, admin):
    endpoint = listening("https://example.org/")
    first = signing.secret_of(endpoint)
    made = webhook_desk.rotate(endpoint, by=admin, at=NOON)
    endpoint = made.endpoint
    almost = signing.headers_for(endpoint, "evt_1", b"{}", NOON + timedelta(hours=23, minutes=59))
    assert almost["webhook-signature"].split() == [signed(made.secret, almost, b"{}"), signed(first, almost, b"{}")]
    later = signing.headers_for(endpoint, "evt_1", b"{}", NOON + timedelta(hours=24))
    assert later["webhook-signature"] == signed(made.secret, later, b"{}")
    third = webhook_desk.rotate(endpoint, by=admin, at=NOON)
    now = signing.headers_for(third.endpoint, "evt_1", b"{}", NOON)
    assert now["webhook-signature"].split() == [signed(third.secret, now, b"{}"), signed(made.secret, now, b"{}")]
    assert webhook_desk.end_overlap(third.endpoint, by=admin, at=NOON)
    assert not webhook_desk.end_overlap(third.endpoint, by=admin, at=NOON)
    ended = signing.headers_for(Endpoint.objects.get(), "evt_1", b"{}", NOON)
    assert ended["webhook-signature"] == signed(third.secret, ended, b"{}")


def test_the_database_alone_signs_nothing(listening, settings):
    endpoint = listening("https://example.org/")
    row = str(Endpoint.objects.values().get())
    assert signing.secret_of(endpoint).removeprefix("whsec_") not in row
    before = signing.secret_of(endpoint)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 10
    headers = signing.headers_for(endpoint, "evt_1", b"{}", NOON)
    assert signed(before, headers, b"{}") in headers["webhook-signature"].split(), "while the old key is still known"
    settings.SECRET_KEY_FALLBACKS = []
    headers = signing.headers_for(endpoint, "evt_1", b"{}", NOON)
    assert signed(before, headers, b"{}") not in headers["webhook-signature"].split()


def test_two_endpoints_have_two_secrets(listening):
    first, second = listening("https://example.org/"), listening("https://example.org/")
    assert signing.secret_of(first) != signing.secret_of(second)
