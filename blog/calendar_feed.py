"""The plan as a calendar feed (RFC 5545) at a secret address, for whoever the address was made for.

The address is as good as a password for what is planned, so only a digest of it is kept; it can be renewed and revoked.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from accounts import audit
from accounts.models import User
from accounts.roles import may
from blog import planning
from blog.models import CalendarFeed
from blog.planning import Entry, Kind
from core import publication

# What calendar programs are told about: a quarter back, two years ahead, and of each kind no more than these.
BACK = timedelta(days=92)
AHEAD = timedelta(days=731)
MOST = 1000
# A program that asks every minute writes once an hour.
READ_EVERY = timedelta(hours=1)
# Octets in a line, without its end (RFC 5545, 3.1).
LINE = 75
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
SUMMARIES = {
    Kind.SCHEDULED: "Goes live: {}",
    Kind.PUBLISHED: "Published: {}",
    Kind.UPDATE: "Update goes live: {}",
    Kind.DOWN: "Comes down: {}",
    Kind.REVIEW: "Review due: {}",
}
# A post keeps its identity in the calendar when it turns from planned to published.
UIDS = {Kind.SCHEDULED: "live", Kind.PUBLISHED: "live", Kind.UPDATE: "update", Kind.DOWN: "down", Kind.REVIEW: "review"}


# --- The secret address ----------------------------------------------------------------------------------------------
def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def renew(user: User, *, at: datetime) -> str:
    """A new secret for `user`, the only time it is known; the one before stops working."""
    token = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        user=user, defaults={"token_hash": digest(token), "created_at": at, "last_read_at": None}
    )
    audit.record(user, "made a calendar address", user, at=at)
    return token


def revoke(user: User, *, at: datetime) -> bool:
    """Let the secret stop working. False when there was none."""
    deleted, _ = CalendarFeed.objects.filter(user=user).delete()
    if deleted:
        audit.record(user, "revoked a calendar address", user, at=at)
    return bool(deleted)


def reader_of(token: str, *, now: datetime) -> User | None:
    """Whose address this is; None when it is nobody's, or of somebody who may not see the plan any more."""
    feed = CalendarFeed.objects.select_related("user").filter(token_hash=digest(token)).first()
    if feed is None or not (feed.user.is_staff and may(feed.user, "blog.view_post")):
        return None
    if feed.last_read_at is None or now - feed.last_read_at >= READ_EVERY:
        unread = Q(last_read_at=None) | Q(last_read_at__lte=now - READ_EVERY)
        CalendarFeed.objects.filter(unread, pk=feed.pk).update(last_read_at=now)
    return feed.user


# --- The file --------------------------------------------------------------------------------------------------------
def calendar_for(user: User, *, now: datetime) -> bytes:
    """The plan as `user` may see it now, as an iCalendar file."""
    found = planning.entries(user, now - BACK, now + AHEAD, limit=MOST)
    name = f"{publication.current().name}: the plan"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Letterpress//Plan//EN",
        "CALSCALE:GREGORIAN",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        f"X-WR-TIMEZONE:{settings.TIME_ZONE}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        *(line for entry in found for line in event(entry)),
        "END:VCALENDAR",
    ]
    return written(lines)


def event(entry: Entry) -> list[str]:
    """One VEVENT: an instant, so that it takes up nobody's time."""
    post = entry.post
    path = reverse("admin:blog_post_change", args=[post.pk]) if entry.own else post.get_absolute_url()
    about = [f"{entry.label}, by {post.author.display_name}"]
    if post.category is not None:
        about.append(f"Filed under {post.category.name}")
    lines = [
        "BEGIN:VEVENT",
        f"UID:post-{post.pk}-{UIDS[entry.kind]}@{urlsplit(settings.SITE_URL).hostname}",
        # Without a METHOD this is when the event was last revised (RFC 5545, 3.8.7.2).
        f"DTSTAMP:{moment(entry.changed_at)}",
        f"LAST-MODIFIED:{moment(entry.changed_at)}",
        f"DTSTART:{moment(entry.at)}",
        f"SUMMARY:{escaped(SUMMARIES[entry.kind].format(post.title))}",
        f"DESCRIPTION:{escaped(chr(10).join(about))}",
        f"CATEGORIES:{escaped(entry.label)}",
        f"STATUS:{'TENTATIVE' if entry.kind == Kind.REVIEW else 'CONFIRMED'}",
        "TRANSP:TRANSPARENT",
        f"URL:{settings.SITE_URL}{path}",
        "END:VEVENT",
    ]
    return lines


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def escaped(text: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11); characters that have no place in one are left out."""
    text = CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    for mark in ("\\", ";", ","):
        text = text.replace(mark, "\\" + mark)
    return text.replace("\n", "\\n")


def folded(line: str) -> Iterable[str]:
    """The pieces of a line, the later ones led by a space, none longer than 75 octets and no character cut."""
    piece, size = "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > LINE:
            yield piece
            piece, size = " ", 1
        piece, size = piece + character, size + octets
    yield piece


def written(lines: Iterable[str]) -> bytes:
    return b"".join(piece.encode() + b"\r\n" for line in lines for piece in folded(line))
