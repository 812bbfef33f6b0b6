"""Lists in pages: `?page=N`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils.functional import cached_property

from blog.menus import GENERATIONS
from blog.models import Post
from blog.querysets import PostQuerySet
from core import cache, languages

_kept = cache.Group("list-lengths", timeout=300)
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
# The first moment Python knows, in microseconds since 1970.
_EARLIEST = -62_135_596_800_000_000
# Microseconds since 1970, before it with a minus, and the number of the row; as much of each as there can be.
_PLACE = re.compile(r"(-?[0-9]{1,17})\.([0-9]{1,18})")


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


@dataclass(frozen=True)
class Stretch:
    """Some posts of a list that only grows at its head; `following` names where the next begin, "" at the end."""

    posts: list[Post]
    is_first: bool
    following: str


def stretch_of(posts: PostQuerySet, told: str) -> Stretch:
    """The posts after the one `told` names, newest first; from the newest when it names none.

    Nothing is counted and nothing skipped, so the thousandth stretch costs as much as the first, and what is published
    meanwhile moves none from one to the next.
    """
    found = _PLACE.fullmatch(told)
    if found:
        at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=max(int(found[1]), _EARLIEST))
        posts = posts.filter(Q(published_at__lt=at) | Q(published_at=at, pk__lt=int(found[2])))
    most = settings.POSTS_PER_PAGE
    shown = list(posts.order_by("-published_at", "-pk")[: most + 1])
    last = shown[most - 1] if len(shown) > most else None
    return Stretch(shown[:most], found is None, _place_of(last) if last else "")


def _place_of(post: Post) -> str:
    assert post.published_at is not None, "what is in a list of live posts was published"
    since = (post.published_at - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)
    return f"{since}.{post.pk}"


def page_url(path: str, number: int) -> str:
    """The one address of a page of the list at `path`."""
    return path if number == 1 else f"{path}?page={number}"
