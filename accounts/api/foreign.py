"""Pages of other sites, which the browsers of our readers may have open."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework import exceptions

from accounts.addresses import comes_from_here


def refuse_foreign(request: HttpRequest) -> None:
    """Nobody's page makes its visitors speak here, or like something, without their knowing. Programs say nothing of
    where they come from; members prove otherwise that they mean it. Raises PermissionDenied."""
    origin = request.headers.get("Origin")
    says = origin is not None or "Sec-Fetch-Site" in request.headers
    if request.user.is_authenticated or not says or comes_from_here(request):
        return
    if origin not in settings.CORS_ALLOWED_ORIGINS:
        raise exceptions.PermissionDenied(_("Pages of other sites cannot send this."), "foreign")
