"""Who is told, what is told, and what came of each try."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q


def new_event_id() -> str:
    return f"evt_{secrets.token_hex(12)}"


def new_salt() -> str:
    return secrets.token_hex(16)


class Endpoint(models.Model):
    """An address of a program that wants to hear of some events.

    The secrets themselves are kept nowhere: `webhooks.signing` makes them of the salts and the key of the site. A
    removed endpoint stays a while, so that whoever records an event at that moment still finds its row.
    """

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        OFF = "off", "Switched off"
        PAUSED = "paused", "Paused after failures"
        GONE = "gone", "Gone"
        REMOVED = "removed", "Removed"

    url = models.CharField("address", max_length=700, help_text="https:// and where the program listens.")
    description = models.CharField(max_length=200, blank=True, help_text="What it is for, for whoever comes next.")
    events = models.JSONField(default=list)
    state = models.CharField(max_length=7, choices=State.choices, default=State.ACTIVE)
    # Why it stopped, in a sentence.
    reason = models.CharField(max_length=300, blank=True)
    state_since = models.DateTimeField()
    # When administrators were told that it stopped.
    told_at = models.DateTimeField(null=True, blank=True)
    salt = models.CharField(max_length=32, default=new_salt)
    previous_salt = models.CharField(max_length=32, blank=True)
    previous_until = models.DateTimeField(null=True, blank=True)
    rotated_at = models.DateTimeField(null=True, blank=True)
    # Failures in a row; with the first of them it began to fail.
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = "webhook"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["active", "off", "paused", "gone", "removed"]), name="webhooks_endpoint_state"
            ),
            models.CheckConstraint(condition=~Q(url=""), name="webhooks_endpoint_has_address"),
            models.CheckConstraint(
                condition=Q(previous_salt="", previous_until__isnull=True)
                | ~Q(previous_salt="") & Q(previous_until__isnull=False),
                name="webhooks_previous_secret_ends",
            ),
            models.CheckConstraint(
                condition=Q(failures=0, failing_since__isnull=True) | Q(failures__gt=0, failing_since__isnull=False),
                name="webhooks_failing_since_then",
            ),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def is_active(self) -> bool:
        return self.state == Endpoint.State.ACTIVE


class Event(models.Model):
    """Something that happened, told with the same id however often it is sent."""

    id = models.CharField(primary_key=True, max_length=40, default=new_event_id, editable=False)
    kind = models.CharField(max_length=40)
    payload = models.JSONField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Delivery(models.Model):
    """One event for one endpoint. `attempts` counts all tries, `tries` those of this round."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Being sent"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Given up"
        SKIPPED = "skipped", "Not sent"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    # While it is sent: when the claim runs out and somebody else sends it.
    next_try_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "endpoint"], name="webhooks_event_once_an_endpoint"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "delivered", "failed", "skipped"]),
                name="webhooks_delivery_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="delivered") | Q(delivered_at__isnull=False), name="webhooks_delivered_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(claimed_at__isnull=False), name="webhooks_sending_is_claimed"
            ),
            models.CheckConstraint(condition=Q(tries__lte=F("attempts")), name="webhooks_tries_are_attempts"),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "next_try_at"],
                condition=Q(state__in=["waiting", "sending"]),
                name="webhooks_delivery_due",
            ),
            models.Index(fields=["endpoint", "-id"], name="webhooks_of_endpoint"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.endpoint_id}"


class Attempt(models.Model):
    """One try. Written before anything is sent: one that never ended may have arrived, and says so."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tried")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.TextField(blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="webhooks_attempt_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id}, {self.number}"
