"""What an open page of a post needs to hear of what is new."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.models import Post
from comments.live import mark_of

register = template.Library()

# More than this are many.
COUNTED = 10


@register.simple_tag
def live_mark(post: Post) -> str:
    """When something under a post last changed, as its page knows it."""
    return mark_of(post.pk) if post.comment_count else ""


@register.simple_tag
def new_comments() -> str:
    """What the button says for one, two and more new comments, and last for many."""
    counted = [
        ngettext("One new comment", "%(count)s new comments", count) % {"count": count} for count in range(1, COUNTED)
    ]
    return "|".join([*counted, _("Many new comments")])
