"""Small steps every request takes."""

from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.urls import get_resolver
from django.utils.cache import patch_cache_control, patch_vary_headers, set_response_etag

from core import languages

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


class NoNulMiddleware:
    """Leave U+0000 out of whatever a form or an address brings to the admin: nobody types it, PostgreSQL keeps no text
    with it, and many fields there have no form of their own. What strangers send is refused by its form.

    It stands inside the protection of forms, which reads them first and answers for those that cannot be read.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        if not request.path.startswith("/admin/"):
            return
        request.GET = self.without_nul(request.GET)  # type: ignore[assignment]
        if request.method == "POST":
            request.POST = self.without_nul(request.POST)  # type: ignore[assignment]

    @staticmethod
    def without_nul(data: QueryDict) -> QueryDict:
        if not any("\0" in text for name, values in data.lists() for text in (name, *values)):
            return data
        kept = QueryDict(mutable=True, encoding=data.encoding)
        for name, values in data.lists():
            kept.setlist(name.replace("\0", ""), [value.replace("\0", "") for value in values])
        kept._mutable = False
        return kept


class OwnNotFoundPageMiddleware:
    """With DEBUG Django lists its address patterns where nothing is; the page readers see is more use to who writes.

    It stands outside the redirects, so an old address has led on before this looks. The admin and files keep theirs.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        kept = ("/admin/", "/api/", settings.STATIC_URL, settings.MEDIA_URL)
        if not settings.DEBUG or response.status_code != 404 or request.path.startswith(kept):
            return response
        return get_resolver().resolve_error_handler(404)(request, Http404())  # type: ignore[call-arg]


class EntityTagMiddleware(ConditionalGetMiddleware):
    """Django's tags and 304s for GET, and the same tag for HEAD: our views answer both with the same body, which the
    server leaves out last of all."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        plain = request.method == "HEAD" and response.status_code == 200
        if plain and self.needs_etag(response) and not response.has_header("ETag"):
            return set_response_etag(response)
        return super().process_response(request, response)


class PageCacheHeadersMiddleware:
    """Say who may keep a page: anybody for a minute when a stranger asked, nobody when somebody signed in did.

    Views that know better set Cache-Control themselves, but whatever sets a cookie is for one visitor alone. It stands
    outside the middlewares of sessions, messages and forms, which set their cookies last. RFC 9111, RFC 5861.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        if response.cookies:
            if "no-store" not in response.get("Cache-Control", ""):
                response["Cache-Control"] = "private, no-store"
        elif not response.has_header("Cache-Control"):
            if self.is_private(request, response):
                patch_cache_control(response, private=True, no_store=True)
            else:
                patch_cache_control(response, public=True, max_age=0, s_maxage=60, stale_while_revalidate=600)
            # Who asked was asked here, after the session's own middleware could have said so.
            patch_vary_headers(response, ["Cookie"])
        return response

    @staticmethod
    def is_private(request: HttpRequest, response: HttpResponse) -> bool:
        return (
            request.method not in {"GET", "HEAD"}
            or response.status_code >= 400
            or languages.without_code(request.path).startswith(("/admin/", "/accounts/", "/me/"))
            or (hasattr(request, "user") and request.user.is_authenticated)
        )
