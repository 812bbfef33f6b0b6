"""A reader passed a post on."""

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django_ratelimit.core import get_usage

from accounts.addresses import comes_from_here
from accounts.rates import UNCOUNTABLE
from blog import sharing
from blog.models import Post
from blog.views.contact import caller
from core import publication

# Of one network, for one post, and for all posts together.
RATES = {"share-one": "5/d", "share-all": "60/h"}


@never_cache
@csrf_exempt  # readers have no cookie a token could be compared with, and nothing is done in anybody's name
@require_POST
def share(request: HttpRequest, slug: str) -> HttpResponse:
    """Counted, unless it comes too often or nothing is counted here; the answer is the same, for nobody waits."""
    post = get_object_or_404(Post.objects.published().articles().only("pk"), slug=slug)
    channel = request.POST.get("channel", "")
    if channel not in sharing.CHANNELS:
        return HttpResponseBadRequest("There is no such way to share.", content_type="text/plain")
    if not comes_from_here(request):
        return HttpResponseForbidden("Only pages of this site count their shares.", content_type="text/plain")
    hear(request, post, channel)
    return HttpResponse(status=204)


def hear(request: HttpRequest, post: Post, channel: str) -> None:
    """Count it, unless it comes too often or nothing is counted here; whichever door it comes through."""
    if publication.current().analytics_enabled and not _too_often(request, post):
        sharing.count(post, channel)


def _too_often(request: HttpRequest, post: Post) -> bool:
    keys = {"share-one": lambda group, request: f"{caller(group, request)}:{post.pk}", "share-all": caller}
    try:
        usages = [
            get_usage(request, group=group, key=keys[group], rate=rate, increment=True) for group, rate in RATES.items()
        ]
    except UNCOUNTABLE:
        return True
    return any(usage and usage["should_limit"] for usage in usages)
