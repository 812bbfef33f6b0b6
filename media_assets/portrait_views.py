"""An author's own picture, chosen on the page where the rest of the author page is written."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import AuthorProfile, User
from accounts.roles import Role, at_least
from core.refusals import Refusal
from media_assets import portraits


@login_required
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """POST `picture`, or `remove` for none."""
    user = cast(User, request.user)
    profile = AuthorProfile.objects.select_related("user").filter(user=user).first()
    if profile is None or not at_least(user, Role.AUTHOR):
        raise Http404("This account has no author page.")
    try:
        if "remove" in request.POST:
            portraits.remove_portrait(profile, by=user)
            messages.success(request, _("Readers see your first letter again."))
        elif file := request.FILES.get("picture"):
            asset = portraits.set_portrait(profile, file, by=user)
            messages.success(
                request,
                _("This is what readers see of you.")
                if asset.is_ready
                else _("Your picture is here; readers see it once the scanner has found it clean."),
            )
        else:
            messages.error(request, _("Choose a picture first."))
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    return redirect("my_author_page")
