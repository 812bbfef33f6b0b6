"""Every message that leaves has a row first; `accounts.mailing` hands it over."""

from django.conf import settings
from django.db import models


class OutgoingMail(models.Model):
    """One message to one person.

    `claimed_at` is set by a conditional update before the hand-over, so two workers never send the same row. The bodies
    are emptied after the hand-over where KEEP_MAIL_BODIES is off, because they hold single-use links.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    kind = models.CharField(max_length=60, help_text="What it is about, for example account/email/password_reset_key.")
    recipient = models.EmailField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="mails"
    )
    sender = models.CharField(max_length=320)
    reply_to = models.EmailField(blank=True)
    subject = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    message_id = models.CharField(max_length=200, unique=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "message"
        verbose_name_plural = "messages"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["waiting", "sending", "sent", "failed"]), name="accounts_mail_status"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="sent") | models.Q(sent_at__isnull=False), name="accounts_mail_sent_has_time"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=models.Q(status__in=["waiting", "sending"]), name="accounts_mail_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"
