"""The buttons that like something: {% like_button post %}, {% like_button comment %}."""

from typing import Any

from django import template
from django.urls import reverse

from accounts.models import User
from blog.likes import likes
from blog.models import Post
from comments.likes import liked_under
from comments.models import Comment

register = template.Library()


@register.inclusion_tag("_parts/like.html", takes_context=True)
def like_button(context: template.Context, thing: Post | Comment) -> dict[str, Any]:
    """A button with the count. Strangers all get the same, so that their page can be kept for all of them; their
    browser knows what they like."""
    user = getattr(context.get("request"), "user", None)
    known = user is not None and user.is_authenticated
    if isinstance(thing, Post):
        address, name = reverse("like_post", args=[thing.slug]), f"post-{thing.pk}"
        liked = isinstance(user, User) and likes(thing, user)
    else:
        address, name = reverse("like_comment", args=[thing.pk]), f"comment-{thing.pk}"
        liked = known and thing.pk in _liked_under(context["request"], thing.post_id)
    return {"address": address, "name": name, "count": thing.like_count, "liked": liked, "of_member": known}


def _liked_under(request: Any, post_id: int) -> set[int]:
    """What a member likes of all comments under a post, asked once a page."""
    known = request.__dict__.setdefault("_liked_under", {})
    if post_id not in known:
        known[post_id] = liked_under(request.user, post_id)
    return known[post_id]
