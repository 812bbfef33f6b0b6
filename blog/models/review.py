"""Asking somebody to look at a post before readers do, and what they answered."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class ReviewRequest(models.Model):
    """One request to review one version of a post; open until somebody decides. Made by `blog.reviewing`."""

    class Decision(models.TextChoices):
        OPEN = "", "Waiting"
        APPROVED = "approved", "Approved"
        SENT_BACK = "sent_back", "Sent back"
        WITHDRAWN = "withdrawn", "Withdrawn"

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="review_requests")
    version = models.ForeignKey("blog.PostVersion", null=True, on_delete=models.SET_NULL, related_name="+")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="reviews_asked"
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="reviews_wished"
    )
    note = models.CharField(max_length=1000, blank=True)
    asked_at = models.DateTimeField()
    decision = models.CharField(max_length=9, choices=Decision.choices, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="reviews_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["post"], condition=Q(decided_at__isnull=True), name="blog_review_one_open_per_post"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decision="")
                | Q(decided_at__isnull=False, decision__in=["approved", "sent_back", "withdrawn"]),
                name="blog_review_decision_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Review of {self.post_id}"
