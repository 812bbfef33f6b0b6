"""Five wrong passwords close one account for one address, for five minutes (django-axes does the counting).

Failures less than five minutes apart count together. The pair is locked, never the account alone: otherwise a stranger
could keep its owner out.
"""

import math
from datetime import timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.addresses import client_network
from accounts.models import User
from core.rest import problems

COOL_OFF = timedelta(hours=settings.AXES_COOLOFF_TIME)


def address_of(request: HttpRequest) -> str:
    return client_network(request)


def account_named(request: HttpRequest | None, credentials: dict[str, str] | None = None) -> str:
    """One name per account whichever way it was typed, so that a lock cannot be walked around by spelling.

    Names of no account are kept as typed, in lower case: they lock just the same, so that the answer tells nothing.
    """
    given = credentials or {}
    typed = given.get("username") or given.get("email") or ""
    if not typed and request is not None:
        typed = request.POST.get("login") or request.POST.get("username") or ""
    typed = str(typed).replace("\0", "").strip()[:255]
    if request is None:
        return _canonical(typed)
    known: dict[str, str] = request.__dict__.setdefault("_accounts_named", {})
    if typed not in known:
        known[typed] = _canonical(typed)
    return known[typed]


def _canonical(typed: str) -> str:
    if not typed:
        return ""
    # The same order as at log-in: an address first, then a name.
    people = User.objects.only("username")
    found = people.filter(email__iexact=typed).first() if "@" in typed else None
    found = found or people.filter(username__iexact=typed).first()
    return (found.username if found else typed).lower()


def answer_locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: dict[str, str] | None = None
) -> HttpResponse:
    """The page in place of any answer to a locked pair: status 429, the same for known and unknown accounts."""
    last = (
        AccessAttempt.objects.filter(username=account_named(request, credentials), ip_address=address_of(request))
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    now = timezone.now()
    seconds = math.ceil(((last or now) + COOL_OFF - now).total_seconds())
    seconds = min(max(seconds, 1), int(COOL_OFF.total_seconds()))
    if request.path.startswith("/api/"):
        said = _("Too many wrong passwords for this account from your address. Wait, then try again.")
        response: HttpResponse = problems.answer(429, said, code="locked")
        response["Retry-After"] = str(seconds)
        return response
    response = render(
        request,
        "accounts/locked.html",
        {"minutes": math.ceil(seconds / 60), "failures": settings.AXES_FAILURE_LIMIT},
        status=429,
    )
    response["Retry-After"] = str(seconds)
    return response
