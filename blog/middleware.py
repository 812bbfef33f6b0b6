"""Old addresses, asked for only when nothing lives at a path, so that live pages never pay for them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from blog import missing_paths, redirects

# The addresses other platforms give posts before anybody chooses names; here they would all be the home page.
NUMBERED = ("p=", "page_id=", "attachment_id=", "cat=")


class RedirectOnNotFoundMiddleware:
    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if request.path == "/" and query.startswith(NUMBERED):
            return self.follow(request, query) or self.answer(request)
        response = self.answer(request)
        if response.status_code != 404 or request.path.startswith(("/static/", "/media/", "/admin/", "/api/")):
            return response
        found = self.follow(request, query)
        if found is None and request.method == "GET" and "page" not in request.GET:  # the list itself may well be there
            missing_paths.note(request.path, request.headers.get("Referer", ""))
        return found or response

    def follow(self, request: HttpRequest, query: str) -> HttpResponse | None:
        found = redirects.find(request.path, query)
        if found is None:
            return None
        redirects.count_hit(found)
        response: HttpResponse
        if found.status == 410:
            response = render(request, "410.html", status=410)
        else:
            response = HttpResponseRedirect(found.location)
            response.status_code = found.status
        # A browser that kept this would run in circles once something is renamed back.
        response["Cache-Control"] = "no-cache"
        return response
