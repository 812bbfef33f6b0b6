"""What changed among what everybody may read, for programs that keep a copy. Kept by `blog.changes`."""

import secrets

from django.db import models
from django.db.models import Q


def new_name() -> str:
    return secrets.token_hex(4)


class Kind(models.TextChoices):
    CATEGORY = "category"
    TAG = "tag"
    TOPIC = "topic"
    MEDIA = "media"
    POST = "post"


KNOWN = Q(kind__in=Kind.values)


class ChangeNote(models.Model):
    """Something was written, in the transaction that wrote it: the database notes it itself (`blog.change_triggers`),
    whoever writes. Taken in and forgotten by `blog.changes.take_in`."""

    kind = models.CharField(max_length=10, choices=Kind.choices)
    object_id = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=KNOWN, name="blog_change_note_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class Change(models.Model):
    """The newest that was told of one thing, at its place in the feed."""

    kind = models.CharField(max_length=10, choices=Kind.choices)
    object_id = models.BigIntegerField()
    position = models.BigIntegerField(unique=True)
    is_gone = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_id"], name="blog_change_once"),
            models.CheckConstraint(condition=KNOWN, name="blog_change_kind"),
        ]
        indexes = [models.Index(fields=["at"], condition=Q(is_gone=True), name="blog_change_gone")]

    def __str__(self) -> str:
        return f"{self.position}: {self.kind} {self.object_id}"


class ChangeFeed(models.Model):
    """How far the feed has come: one row, held by whoever gives out positions.

    `name` tells this feed from another one that was at the same address; `forgotten` is the position of the last
    tombstone that was swept.
    """

    name = models.CharField(max_length=8, default=new_name)
    position = models.BigIntegerField(default=0)
    forgotten = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="blog_change_feed_once"),
            models.CheckConstraint(condition=Q(forgotten__lte=models.F("position")), name="blog_change_feed_order"),
        ]

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"
