"""The dashboard's facts for the admin's front page."""

from typing import Any

from django import template

from blog.admin.desk import desk_for

register = template.Library()


@register.simple_tag(takes_context=True)
def desk(context: template.Context) -> dict[str, Any]:
    return desk_for(context["request"].user)
