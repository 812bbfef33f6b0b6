"""How often programs may ask: by account or network, by personal token, and less often where something is written.

What is left is said with every answer (draft-ietf-httpapi-ratelimit-headers-10). While nobody can count, reading and
writing go on, and what could be guessed at does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.http import HttpRequest
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from accounts import rates
from accounts.addresses import client_network
from accounts.models import PersonalToken

if TYPE_CHECKING:
    from rest_framework.views import APIView

SAFE = {"GET", "HEAD", "OPTIONS"}
# Name of a policy: how often, within how many seconds.
POLICIES = {
    "strangers": (120, 60),
    "members": (600, 60),
    "token": (300, 60),
    "writes": (120, 60),
    "log-in": (20, 60),
    "register": (20, 3600),
}


class Left(NamedTuple):
    policy: str
    left: int
    seconds: int


class CannotCount(APIException):
    status_code = 503
    default_code = "unavailable"
    default_detail = "We cannot tell just now how often this was tried. Try again in a minute."
    wait = 60


class Limits(BaseThrottle):
    """Every policy that holds for a request is counted; the fullest is what is refused by. `throttle_scope` of a view
    names one of its own, which fails closed."""

    seconds: int | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        found = [self.count(request._request, policy, by) for policy, by in self.holding(request, view)]
        known = [each for each in found if each is not None]
        if getattr(view, "throttle_scope", None) and len(known) < len(found):
            raise CannotCount
        request._request.__dict__["_limits"] = known
        waits = [each.seconds for each in known if each.left < 0]
        self.seconds = max(waits, default=None)
        return not waits

    def wait(self) -> int | None:
        return self.seconds

    def holding(self, request: Request, view: APIView) -> list[tuple[str, str]]:
        network = f"network {client_network(request._request)}"
        who = f"user {request.user.pk}" if request.user.is_authenticated else network
        policies = [("members" if request.user.is_authenticated else "strangers", who)]
        if isinstance(request.auth, PersonalToken):
            policies.append(("token", f"token {request.auth.pk}"))
        if request.method not in SAFE:
            policies.append(("writes", who))
        if scope := getattr(view, "throttle_scope", None):
            policies.append((scope, network))
        return policies

    def count(self, request: HttpRequest, policy: str, by: str) -> Left | None:
        most, seconds = POLICIES[policy]
        usage = rates.counted(request, f"api-{policy}", by, f"{most}/{seconds}s")
        # The second in which a window ends still belongs to it.
        return Left(policy, most - usage["count"], usage["time_left"] + 1) if usage else None


def say(response: Response, request: HttpRequest) -> Response:
    """The policies that held, and what is left of the one that is nearest to its end."""
    known: list[Left] = request.__dict__.get("_limits", [])
    if known:
        policies = [f'"{each.policy}";q={POLICIES[each.policy][0]};w={POLICIES[each.policy][1]}' for each in known]
        least = min(known, key=lambda each: each.left / POLICIES[each.policy][0])
        response["RateLimit-Policy"] = ", ".join(policies)
        response["RateLimit"] = f'"{least.policy}";r={max(0, least.left)};t={least.seconds}'
    return response
