"""What changed, for programs that keep a copy: posts, taxonomies and pictures, as any stranger may read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from accounts.api.resources import Resource
from blog import changes
from blog.models import Category, Change, Post, Tag, TopicCluster
from blog.models.change import Kind
from core.rest.paging import LARGEST_PAGE, linked
from core.rest.problems import Gone
from media_assets.models import MediaAsset

PARAMETERS = {"since", "page_size"}


class CategoryKept(serializers.ModelSerializer):
    """A category as a copy keeps it. What it names by id, here and below, the feed tells by itself."""

    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Category
        fields = ("id", "url", "name", "slug", "path", "parent", "description", "meta_title", "meta_description")
        read_only_fields = fields


class TagKept(serializers.ModelSerializer):
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Tag
        fields = ("id", "url", "name", "slug")
        read_only_fields = fields


class TopicKept(serializers.ModelSerializer):
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = TopicCluster
        fields = ("id", "url", "name", "slug", "description")
        read_only_fields = fields


class MediaKept(serializers.ModelSerializer):
    """A picture or file that something public shows."""

    class Meta:
        model = MediaAsset
        fields = (
            *("id", "url", "kind", "mime_type", "size_bytes", "width", "height", "duration_seconds", "alt_text"),
            *("is_decorative", "caption", "credit", "focal_x", "focal_y", "placeholder_colour"),
        )
        read_only_fields = fields


class PostKept(serializers.ModelSerializer):
    """A post as a copy keeps it: all that readers see but its counters, which change with every reader."""

    url = serializers.CharField(source="get_absolute_url", read_only=True)
    summary = serializers.CharField(read_only=True, help_text="Its excerpt, or the beginning of its text.")
    tags = serializers.SerializerMethodField(help_text="Ids.")
    co_authors = serializers.SerializerMethodField(help_text="Ids.")
    table_of_contents = serializers.ListField(child=serializers.DictField(), read_only=True)

    class Meta:
        model = Post
        fields = (
            *("id", "url", "kind", "title", "slug", "summary", "content_html", "author", "co_authors", "category"),
            *("tags", "topic_cluster", "featured_image", "featured_image_alt", "featured_image_caption", "og_image"),
            *("og_title", "og_description", "meta_title", "meta_description", "canonical_url", "noindex"),
            *("is_featured", "content_language", "translation_group", "word_count", "reading_time_minutes"),
            *("table_of_contents", "published_at", "content_changed_at"),
        )
        read_only_fields = fields

    def get_tags(self, post: Post) -> list[int]:
        return sorted(each.pk for each in post.tags.all())

    def get_co_authors(self, post: Post) -> list[int]:
        return sorted(each.pk for each in post.co_authors.all())


class ChangeShown(serializers.Serializer):
    """Something is as is said here, or is gone. The member called as its `kind` says it whole; a tombstone has none."""

    kind = serializers.ChoiceField(choices=Kind.values)
    id = serializers.IntegerField()
    deleted = serializers.BooleanField(help_text="No longer public: unpublished, in the trash, or deleted.")
    at = serializers.DateTimeField(help_text="When the feed took it in.")
    category = CategoryKept(required=False)
    tag = TagKept(required=False)
    topic = TopicKept(required=False)
    media = MediaKept(required=False)
    post = PostKept(required=False)


@extend_schema_serializer(many=False)
class ChangePage(serializers.Serializer):
    count = serializers.IntegerField(allow_null=True, help_text="Always null: a feed is walked.")
    next = serializers.URLField(allow_null=True, help_text="What follows; null at the end.")
    previous = serializers.URLField(allow_null=True, help_text="Always null: a feed goes one way.")
    cursor = serializers.CharField(help_text="Keep it; sent as `since` it brings what changed after this page.")
    results = ChangeShown(many=True)


SERIALIZERS: dict[str, type[serializers.ModelSerializer]] = {
    Kind.CATEGORY: CategoryKept,
    Kind.TAG: TagKept,
    Kind.TOPIC: TopicKept,
    Kind.MEDIA: MediaKept,
    Kind.POST: PostKept,
}


class Changes(Resource):
    """The change feed. Begin without `since`, follow `next` until it is null, keep `cursor`, and ask again with it."""

    serializer_class = ChangePage
    pagination_class = None
    filter_backends = ()
    queryset = Change.objects.none()
    other_answers = {"list": (410,)}

    @extend_schema(
        responses=ChangePage,
        parameters=[
            OpenApiParameter("since", str, description="The `cursor` of the page before; empty for all there is."),
            OpenApiParameter(
                "page_size",
                {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE},
                description=f"How many a page has; {LARGEST_PAGE} where it is not said.",
            ),
        ],
    )
    def list(self, request: Request) -> Response:
        """What changed since a cursor, each thing once, as it is now; what is no longer public as a tombstone.

        Posts, categories, tags, topics and the pictures they show, whatever is public. A cursor is good for 90 days at
        least; then, and when the publication was set up anew, the answer is 410: begin again without it.
        """
        if unknown := sorted(set(request.query_params) - PARAMETERS):
            raise ValidationError({unknown[0][:60]: [_("This is no parameter of this list.")]})
        changes.take_in()
        try:
            page = changes.after(request.query_params.get("since", ""), self.size())
        except changes.NotACursor:
            raise ValidationError({"since": [_("This is no cursor of this feed.")]}) from None
        except changes.TooOld:
            said = _("This cursor is too old. Forget your copy and begin again without `since`.")
            raise Gone(said, "cursor_too_old") from None
        address = request.build_absolute_uri()
        following = replace_query_param(address, "since", page.cursor) if page.has_more else None
        shown = shown_whole(page.changes, self.get_serializer_context())
        body = {"count": None, "next": following, "previous": None, "cursor": page.cursor, "results": shown}
        first = remove_query_param(address, "since")
        return self.listed(linked(Response(body), first=first, next=following))

    def size(self) -> int:
        said = self.request.query_params.get("page_size", str(LARGEST_PAGE))
        if not (said.isascii() and said.isdecimal() and 1 <= int(said[:9]) <= LARGEST_PAGE):
            raise ValidationError({"page_size": [_("Say a number from 1 to %(most)s.") % {"most": LARGEST_PAGE}]})
        return int(said)


def shown_whole(rows: list[Change], context: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each change with its thing as it is at this moment, if it still is."""
    found = {kind: whole(kind, [row for row in rows if row.kind == kind], context) for kind in SERIALIZERS}
    said = []
    for row in rows:
        thing = found[row.kind].get(row.object_id)
        said.append(
            {
                "kind": row.kind,
                "id": row.object_id,
                "deleted": thing is None,
                "at": serializers.DateTimeField().to_representation(row.at),
                **({row.kind: thing} if thing is not None else {}),
            }
        )
    return said


def whole(kind: str, rows: list[Change], context: Mapping[str, Any]) -> dict[int, Any]:
    numbers = [row.object_id for row in rows if not row.is_gone]
    if not numbers:
        return {}
    things: QuerySet[Any] = changes.VISIBLE[kind]().filter(pk__in=numbers)
    if kind == Kind.POST:
        things = things.prefetch_related("tags", "co_authors")
    return {each["id"]: each for each in SERIALIZERS[kind](things, many=True, context=context).data}
