"""How the desk works, in the desk."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone

from accounts.roles import may
from blog.admin.parts import Part


class HelpPart(Part):
    """One page for everybody who writes here."""

    def urls(self) -> list[URLPattern]:
        return [self.named("help/", self.help, "help")]

    def help(self, request: HttpRequest) -> HttpResponse:
        if not may(request.user, "blog.view_post"):
            raise PermissionDenied
        return self.page(request, "help.html", "How the desk works", site_zone=timezone.get_current_timezone_name())
