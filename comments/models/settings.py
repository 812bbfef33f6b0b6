"""How the conversation is kept: one row, as editors set it up."""

from django.db import models
from django.db.models import Q


class ConversationSettings(models.Model):
    """The one row; read it through `comments.rules.current`."""

    class Guests(models.TextChoices):
        CONFIRM = "confirm", "Confirm their address by mail"
        MODERATE = "moderate", "Wait for a moderator"
        TRUST = "trust", "Wait for a moderator until some of theirs were approved"

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    guests = models.CharField("guests", max_length=8, choices=Guests.choices, default=Guests.TRUST)
    trusted_after = models.PositiveSmallIntegerField("approved comments until a guest is trusted", default=2)
    moderate_members = models.BooleanField("the first comment of a member waits for a moderator", default=True)
    close_after_days = models.PositiveSmallIntegerField(
        "close comments after days", null=True, blank=True, help_text="After a post was published. Empty: never."
    )
    edit_minutes = models.PositiveSmallIntegerField("minutes in which a comment can be changed", default=15)
    most_links = models.PositiveSmallIntegerField("links a comment may have before it waits", default=2)
    blocked_words = models.TextField(
        blank=True, max_length=20_000, help_text="One word or phrase a line; a comment with one of them waits."
    )
    hold_from = models.FloatField("spam score from which a comment waits", default=3.0)
    refuse_from = models.FloatField("spam score from which a comment is refused", default=8.0)
    akismet_key = models.CharField("Akismet key", max_length=100, blank=True)
    show_presence = models.BooleanField("show how many are reading", default=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "conversation settings"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="comments_settings_once"),
            models.CheckConstraint(
                condition=Q(guests__in=["confirm", "moderate", "trust"]), name="comments_settings_guests"
            ),
            models.CheckConstraint(
                condition=Q(refuse_from__gte=models.F("hold_from")), name="comments_settings_scores"
            ),
        ]

    def __str__(self) -> str:
        return "Conversation settings"
