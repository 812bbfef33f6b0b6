"""From which address somebody really calls."""

from collections.abc import Mapping
from datetime import datetime
from ipaddress import IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from core import fingerprints

UNKNOWN = "0.0.0.0"  # noqa: S104  (a name for "we cannot tell", never bound to)

# Enough of an address to recognise a town or a company by, too little to recognise one household.
KEPT_BITS = {4: 24, 6: 48}


def client_address(request: HttpRequest) -> str:
    """The caller's IP address, believing only as many forwarding servers as TRUSTED_PROXIES says.

    Each trusted server appends the address it was called from to X-Forwarded-For, so the caller's stands that many
    places from the right; what stands further left was written by the caller and proves nothing.
    """
    direct = _parsed(request.META.get("REMOTE_ADDR", "")) or UNKNOWN
    hops = [part for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if not settings.TRUSTED_PROXIES or len(hops) < settings.TRUSTED_PROXIES:
        return direct
    return _parsed(hops[-settings.TRUSTED_PROXIES]) or direct


def client_network(request: HttpRequest) -> str:
    """As `client_address`, but one for a whole IPv6 household: the first address of its /64, all of it one caller's."""
    address = client_address(request)
    return str(IPv6Network(f"{address}/64", strict=False).network_address) if ":" in address else address


def network_of(scope: Mapping[str, Any]) -> str:
    """As `client_network`, of the caller of a socket; where nobody says who called, they are all one."""
    request = HttpRequest()
    forwarded = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"x-forwarded-for"]
    request.META = {"REMOTE_ADDR": (scope.get("client") or [""])[0], "HTTP_X_FORWARDED_FOR": ",".join(forwarded)}
    return client_network(request)


def fingerprint_of(request: HttpRequest, at: datetime) -> str:
    """What a guest is known again by within a month, without a cookie; see `core.fingerprints`."""
    return fingerprints.of_guest(client_network(request), request.headers.get("User-Agent", ""), at)


def comes_from_here(request: HttpRequest) -> bool:
    """Whether a page of this site sent a form: browsers say so, and no page can make them say otherwise.

    It stands for the token of a form where pages are kept for all strangers alike and can have none.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") in {settings.SITE_URL, f"{request.scheme}://{request.get_host()}"}


def shortened(address: str) -> str:
    """The network an address lies in: the /24 of IPv4, the /48 of IPv6; empty when we cannot tell."""
    if address == UNKNOWN:
        return ""
    return str(ip_network(f"{address}/{KEPT_BITS[ip_address(address).version]}", strict=False))


def _parsed(text: str) -> str | None:
    text = text.strip()
    if text.startswith("["):
        text = text[1:].split("]")[0]
    elif text.count(":") == 1:
        text = text.split(":")[0]
    try:
        address = ip_address(text.split("%")[0])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
