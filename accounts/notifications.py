"""Telling people what concerns them: a row in their inbox, live in their open pages, and by mail."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import mail_choices, mailing
from accounts.models import Notification, NotificationChoice, OutgoingMail, User
from core import languages, live, publication

# Read notices are kept this long; unread ones until they expire.
KEPT_FOR = timedelta(days=90)
# What is not looked at for so long is no longer worth it; what is not named here waits for ever.
LASTS: dict[str, timedelta] = {
    Notification.Category.LIKE: timedelta(days=30),
    Notification.Category.FOLLOW: timedelta(days=60),
    Notification.Category.NEWS: timedelta(days=60),
}
# What is told in the language of the desk.
OF_THE_DESK = {Notification.Category.PUBLICATION, Notification.Category.REVIEW, Notification.Category.MEDIA}
# Of one notice so many are known by name, to count each once.
MOST_ACTORS = 500


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
    group_key: str = "",
    several: Callable[[int], str] | None = None,
    at: datetime | None = None,
) -> list[Notification]:
    """Tell each of `people` once, but never the `actor` and nobody whose account is closed; in the current transaction.

    `text` is one plain sentence or two, at most 500 characters; `url` a path of this site. `mail`: by e-mail as well,
    as each of them chose (`accounts.mail_choices`). What is told under one `group_key` is one notice until it is read:
    the same actor counts in it once, and from the second on it says `several(how many others)`, such as "Ana and 4
    others liked …"; a mail tells of the first alone, and of what one actor does and undoes once a day. Whether
    somebody may know of the `target` is for the caller to ask, who knows what it is: what is told now stays told, and
    the address it leads to asks again.
    """
    now = at or timezone.now()
    recipients = {person.pk: person for person in people if person.is_active and person != actor}
    if expires_at is None and category in LASTS:
        expires_at = now + LASTS[category]
    with transaction.atomic():
        before = _unread_of(group_key, recipients, now) if group_key else {}
        for pk, former in before.items():
            if actor is not None and actor.pk in former.actor_ids:
                recipients.pop(pk)
        chosen = mail_choices.chosen_by(recipients, category) if mail else {}
        mails = {pk: _mail_id(pk, group_key, actor, now) for pk in recipients}
        mailed = _mailed_already([mails[pk] for pk in recipients if chosen.get(pk) == NotificationChoice.Mail.NOW])
        rows = []
        for pk, person in recipients.items():
            row = Notification(
                recipient=person,
                actor=actor,
                category=category,
                priority=priority,
                target_type=ContentType.objects.get_for_model(target) if target is not None else None,
                target_id=target.pk if target is not None else None,
                text=text[:500],
                url=url,
                group_key=group_key,
                actor_ids=[actor.pk] if group_key and actor is not None else [],
                mail=_as_row_says(chosen.get(pk, ""), person),
                created_at=now,
                expires_at=expires_at,
            )
            if pk in before:
                former = before[pk]
                row.count = former.count + 1
                row.actor_ids = [*former.actor_ids, *row.actor_ids][-MOST_ACTORS:]
                row.text = several(row.count - 1)[:500] if several else row.text
            if row.mail == NotificationChoice.Mail.NOW and row.count == 1 and mails[pk] not in mailed:
                row.mailed_at = now
            rows.append(row)
        # A new row in the place of the old one: it is new to whoever has looked at their inbox meanwhile.
        Notification.objects.filter(pk__in=[former.pk for pk, former in before.items() if pk in recipients]).delete()
        rows = Notification.objects.bulk_create(rows)
        for row in rows:
            live.tell(group_of(row.recipient_id), "notification.created", **facts_of(row))
            if row.mailed_at is not None:
                _queue_mail(row, recipients[row.recipient_id], mails[row.recipient_id])
        tell_unread(recipients)
    return rows


def _unread_of(group_key: str, people: Iterable[int], now: datetime) -> dict[int, Notification]:
    """What these people have not read of a group, by reader. Of many told at once, each waits for the one before."""
    list(User.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk", flat=True))
    unread = Notification.objects.filter(recipient__in=list(people), group_key=group_key, read_at__isnull=True)
    unread.filter(expires_at__lte=now).delete()
    return {notice.recipient_id: notice for notice in unread}


def _as_row_says(mail: str, person: User) -> str:
    return mail if person.email and mail != NotificationChoice.Mail.NEVER else ""


def _mail_id(person_id: int, group_key: str, actor: User | None, now: datetime) -> str:
    """The same for all that one actor does under one group in a day, however often they undo it; empty: its own."""
    if not group_key or actor is None:
        return ""
    fact = f"{person_id} {group_key} {actor.pk} {now:%Y-%m-%d}"
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<notice-{salted_hmac('letterpress.notice', fact, algorithm='sha256').hexdigest()[:40]}@{host}>"


def _mailed_already(message_ids: Iterable[str]) -> set[str]:
    """Which of these were told by mail before. Those who are asked about are held by `_unread_of`."""
    known = [message_id for message_id in message_ids if message_id]
    if not known:
        return set()
    return set(OutgoingMail.objects.filter(message_id__in=known).values_list("message_id", flat=True))


def _queue_mail(notice: Notification, person: User, message_id: str) -> None:
    with translation.override(languages.main()):
        context = {
            "text": notice.text,
            "address": urljoin(settings.SITE_URL, notice.url) if notice.url else settings.SITE_URL,
            "person": person,
            "is_for_readers": notice.category not in OF_THE_DESK,
            "choices": urljoin(settings.SITE_URL, mail_choices.path_to("my_mails")),
            "off": mail_choices.address_for(person, notice.category),
            "site_name": publication.current().name,
            "site_url": settings.SITE_URL,
        }
        mailing.queue(
            f"notification: {notice.category}",
            person.email,
            subject_of(notice.text),
            render_to_string("accounts/email/notification.txt", context),
            render_to_string("accounts/email/notification.html", context),
            user=person,
            headers=mail_choices.headers_for(person, notice.category),
            message_id=message_id,
        )


def withdraw(group_key: str, actor_id: int, *, recipient: User | None = None) -> int:
    """Somebody undid what they did before anybody read of it: told of nobody else, it is not told at all."""
    alone = Notification.objects.filter(group_key=group_key, read_at__isnull=True, actor=actor_id, count=1)
    if recipient is not None:
        alone = alone.filter(recipient=recipient)
    recipients = list(alone.values_list("recipient", flat=True))
    if recipients:
        alone.delete()
        tell_unread(recipients)
    return len(recipients)


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


def mark_unread(user: User, pk: int) -> bool:
    """Somebody wants to come back to this notice of theirs; False when it is none of theirs, or unread."""
    # Alone from now on: its group may have another unread one.
    marked = Notification.objects.filter(recipient=user, pk=pk, read_at__isnull=False).update(
        read_at=None, group_key=""
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
