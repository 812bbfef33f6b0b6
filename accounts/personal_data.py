"""All that is stored about a person, for that person to take away.

Each app says what it holds: `register("blog", parts_of)` in its `ready`. `parts_of(user)` gives (name, value) pairs,
where a value is plain data or an iterator of rows, which are read and written one at a time however many there are.
An app may also hand over files, as (name, text) pairs, for the archive.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import IO, Any, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from accounts.models import (
    AuditEntry,
    AuthorProfile,
    Follow,
    Notification,
    NotificationChoice,
    OutgoingMail,
    SavedFilter,
    User,
)
from accounts.roles import role_of

Parts = Iterable[tuple[str, Any]]

_registered: dict[str, tuple[Callable[[User], Parts], Callable[[User], Parts] | None]] = {}

CHUNK = 500
# An archive up to this size is made in memory, a larger one in a file.
IN_MEMORY = 5 * 1024 * 1024


def register(app: str, parts_of: Callable[[User], Parts], *, files_of: Callable[[User], Parts] | None = None) -> None:
    """From now on a download holds what `parts_of` says, under the name of the `app`."""
    _registered[app] = (parts_of, files_of)


def rows(found: models.QuerySet[Any], **columns: str) -> Iterator[dict[str, Any]]:
    """Rows of a table as plain data, a few at a time: rows(posts, title="title", section="category__name")."""
    names = list(columns)
    for values in found.values_list(*columns.values()).iterator(chunk_size=CHUNK):
        yield dict(zip(names, values, strict=True))


def as_json(user: User, now: datetime) -> Iterator[str]:
    """Everything as one JSON document, in pieces."""
    yield "{" + f'"made_at": {_text(now)}, "made_by": {_text(settings.SITE_URL)}'
    for app, (parts_of, _files) in _registered.items():
        yield f",\n\n{_text(app)}: {{"
        for number, (name, value) in enumerate(parts_of(user)):
            yield f"{',' if number else ''}\n{_text(name)}: "
            yield from _value(value)
        yield "}"
    yield "\n}\n"


def as_archive(user: User, now: datetime) -> IO[bytes]:
    """The same document and the files beside it, as a ZIP that is deleted when it is closed."""
    whole = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)
    with zipfile.ZipFile(cast(IO[bytes], whole), "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("data.json", "w", force_zip64=True) as document:
            for piece in as_json(user, now):
                document.write(piece.encode())
        for app, (_parts, files_of) in _registered.items():
            for name, text in files_of(user) if files_of else ():
                archive.writestr(f"{app}/{name}", text)
    whole.seek(0)
    return cast(IO[bytes], whole)


def _value(value: Any) -> Iterator[str]:
    if not isinstance(value, Iterator):
        yield _text(value)
        return
    yield "["
    for number, row in enumerate(value):
        yield f"{',' if number else ''}\n  {_text(row)}"
    yield "]"


def _text(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)


def parts_of(user: User) -> Parts:
    """What this app holds: who somebody is here, whom they follow, what they were told and what they did."""
    yield (
        "account",
        {
            "username": user.username,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "email": user.email,
            "role": str(role_of(user).label),
            "joined_at": user.date_joined,
            "last_signed_in_at": user.last_login,
            "last_seen_at": user.last_seen_at,
            "time_zone": user.timezone,
            "hour_of_the_daily_mail": user.digest_hour,
            "shown_as_present": user.shows_presence,
            "feed_address_made_at": user.feed_made_at,
        },
    )
    addresses = EmailAddress.objects.filter(user=user).order_by("pk")
    yield "addresses", rows(addresses, address="email", confirmed="verified", primary="primary")
    profile = AuthorProfile.objects.filter(user=user).order_by("pk")
    yield (
        "author_page",
        rows(
            profile,
            address="slug",
            biography="bio",
            website="website",
            linkedin="linkedin_url",
            links="links",
            expertise="expertise",
            picture="avatar__name",
        ),
    )
    yield (
        "signed_in",
        rows(
            user.devices.order_by("pk"),
            device="device",
            network="network",
            since="created_at",
            last_active_at="last_active_at",
        ),
    )
    programs = user.token_families.order_by("pk")
    yield (
        "programs_signed_in",
        rows(
            programs,
            program="device",
            network="network",
            since="created_at",
            last_active_at="last_active_at",
            ended_at="ended_at",
            because="ended_because",
        ),
    )
    made = user.personal_tokens.order_by("pk")
    yield (
        "tokens_for_programs",
        rows(
            made,
            name="name",
            ends_in="hint",
            may="scopes",
            since="created_at",
            until="expires_at",
            last_used_at="last_used_at",
            network="network",
        ),
    )
    factors = Authenticator.objects.filter(user=user).order_by("pk")
    yield "second_factors", rows(factors, kind="type", since="created_at", last_used_at="last_used_at")
    follows = Follow.objects.filter(follower=user).order_by("pk")
    yield "follows", rows(follows, author="followed__author_profile__slug", since="created_at")
    told = Notification.objects.filter(recipient=user).order_by("pk")
    yield "notifications", rows(told, text="text", address="url", at="created_at", read_at="read_at")
    chosen = NotificationChoice.objects.filter(user=user).order_by("pk")
    yield "mails_chosen", rows(chosen, about="category", mail="mail", since="updated_at")
    mails = OutgoingMail.objects.filter(user=user).order_by("pk")
    yield "mails", rows(mails, to="recipient", subject="subject", about="kind", at="created_at", sent_at="sent_at")
    filters = SavedFilter.objects.filter(user=user).order_by("pk")
    yield "saved_filters", rows(filters, name="name", page="page", query="query")
    acts = AuditEntry.objects.filter(actor=user).order_by("pk")
    yield (
        "acts",
        rows(acts, action="action", target="target_name", changes="changes", note="note", network="network", at="at"),
    )
