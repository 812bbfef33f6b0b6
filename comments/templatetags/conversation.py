"""The conversation under a post, and what its templates ask."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from blog.models import Post
from blog.templatetags.site import json_ld
from comments import conversation, faces, tokens
from comments.conversation import Conversation
from comments.forms import CommentForm
from comments.models import Comment
from comments.threads import OLDEST

register = template.Library()


@register.simple_tag(takes_context=True)
def comment_thread(context: template.RequestContext, post: Post) -> SafeString:
    """Everything said under a post, and the form to say something; nothing under what is not live.

    Strangers all get the same, which is kept; a member's own is made for them.
    """
    request: HttpRequest = context["request"]
    if not post.is_public:
        return SafeString()
    user = request.user if isinstance(request.user, User) else None
    number, order = request.GET.get("comments", "1"), request.GET.get("order", OLDEST)

    def make() -> SafeString:
        talk = conversation.under(post, user, number=number, order=order)
        if talk is None:
            raise Http404("There is no such page of comments.")
        # A stranger's page is everybody's: the form gets its token when it is sent.
        form = CommentForm(user=user, initial={"token": tokens.open_form()} if user else {})
        shown: dict[str, Any] = {"request": request, "user": request.user, "post": post, "talk": talk, "form": form}
        if user is not None:
            shown["csrf_token"] = context.get("csrf_token")
        return SafeString(render_to_string("comments/_conversation.html", shown))

    return make() if user is not None else conversation.kept(post, number, order, make)


@register.simple_tag
def linked_comments(talk: Conversation) -> SafeString:
    return json_ld(conversation.linked_data(talk))


@register.filter
def face(comment: Comment) -> SafeString:
    """A drawing for somebody who has no picture here."""
    return format_html(
        '<svg class="mono s {}" viewBox="-1 -1 7 7" aria-hidden="true"><path d="{}"/></svg>',
        faces.colour_of(comment),
        faces.pattern_of(comment),
    )


@register.filter
def wrote(comment: Comment, post: Post) -> bool:
    """Whether the writer of a comment is one of those who wrote the post."""
    writers = {post.author_id, *(person.pk for person in post.co_authors.all())}
    return comment.user_id is not None and comment.user_id in writers
