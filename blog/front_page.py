"""What stands on the front page, and where: no post twice.

The lead takes the first pick, the list beside it the second, and the latest are the newest of the rest. Only ids are
kept in the cache: the posts themselves are read each time, so that what came down a moment ago is not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from blog import trending
from blog.menus import GENERATIONS, Entry, menus
from blog.models import Post, TopicCluster
from blog.querysets import PostQuerySet
from core import cache, languages

LEAD, SECTIONS, STREAM = "lead", "sections", "stream"
LATEST = 8
STREAMED = 12
BESIDE = 4
IN_A_SECTION = 4
MOST_SECTIONS = 8
_kept = cache.Group("front-page", timeout=300)


@dataclass(frozen=True)
class Choice:
    """Ids of posts. `read_most` says that readers chose what stands beside, otherwise editors put it forward."""

    lead: int | None = None
    beside: tuple[int, ...] = ()
    read_most: bool = False
    latest: tuple[int, ...] = ()
    sections: tuple[tuple[str, tuple[int, ...]], ...] = ()

    @property
    def ids(self) -> list[int]:
        rest = [pk for _, pks in self.sections for pk in pks]
        return [*([self.lead] if self.lead else []), *self.beside, *self.latest, *rest]


@dataclass(frozen=True)
class FrontPage:
    lead: Post | None
    beside: list[Post]
    read_most: bool
    latest: list[Post]
    sections: list[tuple[Entry, list[Post]]]


def front_page(layout: str, rows: PostQuerySet) -> FrontPage:
    """The front page in a layout; `rows` are the live posts with all that is shown of them."""
    entries = menus().sections[:MOST_SECTIONS] if layout == SECTIONS else []
    paths = [entry.path for entry in entries]
    choice = _kept.get_or_compute(
        f"{layout}:{languages.key()}", lambda: choose(layout, paths, timezone.now()), generation=GENERATIONS
    )
    posts = {post.pk: post for post in rows.filter(pk__in=choice.ids)} if choice.ids else {}

    def found(pks: Iterable[int]) -> list[Post]:
        return [posts[pk] for pk in pks if pk in posts]

    sections = {path: found(pks) for path, pks in choice.sections}
    return FrontPage(
        lead=posts.get(choice.lead) if choice.lead else None,
        beside=found(choice.beside),
        read_most=choice.read_most,
        latest=found(choice.latest),
        sections=[(entry, sections[entry.path]) for entry in entries if sections.get(entry.path)],
    )


def choose(layout: str, sections: Sequence[str], now: datetime) -> Choice:
    """Which posts stand where, in one query."""
    rows = _candidates(layout, sections, now)
    if layout == STREAM:
        shown = [row.pk for row in rows[:STREAMED]]
        beside, read_most = _beside(rows, shown, BESIDE, now)
        return Choice(latest=tuple(shown), beside=beside, read_most=read_most)
    if not rows:
        return Choice()
    lead = next((row.pk for row in rows if row.is_featured), rows[0].pk)
    # On a small site the latest need their posts more than the list beside them.
    beside, read_most = _beside(rows, [lead], min(BESIDE, (len(rows) - 1) // 3), now)
    taken = {lead, *beside}
    rest = [row for row in rows if row.pk not in taken]
    if layout == SECTIONS:
        filed = [(path, tuple(row.pk for row in rest if _is_under(row, path))[:IN_A_SECTION]) for path in sections]
        if any(pks for _, pks in filed):
            return Choice(lead, beside, read_most, sections=tuple(filed))
    return Choice(lead, beside, read_most, latest=tuple(row.pk for row in rest[:LATEST]))


def _candidates(layout: str, sections: Sequence[str], now: datetime) -> list[Any]:
    """Everything that may be chosen, newest first. Enough of the newest that none is missed when others were picked."""
    live = Post.objects.published().articles().in_edition()
    forward = Q(is_featured=True) | Q(pk__in=TopicCluster.objects.values("pillar_post"))
    wanted = [
        live.newest()[: STREAMED + 1 + BESIDE],
        live.filter(is_featured=True).newest()[:1],
        live.filter(forward).newest()[: STREAMED + 1 + BESIDE],
        trending.noticed(live, now),
    ]
    for path in sections:
        under = live.filter(Q(category__path=path) | Q(category__path__startswith=f"{path}/"))
        wanted.append(under.newest()[: IN_A_SECTION + 1 + BESIDE])
    # A union of few rows each; SQLite takes the limits only one level down.
    first, *others = [Post.objects.filter(pk__in=few.values("pk")).order_by().values("pk") for few in wanted]
    found = Post.objects.filter(pk__in=first.union(*others)).newest()
    pillar = TopicCluster.objects.filter(pillar_post=OuterRef("pk"))
    fields = ("pk", "published_at", "is_featured", "is_pillar", "category__path", *trending.WEIGHTS)
    return list(found.annotate(is_pillar=Exists(pillar)).values_list(*fields, named=True))


def _beside(rows: list[Any], taken: Sequence[int], most: int, now: datetime) -> tuple[tuple[int, ...], bool]:
    """What readers want most; where they said nothing, what editors put forward. One line alone makes no list."""
    free = [row for row in rows if row.pk not in taken]
    chosen = [row.pk for row in trending.ranked(free, now)][:most]
    if len(chosen) > 1:
        return tuple(chosen), True
    # What the latest would not show anyway comes first.
    newest = {row.pk for row in free[:LATEST]}
    forward = sorted((row for row in free if row.is_featured or row.is_pillar), key=lambda row: row.pk in newest)
    chosen = [row.pk for row in forward][:most]
    return (tuple(chosen), False) if len(chosen) > 1 else ((), False)


def _is_under(row: Any, path: str) -> bool:
    return row.category__path is not None and f"{row.category__path}/".startswith(f"{path}/")
