"""Who is told by mail of what is answered."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class ThreadSubscription(models.Model):
    """A member, or a guest who confirmed their address, hears of new comments on a post, or of replies in one thread.

    `token` is in the address that ends it with one click.
    """

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="thread_subscriptions")
    # The comment its thread began with; empty: all comments on the post.
    comment = models.ForeignKey(
        "comments.Comment", null=True, blank=True, on_delete=models.CASCADE, related_name="subscriptions"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="thread_subscriptions"
    )
    email = models.EmailField(blank=True)
    token = models.CharField(max_length=64, unique=True)
    language = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, email="") | (Q(user__isnull=True) & ~Q(email="")),
                name="comments_subscription_one_person",
            ),
            models.UniqueConstraint(
                fields=["post", "user"],
                condition=Q(user__isnull=False, comment__isnull=True),
                name="comments_post_heard_by_member",
            ),
            models.UniqueConstraint(
                fields=["comment", "user"],
                condition=Q(user__isnull=False, comment__isnull=False),
                name="comments_thread_heard_by_member",
            ),
            models.UniqueConstraint(
                fields=["post", "email"],
                condition=~Q(email="") & Q(comment__isnull=True),
                name="comments_post_heard_by_guest",
            ),
            models.UniqueConstraint(
                fields=["comment", "email"],
                condition=~Q(email="") & Q(comment__isnull=False),
                name="comments_thread_heard_by_guest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id or 'a guest'} hears of {self.comment_id or self.post_id}"
