"""What readers point out to moderators."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from blog.models.like import ByReader, member, once_each


class CommentReport(ByReader):
    """One reader reports one comment, once. `settled_at`: a moderator has decided about the comment since."""

    class Reason(models.TextChoices):
        SPAM = "spam", _("It is advertising or spam")
        ABUSE = "abuse", _("It attacks somebody")
        PRIVATE = "private", _("It tells something private")
        OFF_TOPIC = "offtopic", _("It has nothing to do with the post")
        OTHER = "other", _("Something else")

    comment = models.ForeignKey("comments.Comment", on_delete=models.CASCADE, related_name="reports")
    user = member("comment_reports")
    reason = models.CharField(max_length=8, choices=Reason.choices)
    note = models.CharField(max_length=500, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=["spam", "abuse", "private", "offtopic", "other"]), name="comments_report_reason"
            ),
            *once_each("comment", "comments_report"),
        ]

    def __str__(self) -> str:
        return f"{self.reason}: {self.comment_id}"
