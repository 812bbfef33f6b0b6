"""What a signed-in reader keeps for later, and how far they came."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Reading(models.Model):
    """One reader and one post. Written by `blog.reading`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="readings")
    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="readings")
    # On the reading list since; empty: not on it.
    kept_at = models.DateTimeField(null=True, blank=True)
    # How far down the text, in thousandths, and the anchor of the heading last passed.
    position = models.PositiveSmallIntegerField(default=0)
    heading = models.CharField(max_length=200, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-kept_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "post"], name="blog_reading_once_per_post"),
            models.CheckConstraint(condition=Q(position__lte=1000), name="blog_reading_position"),
        ]
        indexes = [
            models.Index(fields=["user", "-kept_at"], condition=Q(kept_at__isnull=False), name="blog_reading_list"),
            models.Index(fields=["user", "-read_at"], condition=Q(read_at__isnull=False), name="blog_reading_last"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} reading {self.post_id}"


class SubjectFollow(models.Model):
    """Somebody follows a category, a tag or a topic."""

    follower = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subjects_followed")
    category = models.ForeignKey("blog.Category", null=True, on_delete=models.CASCADE, related_name="follows")
    tag = models.ForeignKey("blog.Tag", null=True, on_delete=models.CASCADE, related_name="follows")
    topic = models.ForeignKey("blog.TopicCluster", null=True, on_delete=models.CASCADE, related_name="follows")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(category__isnull=False, tag__isnull=True, topic__isnull=True)
                    | Q(category__isnull=True, tag__isnull=False, topic__isnull=True)
                    | Q(category__isnull=True, tag__isnull=True, topic__isnull=False)
                ),
                name="blog_follow_one_subject",
            ),
            models.UniqueConstraint(
                fields=["follower", "category"], condition=Q(category__isnull=False), name="blog_follow_category_once"
            ),
            models.UniqueConstraint(
                fields=["follower", "tag"], condition=Q(tag__isnull=False), name="blog_follow_tag_once"
            ),
            models.UniqueConstraint(
                fields=["follower", "topic"], condition=Q(topic__isnull=False), name="blog_follow_topic_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} follows {self.category_id or self.tag_id or self.topic_id}"
