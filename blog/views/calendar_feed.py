"""The plan, as calendar programs fetch it."""

import re
from typing import Any

from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_structlog import signals as logging

from blog import calendar_feed

# Of the plan, and of what somebody follows.
SECRET = re.compile(r"(/calendar/|/me/feed/)[^/?\s]+?(\.ics|(?=[/?\s]|$))")


@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """What the person the address was made for may see now; whoever may not any more finds nothing."""
    now = timezone.now()
    reader = calendar_feed.reader_of(token, now=now)
    if reader is None:
        raise Http404
    response = HttpResponse(calendar_feed.calendar_for(reader, now=now), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="plan.ics"'
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@receiver(
    [
        logging.bind_extra_request_metadata,
        logging.bind_extra_request_finished_metadata,
        logging.bind_extra_request_failed_metadata,
    ]
)
def keep_the_secret_out_of_the_log(log_kwargs: dict[str, Any] | None = None, **facts: Any) -> None:
    """The line of a request names its address; this part of it is a password."""
    if log_kwargs and "request" in log_kwargs:
        log_kwargs["request"] = SECRET.sub(r"\1…\2", log_kwargs["request"])
