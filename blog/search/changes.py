"""Names and biographies are changed by many doors; wherever it was, the search hears of it here.

Only marks what is out of date: the clock reads it again.
"""

from collections.abc import Collection
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import AuthorProfile, User
from blog.search.entries import renew_person

NAMES = {"first_name", "last_name", "username"}


@receiver(post_save, sender=User)
def person_saved(
    instance: User, created: bool, raw: bool = False, update_fields: Collection[str] | None = None, **facts: Any
) -> None:
    if not created and not raw and (update_fields is None or NAMES & set(update_fields)):
        renew_person(instance)


@receiver(post_save, sender=AuthorProfile)
def profile_saved(instance: AuthorProfile, created: bool, raw: bool = False, **facts: Any) -> None:
    if not created and not raw:
        renew_person(instance.user)
