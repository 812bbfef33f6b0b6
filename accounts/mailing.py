"""Outgoing mail: a row first, the hand-over afterwards, by a worker that may die at any moment.

A row says what is to be sent; it is written in the caller's transaction, so a mail leaves exactly when what it tells
of has happened. Claiming is a conditional update: of two senders one gets the row. When a sender dies between hand-over
and "sent", nobody knows whether the mail left. Such a row is sent again after ten minutes: what goes out here are links
that work once and notices, and one of them twice is better than none. The repeated copy has the same Message-ID, by
which mail programs show it once.
"""

import logging
import smtplib
from datetime import datetime, timedelta
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import OutgoingMail, User
from core import background

log = logging.getLogger(__name__)

Status = OutgoingMail.Status
RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
CLAIM_LASTS = timedelta(minutes=10)
KEPT_FOR = timedelta(days=30)


def queue(
    kind: str,
    recipient: str,
    subject: str,
    text: str,
    html: str,
    *,
    user: User | None = None,
    reply_to: str = "",
    headers: dict[str, str] | None = None,
    message_id: str = "",
) -> OutgoingMail:
    """Write one mail into the outbox, in the current transaction; a worker is told after commit.

    `message_id` is one of its own unless given; the database takes none twice (IntegrityError).
    `kind` says what it is about, for people reading the outbox. Line breaks in the subject become spaces and anything
    past 300 characters is cut. Raises ValidationError for an address that is none, ValueError for a header with a line
    break.
    """
    validate_email(recipient)
    if reply_to:
        validate_email(reply_to)
    for name, value in (headers or {}).items():
        if any(character in f"{name}{value}" for character in "\r\n\0"):
            raise ValueError(f"The header {name!r} has a line break in it.")
    now = timezone.now()
    mail = OutgoingMail.objects.create(
        kind=kind[:60],
        recipient=recipient,
        user=user,
        sender=settings.DEFAULT_FROM_EMAIL,
        reply_to=reply_to,
        subject=" ".join(_printable(subject).split())[:300],
        text=text.replace("\0", ""),
        html=html.replace("\0", ""),
        headers=headers or {},
        message_id=message_id or make_msgid(domain=urlsplit(settings.SITE_URL).hostname or "localhost"),
        next_try_at=now,
    )
    transaction.on_commit(wake_sender, robust=True)
    return mail


def wake_sender() -> None:
    """Tell a worker that mail waits. A queue that is down delays the mail until the next tick, no more."""
    background.wake("accounts.tasks.send_waiting_mail")


def send_due(limit: int = 50) -> int:
    """Hand over what is due, oldest first; returns how many left. Safe to run twice at once."""
    sent = 0
    connection: BaseEmailBackend | None = None
    try:
        for pk in list(_due(timezone.now()).order_by("next_try_at", "id").values_list("pk", flat=True)[:limit]):
            mail = _claim(pk, timezone.now())
            if mail is None:
                continue
            connection = connection or get_connection()
            try:
                _message(mail, connection).send()
            except smtplib.SMTPRecipientsRefused as error:
                codes = [code for code, _ in error.recipients.values()]
                _put_back(mail, error, for_good=bool(codes) and all(code >= 500 for code in codes))
            except smtplib.SMTPResponseException as error:
                _put_back(mail, error, for_good=isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 550)
            except OSError as error:
                # The server is away: the others would only wait for the same answer.
                _put_back(mail, error)
                break
            except Exception as error:
                log.exception("mail %s could not be built", mail.pk)
                _put_back(mail, error, for_good=True)
            else:
                _mark_sent(mail)
                sent += 1
    finally:
        if connection is not None:
            connection.close()
    return sent


def send_again(mails: list[OutgoingMail]) -> int:
    """Give failed mails another round from the start; returns how many. Those without a body stay as they are."""
    again = (
        OutgoingMail.objects.filter(pk__in=[mail.pk for mail in mails], status=Status.FAILED)
        .exclude(text="", html="")
        .update(status=Status.WAITING, attempts=0, claimed_at=None, last_error="", next_try_at=timezone.now())
    )
    if again:
        transaction.on_commit(wake_sender, robust=True)
    return again


def forget_old() -> int:
    """Delete what was sent, or given up, more than 30 days ago; returns how many."""
    before = timezone.now() - KEPT_FOR
    old = Q(status=Status.SENT, sent_at__lt=before) | Q(status=Status.FAILED, created_at__lt=before)
    return OutgoingMail.objects.filter(old).delete()[0]


def _due(now: datetime) -> QuerySet[OutgoingMail]:
    waiting = Q(status=Status.WAITING, next_try_at__lte=now)
    abandoned = Q(status=Status.SENDING, claimed_at__lt=now - CLAIM_LASTS)
    return OutgoingMail.objects.filter(waiting | abandoned)


def _claim(pk: int, now: datetime) -> OutgoingMail | None:
    """The mail, when this sender got it. Attempts count from here: one that kills its sender is given up in the end."""
    if not _due(now).filter(pk=pk).update(status=Status.SENDING, claimed_at=now, attempts=F("attempts") + 1):
        return None
    mail = OutgoingMail.objects.get(pk=pk)
    if mail.attempts > len(RETRY_AFTER) + 1:
        _put_back(mail, RuntimeError("The sender stopped in the middle, several times."), for_good=True)
        return None
    return mail


def _message(mail: OutgoingMail, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    headers = {"Auto-Submitted": "auto-generated", **mail.headers, "Message-ID": mail.message_id}
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        mail.sender,
        [mail.recipient],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers=headers,
        connection=connection,
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def _mark_sent(mail: OutgoingMail) -> None:
    changes = {"status": Status.SENT, "sent_at": timezone.now(), "last_error": ""}
    if not settings.KEEP_MAIL_BODIES:
        changes |= {"text": "", "html": ""}
    OutgoingMail.objects.filter(pk=mail.pk, claimed_at=mail.claimed_at).update(**changes)


def _put_back(mail: OutgoingMail, error: Exception, *, for_good: bool = False) -> None:
    """Back among the waiting, later each time; failed after the last try or when the server refused `for_good`."""
    given_up = for_good or mail.attempts > len(RETRY_AFTER)
    changes: dict[str, object] = {
        "status": Status.FAILED if given_up else Status.WAITING,
        "last_error": _printable(f"{type(error).__name__}: {error}")[:500],
        "claimed_at": None,
    }
    if not given_up:
        changes["next_try_at"] = timezone.now() + RETRY_AFTER[mail.attempts - 1]
    log.warning("mail %s was not handed over (attempt %s): %s", mail.pk, mail.attempts, type(error).__name__)
    OutgoingMail.objects.filter(pk=mail.pk, claimed_at=mail.claimed_at).update(**changes)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
