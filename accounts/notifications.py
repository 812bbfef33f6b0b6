"""Telling people what concerns them: a row in their inbox, live in their open pages, and by mail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.template.loader import render_to_string
from django.utils import timezone

from accounts import mailing
from accounts.models import Notification, User


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
) -> list[Notification]:
    """Tell each of `people` once, but never the `actor` and nobody whose account is closed; in the current transaction.

    `text` is one plain sentence or two, at most 500 characters; `url` a path of this site. `mail`: by e-mail as well.
    """
    now = timezone.now()
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
    if mail:
        for person in recipients.values():
            if person.email:
                address = urljoin(settings.SITE_URL, url) if url else settings.SITE_URL
                context = {"text": text, "address": address, "person": person}
                mailing.queue(
                    f"notification: {category}",
                    person.email,
                    text[:120],
                    render_to_string("accounts/email/notification.txt", context),
                    render_to_string("accounts/email/notification.html", context),
                    user=person,
                )
    return rows
