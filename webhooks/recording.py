"""Keeping that something happened, in the transaction in which it does, for those who want to hear of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from core import background
from webhooks.kinds import KINDS, PING
from webhooks.models import Delivery, Endpoint, Event

State = Delivery.State
TASK = "webhooks.tasks.send_due"


def record(kind: str, payload: Mapping[str, Any] | Callable[[], Mapping[str, Any]], *, at: datetime) -> Event | None:
    """A row for the event and one for each endpoint that asked for its kind; None where nobody did.

    `payload` holds ids, addresses and what anybody may know, as JSON; a function is asked for it only where somebody
    listens. What happens while an endpoint is paused is kept as not sent, to be replayed.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no event of webhooks.kinds.")
    heard = Endpoint.objects.filter(state__in=[Endpoint.State.ACTIVE, Endpoint.State.PAUSED])
    listening = [endpoint for endpoint in heard.only("events", "state").order_by("pk") if kind in endpoint.events]
    if not listening:
        return None
    with transaction.atomic():
        event = Event.objects.create(kind=kind, payload=payload() if callable(payload) else payload, created_at=at)
        keep(event, listening, at=at)
    return event


def ping(endpoint: Endpoint, *, at: datetime) -> Delivery:
    """A message that says nothing, to see whether it arrives."""
    with transaction.atomic():
        event = Event.objects.create(kind=PING, payload={"webhook": endpoint.pk}, created_at=at)
        (delivery,) = keep(event, [endpoint], at=at)
    return delivery


def keep(event: Event, endpoints: list[Endpoint], *, at: datetime) -> list[Delivery]:
    rows = [
        Delivery(
            event=event,
            endpoint=endpoint,
            state=State.WAITING if endpoint.is_active else State.SKIPPED,
            next_try_at=at,
            created_at=at,
        )
        for endpoint in endpoints
    ]
    kept = Delivery.objects.bulk_create(rows)
    wake()
    return kept


def wake() -> None:
    """Save what was kept the wait for the clock, once it is committed."""
    transaction.on_commit(lambda: background.wake(TASK), robust=True)
