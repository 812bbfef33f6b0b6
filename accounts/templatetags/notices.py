"""How many notices wait for whoever looks at a page."""

from django import template

from accounts import notifications
from accounts.models import User

register = template.Library()


@register.simple_tag
def unread_notices(user: User) -> int:
    """One question a page; nobody who is not signed in has any."""
    return notifications.unread_count(user) if user.is_authenticated else 0
