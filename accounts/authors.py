"""Author profiles: one for everybody who may write."""

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts.models import AuthorProfile, User


def ensure_profile(user: User) -> AuthorProfile:
    """The profile of `user`, made with a free slug when there is none. Safe to call twice at once."""
    existing = AuthorProfile.objects.filter(user=user).first()
    if existing:
        return existing
    base = (
        slugify(user.display_name, allow_unicode=True)[:70]
        or slugify(user.username, allow_unicode=True)[:70]
        or "author"
    )
    number = 1
    while True:
        slug = base if number == 1 else f"{base}-{number}"
        try:
            with transaction.atomic():
                profile, _ = AuthorProfile.objects.get_or_create(user=user, defaults={"slug": slug})
                return profile
        except IntegrityError:
            number += 1
