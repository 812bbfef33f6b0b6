"""One shape for every error of the API: problem details (RFC 9457), in the sentences the site says."""

from __future__ import annotations

import http
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as ModelError
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.refusals import NotAllowed, Refusal

MEDIA_TYPE = "application/problem+json"
# Under which field stands what is wrong with several together, or with none.
WHOLE = "non_field_errors"


class Conflict(exceptions.APIException):
    """The thing is in another state than the step needs."""

    status_code = 409
    default_code = "conflict"


class Gone(exceptions.APIException):
    """What was here is no more, and will not be again (RFC 9110, 15.5.11)."""

    status_code = 410
    default_code = "gone"


class PreconditionFailed(exceptions.APIException):
    """What the writer began from is not the newest (RFC 9110, 13.1.1). `facts` join the problem."""

    status_code = 412
    default_code = "stale"
    default_detail = "It was changed meanwhile. Read it again, put the two together, and send that."

    def __init__(self, detail: str | None = None, *, etag: str = "", **facts: Any) -> None:
        super().__init__(detail)
        self.etag, self.facts = etag, facts


class PreconditionRequired(exceptions.APIException):
    """RFC 6585, 3."""

    status_code = 428
    default_code = "precondition_required"
    default_detail = "Say which version you change: send its ETag as If-Match."


class TooLarge(exceptions.APIException):
    """RFC 9110, 15.5.14."""

    status_code = 413
    default_code = "too_large"
    default_detail = "This is more than is taken at once."


class Unprocessable(exceptions.APIException):
    status_code = 422
    default_code = "unprocessable"


def problem(status: int, detail: str, *, code: str = "", **facts: Any) -> dict[str, Any]:
    """The members of a problem: `title` names the kind, `detail` says what to do, `code` is for programs."""
    phrase = http.HTTPStatus(status).phrase
    return {
        "type": "about:blank",
        "title": phrase,
        "status": status,
        "detail": detail,
        "code": code or phrase.lower().replace(" ", "_"),
        **facts,
    }


def answer(status: int, detail: str, *, code: str = "", **facts: Any) -> JsonResponse:
    """A problem where no view of the framework answers."""
    return JsonResponse(problem(status, detail, code=code, **facts), status=status, content_type=MEDIA_TYPE)


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """What the framework asks to turn an exception into an answer; None leaves it to the handler of errors of ours."""
    more: dict[str, Any] = {}
    match error:
        case Http404():
            error = exceptions.NotFound(_("There is nothing here, or nothing that you may see."))
        case PermissionDenied():
            error = exceptions.PermissionDenied()
        case RequestDataTooBig():
            error = TooLarge(_("This is more than is taken at once."))
        case NotAllowed(field=field):
            more = {"errors": {field: [error.sentence]}} if field else {}
            error = exceptions.PermissionDenied(error.sentence, "role")
        case Refusal(facts=facts) if facts:
            more, error = facts, Conflict(error.sentence)
        case Refusal(field=str(field)):
            error = exceptions.ValidationError({field: [error.sentence]})
        case Refusal():
            error = Conflict(error.sentence)
        case ModelError():
            error = exceptions.ValidationError(_of_model(error))
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    facts = more
    headers: dict[str, str] = {}
    detail, code = _said(error.detail), _code(error)
    if isinstance(error, exceptions.ValidationError):
        errors = flat(error.detail)
        facts, code = {"errors": errors}, "invalid"
        detail = next(iter(errors.values()))[0] if len(errors) == 1 else _("Some fields are not right.")
    if isinstance(error, PreconditionFailed):
        facts = error.facts
        if error.etag:
            headers["ETag"] = error.etag
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(max(1, round(wait)))
    status = error.status_code
    code = facts.get("code", code)
    facts = {name: fact for name, fact in facts.items() if name != "code"}
    return Response(
        problem(status, detail, code=code, **facts), status=status, headers=headers, content_type=MEDIA_TYPE
    )


def flat(detail: Any, path: str = "") -> dict[str, list[str]]:
    """What is wrong by the path of each field: {"links.0.url": ["Enter a valid URL."]}."""
    if isinstance(detail, Mapping):
        found: dict[str, list[str]] = {}
        for name, inner in detail.items():
            at = path if name in {WHOLE, "__all__"} else f"{path}.{name}" if path else str(name)
            for key, sentences in flat(inner, at).items():
                found.setdefault(key, []).extend(sentences)
        return found
    if isinstance(detail, list | tuple):
        sentences = [str(each) for each in detail if not isinstance(each, Mapping | list)]
        nested = [(number, each) for number, each in enumerate(detail) if isinstance(each, Mapping | list) and each]
        found = {path or WHOLE: sentences} if sentences else {}
        for number, each in nested:
            found |= flat(each, f"{path}.{number}" if path else str(number))
        return found
    return {path or WHOLE: [str(detail)]}


def _said(detail: Any) -> str:
    return str(detail) if not isinstance(detail, Mapping | list) else _("Some fields are not right.")


def _code(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    return codes if isinstance(codes, str) else "invalid"


def _of_model(error: ModelError) -> Any:
    return error.message_dict if hasattr(error, "error_dict") else error.messages
