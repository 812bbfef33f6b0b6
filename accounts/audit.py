"""The audit trail: who changed what, when and from where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.models import AuditEntry, User


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
