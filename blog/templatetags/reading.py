"""What templates may ask about somebody's reading."""

from dataclasses import dataclass
from typing import Any

from django import template

from accounts.follows import followed_by
from accounts.models import Follow, User
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


register.simple_tag(follows.as_followable, name="followable")


@register.simple_tag(takes_context=True)
def is_followed(context: template.Context, thing: User | follows.Subject) -> bool:
    """Whether the signed-in reader follows somebody or something; a stranger follows nothing, and nothing is asked."""
    followable = follows.as_followable(thing)
    user = context["request"].user
    if isinstance(thing, User):
        context["request"].__dict__.setdefault("_followed", {}).setdefault("offered", set()).add(thing.pk)
    return followable is not None and user.is_authenticated and followable.is_followed_by(user)


@dataclass(frozen=True, slots=True)
class AuthorToFollow:
    """`is_again`: the page offers to follow them already, further up."""

    key: str
    name: str
    is_followed: bool
    is_again: bool


@register.simple_tag(takes_context=True)
def author_to_follow(context: template.Context, author: User) -> AuthorToFollow | None:
    """What a card of a list offers a member: nothing of themselves. One question serves a page, however many cards."""
    user = context["request"].user
    if not user.is_authenticated or user == author:
        return None
    followable = follows.as_followable(author)
    if followable is None:
        return None
    known = context["request"].__dict__.setdefault("_followed", {})
    if "people" not in known:
        known["people"] = set(Follow.objects.filter(follower=user).values_list("followed", flat=True))
    is_again = author.pk in known.setdefault("offered", set())
    known["offered"].add(author.pk)
    return AuthorToFollow(followable.key, followable.name, author.pk in known["people"], is_again)


@register.simple_tag
def suggested(user: User, most: int) -> list[User]:
    return follows.suggestions_for(user, most)
