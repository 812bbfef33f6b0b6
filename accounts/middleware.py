"""What is known about a caller while one request is answered."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from accounts import devices
from accounts.addresses import client_address, shortened


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
        return response
