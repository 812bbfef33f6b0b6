"""Who follows whom among people. What follows from it stands in the apps above."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import AuthorProfile, Follow, Notification, User
from accounts.notifications import notify, withdraw
from accounts.roles import Role, at_least
from core import languages
from core.refusals import Refusal

# Of somebody who follows and stops in many windows at once, how often one of them is tried again.
TRIES = 5


def follow(user: User, author: User) -> bool:
    """Let `user` follow `author`; whether they did not before. Twice at once is once."""
    if user == author:
        raise Refusal(_("Nobody follows themselves."))
    if not at_least(author, Role.AUTHOR):
        raise Refusal(_("Only people who write here can be followed."))
    with transaction.atomic():
        made = begin(Follow.objects.all(), follower=user, followed=author)
        if made:
            _tell(user, author)
    return made


def begin(follows: QuerySet[Any], **facts: Any) -> bool:
    """Write a row of who follows what, in the current transaction; whether there was none.

    One that was in the way and is gone when it is looked for was taken back at the same moment: then there is none.
    """
    for _again in range(TRIES):
        with suppress(IntegrityError):
            return follows.get_or_create(**facts)[1]
    return follows.get_or_create(**facts)[1]


def _tell(user: User, author: User) -> None:
    """In one notice however many begin to follow before it is read."""

    def several(others: int) -> str:
        return ngettext("%(name)s and one other follow you.", "%(name)s and %(others)s others follow you.", others) % {
            "name": user.display_name,
            "others": others,
        }

    with translation.override(languages.main()):
        notify(
            [author],
            category=Notification.Category.FOLLOW,
            text=_("%(name)s follows you.") % {"name": user.display_name},
            several=several,
            group_key="follow",
            url=author.author_profile.get_absolute_url() if hasattr(author, "author_profile") else "",
            actor=user,
            priority=Notification.Priority.LOW,
            mail=True,
        )


def unfollow(user: User, author: User) -> bool:
    """Whether there was something to end."""
    with transaction.atomic():
        ended = bool(Follow.objects.filter(follower=user, followed=author).delete()[0])
        if ended:
            withdraw("follow", user.pk, recipient=author)
    return ended


def follows(user: User, author: User) -> bool:
    return Follow.objects.filter(follower=user, followed=author).exists()


def followed_by(user: User) -> QuerySet[User]:
    """Whom somebody follows, by name, with what their links need."""
    return (
        User.objects.filter(followers__follower=user, author_profile__isnull=False)
        .select_related("author_profile__avatar")
        .order_by("first_name", "last_name", "username")
    )


def follower_count(author: User) -> int:
    return Follow.objects.filter(followed=author, follower__is_active=True).count()


def with_follower_count(profiles: QuerySet[AuthorProfile]) -> QuerySet[AuthorProfile]:
    """Each with how many follow its owner, as `follower_count`, in the question that asks for the profiles."""
    of_each = Follow.objects.filter(followed=OuterRef("user"), follower__is_active=True).order_by().values("followed")
    return profiles.annotate(follower_count=Coalesce(Subquery(of_each.annotate(all=Count("pk")).values("all")), 0))
