"""Lists in pages: `?page=N`."""

import re

from django.conf import settings
from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


def page_of(request: HttpRequest, things: QuerySet) -> Page:
    """The page a reader asked for, POSTS_PER_PAGE things long; Http404 for one that is not there."""
    wanted = request.GET.get("page", "1")
    if not _NUMBER.fullmatch(wanted):
        raise Http404("A page has a number from 1 up.")
    try:
        return Paginator(things, settings.POSTS_PER_PAGE).page(int(wanted))
    except EmptyPage as error:
        raise Http404("The list has fewer pages.") from error


def page_url(path: str, number: int) -> str:
    """The one address of a page of the list at `path`."""
    return path if number == 1 else f"{path}?page={number}"
