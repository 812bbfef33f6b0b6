"""What is signed for writers: the form they opened, the comment that is theirs, the address they confirm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core import signing
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string

from comments.models import Comment

# A form that was open for longer is shown again, with what was written in it.
FORM_LASTS = timedelta(days=2)
CONFIRM_WITHIN = timedelta(days=7)
HEARS = "-hears"


# Made when they are needed: a start without a secret key is refused in words, not here.
def _forms() -> signing.Signer:
    return signing.Signer(salt="comments.form")


def _confirmation() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="comments.confirmation")


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form as it was handed out: `name` is like no other's. `is_looked_over`: with words that had been written."""

    name: str
    opened_at: datetime
    is_looked_over: bool = False


def open_form(at: datetime | None = None, *, is_looked_over: bool = False) -> str:
    """For the form's field "token": when it was handed out, now or at another time, and a name of its own."""
    facts = [get_random_string(12), str(int((at or timezone.now()).timestamp())), *(["over"] if is_looked_over else [])]
    return _forms().sign("-".join(facts))


def form_of(token: str) -> OpenForm | None:
    """The form a token was handed out with; None of one that is not ours, or too old."""
    try:
        name, seconds, *over = _forms().unsign(token).split("-")
    except signing.BadSignature:
        return None
    opened_at = datetime.fromtimestamp(int(seconds), UTC)
    return OpenForm(name, opened_at, bool(over)) if opened_at > timezone.now() - FORM_LASTS else None


def key_of(comment: Comment) -> str:
    """By which a guest proves that a comment is theirs; it is kept in their browser alone."""
    return signing.Signer(salt="comments.own").signature(str(comment.pk))


def opens(key: str, comment: Comment) -> bool:
    """Whether a key is that of a guest's comment. Accounts prove themselves otherwise."""
    return comment.user_id is None and bool(comment.guest_name) and constant_time_compare(key, key_of(comment))


def confirmation_of(comment: Comment, *, hears: bool = False) -> str:
    """The last part of the link a guest is sent; `hears`: following it, they ask to be told of replies as well."""
    return _confirmation().sign(f"{comment.pk}{HEARS if hears else ''}")


def confirmed_by(token: str) -> int | None:
    """Which comment a link was sent for; None where it is not ours or too old."""
    said = _confirmed(token)
    return int(said.removesuffix(HEARS)) if said is not None else None


def asks_to_hear(token: str) -> bool:
    """Whether who follows a link is to be told of replies."""
    return (_confirmed(token) or "").endswith(HEARS)


def _confirmed(token: str) -> str | None:
    try:
        return _confirmation().unsign(token, max_age=CONFIRM_WITHIN)
    except signing.BadSignature:
        return None
