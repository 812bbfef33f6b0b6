"""Pages for what went wrong."""

from django.http import HttpRequest, HttpResponse


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    return HttpResponse("The form has expired. Go back, reload the page and send it again.", status=403)
