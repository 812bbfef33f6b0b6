"""Who follows whom among people. What follows from it stands in the apps above."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Follow, User
from accounts.roles import Role, at_least
from core.refusals import Refusal


def follow(user: User, author: User) -> bool:
    """Let `user` follow `author`; whether they did not before. Twice at once is once."""
    if user == author:
        raise Refusal(_("Nobody follows themselves."))
    if not at_least(author, Role.AUTHOR):
        raise Refusal(_("Only people who write here can be followed."))
    _row, made = Follow.objects.get_or_create(follower=user, followed=author)
    return made


def unfollow(user: User, author: User) -> bool:
    """Whether there was something to end."""
    return bool(Follow.objects.filter(follower=user, followed=author).delete()[0])


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
