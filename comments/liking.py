"""A reader likes a comment, or takes it back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from blog.views.likes import answer
from comments import likes
from comments.models import Comment


@never_cache
@csrf_exempt  # as posts are liked
@require_POST
def like_comment(request: HttpRequest, pk: int) -> HttpResponse:
    readable = Comment.objects.public().comments().select_related("user")
    comment = get_object_or_404(readable.only("post_id", "guest_name", "user", "created_at"), pk=pk)
    return answer(
        request,
        lambda reader, wanted: likes.like(comment, reader, wanted=wanted, at=timezone.now()),
        thing=comment,
        back=comment.get_absolute_url(),
        what=_("the comment by %(name)s") % {"name": comment.writer_name},
    )
