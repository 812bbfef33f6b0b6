"""Where somebody is signed in."""

from django.conf import settings
from django.db import models


class SignedInDevice(models.Model):
    """One session of one person, as they can recognise it. Written by `accounts.devices`; goes with its session."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices")
    # The digest of the session's key: whoever reads this table cannot take the session over.
    session_digest = models.CharField(max_length=64, unique=True, editable=False)
    device = models.CharField(max_length=100, blank=True)
    # Without its last part: 203.0.113.0, 2001:db8::.
    network = models.CharField(max_length=45, blank=True)
    created_at = models.DateTimeField()
    last_active_at = models.DateTimeField()

    class Meta:
        ordering = ["-last_active_at", "-pk"]
        indexes = [models.Index(fields=["user", "-last_active_at"], name="accounts_device_last_active")]

    def __str__(self) -> str:
        return self.device
