"""The site's own page for an address where nothing is, also while somebody works on the site."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from blog.views.errors import not_found


class OwnNotFoundPageMiddleware:
    """With DEBUG Django shows its list of address patterns; what readers will see is more use to those who write.

    It stands outside the redirects, so an old address has led on before this looks. The admin and files keep theirs.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        if not settings.DEBUG or response.status_code != 404 or request.path.startswith(kept_as_they_are()):
            return response
        return not_found(request)


def kept_as_they_are() -> tuple[str, ...]:
    """Beginnings of paths whose answers are for the desk, for programs or for files."""
    return ("/admin/", "/api/", settings.STATIC_URL, settings.MEDIA_URL)
