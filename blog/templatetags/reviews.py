"""How many reviews wait, for the menu that stands twice on every page of the admin."""

from django import template

from blog import reviewing

register = template.Library()


@register.simple_tag(takes_context=True)
def reviews_waiting(context: template.Context) -> int:
    """What waits for an answer of whoever looks; one question a page."""
    request = context["request"]
    if not hasattr(request, "reviews_waiting"):
        request.reviews_waiting = reviewing.waiting_for(request.user).order_by().count()
    return int(request.reviews_waiting)
