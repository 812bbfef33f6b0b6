"""An open page asks what it missed: after it was kept somewhere, after its socket was away, or to show what is new."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from blog.models import Post
from comments import conversation, live, rules


@never_cache
@require_safe
def news(request: HttpRequest, slug: str) -> HttpResponse:
    """The comments that are new, changed or gone since ?since=, as the page of the post shows them to this visitor."""
    readable = Post.objects.published().articles().select_related("author").prefetch_related("co_authors")
    post = get_object_or_404(readable.defer("content_markdown", "content_html"), slug=slug)
    conversation.speak(post)
    found = live.missed(post, request.GET.get("since", ""))
    if found is None:
        return HttpResponseBadRequest(_("There is no such moment."), content_type="text/plain; charset=utf-8")
    now = timezone.now()
    closed = rules.why_closed(post, request.user if isinstance(request.user, User) else None, at=now)
    shared = {"changeable_since": conversation.changeable_since(now), "talk": {"closed": closed}}

    def told(comment: Any) -> dict[str, Any]:
        html = render_to_string("comments/_comment.html", shared | {"comment": comment}, request)
        edited = comment.edited_at.isoformat() if comment.edited_at else ""
        gone = not comment.is_public
        return {"id": comment.pk, "parent": comment.parent_id, "html": html, "edited": edited, "gone": gone}

    return JsonResponse(
        {
            "mark": found.mark,
            "count": post.comment_count,
            "likes": post.like_count,
            "heading": conversation.heading_of(post),
            "comments": None if found.comments is None else [told(comment) for comment in found.comments],
        }
    )
