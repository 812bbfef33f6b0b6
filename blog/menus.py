"""What every page offers beside its own text: categories, topics and pages, with their numbers of posts.

All of it is one query, kept in the cache until something is published, taken down, renamed or moved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, TruncMonth
from django.urls import reverse

from blog.models import Category, Post, Series, TopicCluster
from core import cache, languages

GENERATIONS = ("posts", "taxonomy")
_kept = cache.Group("menus", timeout=300)

_CATEGORY, _TOPIC, _PAGE, _SERIES = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu. `count` is the number of live posts in it and, for a category, below it."""

    name: str
    url: str
    path: str
    count: int = 0

    @property
    def level(self) -> int:
        return self.path.count("/")


@dataclass(frozen=True, slots=True)
class Menus:
    """Categories in the order of their tree, topics, pages and series by name; only what has something to read."""

    categories: tuple[Entry, ...]
    topics: tuple[Entry, ...]
    pages: tuple[Entry, ...]
    series: tuple[Entry, ...]

    @property
    def sections(self) -> list[Entry]:
        return [entry for entry in self.categories if entry.level == 0]

    def below(self, path: str) -> list[Entry]:
        """The categories one step under the one at `path`."""
        depth = path.count("/") + 1
        return [entry for entry in self.categories if entry.level == depth and entry.path.startswith(path + "/")]

    def trail(self, path: str) -> list[Entry]:
        """The categories above the one at `path`, outermost first."""
        parts = path.split("/")
        above = {"/".join(parts[:length]) for length in range(1, len(parts))}
        return [entry for entry in self.categories if entry.path in above]


def menus() -> Menus:
    """The menus as they are now."""
    return _kept.get_or_compute(f"entries:{languages.key()}", _read, generation=GENERATIONS)


def count_of_posts() -> int:
    """How many posts a stranger can read."""
    posts = Post.objects.published().articles().in_edition()
    return _kept.get_or_compute(f"count:{languages.key()}", posts.count, generation=GENERATIONS)


def months() -> list[tuple[datetime, int]]:
    """Every month in which something was published and how much, newest first, by the site's clock."""

    def read() -> list[tuple[datetime, int]]:
        posts = Post.objects.published().articles().in_edition().order_by()
        rows = posts.annotate(month=TruncMonth("published_at")).values("month").annotate(count=Count("pk"))
        return [(row["month"], row["count"]) for row in rows.order_by("-month")]

    return _kept.get_or_compute(f"months:{languages.key()}", read, generation=GENERATIONS)


def _read() -> Menus:
    rows = list(
        _rows(Category.objects.all(), _CATEGORY, "name", "path", _live_posts("category"), F("tree_id"), F("lft")).union(
            _rows(TopicCluster.objects.all(), _TOPIC, "name", "slug", _live_posts("topic_cluster")),
            _rows(Post.objects.published().pages().in_edition(), _PAGE, "title", "slug", Value(1)),
            _rows(Series.objects.all(), _SERIES, "name", "slug", _live_posts("series")),
            all=True,
        )
    )
    rows.sort(key=lambda row: (row["row_tree"], row["row_place"], row["row_name"].casefold()))
    return Menus(
        categories=tuple(_categories([row for row in rows if row["row_kind"] == _CATEGORY])),
        topics=tuple(_entries("topic", [row for row in rows if row["row_kind"] == _TOPIC])),
        pages=tuple(_entries("page", [row for row in rows if row["row_kind"] == _PAGE])),
        series=tuple(_entries("series", [row for row in rows if row["row_kind"] == _SERIES])),
    )


def _rows(
    things: QuerySet, kind: int, name: str, address: str, count: object, tree: object = 0, place: object = 0
) -> QuerySet:
    number = IntegerField()
    return things.order_by().values(
        row_kind=Value(kind, number),
        row_name=F(name),
        row_address=F(address),
        row_count=count,
        row_tree=tree or Value(0, number),
        row_place=place or Value(0, number),
    )


def _live_posts(field: str) -> Coalesce:
    """How many live posts hang directly on the row."""
    posts = Post.objects.published().articles().in_edition().filter(**{field: OuterRef("pk")}).order_by()
    counted = posts.values(field).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _categories(rows: list[dict]) -> Iterable[Entry]:
    totals: dict[str, int] = {}
    for row in rows:
        parts = row["row_address"].split("/")
        for length in range(1, len(parts) + 1):
            path = "/".join(parts[:length])
            totals[path] = totals.get(path, 0) + row["row_count"]
    for row in rows:
        path = row["row_address"]
        if totals[path]:
            yield Entry(row["row_name"], reverse("category", args=[path]), path, totals[path])


def _entries(view: str, rows: list[dict]) -> Iterable[Entry]:
    for row in rows:
        if row["row_count"]:
            yield Entry(row["row_name"], reverse(view, args=[row["row_address"]]), row["row_address"], row["row_count"])
