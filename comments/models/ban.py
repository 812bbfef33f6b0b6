"""Who may not write here."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Ban(models.Model):
    """Of an account, or of a fingerprint or e-mail address of a guest; for good where `until` is empty.

    The fingerprint, also of an account, keeps guests out and nobody who signed in: others share it. It is that of the
    month it was made in, and known to nothing after that.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="bans"
    )
    fingerprint_hash = models.CharField(max_length=64, blank=True)
    guest_email = models.EmailField("e-mail address", blank=True)
    # They followed a link sent there: the ban holds for an account with this address as well. One that was only typed
    # may be somebody else's.
    address_is_proved = models.BooleanField(default=False, editable=False)
    reason = models.CharField(max_length=300, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    (Q(user__isnull=False) & Q(guest_email=""))
                    | (Q(user__isnull=True) & (~Q(fingerprint_hash="") | ~Q(guest_email="")))
                ),
                name="comments_ban_one_person",
            ),
            models.UniqueConstraint(fields=["user"], condition=Q(user__isnull=False), name="comments_ban_of_member"),
            models.UniqueConstraint(fields=["guest_email"], condition=~Q(guest_email=""), name="comments_ban_of_guest"),
            models.CheckConstraint(
                condition=Q(address_is_proved=False) | ~Q(guest_email=""), name="comments_ban_proves_an_address"
            ),
        ]
        indexes = [
            models.Index(
                fields=["fingerprint_hash"], condition=~Q(fingerprint_hash=""), name="comments_ban_of_fingerprint"
            ),
        ]

    def __str__(self) -> str:
        # It goes into trails and downloads, where no guest's address goes.
        return f"{self.user or 'A guest'} may not write here"
