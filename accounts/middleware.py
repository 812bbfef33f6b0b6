"""What is known about a caller while one request is answered."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from accounts import devices, online
from accounts.addresses import client_address, shortened
from accounts.limits import CannotCount, answer_uncounted


class CallerNetworkMiddleware:
    """Say from which network the caller comes, to the audit trail and the logs of this one request."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with structlog.contextvars.bound_contextvars(network=shortened(client_address(request))):
            return self.answer(request)


class SignedInDeviceMiddleware:
    """Note now and then that a session is in use. Whoever was not asked for by the page is not asked for here."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        if request.session.accessed and request.user.is_authenticated:
            devices.touch(request, request.user)
            online.note(request.user)
        return response


class UncountedMiddleware:
    """Refuse in words what is limited, while nobody can count how often it was tried."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return answer_uncounted(request) if isinstance(exception, CannotCount) else None
