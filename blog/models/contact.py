"""What readers send through the contact form."""

from django.db import models


class ContactMessage(models.Model):
    """Stored first, mailed after."""

    name = models.CharField(max_length=120)
    email = models.EmailField("e-mail address")
    subject = models.CharField(max_length=200, blank=True)
    message = models.TextField(max_length=5000)
    is_handled = models.BooleanField("answered", default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.subject or f"Message from {self.name}"
