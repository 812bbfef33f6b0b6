"""What somebody is told: a row of their inbox."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q


class Notification(models.Model):
    """Made by `accounts.notifications.notify`."""

    class Category(models.TextChoices):
        COMMENT = "comment", "Comment"
        REPLY = "reply", "Reply"
        LIKE = "like", "Like"
        FOLLOW = "follow", "Follow"
        PUBLICATION = "publication", "Publication"
        REVIEW = "review", "Review"
        MEDIA = "media", "Media"

    class Priority(models.TextChoices):
        LOW = "low", "Low"
        NORMAL = "normal", "Normal"
        HIGH = "high", "High"
        URGENT = "urgent", "Urgent"

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    category = models.CharField(max_length=11, choices=Category.choices)
    priority = models.CharField(max_length=6, choices=Priority.choices, default=Priority.NORMAL)
    target_type = models.ForeignKey(ContentType, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    target_id = models.PositiveBigIntegerField(null=True, blank=True)
    target = GenericForeignKey("target_type", "target_id")
    text = models.CharField(max_length=500)
    url = models.CharField(max_length=700, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(priority__in=["low", "normal", "high", "urgent"]), name="accounts_notification_priority"
            ),
            models.CheckConstraint(
                condition=Q(category__in=["comment", "reply", "like", "follow", "publication", "review", "media"]),
                name="accounts_notification_category",
            ),
        ]
        indexes = [
            models.Index(
                fields=["recipient", "-created_at"],
                condition=Q(read_at__isnull=True),
                name="accounts_notification_unread",
            ),
            models.Index(fields=["recipient", "-created_at", "-id"], name="accounts_notification_newest"),
        ]

    def __str__(self) -> str:
        return self.text
