"""What moderators see of the queue on every page of the admin."""

from __future__ import annotations

from typing import Any

from django import template

from accounts.roles import may
from comments import moderation
from core import cache

register = template.Library()
SHOWN = 4
# What readers wrote since may take so many seconds to be counted; what moderators decide is counted at once.
_kept = cache.Group("comments-waiting", timeout=15)


@register.simple_tag(takes_context=True)
def comments_waiting(context: template.Context) -> int:
    """How many comments wait for a decision; asked once a page, though the menu stands twice on it."""
    request = context["request"]
    if not hasattr(request, "comments_waiting"):
        request.comments_waiting = _kept.get_or_compute(
            "number", lambda: moderation.queue().count(), generation=moderation.WAITING
        )
    return int(request.comments_waiting)


@register.inclusion_tag("admin/comments/panel.html", takes_context=True)
def comments_panel(context: template.Context) -> dict[str, Any]:
    """What waits longest, for those who may decide; nothing where nothing waits."""
    if not may(context["request"].user, "comments.moderate_comment"):
        return {"number": 0}
    number = comments_waiting(context)
    first = moderation.queue().select_related("post", "user").defer("post__content_markdown", "post__content_html")
    return {"number": number, "comments": list(first[:SHOWN]) if number else []}
