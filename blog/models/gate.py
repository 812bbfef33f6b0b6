"""The publish gate: how severe each check is, and who published over a blocking one."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Severity(models.TextChoices):
    OFF = "off", "Off"
    ADVICE = "advice", "Advice"
    WARNING = "warning", "Warning"
    BLOCKING = "blocking", "Blocking"


class CheckSetting(models.Model):
    """The severity somebody chose for one check of `blog.gate`; without a row the check's own holds."""

    check_name = models.CharField("check", max_length=40, unique=True)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "publish check"
        ordering = ["check_name"]
        constraints = [
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="blog_check_setting_severity")
        ]

    def __str__(self) -> str:
        return self.check_name


class GateOverride(models.Model):
    """A publication over blocking checks: which, by whom and why. Never changed afterwards."""

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="gate_overrides")
    version_number = models.PositiveIntegerField()
    findings = models.JSONField()
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="gate_overrides"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="blog_gate_override_has_reason")]

    def __str__(self) -> str:
        return self.reason
