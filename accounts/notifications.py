"""Telling people what concerns them: a row in their inbox, live in their open pages, and by mail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import mailing
from accounts.models import Notification, User
from core import live, publication

# Read notices are kept this long; unread ones until they expire.
KEPT_FOR = timedelta(days=90)


def group_of(user_id: int) -> str:
    """Where the open pages of somebody listen; see `core.live`."""
    return f"notifications.{user_id}"


def notify(
    people: Iterable[User],
    *,
    category: str,
    text: str,
    url: str = "",
    actor: User | None = None,
    target: Any = None,
    priority: str = Notification.Priority.NORMAL,
    expires_at: datetime | None = None,
    mail: bool = False,
    at: datetime | None = None,
) -> list[Notification]:
    """Tell each of `people` once, but never the `actor` and nobody whose account is closed; in the current transaction.

    `text` is one plain sentence or two, at most 500 characters; `url` a path of this site. `mail`: by e-mail as well.
    Whether somebody may know of the `target` is for the caller to ask, who knows what it is: what is told now stays
    told, and the address it leads to asks again.
    """
    now = at or timezone.now()
    recipients = {person.pk: person for person in people if person.is_active and person != actor}
    rows = Notification.objects.bulk_create(
        Notification(
            recipient=person,
            actor=actor,
            category=category,
            priority=priority,
            target_type=ContentType.objects.get_for_model(target) if target is not None else None,
            target_id=target.pk if target is not None else None,
            text=text[:500],
            url=url,
            created_at=now,
            expires_at=expires_at,
        )
        for person in recipients.values()
    )
    for row in rows:
        live.tell(group_of(row.recipient_id), "notification.created", **facts_of(row))
    tell_unread(recipients)
    if mail:
        for person in recipients.values():
            if person.email:
                address = urljoin(settings.SITE_URL, url) if url else settings.SITE_URL
                context = {
                    "text": text,
                    "address": address,
                    "person": person,
                    "site_name": publication.current().name,
                    "site_url": settings.SITE_URL,
                }
                mailing.queue(
                    f"notification: {category}",
                    person.email,
                    subject_of(text),
                    render_to_string("accounts/email/notification.txt", context),
                    render_to_string("accounts/email/notification.html", context),
                    user=person,
                )
    return rows


def subject_of(text: str) -> str:
    """The first sentence, whole when it has room: whoever reads only subjects knows what happened."""
    first, stop, _ = " ".join(text.split()).partition(". ")
    subject = first.rstrip(".") if stop or first.endswith(".") else first
    return subject if len(subject) <= 120 else f"{subject[:119].rstrip()}…"


def facts_of(notice: Notification) -> dict[str, Any]:
    """What open pages are told of a notice."""
    return {
        "id": notice.pk,
        "category": notice.category,
        "priority": notice.priority,
        "text": notice.text,
        "url": notice.url,
        "at": notice.created_at.isoformat(),
        "unread": notice.read_at is None,
    }


def inbox_of(user: User, now: datetime) -> QuerySet[Notification]:
    """What somebody was told and that still matters, the newest first."""
    still = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    return Notification.objects.filter(still, recipient=user)


def unread_count(user: User, now: datetime | None = None) -> int:
    """How many notices somebody has not read."""
    return inbox_of(user, now or timezone.now()).filter(read_at__isnull=True).count()


def mark_read(user: User, pk: int, *, at: datetime | None = None) -> bool:
    """Somebody has read this notice of theirs; False when they had, or when it is none of theirs."""
    marked = Notification.objects.filter(recipient=user, pk=pk, read_at__isnull=True).update(
        read_at=at or timezone.now()
    )
    if marked:
        tell_unread([user.pk])
    return bool(marked)


def mark_all_read(user: User, *, up_to: int | None = None, at: datetime | None = None) -> int:
    """Somebody has read all; returns how many that were. `up_to`: not those told after this notice (its id)."""
    unread = Notification.objects.filter(recipient=user, read_at__isnull=True)
    if up_to is not None:
        unread = unread.filter(pk__lte=up_to)
    marked = unread.update(read_at=at or timezone.now())
    if marked:
        tell_unread([user.pk])
    return marked


def retire(target: Any, *, category: str, told_at: datetime, at: datetime) -> int:
    """What was told of `target` at that moment is settled: whoever has not read it no longer has to.

    Returns how many notices that were.
    """
    moot = Notification.objects.filter(
        target_type=ContentType.objects.get_for_model(target),
        target_id=target.pk,
        category=category,
        created_at=told_at,
        read_at__isnull=True,
    )
    recipients = list(moot.values_list("recipient", flat=True))
    if recipients:
        moot.update(expires_at=at)
        tell_unread(recipients)
    return len(recipients)


def tell_unread(user_ids: Iterable[int]) -> None:
    """Say to the open pages of these people how many notices they have not read, counted once all is committed."""
    known = list(user_ids)

    def tell() -> None:
        now = timezone.now()
        unread = Notification.objects.filter(recipient__in=known, read_at__isnull=True)
        unread = unread.exclude(expires_at__lte=now).order_by()
        counts = dict(unread.values_list("recipient").annotate(Count("pk")))
        for pk in known:
            live.tell(group_of(pk), "notification.unread", count=counts.get(pk, 0))

    if known:
        transaction.on_commit(tell, robust=True)


def forget_expired(now: datetime | None = None) -> int:
    """Delete what has expired, and what was read more than 90 days ago; returns how many."""
    now = now or timezone.now()
    return Notification.objects.filter(Q(expires_at__lte=now) | Q(read_at__lt=now - KEPT_FOR)).delete()[0]


def address_of(notice: Notification) -> str:
    """The path a notice leads to; empty when it leads nowhere, or out of this site."""
    own = notice.url.startswith("/") and url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None)
    return notice.url if own else ""
