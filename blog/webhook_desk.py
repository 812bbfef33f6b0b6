"""What administrators do with webhooks, in the admin and the API: each step in a transaction with its audit entry."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.notifications import notify
from accounts.roles import may
from core.outbound import AddressRefused, require_callable
from core.refusals import NotAllowed, Refusal
from media_assets.scanning import administrators
from webhooks import delivering, recording, signing
from webhooks.kinds import KINDS, PING
from webhooks.models import Delivery, Endpoint, Event, new_salt

State = Endpoint.State
# Each has a thread of its own while something waits for it.
MOST = 50
# How long the secret that was replaced still signs.
OVERLAP = timedelta(hours=24)
MOST_REPLAYED = 1000
MOST_PINGS_AN_HOUR = 60


@dataclass(frozen=True)
class WithSecret:
    """An endpoint and the secret its owner is shown this once."""

    endpoint: Endpoint
    secret: str


def all_endpoints() -> QuerySet[Endpoint]:
    return Endpoint.objects.exclude(state=State.REMOVED)


def with_health(endpoints: QuerySet[Endpoint]) -> Any:
    """With how much waits, and how much was given up or not sent."""
    of = Delivery.State
    return endpoints.annotate(
        waiting_count=Count("deliveries", filter=Q(deliveries__state__in=[of.WAITING, of.SENDING])),
        missed_count=Count("deliveries", filter=Q(deliveries__state__in=[of.FAILED, of.SKIPPED])),
    )


def add(
    *, url: str, events: Collection[str], description: str = "", by: User, at: datetime | None = None
) -> WithSecret:
    """From now on these events are sent there. Raises Refusal."""
    now = at or timezone.now()
    _require(by, "add")
    url, events, description = _clean(url), _known(events), _words(description)
    with transaction.atomic():
        # Whoever adds one at the same moment waits here.
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
        if all_endpoints().count() >= MOST:
            raise Refusal(_("There are %(most)s webhooks already; remove one first.") % {"most": MOST})
        endpoint = Endpoint.objects.create(
            url=url,
            events=events,
            description=description,
            state_since=now,
            created_by=by,
            created_at=now,
            updated_at=now,
        )
        audit.record(by, "added", endpoint, changes={"events": ("", ", ".join(events))}, at=now)
    return WithSecret(endpoint, signing.secret_of(endpoint))


def change(endpoint: Endpoint, *, by: User, at: datetime | None = None, **said: Any) -> Endpoint:
    """Another address, other events or words; `is_active` switches it on or off. Only what is said changes.

    Switched on again, it begins anew; what was not sent meanwhile waits to be replayed. Raises Refusal.
    """
    now = at or timezone.now()
    _require(by, "change")
    cleaned: dict[str, Any] = {}
    if "url" in said:
        cleaned["url"] = _clean(said["url"])
    if "events" in said:
        cleaned["events"] = _known(said["events"])
    if "description" in said:
        cleaned["description"] = _words(said["description"])
    with transaction.atomic():
        row = locked(endpoint)
        changes = {}
        for name, value in cleaned.items():
            before = getattr(row, name)
            if before != value:
                changes[name] = tuple(", ".join(each) if isinstance(each, list) else each for each in (before, value))
                setattr(row, name, value)
        wanted = said.get("is_active")
        if wanted is not None and wanted != row.is_active:
            was = row.get_state_display()
            row.state, row.reason, row.state_since, row.told_at = State.ACTIVE if wanted else State.OFF, "", now, None
            row.failures, row.failing_since, row.held_until = 0, None, None
            changes["state"] = (was, row.get_state_display())
            if not wanted:
                delivering.skip_waiting(row.pk)
        elif "url" in changes:
            # What was wrong with the old address says nothing of the new one.
            row.failures, row.failing_since, row.held_until = 0, None, None
        if changes:
            row.updated_at = now
            row.save()
            audit.record(by, "changed", row, changes=changes, at=now)
            recording.wake()
    return row


def remove(endpoint: Endpoint, *, by: User, at: datetime | None = None) -> bool:
    """Send nothing more there, and forget what was sent. False where it was removed already."""
    now = at or timezone.now()
    _require(by, "delete")
    with transaction.atomic():
        row = Endpoint.objects.select_for_update(of=("self",), no_key=True).filter(pk=endpoint.pk).first()
        if row is None or row.state == State.REMOVED:
            return False
        row.state, row.state_since, row.updated_at = State.REMOVED, now, now
        row.save(update_fields=["state", "state_since", "updated_at"])
        delivering.skip_waiting(row.pk)
        audit.record(by, "deleted", row, at=now)
    return True


def rotate(endpoint: Endpoint, *, by: User, at: datetime | None = None) -> WithSecret:
    """Another secret. For a day both sign, so that the receiver can be told; one of before that signs no more."""
    now = at or timezone.now()
    _require(by, "change")
    with transaction.atomic():
        row = locked(endpoint)
        row.previous_salt, row.previous_until = row.salt, now + OVERLAP
        row.salt, row.rotated_at, row.updated_at = new_salt(), now, now
        row.save(update_fields=["previous_salt", "previous_until", "salt", "rotated_at", "updated_at"])
        audit.record(by, "made a new secret for", row, at=now)
    return WithSecret(row, signing.secret_of(row))


def end_overlap(endpoint: Endpoint, *, by: User, at: datetime | None = None) -> bool:
    """The secret before signs no more, from now on. False where none does."""
    now = at or timezone.now()
    _require(by, "change")
    with transaction.atomic():
        row = locked(endpoint)
        if row.previous_until is None or row.previous_until <= now:
            return False
        row.previous_salt, row.previous_until, row.updated_at = "", None, now
        row.save(update_fields=["previous_salt", "previous_until", "updated_at"])
        audit.record(by, "ended the old secret of", row, at=now)
    return True


# --- Sent again -------------------------------------------------------------------------------------------------------
def ping(endpoint: Endpoint, *, by: User, at: datetime | None = None) -> Delivery:
    """Send a test. Raises Refusal."""
    now = at or timezone.now()
    _require(by, "change")
    with transaction.atomic():
        row = locked(endpoint)
        _require_active(row)
        pings = Delivery.objects.filter(
            endpoint=row, event__kind=PING, created_at__gte=now - timedelta(hours=1)
        ).count()
        if pings >= MOST_PINGS_AN_HOUR:
            raise Refusal(_("It was tested very often in the last hour; look at what came of that first."))
        row.held_until = None
        row.save(update_fields=["held_until"])
        delivery = recording.ping(row, at=now)
        audit.record(by, "tested", row, at=now)
    return delivery


def replay(delivery: Delivery, *, by: User, at: datetime | None = None) -> Delivery:
    """Send one event again, with the same id. What waits is sent at once. Raises Refusal."""
    now = at or timezone.now()
    _require(by, "change")
    with transaction.atomic():
        endpoint = locked(delivery.endpoint)
        _require_active(endpoint)
        if not _again(Delivery.objects.filter(pk=delivery.pk, endpoint=endpoint), endpoint, now):
            raise Refusal(_("It is being sent at this moment; look again in a minute."))
        audit.record(by, "replayed an event to", endpoint, note=delivery.event_id, at=now)
    delivery.refresh_from_db()
    return delivery


@dataclass(frozen=True)
class Range:
    """Which events: those that happened from `since` and before `until`, of these kinds (all the endpoint hears of
    where none is named); with `only_missed`, those it never took."""

    since: datetime
    until: datetime
    kinds: tuple[str, ...] = ()
    only_missed: bool = True


def events_of(endpoint: Endpoint, chosen: Range) -> QuerySet[Event]:
    """What a replay would send, the oldest first; also events of before it asked for their kind."""
    kinds = [kind for kind in (chosen.kinds or endpoint.events) if kind in KINDS]
    found = Event.objects.filter(kind__in=kinds, created_at__gte=chosen.since, created_at__lt=chosen.until)
    states = [Delivery.State.SENDING, *([Delivery.State.DELIVERED] if chosen.only_missed else [])]
    left_out = Delivery.objects.filter(endpoint=endpoint, state__in=states)
    return found.exclude(pk__in=left_out.values("event")).order_by("created_at", "pk")


def replay_range(endpoint: Endpoint, chosen: Range, *, by: User, at: datetime | None = None) -> int:
    """Send all of these again; returns how many. Raises Refusal."""
    now = at or timezone.now()
    _require(by, "change")
    if chosen.since >= chosen.until:
        raise Refusal(_("The end comes before the beginning."), field="until")
    if unknown := set(chosen.kinds) - set(KINDS):
        raise Refusal(_("There is no event “%(name)s”.") % {"name": sorted(unknown)[0][:60]}, field="events")
    with transaction.atomic():
        row = locked(endpoint)
        _require_active(row)
        events = list(events_of(row, chosen)[: MOST_REPLAYED + 1])
        if len(events) > MOST_REPLAYED:
            raise Refusal(_("That is more than %(most)s events; choose a shorter time.") % {"most": MOST_REPLAYED})
        known = set(Delivery.objects.filter(endpoint=row, event__in=events).values_list("event", flat=True))
        new = [event for event in events if event.pk not in known]
        Delivery.objects.bulk_create(
            [Delivery(event=event, endpoint=row, next_try_at=now, created_at=now) for event in new],
            ignore_conflicts=True,
        )
        number = len(new) + _again(Delivery.objects.filter(endpoint=row, event__in=known), row, now)
        if number:
            note = f"{number} events from {chosen.since:%Y-%m-%d %H:%M} to {chosen.until:%Y-%m-%d %H:%M}"
            audit.record(by, "replayed events to", row, note=note, at=now)
            recording.wake()
    return number


def _again(deliveries: QuerySet[Delivery], endpoint: Endpoint, now: datetime) -> int:
    """Give them another round from the start; returns how many. What is being sent is left alone."""
    again = deliveries.exclude(state=Delivery.State.SENDING).update(
        state=Delivery.State.WAITING, tries=0, next_try_at=now, delivered_at=None, claimed_at=None
    )
    if again:
        Endpoint.objects.filter(pk=endpoint.pk).update(held_until=None)
        recording.wake()
    return again


# --- Told -------------------------------------------------------------------------------------------------------------
def tell_of_stopped(at: datetime) -> int:
    """Tell administrators of each endpoint that stopped by itself, once; returns how many endpoints."""
    told = 0
    for endpoint in Endpoint.objects.filter(state__in=[State.PAUSED, State.GONE], told_at=None):
        with transaction.atomic():
            mine = Endpoint.objects.filter(pk=endpoint.pk, state=endpoint.state, told_at=None)
            if not mine.update(told_at=at):
                continue
            text = f"Nothing is sent to the webhook {_short(endpoint.url)} any more. {endpoint.reason}"
            notify(
                administrators(),
                category="publication",
                priority="high",
                target=endpoint,
                text=text[:500],
                url=reverse("admin:webhooks_endpoint_change", args=[endpoint.pk]),
                mail=True,
                at=at,
            )
            told += 1
    return told


# --- What may be said -------------------------------------------------------------------------------------------------
def locked(endpoint: Endpoint) -> Endpoint:
    """The row as it is now, held until the transaction ends. Raises Refusal where it is gone."""
    row = all_endpoints().select_for_update(of=("self",), no_key=True).filter(pk=endpoint.pk).first()
    if row is None:
        raise Refusal(_("This webhook was removed meanwhile."))
    return row


def _require(by: User, deed: str) -> None:
    if not may(by, f"webhooks.{deed}_endpoint"):
        raise NotAllowed(_("Only administrators look after webhooks."))


def _require_active(endpoint: Endpoint) -> None:
    if not endpoint.is_active:
        raise Refusal(
            _("Nothing is sent to this webhook (%(state)s); switch it on first.")
            % {"state": endpoint.get_state_display().lower()}
        )


def _clean(url: str) -> str:
    url = url.strip()
    longest = Endpoint._meta.get_field("url").max_length or 0
    if len(url) > longest:
        raise Refusal(_("The address is longer than %(most)s characters.") % {"most": longest}, field="url")
    if "#" in url:
        raise Refusal(_("Leave out what follows the #; it is never sent."), field="url")
    try:
        require_callable(url)
    except AddressRefused as error:
        raise Refusal(str(error), field="url") from None
    return url


def _known(events: Collection[str]) -> list[str]:
    """In the order of the list, each once."""
    if unknown := [each for each in events if each not in KINDS]:
        raise Refusal(_("There is no event “%(name)s”.") % {"name": unknown[0][:60]}, field="events")
    if not events:
        raise Refusal(_("Choose at least one event."), field="events")
    return [kind for kind in KINDS if kind in events]


def _words(description: str) -> str:
    words = " ".join(description.replace("\0", "").split())
    if len(words) > 200:
        raise Refusal(_("The description has at most 200 characters."), field="description")
    return words


def _short(url: str) -> str:
    return url if len(url) <= 80 else f"{url[:79]}…"
