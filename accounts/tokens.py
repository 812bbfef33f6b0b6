"""Tokens that let programs in.

A log-in begins a family: an access token for a few minutes and a refresh token that is good once and brings the next
pair. Whoever uses one a second time has stolen it or was stolen from, so all of its family ends (RFC 9700, 4.14.2).
What a token says is signed (RFC 7519, HS256 alone); whether its family still stands is asked of the database with the
person, in the one question every request needs, so that an end is an end at once. A token also knows which password
let it in: by whatever door that changes, it is worth nothing from then on.

Personal tokens are made by hand, for one program, for some scopes; only their digest is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import jwt
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.models import PersonalToken, TokenFamily, User
from core.refusals import Refusal

ACCESS_LASTS = timedelta(minutes=5)
REFRESH_LASTS = timedelta(days=30)
# Clocks of our servers may differ by so much; a token from further ahead is no token of ours.
SKEW = timedelta(minutes=5)
TOUCHED_EVERY = timedelta(minutes=1)
AUDIENCE, ALGORITHM = "letterpress", "HS256"
PERSONAL = "lpp_"
LONGEST_LIFE = timedelta(days=366)
MOST_PERSONAL = 50
KEPT_AFTER_END = timedelta(days=30)
End = TokenFamily.End

# What a program may do at most; what its owner may not, it may not either.
SCOPES = {
    "read": gettext_lazy("Read what I may read"),
    "write": gettext_lazy("Write and publish: posts, pages, taxonomies, redirects, files"),
    "talk": gettext_lazy("Comment, like and follow as me"),
    "moderate": gettext_lazy("Decide about comments"),
    "manage": gettext_lazy("Administer: webhooks, newsletter, the cache"),
    "account": gettext_lazy("Read and change my account, notices and lists"),
}


class TokenRefused(Exception):
    """A token that lets nobody in. What is wrong with it is said in the logs and to nobody else."""


@dataclass(frozen=True, slots=True)
class Pair:
    access: str
    refresh: str
    family: TokenFamily
    expires_in: int = int(ACCESS_LASTS.total_seconds())


# --- Families ---------------------------------------------------------------------------------------------------------
def begin(user: User, *, device: str, network: str, at: datetime | None = None) -> Pair:
    """The first pair of a new family; the caller has made sure of who it is, and `user` is as they were then.

    Raises TokenRefused where the password changed, or the account was closed, since that was made sure of.
    """
    now = at or timezone.now()
    with transaction.atomic():
        _hold(user)
        family = TokenFamily.objects.create(
            user=user,
            device=device[:100],
            network=network,
            password_mark=_mark(user),
            created_at=now,
            last_active_at=now,
            expires_at=now + REFRESH_LASTS,
        )
        User.objects.filter(pk=user.pk).update(last_seen_at=now)
    return _pair(family, 1, now)


def _hold(user: User) -> None:
    """Whoever changes the password or closes the account waits for this transaction, and finds what it made."""
    fresh = User.objects.select_for_update(of=("self",), no_key=True).filter(pk=user.pk, is_active=True).first()
    if fresh is None or _mark(fresh) != _mark(user):
        raise TokenRefused("the account changed meanwhile")


def _mark(user: User) -> str:
    # What it marks is a slow digest already.
    return hashlib.sha256(user.password.encode()).hexdigest()[:32]


def refresh(token: str, *, network: str, at: datetime | None = None) -> Pair:
    """The next pair. Of two who bring the same token one gets it, and then the family ends for both."""
    now = at or timezone.now()
    claims = _read(token, "refresh", now)
    number, serial = claims["fam"], claims["ser"]
    # Of its own columns alone: a condition on another table would be looked at once, before the wait for whoever is
    # quicker, and not again after it.
    open_ones = TokenFamily.objects.filter(pk=number, user=claims["sub"], ended_at__isnull=True)
    moved = open_ones.filter(serial=serial, expires_at__gt=now).update(
        serial=F("serial") + 1, last_active_at=now, network=network, expires_at=now + REFRESH_LASTS
    )
    if moved:
        family = TokenFamily.objects.select_related("user").get(pk=number)
        if not family.user.is_active or family.password_mark != _mark(family.user):
            raise TokenRefused("closed, or made with another password")
        return _pair(family, serial + 1, now)
    with transaction.atomic():
        if open_ones.filter(serial__gt=serial).update(ended_at=now, ended_because=End.REUSED):
            family = TokenFamily.objects.select_related("user").get(pk=number)
            audit.record(None, "ended the tokens of", family.user, note=str(End.REUSED.label), at=now)
    raise TokenRefused("used, ended or too old")


def holder_of(access: str, *, at: datetime | None = None) -> tuple[User, TokenFamily]:
    """Whom an access token stands for; raises TokenRefused."""
    now = at or timezone.now()
    claims = _read(access, "access", now)
    family = (
        TokenFamily.objects.select_related("user")
        .filter(pk=claims["fam"], user=claims["sub"], ended_at__isnull=True, user__is_active=True)
        .first()
    )
    if family is None or family.password_mark != _mark(family.user):
        raise TokenRefused("the family has ended")
    if now - family.last_active_at > TOUCHED_EVERY:
        TokenFamily.objects.filter(pk=family.pk).update(last_active_at=now)
        User.objects.filter(pk=family.user_id).update(last_seen_at=now)
    return family.user, family


def end(user: User, families: Iterable[int], because: str = End.REVOKED, *, at: datetime | None = None) -> int:
    """End some families of somebody; how many still stood."""
    return _end(TokenFamily.objects.filter(user=user, pk__in=list(families)), because, at)


def end_others(user: User, but: TokenFamily | None = None, *, at: datetime | None = None) -> int:
    """End every family of somebody but one; how many still stood."""
    families = TokenFamily.objects.filter(user=user)
    return _end(families if but is None else families.exclude(pk=but.pk), End.REVOKED, at)


def _end(families: QuerySet[TokenFamily], because: str, at: datetime | None) -> int:
    return families.filter(ended_at__isnull=True).update(ended_at=at or timezone.now(), ended_because=because)


def end_with(token: str, *, at: datetime | None = None) -> None:
    """Log a program out by its own refresh token. One that says nothing to us is as good as ended (RFC 7009, 2.2)."""
    now = at or timezone.now()
    try:
        claims = _read(token, "refresh", now)
    except TokenRefused:
        return
    family = TokenFamily.objects.filter(pk=claims["fam"], user=claims["sub"], ended_at__isnull=True)
    family.update(ended_at=now, ended_because=End.LOGGED_OUT)


def end_all(user: User, because: str, *, at: datetime | None = None) -> int:
    """Nothing that let a program in as somebody does so any more, personal tokens included; how many there were."""
    now = at or timezone.now()
    with transaction.atomic():
        families = TokenFamily.objects.filter(user=user, ended_at__isnull=True)
        ended = families.update(ended_at=now, ended_because=because)
        return ended + PersonalToken.objects.filter(user=user).delete()[0]


def of(user: User) -> QuerySet[TokenFamily]:
    """Programs that are logged in as somebody, the last used first."""
    return TokenFamily.objects.filter(user=user, ended_at__isnull=True, expires_at__gt=timezone.now())


def sweep(now: datetime | None = None) -> int:
    """Take away families that ended or ran out some time ago, and personal tokens that ran out; how many."""
    before = (now or timezone.now()) - KEPT_AFTER_END
    over = TokenFamily.objects.filter(Q(expires_at__lt=before) | Q(ended_at__lt=before))
    return over.delete()[0] + PersonalToken.objects.filter(expires_at__lt=before).delete()[0]


def _pair(family: TokenFamily, serial: int, now: datetime) -> Pair:
    claims = {"sub": str(family.user_id), "fam": family.pk}
    return Pair(
        _write(claims, "access", now, ACCESS_LASTS),
        _write({**claims, "ser": serial}, "refresh", now, REFRESH_LASTS),
        family,
    )


# --- What is signed ---------------------------------------------------------------------------------------------------
@cache
def _keys(secrets_in_use: tuple[str, ...]) -> dict[str, bytes]:
    """The keys by their names, the one that signs first; the others only read what was signed before they changed."""
    keys = [hmac.digest(secret.encode(), b"letterpress.accounts.tokens", "sha256") for secret in secrets_in_use]
    return {hashlib.sha256(key).hexdigest()[:12]: key for key in keys}


def _signing() -> dict[str, bytes]:
    return _keys((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def _write(claims: dict[str, Any], use: str, now: datetime, lasts: timedelta) -> str:
    name, key = next(iter(_signing().items()))
    whole = {
        **claims,
        "use": use,
        "iss": settings.SITE_URL,
        "aud": AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int((now + lasts).timestamp()),
        "jti": secrets.token_urlsafe(12),
    }
    return jwt.encode(whole, key, algorithm=ALGORITHM, headers={"kid": name})


def _read(token: str, use: str, now: datetime) -> dict[str, Any]:
    try:
        key = _signing()[jwt.get_unverified_header(token).get("kid", "")]
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=settings.SITE_URL,
            # The clock is that of the caller of this function, who may have frozen it.
            options={
                "require": ["exp", "iat", "sub", "jti", "aud", "iss"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except (jwt.PyJWTError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise TokenRefused(type(error).__name__) from error
    numbers = ("fam", "exp", "iat", *(("ser",) if use == "refresh" else ()))
    if claims.get("use") != use or not all(type(claims.get(name)) is int for name in numbers):
        raise TokenRefused("made for something else")
    if not claims["sub"].isdecimal() or claims["exp"] <= now.timestamp():
        raise TokenRefused("too old")
    if claims["iat"] > (now + SKEW).timestamp():
        raise TokenRefused("from the future")
    return claims


# --- Personal tokens --------------------------------------------------------------------------------------------------
def make_personal(
    user: User, name: str, scopes: Iterable[str], *, expires_at: datetime, at: datetime | None = None
) -> tuple[PersonalToken, str]:
    """A token for one program, and its text, which nobody can show again. Raises Refusal."""
    now = at or timezone.now()
    named, wanted = name.strip(), sorted(set(scopes))
    if not named:
        raise Refusal(_("Name the program this is for, to know it again."), field="name")
    if not wanted or not set(wanted) <= set(SCOPES):
        raise Refusal(_("Choose what it may do: %(scopes)s.") % {"scopes": ", ".join(SCOPES)}, field="scopes")
    if not now < expires_at <= now + LONGEST_LIFE:
        raise Refusal(_("It runs out within a year from now."), field="expires_at")
    secret = PERSONAL + secrets.token_urlsafe(32)
    with transaction.atomic():
        _hold(user)
        if PersonalToken.objects.filter(user=user).count() >= MOST_PERSONAL:
            raise Refusal(_("You have %(most)s tokens already; delete one first.") % {"most": MOST_PERSONAL})
        token = PersonalToken.objects.create(
            user=user,
            name=named[:100],
            digest=_digest(secret),
            hint=secret[-4:],
            scopes=wanted,
            password_mark=_mark(user),
            created_at=now,
            expires_at=expires_at,
        )
        audit.record(user, "made a token for programs", user, note=token.name, at=now)
    return token, secret


def holder_of_personal(secret: str, *, network: str, at: datetime | None = None) -> tuple[User, PersonalToken]:
    """Whom a personal token stands for; raises TokenRefused."""
    now = at or timezone.now()
    token = (
        PersonalToken.objects.select_related("user")
        .filter(digest=_digest(secret), expires_at__gt=now, user__is_active=True)
        .first()
    )
    if token is None or token.password_mark != _mark(token.user):
        raise TokenRefused("unknown or run out")
    if token.last_used_at is None or now - token.last_used_at > TOUCHED_EVERY:
        PersonalToken.objects.filter(pk=token.pk).update(last_used_at=now, network=network)
    return token.user, token


def delete_personal(user: User, pk: int) -> bool:
    """Take a personal token back; whether it was theirs."""
    with transaction.atomic():
        token = PersonalToken.objects.select_for_update().filter(user=user, pk=pk).first()
        if token is None:
            return False
        token.delete()
        audit.record(user, "took back a token for programs", user, note=token.name)
    return True


def personal_of(user: User) -> QuerySet[PersonalToken]:
    """Tokens somebody made by hand, the newest first; those that ran out stay to be seen until they are swept."""
    return PersonalToken.objects.filter(user=user)


def _digest(secret: str) -> str:
    # It has 256 bits of chance in it: a slow digest would guard nothing more.
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
