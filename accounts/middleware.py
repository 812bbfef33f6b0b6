"""What is known about a caller while one request is answered."""

from collections.abc import Callable
from ipaddress import ip_address, ip_network

import structlog
from django.http import HttpRequest, HttpResponse

from accounts.addresses import UNKNOWN, client_address

# Enough of an address to recognise a town or a company by, too little to recognise one household.
KEPT_BITS = {4: 24, 6: 48}


def shortened(address: str) -> str:
    """The network an address lies in: the /24 of IPv4, the /48 of IPv6; empty when we cannot tell."""
    if address == UNKNOWN:
        return ""
    return str(ip_network(f"{address}/{KEPT_BITS[ip_address(address).version]}", strict=False))


class CallerNetworkMiddleware:
    """Say from which network the caller comes, to the audit trail and the logs of this one request."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with structlog.contextvars.bound_contextvars(network=shortened(client_address(request))):
            return self.answer(request)
