"""The history of a post: what it said, and which states it went through."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q


class PostVersion(models.Model):
    """Everything an editor can change, as it was; never changed afterwards. Made by `blog.versions`."""

    class Kind(models.TextChoices):
        SAVE = "save", "Saved"
        PUBLISH = "publish", "Published"
        RESTORE = "restore", "Restored"
        IMPORT = "import", "Imported"
        AUTOSAVE = "autosave", "Saved by itself"

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    snapshot = models.JSONField()
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="post_versions"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    reason = models.CharField(max_length=300, blank=True)
    name = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "version"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["post", "number"], name="blog_version_number_once_per_post")]

    def __str__(self) -> str:
        return f"Version {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Once; later only its name can be given."""
        if not self._state.adding and set(kwargs.get("update_fields") or ["all"]) != {"name"}:
            raise TypeError("A version is never changed; only its name is.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("A version goes only with its post.")


class PendingChange(models.Model):
    """What a live post will say once it is updated: a version readers do not see yet. Made by `blog.pending`."""

    post = models.OneToOneField("blog.Post", on_delete=models.CASCADE, related_name="pending_change")
    version = models.ForeignKey(PostVersion, on_delete=models.CASCADE, related_name="+")
    go_live_at = models.DateTimeField(null=True, blank=True)
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="planned_changes"
    )
    # Not empty: bringing it out puts something right, and tells readers so in these words.
    correction_note = models.TextField(max_length=1000, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["go_live_at"], condition=Q(go_live_at__isnull=False), name="blog_pending_change_due")
        ]

    def __str__(self) -> str:
        return f"Changes to {self.post_id}"


class StatusChange(models.Model):
    """One step of a post from one state to another."""

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="status_changes")
    from_status = models.CharField(max_length=10)
    to_status = models.CharField(max_length=10)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="status_changes"
    )
    at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["post", "-at"], name="blog_status_change_newest")]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"
