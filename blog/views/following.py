"""Members follow authors, categories, tags and topics, and stop again, by forms on the pages of these; what they follow
comes to their feed reader at a secret address."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import feed_address, rates
from blog import feeds, follows
from blog.views.errors import too_many
from core.accepting import wants_json
from core.refusals import Refusal

# How often one secret address may be asked: several readers, every few minutes.
FETCHES = "120/h"


@never_cache
@require_POST
def follow(request: HttpRequest) -> HttpResponse:
    """Followed or not, whichever is asked for: twice is once. A button says `what` begins, or what is to `stop`."""
    stop = request.POST.get("stop", "")
    what, _colon, name = (stop or request.POST.get("what", "")).partition(":")
    followed = follows.found(what, name)
    if followed is None:
        raise Http404("Nobody and nothing here can be followed by that name.")
    wanted, by_script = not stop, wants_json(request)
    back = request.POST.get("next", "")
    if not (back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)):
        back = followed.address
    if not request.user.is_authenticated:
        return JsonResponse({}, status=403) if by_script else redirect_to_login(back)
    if wait := rates.seconds_to_wait(request, "follow"):
        return too_many(request, seconds=wait)
    try:
        followed.switch(request.user, wanted)
    except Refusal as refusal:
        if by_script:
            return JsonResponse({"refused": refusal.sentence}, status=409)
        messages.error(request, refusal.sentence)
        return redirect(back)
    if by_script:
        return JsonResponse({"follows": wanted})
    said = _("You follow %(name)s now.") if wanted else _("You follow %(name)s no longer.")
    messages.success(request, said % {"name": followed.name})
    return redirect(back)


@never_cache
@require_POST
@login_required
def change_address(request: HttpRequest) -> HttpResponse:
    """A secret address for one's own feed, another one, or none any more."""
    now, deed = timezone.now(), request.POST.get("deed")
    if deed == "renew":
        had = bool(request.user.feed_seed)
        feed_address.renew(request.user, at=now)
        said = _("You have a new address; the old one has stopped.") if had else _("Your feed has an address now.")
        messages.success(request, said)
    elif deed == "revoke" and feed_address.revoke(request.user, at=now):
        messages.success(request, _("Your feed has no address any more."))
    return redirect(reverse("my_feed") + "#reader")


@require_safe
def private_feed(request: HttpRequest, token: str) -> HttpResponse:
    """What the owner of the address follows, for their feed reader; 410 where it was ended, so that readers stop."""
    if not feed_address.was_made_here(token):
        raise Http404("No such address.")
    if wait := rates.seconds_left(rates.counted(request, "private-feed", token, FETCHES)):
        return too_many(request, seconds=wait)
    owner = feed_address.owner_of(token)
    if owner is None:
        gone = HttpResponse(_("This feed has ended."), status=410, content_type="text/plain; charset=utf-8")
        gone["Cache-Control"] = "private, no-store"
        return gone
    return feeds.answer_privately(request, owner)
