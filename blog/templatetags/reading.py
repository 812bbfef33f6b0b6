"""What templates may ask about somebody's reading."""

from typing import Any

from django import template

from accounts.follows import followed_by
from accounts.models import User
from blog import follows, reading
from blog.models import Post, Reading

register = template.Library()

register.filter("progress", reading.progress_of)
register.filter("is_begun", reading.is_begun)
register.filter("place", reading.place_of)


@register.simple_tag(takes_context=True)
def reading_of(context: template.Context, post: Post) -> Reading | None:
    """What is known of the signed-in reader and this post; of a stranger nothing is, and nothing is asked."""
    request = context["request"]
    if not request.user.is_authenticated:
        return None
    # Two parts of a page ask for it.
    known = request.__dict__.setdefault("_readings", {})
    if post.pk not in known:
        known[post.pk] = reading.of(request.user, post)
    return known[post.pk]


@register.simple_tag
def begun_by(user: User, most: int) -> list[Reading]:
    return list(reading.begun(user)[:most])


@register.simple_tag
def waiting_for(user: User, most: int) -> list[Reading]:
    """What somebody keeps and has not begun."""
    return list(reading.list_of(user, reading.UNREAD).filter(position__lt=reading.BEGUN)[:most])


@register.simple_tag
def followed(user: User, most: int) -> list[Any]:
    """Whom and what somebody follows, people first, no more than `most`."""
    people = list(followed_by(user)[:most])
    return [*people, *follows.subjects_of(user, most - len(people))]
