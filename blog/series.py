"""Series: posts that are read one after another, their order, and the way from one to the next.

The order takes effect at once, as filing does: it belongs to the series and not to the text of a post. Each post it
touches gets a version that says so, and what waits for a live one says so as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.roles import may
from blog import pending, versions
from blog.models import Post, PostVersion, Series
from blog.querysets import PostQuerySet
from blog.signals import taxonomy_changed
from core import cache
from core.events import announce
from core.refusals import NotAllowed, Refusal

MOST = 500
# Lines of the folded list on a post's page: those round the post; the page of the series has all.
SHOWN = 40
GENERATIONS = ("posts", "taxonomy")
_kept = cache.Group("series", timeout=300)


@dataclass(frozen=True)
class Piece:
    """One line of a series as readers see it."""

    number: int
    title: str
    url: str
    language: str


@dataclass(frozen=True)
class Course:
    """Where a post stands in its series. `shown` are the pieces round it, all of them in a short one."""

    name: str
    url: str
    here: Piece
    total: int
    earlier: Piece | None
    later: Piece | None
    shown: Sequence[Piece]


def in_order(posts: PostQuerySet) -> PostQuerySet:
    """By their places; those without one last, the oldest first."""
    return posts.order_by(F("series_position").asc(nulls_last=True), F("published_at").asc(nulls_last=True), "pk")


def course_of(post: Post) -> Course | None:
    """Where a live post stands among the live posts of its series; None without a series or when it is not live."""
    if post.series_id is None or not post.is_public:
        return None
    name, slug, pieces = _kept.get_or_compute(str(post.series_id), lambda: read(post.series_id), generation=GENERATIONS)
    at = next((index for index, piece in enumerate(pieces) if piece.url == post.get_absolute_url()), None)
    if at is None:
        return None
    first = max(0, min(at - SHOWN // 2, len(pieces) - SHOWN))
    return Course(
        name=name,
        url=reverse("series", args=[slug]),
        here=pieces[at],
        total=len(pieces),
        earlier=pieces[at - 1] if at else None,
        later=pieces[at + 1] if at + 1 < len(pieces) else None,
        shown=pieces[first : first + SHOWN],
    )


def read(series_id: int | None) -> tuple[str, str, list[Piece]]:
    """Name, slug and live pieces of a series, in one query."""
    live = in_order(Post.objects.published().articles().filter(series=series_id)).select_related("series")
    rows = list(live.only("title", "slug", "kind", "content_language", "series__name", "series__slug")[:MOST])
    pieces = [
        Piece(number, row.title, row.get_absolute_url(), row.content_language) for number, row in enumerate(rows, 1)
    ]
    series = rows[0].series if rows else None
    return (series.name, series.slug, pieces) if series else ("", "", [])


def arrange(
    series: Series, order: Sequence[int], *, by: User, shown: Iterable[int] | None = None, at: datetime | None = None
) -> int:
    """Let a series be the posts with these ids, in this order; whatever else was in it leaves it.

    `shown` are the ids somebody saw in it when they put them in order: what was added meanwhile stays, after the rest,
    and what left meanwhile does not come back. Returns how many posts it touched. Raises Refusal, and then nothing has
    changed.
    """
    now = at or timezone.now()
    with transaction.atomic():
        Series.objects.select_for_update(no_key=True).get(pk=series.pk)
        rows = Post.objects.select_for_update(of=("self",)).order_by("pk")
        wanted = list(dict.fromkeys(order))
        if shown is not None:
            seen, there = set(shown), list(in_order(Post.objects.filter(series=series)).values_list("pk", flat=True))
            wanted = [pk for pk in wanted if pk in there or pk not in seen]
            wanted += [pk for pk in there if pk not in seen and pk not in wanted]
        if len(wanted) > MOST:
            raise Refusal(f"A series has at most {MOST} posts; these are {len(wanted)}.")
        members = {row.pk: row for row in rows.filter(series=series) | rows.filter(pk__in=wanted)}
        if missing := [pk for pk in wanted if pk not in members]:
            raise Refusal(f"{len(missing)} of these posts were deleted meanwhile; look at the list again.")
        touched = 0
        for pk, row in members.items():
            place = wanted.index(pk) + 1 if pk in wanted else None
            if (row.series_id, row.series_position) == ((series.pk, place) if place else (None, None)):
                continue
            if not may(by, "blog.change_post", row):
                raise NotAllowed(
                    f"You may not change “{row}”." if row.is_public else "You may not change one of its posts."
                )
            if row.series_id not in {None, series.pk}:
                raise Refusal(f"“{row}” is part of another series, “{row.series}”; take it out there first.")
            put(row, series, place, by=by, now=now)
            touched += 1
        if touched:
            audit.record(by, "arranged a series", series, note=f"{len(wanted)} posts, {touched} of them moved", at=now)
            announce(taxonomy_changed)
    return touched


def put(row: Post, series: Series, place: int | None, *, by: User, now: datetime) -> None:
    """Give a post its place, or none, in the row and in what waits for it; inside the transaction that holds it."""
    reason = f"Part {place} of “{series}”" if place else f"No longer part of “{series}”"
    row.series, row.series_position = (series, place) if place else (None, None)
    Post.objects.filter(pk=row.pk).update(series=row.series, series_position=place)
    change = pending.change_of(row)
    if change is None:
        versions.record(row, by=by, kind=PostVersion.Kind.SAVE, reason=reason, at=now)
        return
    content = change.version.snapshot | {"series_id": row.series_id, "series_position": place}
    # The reason may be told to readers when it goes live, so it stays the one its writers gave.
    reason = change.version.reason
    change.version = versions.keep(row, content, by=by, kind=PostVersion.Kind.SAVE, reason=reason, at=now)
    change.updated_at = now
    change.save(update_fields=["version", "updated_at"])
