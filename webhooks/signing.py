"""Signatures by which a receiver knows that a message is ours, untouched and fresh (Standard Webhooks, 1.0).

A secret is made of the endpoint's salt and the key of the site, so that a copy of the database alone signs nothing.
Keys of the site that are on their way out (SECRET_KEY_FALLBACKS) sign as well, until they are taken out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from django.conf import settings

from webhooks.models import Endpoint

PREFIX = "whsec_"


def secret_of(endpoint: Endpoint) -> str:
    """What its owner is shown once."""
    return PREFIX + base64.b64encode(_key(settings.SECRET_KEY, endpoint.salt)).decode()


def headers_for(endpoint: Endpoint, event_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """The three headers; one signature for each secret that is good at that time, the newest first."""
    seconds = int(at.timestamp())
    said = f"{event_id}.{seconds}.".encode() + body
    salts = [endpoint.salt]
    if endpoint.previous_salt and endpoint.previous_until and at < endpoint.previous_until:
        salts.append(endpoint.previous_salt)
    site_keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    keys = [_key(site_key, salt) for salt in salts for site_key in site_keys]
    signatures = [base64.b64encode(hmac.digest(key, said, "sha256")).decode() for key in keys]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _key(site_key: str | bytes, salt: str) -> bytes:
    site = site_key.encode() if isinstance(site_key, str) else site_key
    return hmac.digest(hashlib.sha256(b"letterpress.webhooks" + site).digest(), salt.encode(), "sha256")
