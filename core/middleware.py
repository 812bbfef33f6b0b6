"""Small steps every request takes."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

Answer = Callable[[HttpRequest], HttpResponse]


class RequestIdHeaderMiddleware:
    """Send the request id back, so that a reader's report can be found in the logs."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        response = self.answer(request)
        if request_id:
            response["X-Request-ID"] = str(request_id)
        return response


class PageCacheHeadersMiddleware:
    """Say who may keep a page: anybody for a minute when a stranger asked, nobody when somebody signed in did.

    Views that know better set Cache-Control themselves. RFC 9111, RFC 5861.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        if response.has_header("Cache-Control"):
            return response
        private = (
            request.method not in {"GET", "HEAD"}
            or response.status_code >= 400
            or bool(response.cookies)
            or request.path.startswith(("/admin/", "/accounts/", "/me/"))
            or (hasattr(request, "user") and request.user.is_authenticated)
        )
        if private:
            patch_cache_control(response, private=True, no_store=True)
        else:
            patch_cache_control(response, public=True, max_age=0, s_maxage=60, stale_while_revalidate=600)
        return response
