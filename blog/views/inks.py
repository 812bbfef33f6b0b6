"""The stylesheet of a colour a publication chose for itself."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core import inks


@require_safe
@cache_control(public=True, max_age=31536000, immutable=True)
def ink(request: HttpRequest, light: str, dark: str) -> HttpResponse:
    """The address names both colours, so what is there never changes; one that nobody could read is none."""
    on_light, on_dark = f"#{light}", f"#{dark}"
    if not (inks.is_readable(on_light, inks.LIGHT) and inks.is_readable(on_dark, inks.DARK)):
        raise Http404("No such ink.")
    return HttpResponse(inks.stylesheet(on_light, on_dark), content_type="text/css; charset=utf-8")
