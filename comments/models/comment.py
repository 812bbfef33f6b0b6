"""What readers say under a post, and what they said before they changed it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from comments.querysets import CommentQuerySet

LONGEST = 5_000


class Comment(models.Model):
    """One comment. Written by `comments.posting`, judged by `comments.moderation`, read by `comments.threads`.

    `root` is the comment its thread began with, empty for that one, so that a thread is one query. A member's name is
    that of their account; a comment with neither `user` nor `guest_name` lost its writer's account.
    """

    class Kind(models.TextChoices):
        COMMENT = "comment", "Comment"
        PING = "ping", "Ping"

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting"
        APPROVED = "approved", "Approved"
        SPAM = "spam", "Spam"
        REJECTED = "rejected", "Rejected"
        DELETED = "deleted", "Deleted"

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies")
    root = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="thread")
    kind = models.CharField(max_length=7, choices=Kind.choices, default=Kind.COMMENT)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="comments"
    )
    guest_name = models.CharField("name", max_length=80, blank=True)
    guest_email = models.EmailField("e-mail address", blank=True)
    # Of a ping, the page that speaks of the post; never shown for comments.
    guest_url = models.URLField("address of their page", max_length=500, blank=True)
    fingerprint_hash = models.CharField(max_length=64, blank=True, editable=False)
    user_agent = models.CharField(max_length=300, blank=True, editable=False)

    content = models.TextField("comment", max_length=LONGEST)
    content_html = models.TextField(blank=True, editable=False)
    render_version = models.PositiveSmallIntegerField(default=0, editable=False)
    like_count = models.PositiveIntegerField(default=0, editable=False)
    report_count = models.PositiveIntegerField(default=0, editable=False)

    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING)
    # A guest's comment that waits for its writer to follow the link they were sent; no moderator is asked before.
    is_unconfirmed = models.BooleanField("address not confirmed", default=False)
    # When they followed it: the address is theirs. Anybody can type one.
    confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Why it waits or was refused: [{"code": "links", "points": 2.0, "words": ["casino"]}], see `comments.spam`.
    reasons = models.JSONField(default=list, blank=True, editable=False)
    spam_score = models.FloatField(null=True, blank=True, editable=False)
    # What the filter learnt from it, so that another decision is unlearnt first.
    taught = models.CharField(max_length=4, blank=True, editable=False)
    appeal = models.CharField(max_length=1000, blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Of the form and the words it was sent with: the same sent twice makes one comment.
    form_token = models.CharField(max_length=64, blank=True, editable=False)

    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(auto_now=True)
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    # Whoever waits for it by mail or in their inbox was told; never twice, whatever is decided later.
    announced_at = models.DateTimeField(null=True, blank=True, editable=False)
    moderators_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Since then nothing is known of its words and its writer; it stands for what its replies answer, see
    # `comments.erasing`.
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        permissions = [("moderate_comment", "Can approve and reject comments and ban their writers")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["comment", "ping"]), name="comments_kind"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "approved", "spam", "rejected", "deleted"]), name="comments_status"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=True) | Q(guest_name="", guest_email=""), name="comments_one_writer"
            ),
            models.CheckConstraint(condition=Q(guest_email="") | ~Q(guest_name=""), name="comments_guest_has_name"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, root__isnull=True) | Q(parent__isnull=False, root__isnull=False),
                name="comments_reply_has_root",
            ),
            # An answer is younger than what it answers, so that no circle closes.
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | Q(parent__lt=F("id"), root__lte=F("parent")),
                name="comments_reply_is_younger",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(is_unconfirmed=False), name="comments_approved_is_confirmed"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(is_unconfirmed=False, user__isnull=True),
                name="comments_guests_confirm_once",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(approved_at__isnull=False), name="comments_approved_has_time"
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("content"), LONGEST), name="comments_content_length"
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(status__in=["spam", "rejected", "deleted"], content="", user__isnull=True, guest_name=""),
                name="comments_erased_is_empty",
            ),
            models.UniqueConstraint(fields=["form_token"], condition=~Q(form_token=""), name="comments_form_sent_once"),
            # What a reply's key to its parent and post refers to; see the migration that keeps both together.
            models.UniqueConstraint(fields=["id", "post"], name="comments_id_and_post"),
        ]
        indexes = [
            models.Index(fields=["post", "kind", "status", "created_at", "id"], name="comments_of_post"),
            models.Index(fields=["root", "created_at", "id"], name="comments_thread"),
            models.Index(
                fields=["created_at", "id"],
                condition=Q(status="pending", is_unconfirmed=False),
                name="comments_waiting",
            ),
            models.Index(
                fields=["id"], condition=Q(status="approved", announced_at__isnull=True), name="comments_untold"
            ),
            models.Index(fields=["status", "-created_at", "-id"], name="comments_in_state"),
            models.Index(
                fields=["-report_count", "-created_at", "-id"],
                condition=Q(report_count__gt=0),
                name="comments_reported",
            ),
            models.Index(fields=["id"], condition=Q(erased_at__isnull=False), name="comments_erased"),
            models.Index(fields=["user", "-created_at"], condition=Q(user__isnull=False), name="comments_of_member"),
            models.Index(fields=["guest_email", "-created_at"], condition=~Q(guest_email=""), name="comments_of_guest"),
            models.Index(
                fields=["fingerprint_hash", "-created_at"],
                condition=~Q(fingerprint_hash=""),
                name="comments_of_fingerprint",
            ),
        ]

    def __str__(self) -> str:
        """For the audit trail, which outlives it: who, and nothing of the words, which may be erased."""
        return f"Comment {self.pk} by {self.writer_name}"

    def get_absolute_url(self) -> str:
        return reverse("comment", args=[self.pk])

    @property
    def is_public(self) -> bool:
        return self.status == Comment.Status.APPROVED

    @property
    def is_removed(self) -> bool:
        """Readers see that something stood here, and its replies."""
        return self.status in {Comment.Status.DELETED, Comment.Status.REJECTED, Comment.Status.SPAM}

    @property
    def writer_name(self) -> str:
        if self.user_id and self.user is not None:
            return self.user.display_name
        return self.guest_name or str(_("Somebody who left"))


class CommentEdit(models.Model):
    """What a comment said until it was changed; moderators alone see it."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="edits")
    content = models.TextField()
    replaced_at = models.DateTimeField()

    class Meta:
        ordering = ["-replaced_at", "-id"]

    def __str__(self) -> str:
        return f"{self.comment_id} until {self.replaced_at:%Y-%m-%d %H:%M}"
