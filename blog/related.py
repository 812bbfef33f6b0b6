"""What to read beside a post: those nearest to it, and those published just before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from blog.models import Post, Tag, TaggedPost
from core import cache, languages

# How many of the newest posts of the same topic, tags or category are looked at.
CANDIDATES = 10


_kept = cache.Group("companions", timeout=300)


@dataclass(frozen=True)
class Companions:
    """`nearest` shares the topic, else tags, else the category, in this order."""

    nearest: list[Post] = field(default_factory=list)
    earlier: Post | None = None
    later: Post | None = None


def companions(post: Post, tags: Sequence[Tag], *, count: int = 3) -> Companions:
    """The companions of a live post, kept until something is published or changed; none for a post that is not live."""
    if not post.is_public or post.published_at is None:
        return Companions()
    key = f"{post.pk}:{count}:{languages.key(languages.edition_of(post.content_language))}"
    return _kept.get_or_compute(key, lambda: find_companions(post, tags, count=count), generation="posts")


def find_companions(post: Post, tags: Sequence[Tag], *, count: int) -> Companions:
    """The companions as the database has them now, in one query, which costs as much as the rest of the page."""
    at = post.published_at
    edition = languages.edition_of(post.content_language)
    others = Post.objects.published().articles().in_edition(edition).exclude(pk=post.pk)
    earlier = others.filter(Q(published_at__lt=at) | Q(published_at=at, pk__lt=post.pk)).newest()
    later = others.filter(Q(published_at__gt=at) | Q(published_at=at, pk__gt=post.pk)).order_by("published_at", "pk")
    wanted = [earlier.values("pk")[:1], later.values("pk")[:1]]
    wanted += [others.filter(kin).newest().values("pk")[:CANDIDATES] for kin in _kin(post, tags)]
    # A union of few rows each, and not one condition with OR, for which databases read every post. SQLite takes the
    # limits only one level down.
    first, *rest = [Post.objects.filter(pk__in=few).order_by().values("pk") for few in wanted]
    near = Post.objects.filter(pk__in=first.union(*rest))
    found = list(near.for_lists().annotate(shared_tags=_shared_tags(tags)).newest())
    return Companions(
        nearest=_nearest(post, found)[:count],
        earlier=next((other for other in found if (other.published_at, other.pk) < (at, post.pk)), None),
        later=next((other for other in reversed(found) if (other.published_at, other.pk) > (at, post.pk)), None),
    )


def _kin(post: Post, tags: Sequence[Tag]) -> list[Q]:
    kin = []
    if post.topic_cluster_id:
        kin.append(Q(topic_cluster=post.topic_cluster_id))
    if tags:
        tagged = TaggedPost.objects.filter(tag__in=[tag.pk for tag in tags])
        kin.append(Q(pk__in=tagged.values("content_object")))
    if post.category_id:
        kin.append(Q(category=post.category_id))
    return kin


def _shared_tags(tags: Sequence[Tag]) -> Coalesce:
    tagged = TaggedPost.objects.filter(content_object=OuterRef("pk"), tag__in=[tag.pk for tag in tags]).order_by()
    counted = tagged.values("content_object").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _nearest(post: Post, others: list[Post]) -> list[Post]:
    def nearness(other: Post) -> tuple[bool, int, bool]:
        return (
            post.topic_cluster_id is not None and other.topic_cluster_id == post.topic_cluster_id,
            other.shared_tags,  # type: ignore[attr-defined]
            post.category_id is not None and other.category_id == post.category_id,
        )

    # Stable, so that the newest of equally near ones come first.
    return sorted((other for other in others if any(nearness(other))), key=nearness, reverse=True)
