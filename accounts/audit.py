"""The audit trail: who changed what, when and from where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import structlog
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import AuditEntry, User
from core import cache

# What the filters offer is asked of the whole trail, so it is asked once a minute.
_kept = cache.Group("audit-choices", timeout=60)
CLOCK = "clock"


def record(
    actor: User | None,
    action: str,
    target: Any = None,
    *,
    changes: Mapping[str, Any] | None = None,
    note: str = "",
    at: datetime | None = None,
) -> AuditEntry:
    """Write down one act in the current transaction. `action` is a verb in the past: "published", "changed".

    `changes` is {field label: (before, after)} as words; `actor` None is the clock. The request id and the caller's
    network are taken from the request that is being answered.
    """
    bound = structlog.contextvars.get_contextvars()
    return AuditEntry.objects.create(
        actor=actor,
        actor_name=actor.display_name if actor else "",
        action=action[:60],
        target_type=ContentType.objects.get_for_model(target) if target is not None else None,
        target_id=target.pk if target is not None else None,
        target_name=str(target)[:300] if target is not None else "",
        changes={label: [str(old), str(new)] for label, (old, new) in (changes or {}).items()},
        note=note[:1000],
        request_id=str(bound.get("request_id", ""))[:64],
        network=str(bound.get("network", ""))[:45],
        at=at or timezone.now(),
    )


@dataclass(frozen=True)
class Search:
    """What somebody wants to see of the trail; what is empty leaves nothing out.

    `actor` is the id of a user or CLOCK, `kind` the id of a content type, `target` one thing as "model:id", `since` and
    `until` are days of the site's time zone, both included. `words` are looked for in names and notes.
    """

    actor: str = ""
    action: str = ""
    kind: str = ""
    target: str = ""
    since: date | None = None
    until: date | None = None
    words: str = ""


def entries(search: Search) -> QuerySet[AuditEntry]:
    """The entries asked for, the newest first. `search` holds what `accounts.admin.audit` found to be sound."""
    found = AuditEntry.objects.select_related("target_type")
    if search.actor:
        found = found.filter(nobody_asked() if search.actor == CLOCK else Q(actor=int(search.actor)))
    if search.action:
        found = found.filter(action=search.action)
    if search.kind:
        found = found.filter(target_type=int(search.kind))
    if search.target:
        model, _, pk = search.target.partition(":")
        types = ContentType.objects.filter(model=model).values_list("pk", flat=True)
        found = found.filter(target_type__in=list(types), target_id=int(pk))
    if search.since:
        found = found.filter(at__gte=start_of(search.since))
    if search.until:
        found = found.filter(at__lt=start_of(search.until + timedelta(days=1)))
    for word in search.words.replace("\0", "").split()[:6]:
        found = found.filter(Q(target_name__icontains=word) | Q(note__icontains=word) | Q(actor_name__icontains=word))
    return found


def nobody_asked() -> Q:
    """What was done without a request of anybody: by the clock or from the command line."""
    return Q(actor__isnull=True, actor_name="", network="")


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def older_than(found: QuerySet[AuditEntry], pk: int) -> QuerySet[AuditEntry]:
    """What comes after entry `pk` in a list, without counting what stands before it."""
    last = AuditEntry.objects.filter(pk=pk).values_list("at", flat=True).first()
    return found.filter(at__lte=last).exclude(at=last, pk__gte=pk) if last is not None else found.none()


def actors() -> list[tuple[str, str]]:
    """Everybody who left an entry and still has an account, as (id, name)."""

    def ask() -> list[tuple[str, str]]:
        people = AuditEntry.objects.order_by().values("actor").distinct()
        return [(str(person.pk), person.display_name) for person in User.objects.filter(pk__in=people)[:500]]

    return _kept.get_or_compute("actors", ask)


def actions() -> list[str]:
    """Every verb of the trail."""
    return _kept.get_or_compute(
        "actions", lambda: list(AuditEntry.objects.order_by("action").values_list("action", flat=True).distinct()[:500])
    )


def kinds() -> list[tuple[str, str]]:
    """Every kind of thing something was done to, as (id, name)."""

    def ask() -> list[tuple[str, str]]:
        known = AuditEntry.objects.order_by().values("target_type").distinct()
        named = [(str(kind.pk), kind.name) for kind in ContentType.objects.filter(pk__in=known)]
        return sorted(named, key=lambda pair: pair[1])

    return _kept.get_or_compute("kinds", ask)
