"""What makes writing quicker: pieces of text to insert, links between posts, and the plan as a calendar feed."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Snippet(models.Model):
    """A piece of Markdown everybody who writes can insert."""

    name = models.CharField(max_length=100, unique=True)
    content_markdown = models.TextField("text", max_length=20_000)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        permissions = [("change_others_snippet", "Can change snippets of others")]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="blog_snippet_has_name")]

    def __str__(self) -> str:
        return self.name

    def is_owned_by(self, user: object) -> bool:
        pk = getattr(user, "pk", None)
        return pk is not None and self.created_by_id == pk


class PostLink(models.Model):
    """An address of this site that the text of a post links to, as the row says it. Kept by `blog.links`."""

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="links")
    path = models.CharField(max_length=700, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "path"], name="blog_link_once_per_post")]

    def __str__(self) -> str:
        return self.path


class CalendarFeed(models.Model):
    """The secret address by which somebody's calendar program follows the plan; only a digest of its token is kept."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Calendar of {self.user_id}"
