"""What followers have yet to be told."""

from django.db import models


class PostNews(models.Model):
    """A post that went live for the first time, until its followers are told; see `blog.news`."""

    post = models.OneToOneField("blog.Post", on_delete=models.CASCADE, related_name="news")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"News of {self.post_id}"
