"""Conditional requests (RFC 9110, 13): what a client has is not sent again, what it has not seen is not written over.

An entity tag is "<version>-<shape>": the version of the thing, and a digest of how this caller is shown it. What is
read is compared whole; a write compares the version alone, so that whoever read some fields may write others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date, parse_etags, parse_http_date_safe, quote_etag
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from core.rest.problems import PreconditionFailed, PreconditionRequired

LENGTH = 20


def digest(*facts: Any) -> str:
    said = json.dumps(facts, cls=JSONEncoder, sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]


def tag(version: str, shape: str) -> str:
    return quote_etag(f"{version}-{shape}")


def version_in(etag: str) -> str:
    return etag.removeprefix("W/").strip('"').rpartition("-")[0]


def is_known(request: Request, etag: str, changed_at: datetime | None = None) -> bool:
    """Whether the caller has exactly this. The date is asked only where no tag is named (13.2.2)."""
    if named := request.headers.get("If-None-Match"):
        return any(each in {"*", etag} or each == f"W/{etag}" for each in parse_etags(named))
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    return since is not None and changed_at is not None and int(changed_at.timestamp()) <= since


def require_version(request: Request, version: str, *, etag: str, is_required: bool, **facts: Any) -> None:
    """Raises PreconditionFailed where the caller names another version, PreconditionRequired where it names none."""
    named = request.headers.get("If-Match")
    if not named:
        if is_required:
            raise PreconditionRequired
        return
    tags = parse_etags(named)
    # Weak ones never match a write (13.1.1).
    if "*" in tags or version in {version_in(each) for each in tags if not each.startswith("W/")}:
        return
    raise PreconditionFailed(etag=etag, **facts)


def with_validators(response: Response, etag: str, changed_at: datetime | None) -> Response:
    response["ETag"] = etag
    if changed_at is not None:
        response["Last-Modified"] = http_date(int(changed_at.timestamp()))
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Authorization", "Cookie", "Accept"])
    return response


def unchanged(etag: str, changed_at: datetime | None) -> Response:
    return with_validators(Response(status=304), etag, changed_at)


class Conditional:
    """For viewsets: tags on what is read, and conditions on what is written.

    `needs_if_match`: a write that does not say what it began from is refused.
    """

    needs_if_match = False
    request: Any

    def version_of(self, thing: Any) -> str:
        """Another one whenever the thing says something else."""
        changed = self.changed_at(thing)
        return f"{thing.pk}.{int(changed.timestamp() * 1_000_000):x}" if changed else f"{thing.pk}"

    def changed_at(self, thing: Any) -> datetime | None:
        return getattr(thing, "updated_at", None) or getattr(thing, "created_at", None)

    def shown(self, thing: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        """The thing with its tag; nothing but the tag to whoever has it."""
        data = self.get_serializer(thing).data  # type: ignore[attr-defined]
        etag, changed = tag(self.version_of(thing), digest(data)), self.changed_at(thing)
        # Its own date says nothing of names of other things it shows: only the tag is asked.
        if self.request.method in {"GET", "HEAD"} and is_known(self.request, etag):
            return unchanged(etag, changed)
        return with_validators(Response(data, status=status, headers=headers), etag, changed)

    def listed(self, response: Response) -> Response:
        """A page of a list with its tag; nothing but the tag to whoever has it."""
        etag = tag("list", digest(response.data, response.get("Link", "")))
        if is_known(self.request, etag):
            return unchanged(etag, None)
        return with_validators(response, etag, self.newest_of(response.data))

    def newest_of(self, data: Any) -> datetime | None:
        """When the last of a page changed, where its rows say it."""
        rows: Iterable[Any] = data.get("results", ()) if isinstance(data, dict) else data
        said = [each.get("updated_at") or each.get("created_at") for each in rows if isinstance(each, dict)]
        times = [datetime.fromisoformat(each) for each in said if isinstance(each, str)]
        return max(times, default=None)

    def locked(self, queryset: Any = None, *, needs_if_match: bool | None = None) -> Any:
        """The thing a write is about, held until the transaction ends and of the version the caller names.

        Call it inside `transaction.atomic()`.
        """
        assert transaction.get_connection().in_atomic_block
        seen = self.get_object()  # type: ignore[attr-defined]
        thing = (
            (queryset if queryset is not None else type(seen)._default_manager)
            .select_for_update(of=("self",))
            .get(pk=seen.pk)
        )
        needed = self.needs_if_match if needs_if_match is None else needs_if_match
        version = self.version_of(thing)
        etag = tag(version, digest(self.get_serializer(thing).data))  # type: ignore[attr-defined]
        require_version(self.request, version, etag=etag, is_required=needed)
        return thing
