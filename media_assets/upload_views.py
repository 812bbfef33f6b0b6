"""The protocol of direct uploads over HTTP: ask, send to the folder when there is no bucket, complete.

Requests are JSON, errors are problem documents (RFC 9457). Whoever asks and completes is known by their session; a form
for the folder carries its own leave.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import reverse
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.csrf import csrf_exempt

from core.refusals import Refusal
from media_assets import incoming, renditions, uploads
from media_assets.models import MediaAsset, UploadTicket

LONGEST_BODY = 16 * 1024
STATUS: dict[type[Refusal], int] = {
    incoming.Malformed: 400,
    incoming.NotAllowed: 403,
    incoming.Closed: 409,
    incoming.TooLarge: 413,
    uploads.TypeNotTaken: 415,
    uploads.TooManyOpen: 429,
    incoming.NotNow: 503,
}
TITLES = {
    400: "Malformed request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Wrong method",
    409: "Not possible now",
    413: "Too large",
    415: "Type not taken",
    422: "Not kept",
    429: "Too many uploads",
    503: "Not now",
}
# Seconds after which trying again makes sense.
AGAIN_AFTER = {429: uploads.FORM_SECONDS}

View = Callable[..., HttpResponse]


def problem(status: int, sentence: str, field: str | None = None) -> JsonResponse:
    """An error as RFC 9457 has it; `detail` is a sentence for people, `field` what it is about."""
    facts: dict[str, Any] = {"type": "about:blank", "title": TITLES[status], "status": status, "detail": sentence}
    if field:
        facts["field"] = field
    response = JsonResponse(facts, status=status, content_type="application/problem+json")
    if status in AGAIN_AFTER:
        response["Retry-After"] = str(AGAIN_AFTER[status])
    return response


class FormCheck(CsrfViewMiddleware):
    """Django's check that the request comes from a page of ours, answering as the rest of these addresses do."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return problem(403, "This request did not come from a page of this site, or the page is too old. Reload it.")


def answering_problems(view: View) -> View:
    """POST alone; what the rules refuse is a problem document."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            wrong = problem(405, "This address takes POST alone.")
            wrong["Allow"] = "POST"
            return wrong
        try:
            response = view(request, *args, **kwargs)
        except UploadTicket.DoesNotExist:
            return problem(404, "There is no such upload.")
        except Refusal as refusal:
            status = next((STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS), 422)
            answer = problem(status, refusal.sentence, refusal.field)
            if isinstance(refusal, incoming.NotNow):
                answer["Retry-After"] = str(refusal.again_after)
            return answer
        response["Cache-Control"] = "no-store"
        return response

    return answer


def signed_in(view: View) -> View:
    """For pages of this site in the hands of somebody with a session."""
    checked: Any = decorator_from_middleware(FormCheck)(answering_problems(view))

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return problem(401, "Your session has ended. Sign in again.")
        return checked(request, *args, **kwargs)

    return csrf_exempt(answer)


@signed_in
def ask(request: HttpRequest) -> HttpResponse:
    """`{name, type, size, sha256?}` → 201 `{id, upload: {method, url, fields}, expires_at}`."""
    said = body_of(request, {"name": str, "type": str, "size": int, "sha256": str})
    for field in ("name", "size"):
        if field not in said:
            raise Refusal(f"Say the {field} of the file.", field=field)
    ticket, form = uploads.ask(
        request.user,  # type: ignore[arg-type]
        said["name"],
        said.get("type", ""),
        said["size"],
        said.get("sha256", ""),
    )
    facts = {"id": str(ticket.pk), "upload": form, "expires_at": ticket.expires_at.isoformat()}
    return JsonResponse(facts, status=201)


@signed_in
def complete(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """`{alt_text?, caption?, credit?}` → 200 with the asset."""
    said = body_of(request, {"alt_text": str, "caption": str, "credit": str})
    asset = uploads.complete(ticket_id, request.user, **said)  # type: ignore[arg-type]
    claimed = UploadTicket.objects.values_list("completed_at", flat=True).get(pk=ticket_id)
    return JsonResponse({**facts_of(asset), "was_there": bool(claimed and asset.created_at < claimed)})


@csrf_exempt
def receive(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """POST: a form with a file, as a bucket takes it → 204. GET: whether one may be sent → 204 or 403."""
    if request.method == "GET":
        return HttpResponse(
            status=204 if incoming.is_awaited(ticket_id) else 403, headers={"Cache-Control": "no-store"}
        )
    return _receive(request, ticket_id)


@answering_problems
def _receive(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    try:
        incoming.receive(ticket_id, request.META, request)
    except (UnreadablePostError, MultiPartParserError) as error:
        raise incoming.Malformed("The file was cut off on its way. Send it again.") from error
    return HttpResponse(status=204)


def body_of(request: HttpRequest, fields: dict[str, type]) -> dict[str, Any]:
    """The JSON object of a request, of these fields and their types alone. Raises Refusal."""
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length) > LONGEST_BODY:
        raise incoming.TooLarge("This is more than such a request needs.")
    if int(length) == 0:
        return {}
    if request.content_type != "application/json":
        raise uploads.TypeNotTaken("Send JSON, as application/json.")
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise incoming.Malformed("This is no JSON.") from error
    if not isinstance(said, dict):
        raise incoming.Malformed("Send one JSON object.")
    for name, value in said.items():
        if name not in fields:
            raise Refusal(f"“{name}” is none of the fields of this request: {', '.join(fields)}.", field=name)
        if type(value) is not fields[name]:
            wanted = "a whole number" if fields[name] is int else "text"
            raise Refusal(f"“{name}” has to be {wanted}.", field=name)
        if isinstance(value, str) and not is_text(value):
            raise Refusal(f"“{name}” holds characters that are no text.", field=name)
    return said


def is_text(value: str) -> bool:
    """Whether both databases keep it: JSON can name halves of characters, and the character of no name."""
    try:
        return "\0" not in value.encode().decode()
    except UnicodeEncodeError:
        return False


def facts_of(asset: MediaAsset) -> dict[str, Any]:
    """What is said of an asset to those who uploaded it."""
    is_picture = asset.kind == MediaAsset.Kind.IMAGE
    return {
        "id": asset.pk,
        "url": asset.url,
        "cdn_url": asset.cdn_url,
        "name": asset.name,
        "kind": asset.kind,
        "width": asset.width,
        "height": asset.height,
        "alt_text": asset.alt_text,
        "is_decorative": asset.is_decorative,
        "state": asset.state,
        "thumbnail": renditions.small_address(asset) if is_picture and asset.is_ready else "",
        "admin_url": reverse("admin:media_assets_mediaasset_change", args=[asset.pk]),
    }
