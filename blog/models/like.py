"""Who likes which post; and what every row holds that one reader makes once about one thing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q


class ByReader(models.Model):
    """Of one member or, by a salted fingerprint (`core.fingerprints`), one guest; the thing and its `user` a row names
    itself, with `member` and `once_each`."""

    fingerprint_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True


def member(related_name: str) -> Any:
    """The key to the member who made such a row; it goes with them."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name=related_name
    )


def once_each(thing: str, name: str) -> list[models.BaseConstraint]:
    """Either a member or a guest, and each of them once about a `thing`; the rules are called after `name`."""
    is_guest = Q(user__isnull=True) & ~Q(fingerprint_hash="")
    return [
        models.CheckConstraint(
            condition=Q(user__isnull=False, fingerprint_hash="") | is_guest, name=f"{name}_one_person"
        ),
        models.UniqueConstraint(
            fields=[thing, "user"], condition=Q(user__isnull=False), name=f"{name}_once_per_member"
        ),
        models.UniqueConstraint(
            fields=[thing, "fingerprint_hash"], condition=~Q(fingerprint_hash=""), name=f"{name}_once_per_guest"
        ),
    ]


class PostLike(ByReader):
    """One reader likes one post; see `blog.likes`."""

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="likes")
    user = member("post_likes")

    class Meta:
        constraints = once_each("post", "blog_like")

    def __str__(self) -> str:
        return f"{self.user_id or 'a guest'} likes {self.post_id}"
