"""A reader likes a post, or takes it back. Comments are liked through the same answer (`comments.liking`)."""

from collections.abc import Callable

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts import rates
from accounts.addresses import client_network, comes_from_here, fingerprint_of
from blog import likes
from blog.heads import Head, with_site_name
from blog.models import Post
from blog.views.errors import too_many
from core.accepting import wants_json
from core.refusals import Refusal

# Of one network so many guests like one thing in a day: as many as a large office or a school class has who like the
# same, and no more, since a browser that says it is another each time is not a crowd.
GUESTS_OF_ONE = "50/d"


@never_cache
@csrf_exempt  # pages are kept for all strangers alike and hold no token; `comes_from_here` stands for it
@require_POST
def like_post(request: HttpRequest, slug: str) -> HttpResponse:
    post = get_object_or_404(Post.objects.published().articles().only("pk", "slug", "title"), slug=slug)
    return answer(
        request,
        lambda reader, wanted: likes.like(post, reader, wanted=wanted, at=timezone.now()),
        thing=post,
        back=f"{post.get_absolute_url()}#like",
        what=post.title,
    )


def answer(
    request: HttpRequest, like: Callable[[likes.Reader, bool], likes.Liked], *, thing: Model, back: str, what: str
) -> HttpResponse:
    """Do what the button says. Scripts are told the count; members go `back`; guests, whose page knows nobody, are
    shown what they did and may take it back there."""
    wanted = {"1": True, "0": False}.get(request.POST.get("like", ""))
    if wanted is None:
        return HttpResponseBadRequest(_("Like it, or take that back."), content_type="text/plain; charset=utf-8")
    if not comes_from_here(request):
        return HttpResponseForbidden(
            _("Only pages of this site can like something."), content_type="text/plain; charset=utf-8"
        )
    reader = likes.reader_of(request, timezone.now())
    if wait := seconds_to_wait(request, reader, thing, wanted=wanted):
        return too_many(request, seconds=wait)
    try:
        liked = like(reader, wanted)
    except Refusal as refusal:
        return HttpResponse(refusal.sentence, status=404, content_type="text/plain; charset=utf-8")
    if wants_json(request):
        return JsonResponse({"liked": wanted, "count": liked.count})
    if reader.user is not None:
        return redirect(back)
    context = {"head": Head(title=with_site_name(_("Like")), noindex=True), "what": what, "back": back}
    return render(request, "blog/liked.html", {**context, "liked": wanted, "count": liked.count})


def seconds_to_wait(request: HttpRequest, reader: likes.Reader, thing: Model, *, wanted: bool) -> int:
    """How long somebody has to wait until they may like a thing, or take that back; counted once for pages and
    programs."""
    if wait := rates.seconds_to_wait(request, "like"):
        return wait
    return _one_guest_more(request, thing) if reader.user is None and wanted else 0


def _one_guest_more(request: HttpRequest, thing: Model) -> int:
    """Seconds one guest more of this network has to wait; who took it back and likes again is no other guest."""
    network = f"{client_network(request)} {thing._meta.label_lower} {thing.pk}"
    guest = f"{network} {fingerprint_of(request, timezone.now())}"
    known = rates.counted(request, "like-one", guest, "1/d", more=False)
    if known and known["count"]:
        return 0
    wait = rates.seconds_left(rates.counted(request, "like-one", network, GUESTS_OF_ONE))
    if not wait:
        rates.counted(request, "like-one", guest, "1/d")
    return wait
