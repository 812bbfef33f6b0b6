"""Whom and what a reader follows, and the newest of it. People are followed through `accounts.follows`."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext as _

from accounts.models import Follow, User
from blog.models import Category, Post, SubjectFollow, Tag, TaggedPost, TopicCluster
from blog.querysets import PostQuerySet
from core.refusals import Refusal

Subject = Category | Tag | TopicCluster
# Of each kind a page names no more.
MOST_NAMED = 100

_FIELDS: dict[type, str] = {Category: "category", Tag: "tag", TopicCluster: "topic"}


def _as_field(subject: Subject) -> dict[str, Any]:
    field = _FIELDS.get(type(subject))
    if field is None:
        raise Refusal(_("Only categories, tags and topics can be followed here."))
    return {field: subject}


def follow(user: User, subject: Subject) -> bool:
    """Let somebody follow a category, a tag or a topic; whether they did not before. Twice at once is once."""
    _row, made = SubjectFollow.objects.get_or_create(follower=user, **_as_field(subject))
    return made


def unfollow(user: User, subject: Subject) -> bool:
    """Whether there was something to end."""
    return bool(SubjectFollow.objects.filter(follower=user, **_as_field(subject)).delete()[0])


def follows(user: User, subject: Subject) -> bool:
    return SubjectFollow.objects.filter(follower=user, **_as_field(subject)).exists()


def subjects_of(user: User, most: int | None = None) -> list[Subject]:
    """What somebody follows besides people, by name; no more than `most`."""
    name = Lower(Coalesce("category__name", "tag__name", "topic__name"))
    rows = SubjectFollow.objects.filter(follower=user).select_related("category", "tag", "topic").order_by(name, "pk")
    return [subject for row in rows[:most] if (subject := row.category or row.tag or row.topic)]


def feed_of(user: User) -> PostQuerySet:
    """The newest live posts of everybody and everything somebody follows, each once, in one query however many."""
    people = Follow.objects.filter(follower=user).values("followed")
    mine = SubjectFollow.objects.filter(follower=user)
    above = mine.filter(
        category__tree_id=OuterRef("tree_id"),
        category__lft__lte=OuterRef("lft"),
        category__rght__gte=OuterRef("rght"),
    )
    together = Post.co_authors.through.objects.filter(user__in=people).values("post")
    tagged = TaggedPost.objects.filter(tag__in=mine.filter(tag__isnull=False).values("tag")).values("content_object")
    return (
        Post.objects.published()
        .articles()
        .filter(
            Q(author__in=people)
            | Q(pk__in=together)
            | Q(category__in=Category.objects.filter(Exists(above)).order_by().values("pk"))
            | Q(pk__in=tagged)
            | Q(topic_cluster__in=mine.filter(topic__isnull=False).values("topic"))
        )
        .newest()
    )
