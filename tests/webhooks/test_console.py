"""The console in the admin: for administrators, in plain words, and every step in the audit trail."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AuditEntry
from tests.webhooks.conftest import NOON
from webhooks import delivering, signing
from webhooks.models import Delivery, Endpoint
from webhooks.recording import record

pytestmark = pytest.mark.django_db
LIST = "/admin/webhooks/endpoint/"
SENT = {"url": "https://example.org/hooks", "description": "The site", "events": ["post.published", "post.updated"]}


@pytest.fixture
def console(admin, client_of):
    return client_of(admin)


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def deeds() -> list[str]:
    return list(
        AuditEntry.objects.filter(target_type__app_label="webhooks").order_by("pk").values_list("action", flat=True)
    )


def test_an_empty_console_says_what_to_do(console):
    page = console.get(LIST).content.decode()
    assert "No program is told anything yet." in page and reverse("admin:webhooks_endpoint_add") in page
    assert "Nothing was sent yet." in console.get("/admin/webhooks/delivery/").content.decode()


def test_the_secret_is_shown_when_it_is_made_and_never_again(console):
    made = console.post(f"{LIST}add/", SENT)
    endpoint = Endpoint.objects.get()
    secret = signing.secret_of(endpoint)
    assert made.status_code == 200 and secret in made.content.decode() and "no-store" in made["Cache-Control"]
    assert endpoint.events == ["post.published", "post.updated"]
    assert secret not in console.get(f"{LIST}{endpoint.pk}/change/").content.decode()
    asked = console.get(f"{LIST}{endpoint.pk}/secret/")
    assert secret not in asked.content.decode() and "Make a new secret?" in asked.content.decode()
    again = console.post(f"{LIST}{endpoint.pk}/secret/").content.decode()
    endpoint.refresh_from_db()
    assert signing.secret_of(endpoint) in again and secret not in again
    assert "the secret before signs as well" in console.get(f"{LIST}{endpoint.pk}/change/").content.decode()
    console.post(f"{LIST}{endpoint.pk}/old-secret/")
    assert deeds() == ["added", "made a new secret for", "ended the old secret of"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"url": "http://10.0.0.1/"}, "not an address of the public internet"),
        ({"url": "javascript:alert(1)"}, "must begin with http:// or https://"),
        ({"events": []}, "Choose at least one event."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(console, wrong, sentence):
    page = console.post(f"{LIST}add/", {**SENT, **wrong}).content.decode()
    assert sentence in page and 'value="The site"' in page and not Endpoint.objects.exists()


def test_it_is_changed_switched_and_removed(console, listening):
    pk = listening("https://example.org/").pk
    console.post(f"{LIST}{pk}/change/", {**SENT, "events": ["media.created"]})
    assert Endpoint.objects.get().events == ["media.created"]
    console.post(f"{LIST}{pk}/switch/")
    assert Endpoint.objects.get().state == "off"
    assert "Switch on again" in console.get(f"{LIST}{pk}/change/").content.decode()
    console.post(f"{LIST}{pk}/switch/", {"on": "1"})
    assert Endpoint.objects.get().state == "active"
    assert console.get(f"{LIST}{pk}/delete/").status_code == 200
    console.post(f"{LIST}{pk}/delete/", {"post": "yes"})
    assert Endpoint.objects.get().state == "removed" and console.get(f"{LIST}{pk}/change/").status_code == 302
    assert deeds() == ["added", "changed", "changed", "changed", "deleted"]


def test_a_test_is_sent_and_what_came_of_it_is_shown(console, listening, receiver, noon):
    server = receiver(200, b"<b>thanks</b>")
    pk = listening(server).pk
    sent = console.post(f"{LIST}{pk}/ping/")
    delivering.send_due()
    page = console.get(sent["Location"]).content.decode()
    assert "<b>thanks</b>" not in page and "&lt;b&gt;thanks&lt;/b&gt;" in page
    assert "&quot;type&quot;: &quot;ping&quot;" in page and "Delivered" in page
    assert "1 ms" in page or "0 ms" in page
    assert "ping" in console.get(f"{LIST}{pk}/change/").content.decode()
    assert deeds() == ["added", "tested"]


def test_one_event_and_a_range_are_sent_again_after_a_question(console, listening, receiver, noon):
    server = receiver(500)
    pk = listening(server).pk
    event = record("post.published", {"id": 1}, at=NOON)
    delivering.send_due()
    server.status = 200
    delivery = Delivery.objects.get()
    path = f"/admin/webhooks/delivery/{delivery.pk}/replay/"
    assert "Send post.published again?" in console.get(path).content.decode() and len(server.heard) == 1
    console.post(path)
    delivering.send_due()
    assert [heard.headers["webhook-id"] for heard in server.heard] == [event.pk] * 2
    window = {"since_0": "2026-05-04", "since_1": "00:00", "until_0": "2026-05-05", "until_1": "00:00"}
    counted = console.get(f"{LIST}{pk}/replay/", window).content.decode()
    assert "or it has taken all of it" in counted and Delivery.objects.get().state == "delivered"
    window["all"] = "on"
    assert "Send 1 event again?" in console.get(f"{LIST}{pk}/replay/", window).content.decode()
    assert Delivery.objects.get().state == "delivered", "asked is not done"
    assert console.post(f"{LIST}{pk}/replay/", window).status_code == 302
    assert delivering.send_due() == 1 and len(server.heard) == 3
    assert deeds() == ["added", "replayed an event to", "replayed events to"]


def test_nobody_else_comes_near(client_of, editor, moderator, reader, listening, receiver):
    server = receiver()
    pk = listening(server).pk
    record("post.published", {"id": 1}, at=NOON)
    delivery = f"/admin/webhooks/delivery/{Delivery.objects.get().pk}/"
    pages = [LIST, f"{LIST}add/", f"{LIST}csv/", f"{LIST}{pk}/change/", f"{LIST}{pk}/replay/", f"{LIST}{pk}/secret/"]
    pages += ["/admin/webhooks/delivery/", f"{delivery}change/", f"{delivery}replay/", f"{LIST}{pk}/delete/"]
    for person in (editor, moderator, reader):
        client = client_of(person)
        for page in [*pages, f"{LIST}{pk}/ping/", f"{LIST}{pk}/switch/", f"{LIST}{pk}/old-secret/"]:
            assert client.post(page, SENT).status_code in {302, 403}, page
        for page in pages:
            assert client.get(page).status_code in {302, 403}, page
        assert "/admin/webhooks/" not in client.get("/admin/").content.decode()
    assert Endpoint.objects.get().state == "active" and Delivery.objects.count() == 1
    assert Endpoint.objects.get().salt == Endpoint.objects.get(pk=pk).salt and deeds() == ["added"]


def test_lists_ask_the_same_however_long_they_are(console, listening, receiver, django_assert_max_num_queries):
    server = receiver()
    for _ in range(5):
        listening(server)
    for number in range(10):
        record("post.published", {"id": number}, at=NOON + timedelta(seconds=number))
    delivering.send_due()
    for page in (LIST, "/admin/webhooks/delivery/", f"{LIST}{Endpoint.objects.first().pk}/change/"):
        console.get(page)
        with django_assert_max_num_queries(16):
            assert console.get(page).status_code == 200
