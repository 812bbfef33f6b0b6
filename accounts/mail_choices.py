"""Who hears of what by mail: at once, once a day or never, for each kind of notice; and the link that ends it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import Notification, NotificationChoice, User
from accounts.roles import Role, at_least
from core import languages

Category, Mail = Notification.Category, NotificationChoice.Mail

# As it is until somebody chooses.
DEFAULTS: dict[str, str] = {
    Category.COMMENT: Mail.NOW,
    Category.REPLY: Mail.NOW,
    Category.LIKE: Mail.NEVER,
    Category.FOLLOW: Mail.DAILY,
    Category.NEWS: Mail.DAILY,
    Category.PUBLICATION: Mail.NOW,
    Category.REVIEW: Mail.NOW,
    Category.MEDIA: Mail.NOW,
}
WORDS: dict[str, Any] = {
    Category.REPLY: _("Somebody answers you"),
    Category.LIKE: _("Somebody likes what you wrote"),
    Category.NEWS: _("Something new appears of what you follow"),
    Category.COMMENT: _("Somebody comments, or waits for a moderator"),
    Category.FOLLOW: _("Somebody follows you"),
    Category.PUBLICATION: _("A text of yours is published, or could not be"),
    Category.REVIEW: _("A text goes to review, or comes back"),
    Category.MEDIA: _("Something is wrong with files"),
}
_LEAST_ROLE: dict[str, Role] = {
    Category.COMMENT: Role.AUTHOR,
    Category.FOLLOW: Role.AUTHOR,
    Category.PUBLICATION: Role.AUTHOR,
    Category.REVIEW: Role.AUTHOR,
    Category.MEDIA: Role.ADMINISTRATOR,
}
# What a link can end besides one kind of notice: all that comes once a day.
DIGEST = "digest"
SALT = "letterpress.mails-off"


def chosen_by(people: Iterable[int], category: str) -> dict[int, str]:
    """How each of these people (ids) hears of one kind of thing."""
    mine = NotificationChoice.objects.filter(user__in=list(people), category=category)
    chosen = dict(mine.values_list("user", "mail"))
    return {pk: chosen.get(pk, DEFAULTS[category]) for pk in people}


def choices_of(user: User) -> dict[str, str]:
    """How somebody hears of each kind of thing that can concern them, in the order they are asked."""
    chosen = dict(NotificationChoice.objects.filter(user=user).values_list("category", "mail"))
    mine = [category for category in WORDS if at_least(user, _LEAST_ROLE.get(category, Role.READER))]
    return {category: chosen.get(category, DEFAULTS[category]) for category in mine}


@transaction.atomic
def choose(user: User, choices: Mapping[str, str]) -> None:
    """Let somebody hear so from now on. What waits for a digest they no longer want is mailed no more."""
    for category, mail in choices.items():
        NotificationChoice.objects.update_or_create(
            user=user, category=Category(category), defaults={"mail": Mail(mail)}
        )
    ended = [category for category, mail in choices.items() if mail != Mail.DAILY]
    Notification.objects.filter(recipient=user, category__in=ended, mail=Mail.DAILY, mailed_at__isnull=True).update(
        mail=""
    )


def path_to(name: str, *args: Any) -> str:
    """One of our addresses as mails have it: in the main language, whatever page is being made."""
    with translation.override(languages.main()):
        return reverse(name, args=args)


def headers_for(user: User, what: str) -> dict[str, str]:
    """What mail programs make their own button of (RFC 8058); `what` is a category or DIGEST."""
    return {
        "List-Unsubscribe": f"<{address_for(user, what)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def address_for(user: User, what: str) -> str:
    """Where mails of one kind end, without signing in and for as long as the mail is kept."""
    return urljoin(settings.SITE_URL, path_to("mails_off", signing.dumps([user.pk, what], salt=SALT)))


def read_token(token: str) -> tuple[User, str] | None:
    """Whose mails of what kind the link ends; None for one we did not make, or of an account that is gone."""
    try:
        told: Any = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=told[0]).first()
    return (user, told[1]) if user is not None else None


def turn_off(user: User, what: str) -> None:
    """No more mails of this kind; of the digest's: of all that come once a day."""
    if what == DIGEST:
        choose(user, {category: Mail.NEVER for category, mail in choices_of(user).items() if mail == Mail.DAILY})
    else:
        choose(user, {what: Mail.NEVER})
