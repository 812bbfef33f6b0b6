"""Links by which people without an account read a version nobody else can."""

from django.conf import settings
from django.db import models


class PreviewLink(models.Model):
    """A secret address of one version. Only a digest of its token is kept. Made by `blog.preview_links`."""

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="preview_links")
    version = models.ForeignKey("blog.PostVersion", on_delete=models.CASCADE, related_name="preview_links")
    token_hash = models.CharField(max_length=64, unique=True)
    name = models.CharField("for whom", max_length=100, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="preview_links"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened_count = models.PositiveIntegerField(default=0)
    last_opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name or f"Preview of {self.post_id}"
