"""What people want to hear once a day: one mail, at the hour where they are.

A notice that waits says so itself (`mail`, `mailed_at`); it is put into the mail and marked in one transaction, with
its reader's row held, so that two workers, or one that is killed and starts again, send it once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import mail_choices, mailing
from accounts.models import Notification, NotificationChoice, User
from accounts.notifications import address_of
from core import languages, publication

# One mail names no more.
MOST_NAMED = 50
# How many mails a tick writes, or few more: what is left is done by the next one.
AT_ONCE = 2_000
_waits = Q(mail=NotificationChoice.Mail.DAILY, mailed_at__isnull=True)


def zone_of(user: User) -> ZoneInfo:
    """Where somebody is; where the publication is, if they never said or their place is no more."""
    try:
        return ZoneInfo(user.timezone or settings.TIME_ZONE)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)


def last_hour_of(user: User, at: datetime) -> datetime:
    """The last time the hour of somebody's digest struck where they are."""
    here = at.astimezone(zone_of(user))
    today = here.replace(hour=user.digest_hour, minute=0, second=0, microsecond=0, fold=0)
    return today if today <= here else today - timedelta(days=1)


def send_due(at: datetime | None = None) -> int:
    """Write the digests whose hour has struck; returns how many."""
    now = at or timezone.now()
    oldest = (
        Notification.objects.filter(_waits).order_by("recipient").values_list("recipient").annotate(Min("created_at"))
    )
    waiting, sent = list(oldest), 0
    for start in range(0, len(waiting), AT_ONCE):
        since = dict(waiting[start : start + AT_ONCE])
        people = User.objects.filter(pk__in=since)
        due = [user.pk for user in people if since[user.pk] <= last_hour_of(user, now)]
        sent += sum(send(pk, at=now) for pk in due)
        if sent >= AT_ONCE:
            break
    return sent


@transaction.atomic
def send(user_id: int, *, at: datetime) -> bool:
    """Write somebody's digest, if it is due; False where there is nothing to tell."""
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        return False
    hour = last_hour_of(user, at)
    waiting = Notification.objects.filter(_waits, recipient=user)
    if (user.last_digest_on and user.last_digest_on >= hour.date()) or not waiting.filter(created_at__lte=hour):
        return False
    still = Q(read_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=at))
    told = list(waiting.filter(still)[: MOST_NAMED + 1]) if user.is_active and user.email else []
    number = waiting.filter(still).count() if len(told) > MOST_NAMED else len(told)
    # What was read meanwhile, or matters no more, is not told again.
    waiting.update(mailed_at=at)
    User.objects.filter(pk=user.pk).update(last_digest_on=hour.date())
    if not told:
        return False
    with translation.override(languages.main()):
        _queue(user, told[:MOST_NAMED], number)
    return True


def _queue(user: User, told: list[Notification], number: int) -> None:
    name = publication.current().name
    context = {
        "heading": _("What happened since yesterday"),
        "notices": [(notice.text, urljoin(settings.SITE_URL, address_of(notice))) for notice in told],
        "more": number - len(told),
        "all_of_it": urljoin(settings.SITE_URL, mail_choices.path_to("my_notices")),
        "choices": urljoin(settings.SITE_URL, mail_choices.path_to("my_mails")),
        "off": mail_choices.address_for(user, mail_choices.DIGEST),
        "person": user,
        "site_name": name,
        "site_url": settings.SITE_URL,
    }
    subject = ngettext("%(number)s notice from %(site)s", "%(number)s notices from %(site)s", number)
    mailing.queue(
        "notifications: digest",
        user.email,
        subject % {"number": number, "site": name},
        render_to_string("accounts/email/digest.txt", context),
        render_to_string("accounts/email/digest.html", context),
        user=user,
        headers=mail_choices.headers_for(user, mail_choices.DIGEST),
    )
