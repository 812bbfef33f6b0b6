"""What lets a program in: families of tokens from one log-in, tokens somebody made by hand, answers not given twice."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class TokenFamily(models.Model):
    """One log-in of a program: the access and refresh tokens that came of it. Written by `accounts.tokens`."""

    class End(models.TextChoices):
        LOGGED_OUT = "logged out", "logged out"
        REVOKED = "revoked", "revoked"
        REUSED = "reused", "a used refresh token came again"
        PASSWORD = "password", "the password changed"
        ROLE = "role", "the role changed"
        CLOSED = "closed", "the account was closed"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="token_families")
    # Of the refresh token that is good; each use moves it on by one.
    serial = models.PositiveIntegerField(default=1)
    device = models.CharField(max_length=100, blank=True)
    # Without its last part, as in SignedInDevice.
    network = models.CharField(max_length=45, blank=True)
    # Of the password that let it in: another one lets it in no more.
    password_mark = models.CharField(max_length=32, editable=False)
    created_at = models.DateTimeField()
    last_active_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=20, choices=End.choices, blank=True)

    class Meta:
        ordering = ["-last_active_at", "-pk"]
        verbose_name_plural = "token families"
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_because="")
                | (Q(ended_at__isnull=False) & ~Q(ended_because="")),
                name="accounts_token_family_end_has_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["user"], condition=Q(ended_at__isnull=True), name="accounts_token_family_open"),
            models.Index(fields=["expires_at"], name="accounts_token_family_expiry"),
        ]

    def __str__(self) -> str:
        return self.device or f"family {self.pk}"


class PersonalToken(models.Model):
    """Made by hand for one program, shown once. The digest is all that is kept of it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="personal_tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    # Its last letters, to know it again by.
    hint = models.CharField(max_length=8, editable=False)
    scopes = models.JSONField(default=list)
    # As in TokenFamily.
    password_mark = models.CharField(max_length=32, editable=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    network = models.CharField(max_length=45, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("created_at")), name="accounts_personal_token_has_a_life"
            ),
        ]
        indexes = [models.Index(fields=["user", "-created_at"], name="accounts_personal_token_of")]

    def __str__(self) -> str:
        return self.name


class IdempotentAnswer(models.Model):
    """What was answered to a POST with an Idempotency-Key; the same key gives it again. Swept after a day."""

    # Digest of who asks and the key they chose.
    key = models.CharField(max_length=64, unique=True, editable=False)
    # Digest of method, path and body: another request may not borrow the key.
    request_digest = models.CharField(max_length=64, editable=False)
    # Empty while the first of them is being answered.
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["created_at"], name="accounts_idempotent_age")]

    def __str__(self) -> str:
        return f"{self.status or 'waits'} since {self.created_at:%H:%M}"
