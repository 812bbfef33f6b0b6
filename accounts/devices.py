"""Where somebody is signed in: one row per session, in words they recognise, and the door to end it.

The session itself is the truth; a row is what its owner sees of it. A row knows its session by a digest alone, so the
database is asked for the session whose key has that digest.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import SHA256
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.addresses import client_address, shortened
from accounts.models import SignedInDevice, User
from accounts.notifications import group_of
from accounts.sockets import mark_of
from core import live

# How exactly we want to know when a device was last used.
TOUCHED_EVERY = timedelta(minutes=5)

# The first that is found: many browsers also carry the names of those they descend from.
BROWSERS = [
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\b(?:OPR|Opera)/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Vivaldi", r"\bVivaldi/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Chrome", r"(?:Chrome|Chromium|CriOS)/"),
    ("Safari", r"\bSafari/"),
]
SYSTEMS = [
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Windows", r"\bWindows\b"),
    ("macOS", r"\bMac(?: OS X|intosh)\b"),
    ("Linux", r"\bLinux\b"),
]


class SessionDigest(SHA256):
    """`mark_of` a session's key, worked out by the database."""

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')", **context
        )


class _Touched:
    """Which sessions this process has written down lately, so that most requests ask the database nothing."""

    MOST = 10_000

    def __init__(self) -> None:
        self._at: OrderedDict[str, float] = OrderedDict()
        self._lock = Lock()

    def is_due(self, digest: str, now: datetime) -> bool:
        with self._lock:
            return not 0 <= now.timestamp() - self._at.get(digest, 0.0) < TOUCHED_EVERY.total_seconds()

    def note(self, digest: str, now: datetime) -> None:
        with self._lock:
            self._at[digest] = now.timestamp()
            self._at.move_to_end(digest)
            if len(self._at) > self.MOST:
                self._at.popitem(last=False)


_touched = _Touched()


def name_of(agent: str) -> str:
    """A browser and its system in few words: "Firefox on Windows". What we do not know is not guessed."""
    agent = agent[:1000]
    browser = next((name for name, pattern in BROWSERS if re.search(pattern, agent)), "")
    system = next((name for name, pattern in SYSTEMS if re.search(pattern, agent)), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system


def touch(request: HttpRequest, user: User, now: datetime | None = None) -> None:
    """Note that somebody uses the session of this request, once in a few minutes; makes the row it does not have."""
    key = request.session.session_key
    # A program may log in as somebody while it carries the cookie of somebody else.
    if not key or request.session.get(SESSION_KEY) != str(user.pk):
        return
    now = now or timezone.now()
    digest = mark_of(key)
    if not _touched.is_due(digest, now):
        return
    network = shortened(client_address(request)).partition("/")[0]
    known = SignedInDevice.objects.filter(session_digest=digest, user=user)
    if not known.update(last_active_at=now, network=network):
        row = {
            "user": user,
            "device": name_of(request.META.get("HTTP_USER_AGENT", "")),
            "network": network,
            "created_at": now,
            "last_active_at": now,
        }
        SignedInDevice.objects.update_or_create(session_digest=digest, defaults=row)
    User.objects.filter(pk=user.pk).update(last_seen_at=now)
    _touched.note(digest, now)


def of(user: User) -> QuerySet[SignedInDevice]:
    """Where somebody is signed in, the last used first."""
    return SignedInDevice.objects.filter(user=user).order_by("-last_active_at", "-pk")


def sign_out(user: User, pk: int) -> bool:
    """End one session of somebody; whether it was theirs to end."""
    return bool(_end(user, SignedInDevice.objects.filter(user=user, pk=pk)))


def sign_out_others(user: User, request: HttpRequest | None = None) -> int:
    """End every session of somebody but the one of `request`; returns how many were known."""
    key = request.session.session_key if request is not None and request.user == user else ""
    return _end(user, SignedInDevice.objects.filter(user=user).exclude(session_digest=mark_of(key or "")))


def _end(user: User, rows: QuerySet[SignedInDevice]) -> int:
    with transaction.atomic():
        digests = list(rows.select_for_update().values_list("session_digest", flat=True))
        Session.objects.alias(digest=SessionDigest("session_key")).filter(digest__in=digests).delete()
        SignedInDevice.objects.filter(user=user, session_digest__in=digests).delete()
    for digest in digests:
        live.tell(group_of(user.pk), "session.ended", session=digest)
    return len(digests)


def forget(session_key: str) -> None:
    """The session is over: so is its row."""
    SignedInDevice.objects.filter(session_digest=mark_of(session_key)).delete()


def sweep(now: datetime | None = None) -> int:
    """Take away the rows whose session is gone or has run out; returns how many."""
    living = Session.objects.filter(expire_date__gt=now or timezone.now()).annotate(digest=SessionDigest("session_key"))
    # A row that is being made has a session that may not be committed yet.
    old = SignedInDevice.objects.filter(created_at__lt=(now or timezone.now()) - TOUCHED_EVERY)
    return old.exclude(session_digest__in=living.values("digest")).delete()[0]
