"""The history of a post: its versions, two of them compared word by word, and one of them brought back."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from blog import comparing, writing
from blog.api.posts import Desk, PostWhole
from blog.api.shapes import Writer
from blog.models import Post, PostVersion
from blog.querysets import HEAVY
from core.rest.shaping import Exact, Shaped

# More digits than any history has.
LONGEST_NUMBER = 9


class VersionInList(Shaped):
    """`is_live`: what readers see; `is_newest`: what whoever writes on begins from."""

    editor = Writer(read_only=True, allow_null=True)
    is_live = serializers.SerializerMethodField()
    is_newest = serializers.SerializerMethodField()

    class Meta:
        model = PostVersion
        fields: tuple[str, ...] = ("number", "kind", "name", "reason", "editor", "created_at", "is_live", "is_newest")
        read_only_fields = fields

    def get_is_live(self, version: PostVersion) -> bool:
        post = self.context["view"].post_shown
        return post.is_public and version.number == post.current_version

    def get_is_newest(self, version: PostVersion) -> bool:
        return version.number == self.context["view"].post_shown.content_version


class VersionWhole(VersionInList):
    content = serializers.DictField(source="snapshot", read_only=True, help_text="Every field as it was.")

    class Meta(VersionInList.Meta):
        fields = (*VersionInList.Meta.fields, "content")
        read_only_fields = fields


class PieceShown(serializers.Serializer):
    kind = serializers.CharField(help_text="same, added or removed.")
    text = serializers.CharField()


class ParagraphShown(serializers.Serializer):
    kind = serializers.CharField(help_text="same, changed, added, removed, moved, or left (what moved from here).")
    before = serializers.IntegerField(allow_null=True, help_text="Its place in the older text, from 0.")
    after = serializers.IntegerField(allow_null=True, help_text="Its place in the newer text, from 0.")
    pieces = PieceShown(many=True)


class FieldShown(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    before = serializers.CharField()
    after = serializers.CharField()
    pieces = PieceShown(many=True)


class Difference(serializers.Serializer):
    """What became of an older version; `added` and `removed` count words, `coarse` says a part was not looked at word
    by word."""

    older = serializers.IntegerField()
    newer = serializers.IntegerField()
    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    coarse = serializers.BooleanField()
    paragraphs = ParagraphShown(many=True)
    fields = serializers.ListField(child=FieldShown())  # type: ignore[assignment]

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), "fields": FieldShown(many=True)}


class Versions(Desk):
    """The versions of a post, for whoever may change it."""

    lookup_field = "number"
    lookup_value_regex = rf"\d{{1,{LONGEST_NUMBER}}}"
    queryset = PostVersion.objects.none()
    serializer_class = VersionWhole
    needs_if_match = False
    walked_by = ("-number",)
    members_only = True

    @cached_property
    def post_shown(self) -> Post:
        """The post they are of: absent for whoever may not see it, and refused to whoever may only read it."""
        post = Post.objects.visible_to(self.request.user).defer(*HEAVY).filter(slug=self.kwargs["slug"]).first()
        if post is None:
            raise Http404
        self.require("blog.change_post", post)
        return post

    @property
    def parameters(self) -> tuple[str, ...]:
        return ("against",) if self.action == "diff" else ()

    def get_serializer_class(self) -> Any:
        return VersionInList if self.action == "list" else VersionWhole

    def get_queryset(self) -> Any:
        kept = PostVersion.objects.filter(post=self.post_shown).select_related("editor__author_profile")
        return (kept.defer("snapshot") if self.action == "list" else kept).order_by("-number")

    def version_of(self, thing: PostVersion) -> str:
        return f"{thing.pk}"

    @extend_schema(
        parameters=[OpenApiParameter("against", OpenApiTypes.INT, description="The older one; the one before it.")],
        responses=Difference,
    )
    @action(detail=True, methods=["get"])
    def diff(self, request: Request, slug: str, number: str) -> Response:
        """What it changed, paragraph by paragraph and word by word."""
        newer = self.get_object()
        named = request.query_params.get("against") or str(max(1, newer.number - 1))
        if not (named.isascii() and named.isdecimal() and len(named) <= LONGEST_NUMBER):
            raise serializers.ValidationError({"against": [_("Name a version by its number.")]})
        older = PostVersion.objects.filter(post=self.post_shown, number=int(named)).first()
        if older is None:
            raise Http404
        found = comparing.compare(older.snapshot, newer.snapshot)
        facts = {"older": older.number, "newer": newer.number, **vars(found)}
        return self.listed(Response(Difference(facts).data))

    @extend_schema(request=None, responses=PostWhole)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, slug: str, number: str) -> Response:
        """Let the post say again what it said then, as a version of its own; of a live post, once it is published."""
        self.said(Exact)
        with transaction.atomic():
            version = self.get_object()
            post = self.held(self.post_shown, "blog.change_post", needs_if_match=False)
            writing.restore(post, version, by=self.by)
        return self.read_again(post)
