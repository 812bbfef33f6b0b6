"""Start-up refuses what would hurt later: each check says what is wrong and how to mend it."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import ERROR, CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

from core.file_checks import check_files
from core.inks import INKS

COUNTS = {
    "WEB_PROCESSES": (1, 1024),
    "WEB_THREADS": (1, 1024),
    "PORT": (1, 65535),
    "POSTS_PER_PAGE": (1, 1000),
    "MAX_UPLOAD_BYTES": (1, 2**40),
    "MAX_RECORDING_BYTES": (1, 2**40),
    "TRUSTED_PROXIES": (0, 100),
}
"""Setting → the least and the most it may be."""


@register()
def check_installation(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Rules for every installation, and harder ones where ENVIRONMENT is production."""
    found: list[CheckMessage] = []

    def refuse(number: int, what: str, mend: str) -> None:
        found.append(Error(what, hint=mend, id=f"letterpress.E{number:03}"))

    if settings.ENVIRONMENT not in {"development", "production"}:
        refuse(1, f"ENVIRONMENT is “{settings.ENVIRONMENT}”.", "Set it to development or production.")
    if settings.LETTERPRESS_INK not in INKS:
        refuse(2, f"LETTERPRESS_INK is “{settings.LETTERPRESS_INK}”.", f"Choose one of: {', '.join(INKS)}.")
    for name, (least, most) in COUNTS.items():
        if not least <= (value := getattr(settings, name)) <= most:
            refuse(6, f"{name} is {value}.", f"Set {name} to a number from {least} to {most}.")
    for address in settings.PROXY_ADDRESSES:
        if not is_network(address):
            refuse(
                7,
                f"PROXY_ADDRESSES has “{address}”, which is no address and no network.",
                "List addresses such as 127.0.0.1 or networks such as 10.0.0.0/8, separated by commas.",
            )
    pool = settings.DATABASES["default"].get("OPTIONS", {}).get("pool")
    if pool and not 0 <= pool["min_size"] <= pool["max_size"] != 0:
        refuse(
            8,
            f"DATABASE_POOL_MIN is {pool['min_size']} and DATABASE_POOL_MAX is {pool['max_size']}.",
            "Set both to whole numbers, the least not above the most, and the most at least 1.",
        )
    if settings.CELERY_BROKER_URL.startswith("memory://") and not settings.EMBEDDED_WORKERS:
        kind, letter = (Error, "E") if settings.PRODUCTION else (Warning, "W")
        found.append(
            kind(
                "No worker and no clock run, so scheduled posts stay unpublished and mails unsent.",
                hint="Remove EMBEDDED_WORKERS or set it to 1, or set REDIS_URL and start a worker and a clock.",
                id=f"letterpress.{letter}009",
            )
        )
    if settings.WEB_PROCESSES > 1:
        if settings.USES_SQLITE:
            refuse(
                3,
                f"{settings.WEB_PROCESSES} web processes would write to one SQLite file.",
                "Set DATABASE_URL to a PostgreSQL database, or WEB_PROCESSES=1.",
            )
        if not settings.REDIS_URL:
            refuse(
                4,
                f"{settings.WEB_PROCESSES} web processes would each keep their own cache and show different pages.",
                "Set REDIS_URL to a Redis server, or WEB_PROCESSES=1.",
            )
        if settings.EMBEDDED_WORKERS:
            refuse(
                5,
                "Every web process would run a worker and a clock of its own.",
                "Set CELERY_BROKER_URL (or REDIS_URL), or WEB_PROCESSES=1.",
            )
    found += check_files()
    if settings.PRODUCTION:
        found += check_production()
    return found


def check_production() -> list[CheckMessage]:
    found: list[CheckMessage] = []

    def refuse(number: int, what: str, mend: str) -> None:
        found.append(Error(what, hint=mend, id=f"letterpress.E{number:03}"))

    secret = secret_key()
    if not secret or secret == settings.INSECURE_SECRET_KEY:
        refuse(
            10,
            "SECRET_KEY is missing or the development one.",
            "Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))', and set SECRET_KEY.",
        )
    elif len(secret) < 50 or len(set(secret)) < 5:
        refuse(11, "SECRET_KEY is too short to be secret.", "Set one of at least 50 random characters.")
    if settings.DEBUG:
        refuse(
            12, "DEBUG is on in production; it shows settings and code to strangers.", "Remove DEBUG or set it to 0."
        )
    if not settings.ALLOWED_HOSTS:
        refuse(13, "ALLOWED_HOSTS is empty; nobody could reach the site.", "Set it to the site's host names.")
    elif "*" in settings.ALLOWED_HOSTS:
        refuse(
            14, "ALLOWED_HOSTS has *, so any Host header and socket Origin is believed.", "List the site's host names."
        )
    if urlsplit(settings.SITE_URL).hostname in {None, "localhost", "127.0.0.1"}:
        refuse(
            15,
            f"SITE_URL is {settings.SITE_URL}; links in mails and feeds would lead nowhere.",
            "Set the public address.",
        )
    if not settings.EMAIL_URL:
        refuse(
            16,
            "EMAIL_URL is not set; confirmations and password links would never arrive.",
            "Set it, for example smtp+tls://user:password@smtp.example.org:587.",
        )
    return found


def is_network(text: str) -> bool:
    """Whether the web server understands `text` as an address or a network; it ignores what it does not."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def secret_key() -> str:
    """The secret, or nothing: Django raises on an empty one before a check could say how to mend it."""
    try:
        return settings.SECRET_KEY
    except ImproperlyConfigured:
        return ""


def refuse_unsafe_start() -> None:
    """Raise ImproperlyConfigured with every error of this module; the doors of the site call it as they open."""
    refusals = [found for found in check_installation(None) if found.level >= ERROR]
    if refusals:
        raise ImproperlyConfigured(
            "\n".join(f"* {refusal.msg}\n  {refusal.hint} ({refusal.id})" for refusal in refusals)
        )
