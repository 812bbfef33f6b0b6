"""The folder that takes direct uploads where there is no bucket; asking and completing are `media_assets.api.uploads`.

Errors are problem documents (RFC 9457). A form for the folder carries its own leave.
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from core.refusals import Refusal
from core.rest import problems
from media_assets import incoming, upload_problems
from media_assets.models import UploadTicket

KEPT_BY_NOBODY = {"Cache-Control": "no-store"}


@csrf_exempt
def receive(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """POST: a form with a file, as a bucket takes it → 204. GET: whether one may be sent → 204 or 403."""
    if request.method == "GET":
        return HttpResponse(status=204 if incoming.is_awaited(ticket_id) else 403, headers=KEPT_BY_NOBODY)
    if request.method != "POST":
        wrong = problems.answer(405, "This address takes POST alone.")
        wrong["Allow"] = "POST"
        return wrong
    try:
        incoming.receive(ticket_id, request.META, request)
    except (UnreadablePostError, MultiPartParserError):
        return _refused(incoming.Malformed("The file was cut off on its way. Send it again."))
    except UploadTicket.DoesNotExist:
        return problems.answer(404, "There is no such upload.")
    except Refusal as refusal:
        return _refused(refusal)
    return HttpResponse(status=204, headers=KEPT_BY_NOBODY)


def _refused(refusal: Refusal) -> HttpResponse:
    return JsonResponse(
        upload_problems.facts_of(refusal),
        status=upload_problems.status_of(refusal),
        headers=upload_problems.headers_of(refusal),
        content_type=problems.MEDIA_TYPE,
    )
