"""Who changed what, when and from where. Only ever added to."""

from typing import Any, NoReturn

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models


class AuditEntry(models.Model):
    """One act of one person, as it was. Made by `accounts.audit.record`; the names outlive what they name.

    `changes` is {field label: [before, after]} as words. `action` is a verb such as "published" or "changed".
    """

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_name = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=60, db_index=True)
    target_type = models.ForeignKey(ContentType, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    target_id = models.PositiveBigIntegerField(null=True, blank=True)
    target_name = models.CharField(max_length=300, blank=True)
    changes = models.JSONField(default=dict)
    note = models.CharField(max_length=1000, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    network = models.CharField("address", max_length=45, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "audit entry"
        verbose_name_plural = "audit trail"
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="accounts_audit_newest"),
            models.Index(fields=["target_type", "target_id", "-at"], name="accounts_audit_of_target"),
            models.Index(fields=["actor", "-at"], name="accounts_audit_of_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name or 'The clock'} {self.action} {self.target_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The audit trail is only added to.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("The audit trail is only added to.")
