"""What a publication got wrong and put right, said where it was read."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Correction(models.Model):
    """A dated note on a live post. Made by `blog.corrections` when the change it belongs to is brought out."""

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="corrections")
    note = models.TextField(max_length=1000)
    at = models.DateTimeField()
    # The version that was wrong, and the one that put it right: whoever was sent the former learns of the latter.
    wrong_version = models.PositiveIntegerField(default=0)
    right_version = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="corrections"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(note=""), name="blog_correction_says_something"),
            models.UniqueConstraint(fields=["post", "right_version"], name="blog_correction_once_per_version"),
        ]
        indexes = [models.Index(fields=["-at", "-id"], name="blog_correction_newest")]

    def __str__(self) -> str:
        return f"Correction of {self.at:%d.%m.%Y}"

    def get_absolute_url(self) -> str:
        """Where readers see it: on its post."""
        return f"{self.post.get_absolute_url()}#corrections"
