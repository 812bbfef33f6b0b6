"""Programs are told of errors in their own shape, whoever refused them: pages never leave /api/."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.rest import deprecation
from core.rest.problems import answer

PREFIX = "/api/"
KEPT = ("Retry-After", "Allow", "WWW-Authenticate", "Vary", "Deprecation", "Sunset", "Link")


class ProblemsMiddleware:
    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        kind = response.get("Content-Type", "")
        if not request.path.startswith(PREFIX):
            return response
        deprecation.tell(request, response)
        if response.status_code < 400 or "json" in kind:
            return response
        said = {
            400: _("This request cannot be read."),
            403: _("This is not allowed."),
            404: _("There is nothing at this address."),
            405: _("This address does not know that method."),
            413: _("This is more than is taken at once."),
            429: _("That was too often. Wait, then try again."),
        }
        detail = said.get(response.status_code) or _("Something failed on our side. It is written down.")
        told = answer(response.status_code, detail)
        for name in KEPT:
            if name in response:
                told[name] = response[name]
        told.cookies = response.cookies
        return told
