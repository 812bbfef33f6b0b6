"""Pictures that look like something, and assets with a stored original for tests that make renditions."""

import hashlib
import io
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image

from media_assets import storage
from media_assets.models import MediaAsset, new_key

TYPES = {
    "JPEG": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "GIF": ("image/gif", "gif"),
    "WEBP": ("image/webp", "webp"),
    "AVIF": ("image/avif", "avif"),
}


def scene(width: int = 800, height: int = 600) -> Image.Image:
    """A soft picture in which every place has another colour."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    round_about = Image.radial_gradient("L").resize((width, height))
    return Image.merge("RGB", (across, down, round_about))


def encoded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    output = io.BytesIO()
    picture.save(output, kind, **({"quality": 92} if kind == "JPEG" else {}) | options)
    return output.getvalue()


def stored(content: bytes | None = None, *, public: bool = False, **fields: Any) -> MediaAsset:
    """An asset with its original in the private store, or as once in the `public` one."""
    content = content if content is not None else encoded(scene())
    with Image.open(io.BytesIO(content)) as picture:
        (mime_type, extension), (width, height) = TYPES[picture.format or ""], picture.size
    key = new_key()
    row: dict[str, Any] = {
        "key": key,
        "file": (storage.public() if public else storage.originals()).save(f"{key}.{extension}", ContentFile(content)),
        "extension": extension,
        "name": "Harbour",
        "mime_type": mime_type,
        "size_bytes": len(content),
        "width": width,
        "height": height,
        "sha256": hashlib.sha256(content).hexdigest(),
        "placeholder_colour": "#204060",
    }
    if fields.get("state") == MediaAsset.State.REJECTED:
        row["rejection"] = "The virus scanner found Eicar in it."
    return MediaAsset.objects.create(**row | fields)
