"""Start-up refuses what would hurt later: each check says what is wrong and how to mend it."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

INKS = ("ultramarine", "vermilion", "bottle", "madder", "umber", "black")


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


def secret_key() -> str:
    """The secret, or nothing: Django raises on an empty one before a check could say how to mend it."""
    try:
        return settings.SECRET_KEY
    except ImproperlyConfigured:
        return ""


def refuse_unsafe_start() -> None:
    """Raise ImproperlyConfigured with every refusal of this module; the doors of the site call it as they open."""
    refusals = check_installation(None)
    if refusals:
        raise ImproperlyConfigured(
            "\n".join(f"* {refusal.msg}\n  {refusal.hint} ({refusal.id})" for refusal in refusals)
        )
