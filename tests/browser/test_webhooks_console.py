"""The console of the webhooks, judged by WCAG 2.2 A and AA in both schemes and on the phone."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.roles import Role
from blog import webhook_desk
from tests.browser.judge import faults
from tests.conftest import make_person
from webhooks import delivering
from webhooks.models import Delivery, Endpoint
from webhooks.recording import record

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ENDPOINT, DELIVERY = "webhooks/endpoint", "webhooks/delivery"


@pytest.fixture
def busy():
    """A site with one webhook that goes well, one that fails and one that stopped; returns the first."""
    admin, now = make_person("admin", Role.ADMINISTRATOR), timezone.now()
    ways = [("https://pages.example.org/hooks/letterpress", "Static site", delivering.Said(200, "rebuild queued"))]
    ways.append(("https://chat.example.org/services/T024/B88/x7", "", delivering.Said(503, "", "It answered 503.")))
    ways.append(("https://old.example.org/in", "The old importer", delivering.Said(410, "", "It answered 410.")))
    for url, description, _ in ways:
        webhook_desk.add(url=url, events=["post.published", "post.updated"], description=description, by=admin, at=now)
    endpoints = list(Endpoint.objects.order_by("pk"))
    webhook_desk.rotate(endpoints[0], by=admin)
    for number in range(14):
        facts = {"id": number, "title": "The noon gun", "url": "https://example.org/blog/the-noon-gun/"}
        record("post.published" if number % 3 else "post.updated", facts, at=now - timedelta(minutes=number))
    for endpoint, (_, _, said) in zip(endpoints, ways, strict=True):
        for _ in range(12):
            if (delivery := delivering.claim_next(endpoint.pk, timezone.now())) is not None:
                delivering.write(delivery, said, timezone.now())
    return endpoints[0]


def test_every_page_of_it_is_open_to_everybody(browser_page, client_of, live_server, busy):
    page = browser_page()
    cookie = client_of(busy.created_by).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    sent = Delivery.objects.filter(endpoint=busy, state="delivered").first().pk
    gone = Endpoint.objects.get(state="gone").pk
    addresses = [f"{ENDPOINT}/", f"{ENDPOINT}/add/", f"{ENDPOINT}/{busy.pk}/change/", f"{ENDPOINT}/{gone}/change/"]
    addresses += [f"{ENDPOINT}/{busy.pk}/secret/", f"{ENDPOINT}/{busy.pk}/replay/", f"{ENDPOINT}/{busy.pk}/delete/"]
    addresses += [f"{DELIVERY}/", f"{DELIVERY}/{sent}/change/", f"{DELIVERY}/{sent}/replay/"]
    found = []
    for address in addresses:
        page.goto(f"/admin/{address}")
        found += [(address, *fault) for fault in faults(page, (1440, "light"), (1440, "dark"), (390, "light"))]
    page.goto(f"/admin/{ENDPOINT}/{busy.pk}/secret/")
    page.get_by_role("button", name="Make a new secret").click()
    assert page.get_by_label("Secret").input_value().startswith("whsec_")
    found += [("the secret", *fault) for fault in faults(page, (1440, "light"), (390, "dark"))]
    assert found == [], json.dumps(found, indent=1)
