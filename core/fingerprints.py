"""A guest known again without a cookie and without keeping their address: a salted hash of where they come from.

The salt is made of the secret key and the month, so that a guest is another one every month, and nobody who has the
hashes alone can find the addresses behind them. Within a month one network and browser count as one guest.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings

SALT = "letterpress.fingerprint"


def known_until(at: datetime) -> datetime:
    """When a guest known at some time becomes another: as the month ends."""
    first = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


def of_guest(address: str, user_agent: str, at: datetime) -> str:
    """64 hexadecimal figures. `address` is the client's true address, as the trusted proxies say it."""
    period = at.strftime("%Y-%m")
    key = hashlib.sha256(f"{SALT}:{settings.SECRET_KEY}:{period}".encode()).digest()
    return hmac.new(key, f"{address}\n{user_agent}".encode(), hashlib.sha256).hexdigest()
