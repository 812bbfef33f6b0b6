"""The change feed: what everybody may read, in the order in which it came to be so, for programs that keep a copy.

Writes leave notes in their own transaction (`blog.change_triggers`). `take_in` turns them into places in the feed, one
caller at a time and only what is committed: whoever has read up to a place has read all there will ever be before it,
however late something else is committed. Each thing has one place, that of its newest change, so the feed never grows
beyond what there is; what is no longer public stays as a tombstone for `TOMBSTONES_LAST`, and what was never public
leaves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from blog.models import Category, Change, ChangeFeed, ChangeNote, Post, PostAsset, Tag, TaggedPost, TopicCluster
from blog.models.change import Kind
from media_assets.models import MediaAsset

BATCH = 500
TOMBSTONES_LAST = timedelta(days=90)
_CURSOR = re.compile(r"([0-9a-f]{8})\.([0-9]{1,18})\.([0-9]{1,18})", re.ASCII)


class NotACursor(ValueError):
    """What was named never came from a feed."""


class TooOld(Exception):
    """Tombstones after this cursor are forgotten, or it comes from a feed that is no more: begin anew."""


class Page(NamedTuple):
    changes: list[Change]
    cursor: str
    has_more: bool


# --- What everybody may read ------------------------------------------------------------------------------------------
def _live(**about: Any) -> Exists:
    return Exists(Post.objects.published().order_by().filter(**about))


def visible_posts() -> QuerySet[Post]:
    found: QuerySet[Post] = Post.objects.published()
    return found


def visible_tags() -> QuerySet[Tag]:
    """Those that something public has; the very name of another may be a secret of drafts."""
    live = TaggedPost.objects.filter(tag=OuterRef("pk"), content_object__in=Post.objects.published())
    return Tag.objects.filter(Exists(live))


def visible_topics() -> QuerySet[TopicCluster]:
    return TopicCluster.objects.filter(_live(topic_cluster=OuterRef("pk")))


def visible_categories() -> QuerySet[Category]:
    """Those with something public in them or below them."""
    parents = dict(Category.objects.order_by().values_list("pk", "parent_id"))
    used = Category.objects.order_by().filter(_live(category=OuterRef("pk"))).values_list("pk", flat=True)
    return Category.objects.filter(pk__in=_with_parents(used, parents))


def visible_media() -> QuerySet[MediaAsset]:
    """What is ready and shown by something public."""
    in_text = PostAsset.objects.filter(asset=OuterRef("pk"), post__in=Post.objects.published())
    shown = Q(Exists(in_text)) | Q(_live(featured_image=OuterRef("pk"))) | Q(_live(og_image=OuterRef("pk")))
    return MediaAsset.objects.filter(shown, state=MediaAsset.State.READY)


VISIBLE: dict[str, Any] = {
    Kind.CATEGORY: visible_categories,
    Kind.TAG: visible_tags,
    Kind.TOPIC: visible_topics,
    Kind.MEDIA: visible_media,
    Kind.POST: visible_posts,
}


def _with_parents(found: Iterable[int], parents: Mapping[int, int | None]) -> set[int]:
    known: set[int] = set()
    for each in found:
        above: int | None = each
        while above is not None and above not in known:
            known.add(above)
            above = parents.get(above)
    return known


# --- Taken in ---------------------------------------------------------------------------------------------------------
def take_in(now: datetime | None = None) -> int:
    """Give what was noted and is committed its places in the feed; how many notes there were."""
    taken = 0
    while ChangeNote.objects.exists():
        batch = _take_batch(now or timezone.now())
        taken += batch
        if not batch:
            break
    return taken


def _take_batch(now: datetime) -> int:
    with transaction.atomic():
        feed = _held()
        notes = list(ChangeNote.objects.order_by("pk").values_list("pk", "kind", "object_id")[:BATCH])
        if not notes:
            return 0
        noted: dict[str, set[int]] = {kind: set() for kind in Kind.values}
        for _pk, kind, number in notes:
            noted[kind].add(number)
        _add_what_depends(noted)
        for kind in Kind.values:
            feed.position = _place(kind, noted[kind], feed.position, now)
        feed.save(update_fields=["position"])
        ChangeNote.objects.filter(pk__in=[pk for pk, _kind, _number in notes]).delete()
    return len(notes)


def _held() -> ChangeFeed:
    """The row of the feed, locked."""
    ChangeFeed.objects.get_or_create(pk=1)
    return ChangeFeed.objects.select_for_update().get(pk=1)


def _add_what_depends(noted: dict[str, set[int]]) -> None:
    """Add what becomes public, or stops being so, with what was noted."""
    posts = noted[Kind.POST]
    for category, topic, *pictures in Post.objects.filter(pk__in=posts).values_list(
        "category", "topic_cluster", "featured_image", "og_image"
    ):
        for kind, number in (
            (Kind.CATEGORY, category),
            (Kind.TOPIC, topic),
            *((Kind.MEDIA, each) for each in pictures),
        ):
            if number is not None:
                noted[kind].add(number)
    noted[Kind.TAG].update(TaggedPost.objects.filter(content_object__in=posts).values_list("tag", flat=True))
    noted[Kind.MEDIA].update(PostAsset.objects.filter(post__in=posts).values_list("asset", flat=True))
    if noted[Kind.CATEGORY]:
        parents = dict(Category.objects.order_by().values_list("pk", "parent_id"))
        noted[Kind.CATEGORY] |= _with_parents(noted[Kind.CATEGORY], parents)


def _place(kind: str, numbers: set[int], position: int, now: datetime) -> int:
    """Write the next places of some things of a kind; the last place given."""
    if not numbers:
        return position
    public = set(VISIBLE[kind]().filter(pk__in=numbers).values_list("pk", flat=True))
    told = set(
        Change.objects.filter(kind=kind, object_id__in=numbers, is_gone=False).values_list("object_id", flat=True)
    )
    rows = []
    for number in sorted(public | told):
        position += 1
        rows.append(Change(kind=kind, object_id=number, position=position, is_gone=number not in public, at=now))
    Change.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["kind", "object_id"],
        update_fields=["position", "is_gone", "at"],
        batch_size=500,
    )
    return position


def note_everything() -> None:
    """Have all of it looked at again, as after writes behind the back of the database's triggers."""
    with transaction.atomic():
        for kind, model in (
            *((Kind.CATEGORY, Category), (Kind.TAG, Tag), (Kind.TOPIC, TopicCluster)),
            *((Kind.MEDIA, MediaAsset), (Kind.POST, Post)),
        ):
            numbers: Any = model._default_manager.order_by("pk").values_list("pk", flat=True)  # type: ignore[attr-defined]
            gone = Change.objects.filter(kind=kind, is_gone=False).exclude(object_id__in=numbers)
            for found in (numbers, gone.values_list("object_id", flat=True)):
                ChangeNote.objects.bulk_create(
                    (ChangeNote(kind=kind, object_id=number) for number in found.iterator()), batch_size=1000
                )


def sweep(now: datetime | None = None) -> int:
    """Forget old tombstones; how many. Whoever has not asked since begins anew."""
    with transaction.atomic():
        feed = _held()
        old = Change.objects.filter(is_gone=True, at__lt=(now or timezone.now()) - TOMBSTONES_LAST)
        last = old.order_by("-position").values_list("position", flat=True).first()
        if last is None:
            return 0
        feed.forgotten = max(feed.forgotten, last)
        feed.save(update_fields=["forgotten"])
        return old.delete()[0]


# --- Read -------------------------------------------------------------------------------------------------------------
def after(cursor: str, most: int) -> Page:
    """What follows a cursor; "" for all there is. Raises NotACursor and TooOld.

    A cursor says the feed, the place, and how far the feed was when the walk began from nothing: tombstones before
    that are of things the caller never heard of.
    """
    feed, _made = ChangeFeed.objects.get_or_create(pk=1)
    position, began = 0, feed.position
    said = _CURSOR.fullmatch(cursor)
    if cursor and said is None:
        raise NotACursor
    if said is not None:
        position, began = int(said[2]), int(said[3])
    rows = list(Change.objects.filter(position__gt=position).order_by("position")[: most + 1])
    if said is not None:
        # Asked last: what was forgotten before the rows were read is known by now.
        feed.refresh_from_db()
        seen = max(position, began)
        if said[1] != feed.name or seen > feed.position or seen < feed.forgotten:
            raise TooOld
    shown = rows[:most]
    last = shown[-1].position if shown else position
    return Page(shown, f"{feed.name}.{last}.{began}", len(rows) > most)
