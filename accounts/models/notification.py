"""What somebody is told: a row of their inbox."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Notification(models.Model):
    """Made by `accounts.notifications.notify`."""

    class Category(models.TextChoices):
        COMMENT = "comment", "Comment"
        REPLY = "reply", "Reply"
        LIKE = "like", "Like"
        FOLLOW = "follow", "Follow"
        NEWS = "news", "News"
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
    # What is told of the same thing while it is unread is one notice: "Ana and 4 others liked …".
    group_key = models.CharField(max_length=120, blank=True, editable=False)
    count = models.PositiveIntegerField(default=1, editable=False)
    actor_ids = models.JSONField(default=list, editable=False)
    # "daily": it waits for the digest of its day; `mailed_at` when it was put into one.
    mail = models.CharField(max_length=5, blank=True, editable=False)
    mailed_at = models.DateTimeField(null=True, blank=True, editable=False)
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
                condition=Q(
                    category__in=["comment", "reply", "like", "follow", "news", "publication", "review", "media"]
                ),
                name="accounts_notification_category",
            ),
            models.CheckConstraint(condition=Q(mail__in=["", "now", "daily"]), name="accounts_notification_mail"),
            models.UniqueConstraint(
                fields=["recipient", "group_key"],
                condition=Q(read_at__isnull=True) & ~Q(group_key=""),
                name="accounts_notification_grouped",
            ),
        ]
        indexes = [
            models.Index(
                fields=["recipient", "-created_at"],
                condition=Q(read_at__isnull=True),
                name="accounts_notification_unread",
            ),
            models.Index(
                fields=["recipient", "created_at"],
                condition=Q(mail="daily", mailed_at__isnull=True),
                name="accounts_notification_digest",
            ),
            models.Index(fields=["recipient", "-created_at", "-id"], name="accounts_notification_newest"),
        ]

    def __str__(self) -> str:
        return self.text


class NotificationChoice(models.Model):
    """How somebody hears by mail of one kind of thing; what they never chose is as `accounts.notifications` has it."""

    class Mail(models.TextChoices):
        NOW = "now", _("At once")
        DAILY = "daily", _("Once a day")
        NEVER = "never", _("Never")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_choices")
    category = models.CharField(max_length=11, choices=Notification.Category.choices)
    mail = models.CharField(max_length=5, choices=Mail.choices)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(mail__in=["now", "daily", "never"]), name="accounts_choice_mail"),
            models.UniqueConstraint(fields=["user", "category"], name="accounts_choice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.category} {self.mail}"
