"""What the account pages need to know beyond their forms."""

from django import template
from django.conf import settings
from django.urls import reverse

register = template.Library()


@register.simple_tag
def outbox_address() -> str:
    """Where mails can be read when this installation sends none: in development without a mail server; else ""."""
    return reverse("admin:accounts_outgoingmail_changelist") if settings.DEBUG and not settings.EMAIL_URL else ""
