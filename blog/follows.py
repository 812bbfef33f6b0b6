"""Whom and what a reader follows, and the newest of it. People are followed through `accounts.follows`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat, Lower, NullIf, Trim
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import follows as people
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


@dataclass(frozen=True, slots=True)
class Followable:
    """A person or a subject as forms and pages name it; `key` is "author:ana" or "category:places/coast"."""

    thing: User | Subject
    key: str

    @property
    def name(self) -> str:
        return self.thing.display_name if isinstance(self.thing, User) else self.thing.name

    @property
    def address(self) -> str:
        page = self.thing.author_profile if isinstance(self.thing, User) else self.thing
        return page.get_absolute_url()

    def switch(self, user: User, wanted: bool) -> bool:
        """Begin to follow it, or end that; whether that is other than before. Raises Refusal."""
        if isinstance(self.thing, User):
            return (people.follow if wanted else people.unfollow)(user, self.thing)
        return (follow if wanted else unfollow)(user, self.thing)

    def is_followed_by(self, user: User) -> bool:
        if isinstance(self.thing, User):
            return people.follows(user, self.thing)
        return follows(user, self.thing)


def as_followable(thing: User | Subject) -> Followable | None:
    """None for a person without a page of their own."""
    if isinstance(thing, User):
        profile = getattr(thing, "author_profile", None)
        return Followable(thing, f"author:{profile.slug}") if profile else None
    name = thing.path if isinstance(thing, Category) else thing.slug
    return Followable(thing, f"{_FIELDS[type(thing)]}:{name}")


def found(kind: str, name: str) -> Followable | None:
    """What a form names, where readers can know of it: the name of a tag or topic may be a secret of drafts."""
    if "\0" in name:
        return None
    live = Post.objects.published().articles()
    thing: User | Subject | None = None
    if kind == "author":
        known = User.objects.select_related("author_profile").filter(author_profile__slug=name, is_active=True)
        thing = known.first()
    elif kind == "category":
        thing = Category.objects.filter(path=name).first()
    elif kind == "tag":
        thing = Tag.objects.filter(slug=name).filter(Exists(live.filter(tagged__tag=OuterRef("pk")))).first()
    elif kind == "topic":
        thing = TopicCluster.objects.filter(slug=name).filter(Exists(live.filter(topic_cluster=OuterRef("pk")))).first()
    return as_followable(thing) if thing is not None else None


def mine(user: User, kind: str, name: str) -> Followable | None:
    """What somebody follows under this name, also where readers no longer know of it; None where they do not."""
    if "\0" in name:
        return None
    if kind == "author":
        row: Any = Follow.objects.filter(follower=user, followed__author_profile__slug=name).first()
        return as_followable(row.followed) if row else None
    field = "path" if kind == "category" else "slug"
    row = SubjectFollow.objects.filter(follower=user, **{f"{kind}__{field}": name}).first()
    return as_followable(getattr(row, kind)) if row else None


def suggestions_for(user: User, most: int = 5) -> list[User]:
    """Whom somebody may like to follow: those whom the people they follow also follow, and those who write on what they
    follow, the more of both the earlier; nobody they follow already, in one query."""
    mine = Follow.objects.filter(follower=user)
    subjects = SubjectFollow.objects.filter(follower=user)
    live = Post.objects.published().articles()
    tagged = TaggedPost.objects.filter(tag__in=subjects.filter(tag__isnull=False).values("tag")).values(
        "content_object"
    )
    shared = live.filter(author=OuterRef("pk")).filter(
        Q(category__in=_categories_of(subjects))
        | Q(topic_cluster__in=subjects.filter(topic__isnull=False).values("topic"))
        | Q(pk__in=tagged)
    )
    mutual = Follow.objects.filter(followed=OuterRef("pk"), follower__in=mine.values("followed"))

    def number_of(rows: QuerySet[Any], by: str) -> Coalesce:
        counted = rows.order_by().values(by).annotate(number=Count("pk")).values("number")
        return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

    return list(
        User.objects.filter(author_profile__isnull=False, is_active=True)
        .filter(Exists(live.filter(author=OuterRef("pk"))))
        .exclude(pk=user.pk)
        .exclude(pk__in=mine.values("followed"))
        .annotate(nearness=number_of(mutual, "followed") * 3 + number_of(shared, "author"))
        .filter(nearness__gt=0)
        .select_related("author_profile__avatar")
        .order_by("-nearness", "first_name", "last_name", "pk")[:most]
    )


def follow(user: User, subject: Subject) -> bool:
    """Let somebody follow a category, a tag or a topic; whether they did not before. Twice at once is once."""
    with transaction.atomic():
        return people.begin(SubjectFollow.objects.all(), follower=user, **_as_field(subject))


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


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or something as a list of links names it; `kind` is "author", "category", "tag" or "topic"."""

    kind: str
    name: str
    path: str

    @property
    def address(self) -> str:
        return reverse(self.kind, args=[self.path])


def all_of(user: User, most: int) -> tuple[list[Named], list[Named]]:
    """Whom, and what else, somebody follows, by name and no more than `most` of each, in one query."""
    full = NullIf(Trim(Concat("followed__first_name", Value(" "), "followed__last_name")), Value(""))
    people = Follow.objects.filter(follower=user, followed__author_profile__isnull=False).annotate(
        kind=Value("author"),
        name=Coalesce(full, "followed__username"),
        path=F("followed__author_profile__slug"),
    )
    subjects = SubjectFollow.objects.filter(follower=user).annotate(
        kind=Case(
            When(category__isnull=False, then=Value("category")),
            When(tag__isnull=False, then=Value("tag")),
            default=Value("topic"),
        ),
        name=Coalesce("category__name", "tag__name", "topic__name", output_field=CharField()),
        path=Coalesce("category__path", "tag__slug", "topic__slug", output_field=CharField()),
    )

    def first(rows: QuerySet[Any]) -> QuerySet[Any]:
        # Not every database can cut short the parts of a union.
        chosen = rows.order_by(Lower("name"), "pk").values("pk")[:most]
        return rows.filter(pk__in=chosen).order_by().values_list("kind", "name", "path")

    rows = first(people).union(first(subjects), all=True)
    found = sorted((Named(*row) for row in rows), key=lambda named: named.name.casefold())
    return [each for each in found if each.kind == "author"], [each for each in found if each.kind != "author"]


def _categories_of(followed: QuerySet[SubjectFollow]) -> QuerySet[Any]:
    """The categories that are followed and all below them."""
    above = followed.filter(
        category__tree_id=OuterRef("tree_id"), category__lft__lte=OuterRef("lft"), category__rght__gte=OuterRef("rght")
    )
    return Category.objects.filter(Exists(above)).order_by().values("pk")


def feed_of(user: User) -> PostQuerySet:
    """The newest live posts of everybody and everything somebody follows, each once, in one query however many."""
    people = Follow.objects.filter(follower=user).values("followed")
    mine = SubjectFollow.objects.filter(follower=user)
    together = Post.co_authors.through.objects.filter(user__in=people).values("post")
    tagged = TaggedPost.objects.filter(tag__in=mine.filter(tag__isnull=False).values("tag")).values("content_object")
    return (
        Post.objects.published()
        .articles()
        .filter(
            Q(author__in=people)
            | Q(pk__in=together)
            | Q(category__in=_categories_of(mine))
            | Q(pk__in=tagged)
            | Q(topic_cluster__in=mine.filter(topic__isnull=False).values("topic"))
        )
        .newest()
    )
