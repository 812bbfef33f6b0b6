"""A POST that may be sent again: the same `Idempotency-Key` gives the same answer and does nothing twice.

(draft-ietf-httpapi-idempotency-key-header-07.) The key, what is done and the answer share one transaction: who arrives
meanwhile waits for it, and where it is cut off nothing was done and the key is free.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.addresses import client_network
from accounts.models import IdempotentAnswer
from core.rest.problems import Unprocessable

HEADER = "Idempotency-Key"
LASTS = timedelta(hours=24)
LONGEST = 255
KEPT_HEADERS = ("Location", "ETag", "Content-Type", "Last-Modified")


class AnsweredBefore(Exception):
    """Raised in place of doing it again."""

    def __init__(self, row: IdempotentAnswer) -> None:
        super().__init__()
        self.row = row


def claim(request: Request, now: datetime | None = None) -> IdempotentAnswer:
    """The row of a request's key, made by this very request; raises AnsweredBefore, or Unprocessable where the key
    belongs to another request. Call it inside the transaction of what is done."""
    now = now or timezone.now()
    named = request.headers[HEADER].strip().strip('"')
    if not named or len(named) > LONGEST or not named.isprintable():
        raise ValidationError({HEADER: [_("Choose up to 255 letters, such as a UUID.")]})
    who = f"user {request.user.pk}" if request.user.is_authenticated else client_network(request._request)
    key = hashlib.sha256(f"{who}\n{named}".encode()).hexdigest()
    asked = f"{request.method} {request.get_full_path()} {request.content_type}\n".encode() + request._request.body
    digest = hashlib.sha256(asked).hexdigest()
    IdempotentAnswer.objects.filter(key=key, created_at__lt=now - LASTS).delete()
    try:
        with transaction.atomic():
            return IdempotentAnswer.objects.create(key=key, request_digest=digest, created_at=now)
    except IntegrityError:
        row = IdempotentAnswer.objects.get(key=key)
    if row.request_digest != digest:
        raise Unprocessable(_("This key was used for another request; choose a new one."), "key_reused")
    raise AnsweredBefore(row)


def keep(row: IdempotentAnswer, response: Response) -> None:
    """Remember a rendered answer."""
    row.status = response.status_code
    row.headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    row.body = response.content.decode()
    row.save(update_fields=["status", "headers", "body"])


def sweep(now: datetime | None = None) -> int:
    return IdempotentAnswer.objects.filter(created_at__lt=(now or timezone.now()) - LASTS).delete()[0]
