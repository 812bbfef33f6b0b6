"""Where a moderator has closed the room."""

from django.conf import settings
from django.db import models


class ClosedConversation(models.Model):
    """Nobody writes under this post until a moderator opens it again, whatever its own settings and its drafts say."""

    post = models.OneToOneField(
        "blog.Post", primary_key=True, on_delete=models.CASCADE, related_name="closed_conversation"
    )
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return f"Comments on {self.post_id} are closed"
