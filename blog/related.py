"""What to read beside a post: those nearest to it, and those published just before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Case, Count, FloatField, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Ln

from blog.models import Post, Tag, TaggedPost, TopicCluster
from core import cache, languages

# How many of the newest posts of the same topic, series, tags or category are looked at.
CANDIDATES = 10
# How many others of its topic are listed beside a post.
MOST_OF_TOPIC = 5
# Of a post with more tags than this, only the first say what it is about.
MOST_TAGS = 20

# What it weighs to have something in common. A tag weighs 1 / (1 + ln(posts that have it)): 0.6 for a tag of two posts,
# 0.2 for one of a hundred. So a topic outweighs a few tags, and a tag everybody uses weighs less than the section.
SAME_SERIES, SAME_TOPIC, IS_PILLAR, SAME_CATEGORY, SAME_SECTION, SAME_AUTHOR = 2.5, 2.0, 0.3, 0.25, 0.1, 0.1

_kept = cache.Group("companions", timeout=300)


@dataclass(frozen=True)
class Companions:
    """`nearest` has most in common with the post. `topic`: others of its topic, its pillar first; none is in both."""

    nearest: list[Post] = field(default_factory=list)
    topic: list[Post] = field(default_factory=list)
    earlier: Post | None = None
    later: Post | None = None

    @property
    def have_pictures(self) -> bool:
        """Whether `nearest` can be shown as pictures side by side."""
        return all(post.featured_image_id for post in self.nearest)


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
    if post.translation_group is not None:
        # Where a language has no edition, its posts stand in the main one, beside what they translate.
        others = others.exclude(translation_group=post.translation_group)
    earlier = others.filter(Q(published_at__lt=at) | Q(published_at=at, pk__lt=post.pk)).newest()
    later = others.filter(Q(published_at__gt=at) | Q(published_at=at, pk__gt=post.pk)).order_by("published_at", "pk")
    wanted = [earlier.values("pk")[:1], later.values("pk")[:1]]
    wanted += [others.filter(kin).newest().values("pk")[:CANDIDATES] for kin in _kin(post, tags)]
    # A union of few rows each, and not one condition with OR, for which databases read every post. SQLite takes the
    # limits only one level down.
    first, *rest = [Post.objects.filter(pk__in=few).order_by().values("pk") for few in wanted]
    near = Post.objects.filter(pk__in=first.union(*rest))
    found = list(near.for_lists().annotate(shared_tags=_shared_tags(tags)).newest())
    topic = _topic(post, found)[:MOST_OF_TOPIC]
    return Companions(
        nearest=_nearest(post, [other for other in found if other not in topic])[:count],
        topic=topic,
        earlier=next((other for other in found if (other.published_at, other.pk) < (at, post.pk)), None),
        later=next((other for other in reversed(found) if (other.published_at, other.pk) > (at, post.pk)), None),
    )


def _kin(post: Post, tags: Sequence[Tag]) -> list[Q]:
    kin = []
    if post.topic_cluster_id:
        kin.append(Q(topic_cluster=post.topic_cluster_id))
        kin.append(Q(pk__in=TopicCluster.objects.filter(pk=post.topic_cluster_id).values("pillar_post")))
    if post.series_id:
        kin.append(Q(series=post.series_id))
    if tags:
        tagged = TaggedPost.objects.filter(tag__in=[tag.pk for tag in tags[:MOST_TAGS]])
        kin.append(Q(pk__in=tagged.values("content_object")))
    if post.category_id:
        kin.append(Q(category=post.category_id))
    return kin


def _shared_tags(tags: Sequence[Tag]) -> Coalesce:
    """What the tags a post shares weigh together, the rare ones more."""
    nothing = Value(0.0, FloatField())
    if not tags:
        return Coalesce(nothing, nothing)
    weights = [When(tag=tag.pk, then=1.0 / (1.0 + Ln(_uses(tag)))) for tag in tags[:MOST_TAGS]]
    weight = Case(*weights, default=nothing, output_field=FloatField())
    tagged = TaggedPost.objects.filter(content_object=OuterRef("pk"), tag__in=[tag.pk for tag in tags[:MOST_TAGS]])
    summed = tagged.order_by().values("content_object").annotate(weight=Sum(weight)).values("weight")
    return Coalesce(Subquery(summed, output_field=FloatField()), nothing)


def _uses(tag: Tag) -> Coalesce:
    """On how many posts a tag is; asked once in the query, not for each of its rows."""
    counted = TaggedPost.objects.filter(tag=tag.pk).order_by().values("tag").annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number"), output_field=FloatField()), Value(1.0, FloatField()))


def _nearest(post: Post, others: list[Post]) -> list[Post]:
    kin = [(nearness, other) for other in others if (nearness := _nearness(post, other)) > 0]
    # Stable, so that of equally near ones those with a picture come first, and then the newest.
    return [
        other for _, other in sorted(kin, key=lambda pair: (pair[0], bool(pair[1].featured_image_id)), reverse=True)
    ]


def _nearness(post: Post, other: Post) -> float:
    """How much two posts have in common; 0 for those that have only the author or the section in common."""
    here, there = post.category, other.category
    near = other.shared_tags  # type: ignore[attr-defined]
    if post.series_id is not None and other.series_id == post.series_id:
        near += SAME_SERIES
    if post.topic_cluster is not None:
        if other.topic_cluster_id == post.topic_cluster_id:
            near += SAME_TOPIC
        if other.pk == post.topic_cluster.pillar_post_id:
            near += IS_PILLAR
    if here is not None and here == there:
        near += SAME_CATEGORY
    if not near:
        return 0
    if here is not None and there is not None and here.path.split("/")[0] == there.path.split("/")[0]:
        near += SAME_SECTION
    return near + (SAME_AUTHOR if other.author_id == post.author_id else 0)


def _topic(post: Post, others: list[Post]) -> list[Post]:
    if post.topic_cluster is None:
        return []
    pillar = post.topic_cluster.pillar_post_id
    members = [other for other in others if post.topic_cluster_id == other.topic_cluster_id or other.pk == pillar]
    return sorted(members, key=lambda other: other.pk != pillar)
