"""Direct uploads for pages and programs: ask, put the file into the store, complete.

`media_assets.uploads` has the rules; the folder that stands in for a bucket answers in `media_assets.upload_views`.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.resources import Resource
from core.refusals import Refusal
from core.rest import parsing
from core.rest.problems import MEDIA_TYPE
from media_assets import incoming, renditions, upload_problems, uploads
from media_assets.models import MediaAsset, UploadTicket

LONGEST_BODY = 16 * 1024
NOT_TAKEN = {
    422: "A field, or the file itself, is not right; `detail` says why.",
    503: "No room or no time just now; Retry-After says for how long to wait.",
}


class UploadWish(serializers.Serializer):
    name = serializers.CharField(max_length=255, help_text="What the file is called.")
    type = serializers.CharField(required=False, help_text="Its media type; where it is left out the name tells it.")
    size = serializers.IntegerField(min_value=1, help_text="Bytes, exactly.")
    sha256 = serializers.CharField(required=False, help_text="Hexadecimal; what arrives is compared with it.")


class UploadForm(serializers.Serializer):
    method = serializers.CharField(help_text="POST.")
    url = serializers.CharField(help_text="Where to: on this site, or in full at the store.")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.CharField(), help_text="Fields of the form, before the file, which is called `file`."
    )


class UploadLeave(serializers.Serializer):
    id = serializers.UUIDField()
    upload = UploadForm()
    expires_at = serializers.DateTimeField(help_text="Until then the file begins to come.")


class UploadWords(serializers.Serializer):
    alt_text = serializers.CharField(required=False, allow_blank=True)
    caption = serializers.CharField(required=False, allow_blank=True)
    credit = serializers.CharField(required=False, allow_blank=True)


class UploadedMedia(serializers.ModelSerializer):
    """What is said of a file to whoever uploaded it."""

    cdn_url = serializers.CharField(read_only=True)
    thumbnail = serializers.SerializerMethodField()
    admin_url = serializers.SerializerMethodField()
    was_there = serializers.SerializerMethodField()

    class Meta:
        model = MediaAsset
        fields = (
            *("id", "url", "cdn_url", "name", "kind", "width", "height", "alt_text", "is_decorative", "state"),
            *("thumbnail", "admin_url", "was_there"),
        )
        read_only_fields = fields

    def get_thumbnail(self, asset: MediaAsset) -> str:
        is_picture = asset.kind == MediaAsset.Kind.IMAGE
        return renditions.small_address(asset) if is_picture and asset.is_ready else ""

    def get_admin_url(self, asset: MediaAsset) -> str:
        return reverse("admin:media_assets_mediaasset_change", args=[asset.pk])

    def get_was_there(self, asset: MediaAsset) -> bool:
        """Whether the library had the same content before; its record then stays as it is."""
        claimed = self.context.get("claimed_at")
        return bool(claimed and asset.created_at < claimed)


def told(refusal: Refusal) -> Response:
    """The answer to whoever sent what is refused."""
    return Response(
        upload_problems.facts_of(refusal),
        status=upload_problems.status_of(refusal),
        headers=upload_problems.headers_of(refusal),
        content_type=MEDIA_TYPE,
    )


class Uploads(Resource):
    """Files of any size go past this process, straight into the store."""

    http_method_names = ["post"]
    problems = {"create": NOT_TAKEN, "complete": NOT_TAKEN}
    serializer_class = UploadedMedia
    members_only = True
    # The answer holds leave to put something into the store; and to complete twice is to complete once.
    is_secret = True

    def handle_exception(self, error: Exception) -> Response:
        if isinstance(error, UploadTicket.DoesNotExist):
            error = exceptions.NotFound(_("There is no such upload."))
        return told(error) if isinstance(error, Refusal) else super().handle_exception(error)

    @extend_schema(request=UploadWish, responses={201: UploadLeave})
    def create(self, request: Request) -> Response:
        """Ask to put one file into the store: send it within a quarter of an hour as the form says, then complete."""
        said = body_of(request._request, {"name": str, "type": str, "size": int, "sha256": str})
        for field in ("name", "size"):
            if field not in said:
                raise Refusal(f"Say the {field} of the file.", field=field)
        user: Any = request.user
        ticket, form = uploads.ask(user, said["name"], said.get("type", ""), said["size"], said.get("sha256", ""))
        facts = {"id": str(ticket.pk), "upload": form, "expires_at": ticket.expires_at.isoformat()}
        return Response(facts, status=201, headers={"Cache-Control": "no-store"})

    @extend_schema(request=UploadWords, responses={200: UploadedMedia})
    def complete(self, request: Request, ticket_id: UUID) -> Response:
        """What arrived is looked at and becomes a file of the library. Again, or twice at once, it is the same one."""
        said = body_of(request._request, {"alt_text": str, "caption": str, "credit": str})
        user: Any = request.user
        asset = uploads.complete(ticket_id, user, **said)
        claimed = UploadTicket.objects.values_list("completed_at", flat=True).get(pk=ticket_id)
        shown = UploadedMedia(asset, context={"claimed_at": claimed}).data
        return Response(shown, headers={"Cache-Control": "no-store"})


def body_of(request: HttpRequest, fields: dict[str, type]) -> dict[str, Any]:
    """The JSON object of a request, of these fields and their types alone. Raises Refusal."""
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length) > LONGEST_BODY:
        raise incoming.TooLarge("This is more than such a request needs.")
    if int(length) == 0:
        return {}
    if request.content_type != "application/json":
        raise uploads.TypeNotTaken("Send JSON, as application/json.")
    try:
        said = parsing.read(request.body)
    except (ValueError, RecursionError) as error:
        raise incoming.Malformed("This is no JSON.") from error
    if not isinstance(said, dict) or not all(map(is_text, said)):
        raise incoming.Malformed("Send one JSON object.")
    for name, value in said.items():
        if name not in fields:
            raise Refusal(f"“{name[:60]}” is none of the fields of this request: {', '.join(fields)}.", field=name[:60])
        if type(value) is not fields[name]:
            wanted = "a whole number" if fields[name] is int else "text"
            raise Refusal(f"“{name}” has to be {wanted}.", field=name)
        if isinstance(value, str) and not is_text(value):
            raise Refusal(f"“{name}” holds characters that are no text.", field=name)
    return said


def is_text(value: str) -> bool:
    """Whether both databases keep it: JSON can name halves of characters, and the character of no name."""
    try:
        return "\0" not in value.encode().decode()
    except UnicodeEncodeError:
        return False
