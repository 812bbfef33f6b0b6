"""Files and addresses for the stories of the library."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from media_assets.intake import take_in
from media_assets.models import MediaAsset

LIST, UPLOAD = "admin:media_assets_mediaasset_changelist", "admin:media_assets_mediaasset_upload"
BULK = "admin:media_assets_mediaasset_bulk"


def file(colour="red", name="harbour.png", size=(30, 20)):
    output = io.BytesIO()
    Image.new("RGB", size, colour).save(output, "PNG")
    return SimpleUploadedFile(name, output.getvalue(), "image/png")


def kept(by, colour="red", name="harbour.png", **words):
    return take_in(file(colour, name), by=by, **words)


def row(number, by=None, **facts):
    """An asset without its bytes, for lists."""
    values = {
        "name": f"Picture {number}",
        "file": f"2026/11/{number:024x}.jpg",
        "extension": "jpg",
        "mime_type": "image/jpeg",
        "size_bytes": 50_000,
        "width": 1200,
        "height": 800,
        "sha256": f"{number:064x}",
        "uploaded_by": by,
    }
    if facts.get("state") == MediaAsset.State.REJECTED:
        values["rejection"] = "The virus scanner found Eicar in it."
    return MediaAsset.objects.create(**{**values, **facts})


def said(response):
    return [str(message) for message in response.context["messages"]]


def page_of(asset, name):
    return reverse(f"admin:media_assets_mediaasset_{name}", args=[asset.pk])


def change_address(asset):
    return page_of(asset, "change")


def sent(asset, **changes):
    """The form of an asset as its page sends it."""
    fields = {"name": asset.name, "alt_text": asset.alt_text, "caption": asset.caption, "credit": asset.credit}
    return {**fields, "tag_names": "", "focal_x": asset.focal_x, "focal_y": asset.focal_y, **changes}
