"""What will go, and when: told with every answer it is in (RFC 9745, RFC 8594), and in the description.

`TABLE` is all there is to it. A name is that of a route ("api-post-popular"), or of a field in its answers
("api-post-detail.twitter_title"); docs/api.md promises at least `NOTICE` between the two times.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.http import HttpRequest, HttpResponseBase
from django.utils.http import http_date

NOTICE = timedelta(days=180)


class Deprecated(NamedTuple):
    """Since when, until when it stays at least, and where it is written what to use instead."""

    since: datetime
    until: datetime
    guide: str = ""


TABLE: dict[str, Deprecated] = {}


def of_route(name: str) -> list[Deprecated]:
    """What is said of a route: of itself, or of fields in its answers."""
    return [each for key, each in TABLE.items() if key.partition(".")[0] == name]


def tell(request: HttpRequest, response: HttpResponseBase) -> None:
    """Add the headers to an answer of a route with something that will go: since the first, until the first."""
    match = request.resolver_match
    found = of_route(match.url_name or "") if match is not None else []
    if not found:
        return
    response["Deprecation"] = f"@{int(min(each.since for each in found).timestamp())}"
    response["Sunset"] = http_date(int(min(each.until for each in found).timestamp()))
    links = [f'<{each.guide}>; rel="deprecation"; type="text/html"' for each in found if each.guide]
    if links:
        said = response.get("Link", "")
        response["Link"] = ", ".join([*([said] if said else []), *dict.fromkeys(links)])
