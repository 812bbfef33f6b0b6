"""The library: seen by whoever writes, described by whom a file belongs to, filled and emptied as in the admin."""

from __future__ import annotations

from typing import Any

import django_filters
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import parsers, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import audit
from accounts.api.resources import Lists
from accounts.models import User
from core.rest.conditional import digest
from core.rest.shaping import Shaped
from media_assets import describing, finding, incoming, intake, removing, renditions, signed, usage
from media_assets.api.uploads import NOT_TAKEN, told
from media_assets.models import MediaAsset

CHANGES = "media_assets.change_mediaasset"
# Bytes of a form beside its file.
FORM_ROOM = 64 * 1024


class MediaKeeper(serializers.ModelSerializer):
    """Who added a file."""

    name = serializers.CharField(source="display_name", read_only=True)

    class Meta:
        model = User
        fields = ("id", "name")
        read_only_fields = fields


class MediaRendition(serializers.Serializer):
    """One size of a picture for readers."""

    spec = serializers.CharField(help_text="Its name, such as `w720.avif`, `16x9-960.webp` or `card.jpg`.")
    url = serializers.CharField()
    mime_type = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    size = serializers.IntegerField(allow_null=True, help_text="Bytes; null until it is made, on its first request.")


class MediaInList(Shaped):
    """A row of the library. What is not ready has no address: there is nothing at it."""

    url = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()
    uploaded_by = MediaKeeper(read_only=True, allow_null=True)
    use_count = serializers.SerializerMethodField()

    class Meta:
        model = MediaAsset
        fields: tuple[str, ...] = (
            *("id", "url", "name", "kind", "mime_type", "size_bytes", "width", "height", "duration_seconds"),
            *("is_animated", "alt_text", "is_decorative", "caption", "credit", "tags", "focal_x", "focal_y"),
            *("placeholder_colour", "uploaded_by", "state", "rejection", "use_count", "created_at", "updated_at"),
        )
        read_only_fields = fields

    def get_url(self, asset: MediaAsset) -> str | None:
        return asset.url if asset.is_ready else None

    def get_tags(self, asset: MediaAsset) -> list[str]:
        return [tag.name for tag in asset.tags.all()]

    def get_use_count(self, asset: MediaAsset) -> int:
        """How many things show it, earlier versions of posts among them."""
        counts = self.context.get("uses")
        return (counts if counts is not None else usage.count_uses([asset]))[asset.pk]


class MediaWhole(MediaInList):
    """With every size there is of a picture."""

    renditions = serializers.SerializerMethodField()

    class Meta(MediaInList.Meta):
        fields = (*MediaInList.Meta.fields, "renditions")
        read_only_fields = fields

    @extend_schema_field(MediaRendition(many=True))
    def get_renditions(self, asset: MediaAsset) -> list[dict[str, Any]]:
        if not asset.is_ready:
            return []
        sizes = {row.file.name: row.size_bytes for row in asset.renditions.all()}
        return [
            {
                "spec": spec.name,
                "url": renditions.address(asset, spec),
                "mime_type": spec.mime_type,
                "width": spec.width,
                "height": spec.height,
                # What was made of a former focal point has another name.
                "size": sizes.get(renditions.file_name(asset, spec)),
            }
            for spec in renditions.specs_of(asset)
        ]


class MediaWords(serializers.Serializer):
    """What can be said of a file. Nothing here saves: `media_assets.describing` does."""

    name = serializers.CharField(required=False, allow_blank=True, help_text="What it is found by.")
    alt_text = serializers.CharField(required=False, allow_blank=True, help_text="At most 500 letters.")
    is_decorative = serializers.BooleanField(required=False)
    caption = serializers.CharField(required=False, allow_blank=True)
    credit = serializers.CharField(required=False, allow_blank=True)
    tags = serializers.ListField(child=serializers.CharField(), required=False, help_text="All it shall have.")
    focal_x = serializers.FloatField(required=False, help_text="From 0, left, to 1.")
    focal_y = serializers.FloatField(required=False, help_text="From 0, top, to 1.")


class NewMedia(serializers.Serializer):
    """A form with one file."""

    file = serializers.FileField(allow_empty_file=False)
    name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    alt_text = serializers.CharField(required=False, allow_blank=True, max_length=500)
    caption = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    credit = serializers.CharField(required=False, allow_blank=True, max_length=200)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=describing.TAGS_AT_MOST
    )


class MediaOriginal(serializers.Serializer):
    url = serializers.CharField(help_text="Good for three hours at least, for whoever has it.")


class AssetFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=MediaAsset.Kind.choices)
    state = django_filters.ChoiceFilter(choices=MediaAsset.State.choices)
    tag = django_filters.CharFilter(field_name="tags__name", lookup_expr="iexact", help_text="One tag, by its name.")
    uploaded_by = django_filters.CharFilter(method="by", help_text="`me`, or the id of somebody.")
    described = django_filters.BooleanFilter(method="by_words", help_text="Pictures that say what they show, or not.")
    used = django_filters.BooleanFilter(method="by_use", help_text="What something shows, or nothing does.")
    search = django_filters.CharFilter(method="by_text", help_text="Words in name, alt text, caption, credit, tags.")
    updated_after = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = MediaAsset
        fields: list[str] = []

    def by(self, files: QuerySet[MediaAsset], name: str, whom: str) -> QuerySet[MediaAsset]:
        if whom == "me":
            return files.filter(uploaded_by=self.request.user.pk)
        if not (whom.isascii() and whom.isdecimal() and len(whom) < 19):
            raise serializers.ValidationError({"uploaded_by": [_("Say “me”, or the id of somebody.")]})
        return files.filter(uploaded_by=int(whom))

    def by_words(self, files: QuerySet[MediaAsset], name: str, wanted: bool) -> QuerySet[MediaAsset]:
        without = Q(kind=MediaAsset.Kind.IMAGE, alt_text="", is_decorative=False)
        return files.exclude(without) if wanted else files.filter(without)

    def by_use(self, files: QuerySet[MediaAsset], name: str, wanted: bool) -> QuerySet[MediaAsset]:
        unused = usage.unused().order_by().values("pk")
        return files.exclude(pk__in=unused) if wanted else files.filter(pk__in=unused)

    def by_text(self, files: QuerySet[MediaAsset], name: str, text: str) -> QuerySet[MediaAsset]:
        return finding.matching(files, text)


class Library(Lists):
    """Pictures and files. Whoever writes for the publication sees all of them; everybody else meets them in posts.

    Originals have no public address: pictures reach readers as renditions, everything else by signed addresses.
    """

    lookup_value_regex = r"[0-9]{1,18}"
    serializer_class = MediaWhole
    filterset_class = AssetFilter
    orderings = {
        "newest": ("-created_at", "-pk"),
        "oldest": ("created_at", "pk"),
        "changed": ("-updated_at", "-pk"),
        "name": ("name", "pk"),
        "largest": ("-size_bytes", "-pk"),
        "smallest": ("size_bytes", "pk"),
    }
    walked_by = ("-created_at", "-id")
    permissions = {
        "list": "media_assets.view_mediaasset",
        "retrieve": "media_assets.view_mediaasset",
        "original": "media_assets.view_mediaasset",
        "create": "media_assets.add_mediaasset",
        "partial_update": CHANGES,
        "destroy": "media_assets.delete_mediaasset",
    }
    # A file is known by its content: sent again it is the same record, and no key has to say so.
    is_secret = True

    problems = {"create": NOT_TAKEN}

    @property
    def parameters(self) -> tuple[str, ...]:
        return ("anyway",) if self.action == "destroy" else ()

    def get_serializer_class(self) -> Any:
        return MediaInList if self.action == "list" else MediaWhole

    def get_parsers(self) -> list[Any]:
        is_form = getattr(self, "action", None) == "create" or getattr(self.request, "method", "") == "POST"
        return [parsers.MultiPartParser()] if is_form else super().get_parsers()

    def get_queryset(self) -> Any:
        files = MediaAsset.objects.select_related("uploaded_by").prefetch_related("tags")
        return files if self.action == "list" else files.prefetch_related("renditions")

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("many") and args:
            kwargs["context"] = {**self.get_serializer_context(), "uses": usage.count_uses(args[0] or [])}
        return super().get_serializer(*args, **kwargs)

    def version_of(self, thing: MediaAsset) -> str:
        # Tags are rows of their own, and leave its date as it is.
        return f"{super().version_of(thing)}.{digest(sorted(tag.pk for tag in thing.tags.all()))[:8]}"

    def handle_exception(self, error: Exception) -> Response:
        is_of_a_file = isinstance(error, intake.IntakeRefused | incoming.TooLarge)
        return told(error) if is_of_a_file else super().handle_exception(error)  # type: ignore[arg-type]

    @extend_schema(
        request={"multipart/form-data": NewMedia},
        responses={
            201: MediaWhole,
            200: OpenApiResponse(MediaWhole, description="The library had this very content; its record is as it was."),
        },
    )
    def create(self, request: Request) -> Response:
        """Send one file as a form. Larger ones go by `uploads/`, straight into the store."""
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if not length.isdecimal() or int(length) > settings.MAX_UPLOAD_BYTES + FORM_ROOM:
            raise incoming.TooLarge(intake.too_large(settings.MAX_UPLOAD_BYTES), field="file")
        sent = NewMedia(data=request.data)
        sent.is_valid(raise_exception=True)
        user: Any = request.user
        began, said = timezone.now(), dict(sent.validated_data)
        asset = intake.take_in(said.pop("file"), by=user, **said)
        is_new = asset.created_at >= began
        if is_new:
            audit.record(user, "added", asset)
        address = request.build_absolute_uri(f"/api/v1/media/{asset.pk}/")
        fresh = self.get_queryset().get(pk=asset.pk)
        return self.shown(fresh, status=201 if is_new else 200, headers={"Location": address})

    @extend_schema(request=MediaWords, responses=MediaWhole)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Say what it shows, sort it by tags, move the point every crop keeps."""
        user: Any = request.user
        sent = MediaWords(data=request.data, partial=True)
        with transaction.atomic():
            asset = self.locked()
            self.require(CHANGES, asset)
            sent.is_valid(raise_exception=True)
            describing.describe(asset, by=user, **sent.validated_data)
        return self.shown(self.get_queryset().get(pk=asset.pk))

    @extend_schema(
        parameters=[
            OpenApiParameter("anyway", bool, description="Delete it though something shows it, and leave a gap there.")
        ],
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it with all that was made of it. What is used is kept, and the answer names where it is used."""
        user: Any = request.user
        anyway = request.query_params.get("anyway", "false")
        if anyway not in {"true", "false", "1", "0"}:
            raise serializers.ValidationError({"anyway": [_("Say true or false.")]})
        with transaction.atomic():
            asset = self.locked()
            self.require("media_assets.delete_mediaasset", asset)
            removing.remove(asset, by=user, anyway=anyway in {"true", "1"})
        return Response(status=204)

    @extend_schema(responses=MediaOriginal)
    @action(detail=True, methods=["get"])
    def original(self, request: Request, pk: str) -> Response:
        """Where the original can be fetched for some hours."""
        asset = self.get_object()
        address = signed.address_of(asset, download_name=f"{asset.name}.{asset.extension}")
        return Response({"url": request.build_absolute_uri(address)}, headers={"Cache-Control": "no-store"})
