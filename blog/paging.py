"""Lists in pages: `?page=N`."""

import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.functional import cached_property

from blog.menus import GENERATIONS
from core import cache, languages

_kept = cache.Group("list-lengths", timeout=300)
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


class LiveList(Paginator):
    """A list of live posts; its length is kept until something is published, taken down or moved."""

    def __init__(self, things: QuerySet, path: str) -> None:
        super().__init__(things, settings.POSTS_PER_PAGE)
        self.path = path

    @cached_property
    def count(self) -> int:
        key = f"{self.path}:{languages.key()}"
        return _kept.get_or_compute(key, self.object_list.count, generation=GENERATIONS)  # type: ignore[attr-defined]


def page_of(request: HttpRequest, things: QuerySet, path: str) -> Page:
    """The page a reader asked for of the list at `path`, POSTS_PER_PAGE long; Http404 for one that is not there."""
    return _page(request, LiveList(things, path))


def page_of_found(request: HttpRequest, things: Sequence[Any]) -> Page:
    """As `page_of`, of things already in hand."""
    return _page(request, Paginator(things, settings.POSTS_PER_PAGE))


def _page(request: HttpRequest, paginator: Paginator) -> Page:
    wanted = request.GET.get("page", "1")
    if not _NUMBER.fullmatch(wanted):
        raise Http404("A page has a number from 1 up.")
    try:
        return paginator.page(int(wanted))
    except EmptyPage as error:
        raise Http404("The list has fewer pages.") from error


def page_url(path: str, number: int) -> str:
    """The one address of a page of the list at `path`."""
    return path if number == 1 else f"{path}?page={number}"
