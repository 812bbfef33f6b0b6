"""Word of what was published, for search engines and feed hubs: a row first, sent afterwards."""

from django.db import models
from django.db.models import Q


class Ping(models.Model):
    """One message to one service. Made and sent by `blog.pings`."""

    class Service(models.TextChoices):
        INDEXNOW = "indexnow", "IndexNow"
        WEBSUB = "websub", "WebSub"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Given up"

    service = models.CharField(max_length=8, choices=Service.choices)
    # What is told of: the address of a page (IndexNow) or of a feed (WebSub).
    address = models.CharField(max_length=700)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    answer = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(service__in=["indexnow", "websub"]), name="blog_ping_service"),
            models.CheckConstraint(condition=Q(state__in=["waiting", "sent", "failed"]), name="blog_ping_state"),
            # Told twice of the same before it is sent is told once.
            models.UniqueConstraint(
                fields=["service", "address"], condition=Q(state="waiting"), name="blog_ping_waits_once"
            ),
        ]
        indexes = [models.Index(fields=["next_try_at"], condition=Q(state="waiting"), name="blog_ping_due")]

    def __str__(self) -> str:
        return f"{self.service}: {self.address}"
