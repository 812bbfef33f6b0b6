"""What the library does not take, as problems with the statuses the upload protocol promises."""

from __future__ import annotations

from typing import Any

from core.refusals import Refusal
from core.rest.problems import problem
from media_assets import incoming, intake, uploads

STATUS: dict[type[Refusal], int] = {
    incoming.Malformed: 400,
    incoming.NotAllowed: 403,
    incoming.Closed: 409,
    incoming.TooLarge: 413,
    uploads.TypeNotTaken: 415,
    uploads.TooManyOpen: 429,
    incoming.NotNow: 503,
    intake.Busy: 503,
    intake.IntakeRefused: 422,
}
CODES = {413: "too_large", 415: "type_not_taken", 422: "not_kept", 429: "too_many_uploads", 503: "not_now"}


def status_of(refusal: Refusal) -> int:
    """What a refusal is in HTTP; 422 where a field or the file is not right."""
    if refusal.sentence == intake.NO_ROOM:
        return 503
    return next((STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS), 422)


def seconds_of(refusal: Refusal) -> int | None:
    """After how many seconds trying again makes sense, where it does."""
    match refusal:
        case incoming.NotNow():
            return refusal.again_after
        case intake.Busy():
            return intake.AGAIN_AFTER
        case uploads.TooManyOpen():
            return uploads.FORM_SECONDS
    return 60 if status_of(refusal) == 503 else None


def facts_of(refusal: Refusal) -> dict[str, Any]:
    """The problem: `field` names what it is about, as it did before other addresses had `errors`."""
    status, field = status_of(refusal), refusal.field
    about = {"field": field, "errors": {field: [refusal.sentence]}} if field else {}
    return problem(status, refusal.sentence, code=CODES.get(status, ""), **about)


def headers_of(refusal: Refusal) -> dict[str, str]:
    seconds = seconds_of(refusal)
    return {"Retry-After": str(seconds)} if seconds is not None else {}
