"""Sending what waits: claimed by a conditional update, tried again over a day, one lane for each endpoint.

Nobody knows whether a message arrived whose sender was killed between sending and writing that down. When its claim
runs out it is sent again with the same id: at least once, and a receiver that remembers ids acts once.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from django.db import connection, connections, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from core.events import announce
from core.outbound import OutboundError, TooLarge, fetch
from webhooks import signing
from webhooks.models import Attempt, Delivery, Endpoint, Event
from webhooks.signals import endpoint_stopped

log = logging.getLogger(__name__)

State = Delivery.State
SECONDS, BYTES = 10.0, 65_536
# So much of an answer is kept.
KEPT_OF_ANSWER = 4_000
CLAIM_LASTS = timedelta(minutes=1)
# The last comes a day after the first.
RETRY_AFTER = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=40),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=6),
    timedelta(hours=10),
)
# An endpoint that fails and fails is asked about one message now and then, not about each that waits.
HELD_FOR = (timedelta(0), timedelta(seconds=5), timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5))
LONGEST_WISH = timedelta(hours=24)
PAUSED_AFTER, PAUSED_FAILURES = timedelta(hours=24), 5
KEPT_FOR = timedelta(days=30)
REMOVED_FOR = timedelta(hours=1)
STOPPED_IN_THE_MIDDLE = "The sender stopped before it could write down what came of this; it may have arrived."

_lanes: dict[int, threading.Thread] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Said:
    """What came of one try."""

    status: int | None
    answer: str = ""
    error: str = ""
    wait: timedelta = timedelta(0)

    @property
    def is_heard(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == 410


# --- Who sends --------------------------------------------------------------------------------------------------------
def start_lanes() -> int:
    """A thread for each endpoint with something due that has none in this process; returns how many were started.

    Whoever calls does not wait, and no endpoint waits for another: a receiver that takes its ten seconds each time
    keeps a thread of its own waiting, which holds no connection to the database meanwhile.
    """
    started = 0
    for pk in due_endpoints(timezone.now()):
        with _lock:
            if pk in _lanes:
                continue
            thread = threading.Thread(target=_lane, args=(pk,), daemon=True, name=f"webhook-{pk}")
            # It takes itself out again, and waits for the lock to do so.
            thread.start()
            _lanes[pk] = thread
        started += 1
    return started


def send_due() -> int:
    """Everything due, here and now, endpoint after endpoint; returns how many arrived."""
    return sum(send_to(pk) for pk in due_endpoints(timezone.now()))


def due_endpoints(now: datetime) -> list[int]:
    return list(_due(now).order_by("endpoint_id").values_list("endpoint_id", flat=True).distinct())


def _lane(endpoint_id: int) -> None:
    try:
        send_to(endpoint_id, meanwhile=connection.close)
    except Exception:
        log.exception("The lane of webhook %s ended early", endpoint_id)
    finally:
        connections.close_all()
        with _lock:
            _lanes.pop(endpoint_id, None)


def send_to(endpoint_id: int, *, meanwhile: Callable[[], None] | None = None) -> int:
    """Send what is due to one endpoint, the oldest first, until nothing is or it fails again and again.

    `meanwhile` is called before each wait for the network. Safe to run twice at once. Returns how many arrived.
    """
    arrived = 0
    while (delivery := claim_next(endpoint_id, timezone.now())) is not None:
        said = _send(delivery, meanwhile)
        arrived += said.is_heard
        write(delivery, said, timezone.now())
    return arrived


# --- One message ------------------------------------------------------------------------------------------------------
def _due(now: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        Q(endpoint__held_until__isnull=True) | Q(endpoint__held_until__lte=now),
        endpoint__state=Endpoint.State.ACTIVE,
        state__in=[State.WAITING, State.SENDING],
        next_try_at__lte=now,
    )


def claim_next(endpoint_id: int, now: datetime) -> Delivery | None:
    """The next message for an endpoint, when this sender got one; the try is written down before it is made."""
    for pk in _due(now).filter(endpoint=endpoint_id).order_by("next_try_at", "pk").values_list("pk", flat=True)[:20]:
        with transaction.atomic():
            mine = Delivery.objects.filter(pk=pk, state__in=[State.WAITING, State.SENDING], next_try_at__lte=now)
            if not mine.update(
                state=State.SENDING,
                claimed_at=now,
                next_try_at=now + CLAIM_LASTS,
                attempts=F("attempts") + 1,
                tries=F("tries") + 1,
            ):
                continue
            delivery = Delivery.objects.select_related("event", "endpoint").get(pk=pk)
            Attempt.objects.filter(delivery=delivery, finished_at=None).update(
                finished_at=now, error=STOPPED_IN_THE_MIDDLE
            )
            Attempt.objects.create(delivery=delivery, number=delivery.attempts, started_at=now)
            if delivery.tries <= len(RETRY_AFTER) + 1:
                return delivery
            # It kills its sender, again and again.
            Delivery.objects.filter(pk=pk).update(state=State.FAILED, claimed_at=None)
            Attempt.objects.filter(delivery=delivery, finished_at=None).update(
                finished_at=now, error="Its sender stopped in the middle too often; nothing was sent."
            )
    return None


def body_of(event: Event) -> bytes:
    """The bytes that are sent and signed, the same each time."""
    said = {"id": event.pk, "type": event.kind, "timestamp": event.created_at.isoformat(), "data": event.payload}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode("utf-8", "replace")


def _send(delivery: Delivery, meanwhile: Callable[[], None] | None) -> Said:
    body = body_of(delivery.event)
    headers = signing.headers_for(delivery.endpoint, delivery.event_id, body, timezone.now())
    headers |= {"Content-Type": "application/json; charset=utf-8"}
    if meanwhile is not None:
        meanwhile()
    try:
        answer = fetch(
            delivery.endpoint.url, method="POST", headers=headers, body=body, timeout=SECONDS, max_bytes=BYTES
        )
    except TooLarge as error:
        return Said(error.status, error=f"{error} It was not read to its end.")
    except OutboundError as error:
        return Said(None, error=str(error))
    text = _shortened(answer.content)
    if 300 <= answer.status < 400:
        leads = "".join(each for each in answer.headers.get("Location", "") if each.isprintable())[:200]
        told = f"It leads elsewhere ({leads or 'it does not say where'}); nothing is sent on. Enter that address here."
        return Said(answer.status, text, told)
    if not 200 <= answer.status < 300:
        return Said(answer.status, text, f"It answered {answer.status}.", _wish(answer.headers.get("Retry-After", "")))
    return Said(answer.status, text)


def _shortened(content: bytes) -> str:
    text = content.decode("utf-8", "replace").replace("\0", "\ufffd")
    return text if len(text) <= KEPT_OF_ANSWER else f"{text[:KEPT_OF_ANSWER]}…"


def _wish(said: str) -> timedelta:
    """How long a receiver asks to be left alone (RFC 9110, 10.2.3); nothing where it makes no sense."""
    try:
        is_number = said.isdecimal() and len(said) < 9
        seconds = int(said) if is_number else parsedate_to_datetime(said).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return timedelta(0)
    return min(timedelta(seconds=max(0, seconds)), LONGEST_WISH)


def write(delivery: Delivery, said: Said, now: datetime) -> None:
    """What came of a try, with what it means for the endpoint; nothing of the rest where somebody else has it now."""
    with transaction.atomic():
        attempt = Attempt.objects.filter(delivery=delivery, number=delivery.attempts)
        began = delivery.claimed_at or now
        attempt.update(
            finished_at=now,
            duration_ms=max(0, round((now - began).total_seconds() * 1000)),
            status_code=said.status,
            answer=said.answer,
            error=said.error[:500],
        )
        mine = Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, attempts=delivery.attempts)
        if said.is_heard:
            mine.update(state=State.DELIVERED, delivered_at=now, claimed_at=None)
        elif delivery.tries > len(RETRY_AFTER):
            mine.update(state=State.FAILED, claimed_at=None)
        else:
            wait = max(RETRY_AFTER[delivery.tries - 1], said.wait)
            mine.update(state=State.WAITING, next_try_at=now + wait, claimed_at=None)
        _judge(delivery.endpoint_id, said, now)
    if not said.is_heard:
        log.warning("webhook %s did not take %s: %s", delivery.endpoint_id, delivery.event_id, said.error)


def _judge(endpoint_id: int, said: Said, now: datetime) -> None:
    endpoint = Endpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id).first()
    if endpoint is None:
        return
    if said.is_heard:
        endpoint.failures, endpoint.failing_since, endpoint.held_until = 0, None, None
        endpoint.last_success_at = now
    else:
        endpoint.failures += 1
        endpoint.failing_since = endpoint.failing_since or now
        endpoint.last_failure_at = now
        hold = max(HELD_FOR[min(endpoint.failures, len(HELD_FOR)) - 1], said.wait)
        endpoint.held_until = now + hold if hold else None
    endpoint.save(update_fields=["failures", "failing_since", "held_until", "last_success_at", "last_failure_at"])
    if said.is_gone:
        stop(endpoint, Endpoint.State.GONE, "It answered 410: what listened there is gone for good.", at=now)
    elif (
        endpoint.failing_since is not None
        and endpoint.failures >= PAUSED_FAILURES
        and now - endpoint.failing_since >= PAUSED_AFTER
    ):
        why = f"It took nothing for a day, {endpoint.failures} tries in a row. The last: {said.error}"
        stop(endpoint, Endpoint.State.PAUSED, why, at=now)


def stop(endpoint: Endpoint, state: str, why: str, *, at: datetime) -> bool:
    """Send nothing more to an active endpoint; what waits for it is kept as not sent. False where it was not active."""
    stopped = Endpoint.objects.filter(pk=endpoint.pk, state=Endpoint.State.ACTIVE).update(
        state=state, reason=why[:300], state_since=at, told_at=None
    )
    if stopped:
        skip_waiting(endpoint.pk)
        announce(endpoint_stopped, endpoint_id=endpoint.pk, at=at)
    return bool(stopped)


def skip_waiting(endpoint_id: int) -> int:
    """What waits for an endpoint is not sent; what is just being sent is, and then written down."""
    return Delivery.objects.filter(endpoint=endpoint_id, state=State.WAITING).update(state=State.SKIPPED)


# --- Forgetting -------------------------------------------------------------------------------------------------------
def forget_old(now: datetime) -> int:
    """Delete events of more than 30 days ago, with every try, and endpoints that were removed; returns how many events.

    What still waits for an active endpoint stays until it is told or given up.
    """
    Endpoint.objects.filter(state=Endpoint.State.REMOVED, state_since__lt=now - REMOVED_FOR).delete()
    waiting = Delivery.objects.filter(
        state__in=[State.WAITING, State.SENDING], endpoint__state=Endpoint.State.ACTIVE
    ).values("event")
    old = Event.objects.filter(created_at__lt=now - KEPT_FOR).exclude(pk__in=waiting)
    forgotten = 0
    while keys := list(old.values_list("pk", flat=True)[:500]):
        forgotten += Event.objects.filter(pk__in=keys).delete()[1].get("webhooks.Event", 0)
    return forgotten
