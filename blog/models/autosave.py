"""What somebody typed and has not saved yet."""

from django.conf import settings
from django.db import models


class Autosave(models.Model):
    """The fields of one person's open form. Written by `blog.autosave`, gone once the form is saved.

    `key` is "post:12", or "new:" and a random name for a post that has never been saved.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="autosaves")
    key = models.CharField(max_length=60)
    post = models.ForeignKey("blog.Post", null=True, blank=True, on_delete=models.SET_NULL, related_name="autosaves")
    fields = models.JSONField()
    base_version = models.PositiveIntegerField(null=True, blank=True)
    sequence = models.PositiveBigIntegerField(default=0)
    typed_at = models.DateTimeField()

    class Meta:
        ordering = ["-typed_at"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="blog_autosave_once_per_form")]

    def __str__(self) -> str:
        return f"{self.key} by {self.user_id}"
