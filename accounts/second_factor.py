"""The second thing an account may ask for besides its password: a code of an authenticator app, or a recovery code.

One check for the site and for programs. A code is good once (RFC 6238, 5.2), from half a minute early to half a minute
late, and tries are counted by account: whoever gets here knows the password already and calls from where they please.
"""

from __future__ import annotations

import base64
import hmac
import logging
from datetime import datetime
from functools import cache
from typing import Any

import qrcode
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from qrcode.image.svg import SvgPathImage

from accounts import audit, rates
from accounts.limits import CannotCount
from accounts.models import User
from core import publication

log = logging.getLogger(__name__)
# How often a code may be tried, within how many seconds: of a million numbers three are good at any time.
TRIES = ((8, 300), (60, 86_400))
STEP = 30
EARLY_AND_LATE = 1
Type = Authenticator.Type
# Where each kind of row has what codes are made of.
KEPT: dict[str, str] = {Type.TOTP: "secret", Type.RECOVERY_CODES: "seed"}


class TooManyCodes(Exception):
    """Another code is looked at in so many seconds, and not before."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def is_on(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type=Type.TOTP).exists()


def accept(request: HttpRequest, user: User, code: str, *, at: datetime | None = None) -> Authenticator | None:
    """What the code is of; None where it is of nothing, or was used. Raises TooManyCodes, and CannotCount."""
    count_try(request, user)
    now, typed = at or timezone.now(), code.strip()
    with transaction.atomic():
        known = Authenticator.objects.select_for_update().filter(user=user, type__in=[Type.TOTP, Type.RECOVERY_CODES])
        for each in known.order_by("-type"):
            try:
                good = _is_new(each, typed, now) if each.type == Type.TOTP else each.wrap().validate_code(typed)
            except InvalidToken:
                log.error("The key that a second factor lies under is forgotten; its owner cannot sign in.")
                continue
            if good:
                Authenticator.objects.filter(pk=each.pk).update(last_used_at=now)
                return each
    return None


def take_away(user: User) -> bool:
    """Let the password alone open an account again whose owner lost app and paper; whether it asked for more.

    Only whoever stands at the machine can do this, once they have made sure of who asks.
    """
    with transaction.atomic():
        gone = bool(Authenticator.objects.filter(user=user).delete()[0])
        if gone:
            audit.record(None, "took away the second factor of", user)
    return gone


def count_try(request: HttpRequest, user: User) -> None:
    """Raises TooManyCodes where somebody tried too often, CannotCount while nobody knows how often."""
    found = [rates.counted(request, "second-factor", f"user {user.pk}", f"{most}/{per}s") for most, per in TRIES]
    if None in found:
        raise CannotCount
    if wait := max(rates.seconds_left(usage) for usage in found):
        raise TooManyCodes(wait)


def _is_new(totp: Authenticator, code: str, now: datetime) -> bool:
    """Whether it is the code of this half minute or of one beside it, and of a later one than any that was used."""
    secret, current = decrypt(totp.data["secret"]), int(now.timestamp()) // STEP
    for step in range(current - EARLY_AND_LATE, current + EARLY_AND_LATE + 1):
        is_it = compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step)))
        if is_it and step > totp.data.get("last_step", -1):
            totp.data["last_step"] = step
            totp.save(update_fields=["data"])
            return True
    return False


# --- What is kept -----------------------------------------------------------------------------------------------------
@cache
def _locks_of(secrets_in_use: tuple[str, ...]) -> list[Fernet]:
    keys = (hmac.digest(secret.encode(), b"letterpress.accounts.second_factor", "sha256") for secret in secrets_in_use)
    return [Fernet(base64.urlsafe_b64encode(key)) for key in keys]


def _locks() -> list[Fernet]:
    """The one that is written with first; the others read what was written before it."""
    return _locks_of((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def encrypt(text: str) -> str:
    """So that whoever has a copy of the database alone cannot make codes of it."""
    return _locks()[0].encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """Raises InvalidToken where it lies under a key that is forgotten."""
    return MultiFernet(_locks()).decrypt(text.encode()).decode()


def bring_under_newest_key() -> int:
    """Write anew what lies under an older key, so that this may be forgotten one day; how many that were."""
    brought = 0
    for pk in list(Authenticator.objects.filter(type__in=KEPT).values_list("pk", flat=True)):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is None or _lies_under(_locks()[:1], row):
                continue
            if _lies_under(_locks(), row):
                row.data[KEPT[row.type]] = encrypt(decrypt(row.data[KEPT[row.type]]))
                row.save(update_fields=["data"])
                brought += 1
    return brought


def _lies_under(locks: list[Fernet], row: Authenticator) -> bool:
    try:
        MultiFernet(locks).decrypt(row.data[KEPT[row.type]].encode())
    except InvalidToken:
        return False
    return True


class Factors(DefaultMFAAdapter):
    """Our words, our keys, our name in the app on somebody's telephone."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_generate_recovery_codes": _("Recovery codes come with codes of an app; switch those on first."),
        "incorrect_code": _("This is not the code of this moment. Wait for the next one, and type that."),
        "unverified_email": _("Confirm your address first."),
    }

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)

    def get_totp_issuer(self) -> str:
        # A colon would end the name for those who read it.
        return publication.current().name.replace(":", " ")

    def build_totp_svg(self, url: str) -> str:
        image = qrcode.make(url, image_factory=SvgPathImage, border=2)
        drawn: str = image.to_string(encoding="unicode")
        return drawn

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)
