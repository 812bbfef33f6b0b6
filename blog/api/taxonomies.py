"""Categories, tags, topics and series: read by everybody, written by the rules of `blog.taxonomy`."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import django_filters
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import audit
from accounts.api.resources import Lists
from accounts.roles import may
from blog import taxonomy
from blog.api.shapes import CategoryWhole, SeriesWhole, TagWhole, TopicWhole, by_id
from blog.models import Category, Post, Series, Tag, TopicCluster
from core.rest.shaping import Exact

POSITIONS = ("last-child", "first-child", "left", "right")


class CategoryWriting(Exact, serializers.ModelSerializer):
    slug = serializers.CharField(max_length=120, required=False, allow_blank=True, help_text="Empty: from the name.")
    parent = by_id(Category.objects.all(), allow_null=True)  # type: ignore[assignment]

    class Meta:
        model = Category
        fields = ("name", "slug", "parent", "description", "review_after_days", "meta_title", "meta_description")
        validators: list[Any] = []


class Move(Exact):
    target = by_id(Category.objects.all(), allow_null=True, help_text="Beside or below which; null: the top.")
    position = serializers.ChoiceField(choices=POSITIONS, default=POSITIONS[0])


class TagWriting(Exact, serializers.ModelSerializer):
    name = serializers.CharField(max_length=100)
    slug = serializers.CharField(max_length=120, required=False, allow_blank=True, help_text="Empty: from the name.")

    class Meta:
        model = Tag
        fields = ("name", "slug")


class Merging(Exact):
    tags = serializers.ListField(
        child=serializers.CharField(max_length=120),
        min_length=1,
        max_length=taxonomy.MOST_MERGED,
        help_text="Slugs of the tags that become this one.",
    )


class Merged(serializers.Serializer):
    gained = serializers.IntegerField(help_text="Posts that have the tag now and had it not.")
    tag = TagWhole()


class TopicWriting(Exact, serializers.ModelSerializer):
    slug = serializers.CharField(max_length=120, required=False, allow_blank=True, help_text="Empty: from the name.")
    pillar_post = by_id(Post.objects.published(), allow_null=True)

    class Meta:
        model = TopicCluster
        fields = ("name", "slug", "description", "pillar_post")

    def get_fields(self) -> dict[str, serializers.Field]:
        fields: dict[str, Any] = super().get_fields()
        if request := self.context.get("request"):
            fields["pillar_post"].queryset = Post.objects.visible_to(request.user).not_trashed()
        return fields


class SeriesWriting(Exact, serializers.ModelSerializer):
    slug = serializers.CharField(max_length=120, required=False, allow_blank=True, help_text="Empty: from the name.")

    class Meta:
        model = Series
        fields = ("name", "slug", "description")


class Filed(Lists):
    """What posts are filed under. `writing` says what can be sent."""

    writing: type[serializers.ModelSerializer]
    needs_if_match = True
    model: Any
    # The name of its permissions.
    noun = ""
    orderings: dict[str, tuple[Any, ...]] = {"name": ("name", "pk"), "changed": ("-updated_at", "-pk")}

    @property
    def permissions(self) -> dict[str, str]:  # type: ignore[override]
        needed = {"create": "add", "update": "change", "partial_update": "change", "destroy": "delete"}
        return {action: f"blog.{verb}_{self.noun}" for action, verb in needed.items()}

    # By which posts name it, where strangers are shown only what something live has.
    named_in = ""

    def get_queryset(self) -> Any:
        return self.seen(self.model._default_manager.all())

    def seen(self, things: Any) -> Any:
        """What whoever asks may see of these: the desk all, others what a live post is filed under."""
        if not self.named_in or may(self.request.user, f"blog.view_{self.noun}"):
            return things
        return things.filter(Exists(Post.objects.published().filter(**{self.named_in: OuterRef("pk")})))

    def create(self, request: Request) -> Response:
        with transaction.atomic():
            thing = self.model(**self.said())
            self.save(thing)
            audit.record(self.by, "added", thing)
        address = request.build_absolute_uri(f"{request.path}{getattr(thing, self.lookup_field)}/")
        return self.shown(thing, status=201, headers={"Location": address})

    def update(self, request: Request, **named: str) -> Response:
        return self.change(partial=False)

    def partial_update(self, request: Request, **named: str) -> Response:
        return self.change(partial=True)

    def change(self, *, partial: bool) -> Response:
        with transaction.atomic(), self.alone():
            thing = self.locked()
            said = self.said(partial=partial)
            if not partial:
                said = {**emptied(self.writing), **said}
            changes = {}
            for name, value in said.items():
                if (before := getattr(thing, name)) != value:
                    changes[name] = (words(before), words(value))
                setattr(thing, name, value)
            if changes:
                self.save(thing)
                audit.record(self.by, "changed", thing, changes=changes)
        return self.shown(self.get_queryset().get(pk=thing.pk))

    def destroy(self, request: Request, **named: str) -> Response:
        with transaction.atomic(), self.alone():
            thing = self.locked()
            audit.record(self.by, "deleted", thing)
            self.remove(thing)
        return Response(status=204)

    def said(self, form: type[serializers.Serializer] | None = None, *, partial: bool = False) -> dict[str, Any]:
        data = {} if self.request.data is None else self.request.data
        serializer = (form or self.writing)(data=data, partial=partial, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        found: dict[str, Any] = serializer.validated_data
        return found

    def alone(self) -> AbstractContextManager[Any]:
        """What has to be held before the thing itself is."""
        return nullcontext()

    def save(self, thing: Any) -> None:
        taxonomy.settle_named(thing)
        taxonomy.save_named(thing)

    def remove(self, thing: Any) -> None:
        taxonomy.delete_named(thing)


def emptied(form: type[serializers.ModelSerializer]) -> dict[str, Any]:
    """What a PUT makes of what it does not name; the address stays, for links lead there."""
    model: Any = form.Meta.model
    return {
        name: model._meta.get_field(name).get_default() for name in form.Meta.fields if name not in {"slug", "name"}
    }


def words(value: Any) -> str:
    return "" if value is None else str(value)


def described(form: Any, shown: Any) -> Any:
    """What its writes take and answer, for the description of the API."""
    written = extend_schema(request=form, responses=shown)
    made = extend_schema(request=form, responses={201: shown})
    gone = extend_schema(request=None, responses={204: None})
    return extend_schema_view(create=made, update=written, partial_update=written, destroy=gone)


class CategoryFilter(django_filters.FilterSet):
    path = django_filters.CharFilter(label="Its whole path, such as places/bridges.")
    below = django_filters.CharFilter(method="under", label="Path of the category they hang under, at any depth.")
    depth = django_filters.NumberFilter(field_name="level", label="How deep: 0 is the top.", min_value=0, max_value=99)

    class Meta:
        model = Category
        fields: list[str] = []

    def under(self, categories: Any, name: str, path: str) -> Any:
        return categories.filter(path__startswith=f"{path.strip('/')}/")


@described(CategoryWriting, CategoryWhole)
class Categories(Filed):
    """The tree of sections, in its order; each names the one above it."""

    lookup_value_regex = r"\d{1,18}"
    model, noun, writing, serializer_class = Category, "category", CategoryWriting, CategoryWhole
    queryset = Category.objects.none()
    filterset_class = CategoryFilter
    orderings = {"tree": ("tree_id", "lft"), **Filed.orderings}

    @property
    def permissions(self) -> dict[str, str]:  # type: ignore[override]
        return {**super().permissions, "move": "blog.change_category"}

    def alone(self) -> AbstractContextManager[Any]:
        return taxonomy.tree_locked()

    def save(self, thing: Category) -> None:
        taxonomy.save_category(thing)

    def remove(self, thing: Category) -> None:
        taxonomy.delete_category(thing)

    @extend_schema(request=Move, responses=CategoryWhole)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Put it somewhere else in the tree, with all below it; old addresses lead to the new ones."""
        said = self.said(Move)
        with transaction.atomic(), self.alone():
            category = self.locked(needs_if_match=False)
            before = category.path
            moved = taxonomy.move_category(category, target=said.get("target"), position=said["position"])
            changes = {"address": (before, moved.path)} if moved.path != before else {}
            audit.record(self.by, "moved", moved, changes=changes)
        return self.shown(self.get_queryset().get(pk=category.pk))


class TagFilter(django_filters.FilterSet):
    name = django_filters.CharFilter(method="named", label="Its name, in any spelling.")

    class Meta:
        model = Tag
        fields: list[str] = []

    def named(self, tags: Any, name: str, typed: str) -> Any:
        return tags.filter(key=taxonomy.tag_key(typed))


@described(TagWriting, TagWhole)
class Tags(Filed):
    """Words posts share."""

    lookup_field = "slug"
    lookup_value_regex = r"[-\w]+"
    model, noun, writing, serializer_class = Tag, "tag", TagWriting, TagWhole
    named_in = "tagged__tag"
    queryset = Tag.objects.none()
    filterset_class = TagFilter

    @property
    def permissions(self) -> dict[str, str]:  # type: ignore[override]
        return {**super().permissions, "merge": "blog.change_tag"}

    def locked(self, queryset: Any = None, *, needs_if_match: bool | None = None) -> Any:
        # Whoever saves a post holds it before its tags.
        taxonomy.hold_posts([self.get_object()], tagged=self.action == "destroy")
        return super().locked(queryset, needs_if_match=needs_if_match)

    @extend_schema(request=Merging, responses=Merged)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, slug: str) -> Response:
        """Let other tags become this one: their posts have it, their addresses lead here. It cannot be undone."""
        self.require("blog.delete_tag", None)
        into, wanted = self.get_object(), set(self.said(Merging)["tags"])
        tags = list(Tag.objects.filter(slug__in=wanted))
        if missing := sorted(wanted - {tag.slug for tag in tags}):
            raise serializers.ValidationError({"tags": [_("There is no tag “%(slug)s”.") % {"slug": missing[0]}]})
        gained = taxonomy.merge_tags(tags, into, by=self.by)
        return Response(Merged({"gained": gained, "tag": into}, context=self.get_serializer_context()).data)


@described(TopicWriting, TopicWhole)
class Topics(Filed):
    """Subjects told by several posts round one pillar."""

    lookup_field = "slug"
    lookup_value_regex = r"[-\w]+"
    model, noun, writing, serializer_class = TopicCluster, "topiccluster", TopicWriting, TopicWhole
    named_in = "topic_cluster"
    queryset = TopicCluster.objects.none()

    def get_queryset(self) -> Any:
        topics = TopicCluster.objects.select_related("pillar_post").defer(
            *(f"pillar_post__{name}" for name in ("content_markdown", "content_html", "table_of_contents"))
        )
        return self.seen(topics)


@described(SeriesWriting, SeriesWhole)
class SeriesList(Filed):
    """Posts that are read one after another."""

    lookup_field = "slug"
    lookup_value_regex = r"[-\w]+"
    model, noun, writing, serializer_class = Series, "series", SeriesWriting, SeriesWhole
    named_in = "series"
    queryset = Series.objects.none()
