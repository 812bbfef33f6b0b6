"""Pages for what went wrong. The page for an error of ours needs neither database nor context."""

import logging

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _

from blog.heads import Head, with_site_name
from blog.nearest import nearest_to, words_of

logger = logging.getLogger(__name__)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    head = Head(title=with_site_name(_("Not found")), noindex=True)
    context = {"head": head, "matches": nearest_to(request.path), "typed": " ".join(words_of(request.path))}
    return render(request, "404.html", context, status=404)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _plain("400.html", 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", {"head": Head(title=with_site_name(_("Not allowed")), noindex=True)}, status=403)


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    head = Head(title=with_site_name(_("The form has expired")), noindex=True)
    return render(request, "403.html", {"head": head, "form_expired": True}, status=403)


def too_many(request: HttpRequest, *, seconds: int = 3600) -> HttpResponse:
    """Somebody asked too often; `seconds` is how long to wait."""
    head = Head(title=with_site_name(_("Too many requests")), noindex=True)
    response = render(request, "429.html", {"head": head, "minutes": max(1, seconds // 60)}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    return _plain("500.html", 500)


def _plain(template: str, status: int) -> HttpResponse:
    """A page that asks nothing of the database, the session or the settings of the publication."""
    try:
        text = loader.get_template(template).render()
    except Exception:
        logger.exception("The page for error %s could not be made", status)
        return HttpResponseServerError("<!doctype html><title>Error</title><h1>Something failed on our side</h1>")
    return HttpResponse(text, status=status)
