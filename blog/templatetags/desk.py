"""The dashboard's facts for the admin's front page, and numbers as it writes them."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.timesince import timesince

from blog.admin.desk import desk_for
from core.sizes import in_bytes

register = template.Library()
register.filter(in_bytes)


@register.simple_tag(takes_context=True)
def desk(context: template.Context) -> dict[str, Any]:
    return desk_for(context["request"].user)


@register.filter
def thousands(number: int) -> str:
    """A count with its thousands parted: 6,412."""
    return f"{number:,}"


@register.filter
def ago(moment: datetime) -> str:
    """How long ago, in one unit: "3 hours ago"; under a minute "just now"."""
    if timedelta() <= timezone.now() - moment < timedelta(minutes=1):
        return "just now"
    return f"{timesince(moment, depth=1)} ago"


@register.filter
def unlocalised(number: float) -> str:
    """A coordinate, with a point whatever the language."""
    return f"{number:g}"
