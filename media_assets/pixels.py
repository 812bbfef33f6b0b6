"""The pixels of a picture: read from its original, cut, made smaller, written for readers. No rows, no store."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import IO, Any

from PIL import Image, ImageCms, ImageOps

from media_assets.renditions import SHAPES, Spec

# What an original may be; nothing else is ever tried on its bytes.
READABLE = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
# Format → name and options of its encoder. Chosen by what is seen at the size it is shown, then by time: one step
# slower costs WebP twice the time for 7 % fewer bytes, AVIF three times for 8 %.
WRITERS: dict[str, tuple[str, dict[str, Any]]] = {
    "avif": ("AVIF", {"quality": 58, "speed": 8, "max_threads": 1}),
    "webp": ("WEBP", {"quality": 78, "method": 2}),
    "jpg": ("JPEG", {"quality": 80, "progressive": True, "optimize": True, "subsampling": "4:2:0"}),
    # Its optimiser takes longer and finds nothing: 5.9 MB for the set of a woven pattern, where this gives 5.7 MB.
    "png": ("PNG", {"compress_level": 6}),
    "gif": ("GIF", {"optimize": True}),
}
# Large photographs lose 0.2 dB by the quickest AVIF, and take half the time; drawings become twice as large by it.
_QUICKLY = {"speed": 9}
_LARGE = 1_500_000
_WITHOUT_TRANSPARENCY = {"jpg"}
_ORIENTATION = 0x0112
_SRGB = ImageCms.createProfile("sRGB")

Box = tuple[float, float, float, float]


def drawn(file: IO[bytes], focal: tuple[float, float], specs: Iterable[Spec]) -> Iterator[tuple[Spec, Image.Image]]:
    """The picture of each spec, the largest first, in sRGB; the file is decoded once.

    Each size is made from the next larger one, each shape from the smallest that is large enough. `focal`: the point
    that matters, as parts of width and height. Raises OSError or another error of Pillow when the file is damaged.
    """
    with Image.open(file, formats=READABLE) as image:
        width, height = upright_size(image)
        largest_first = sorted(specs, key=lambda spec: (-_scale(spec, width, height), spec.shape, -spec.width))
        base = _pixels(image, _scale(largest_first[0], width, height)) if largest_first else image
        profile = image.info.get("icc_profile")
    del image  # or the largest bitmap of all would stay until the end
    for (shape, across, down), alike in groupby(largest_first, key=lambda spec: (spec.shape, spec.width, spec.height)):
        picture = _in_srgb(_resized(base, crop_box(shape, base.size, focal), (across, down)), profile)
        if not shape:
            base, profile = picture, None
        for spec in alike:
            yield spec, picture


def written(picture: Image.Image, form: str, *, photograph: bool = False) -> bytes:
    """The file of a picture in a format of WRITERS: nothing in it but pixels. A `photograph` may be done quickly."""
    name, options = WRITERS[form]
    if form == "avif" and photograph and picture.width * picture.height > _LARGE:
        options = options | _QUICKLY
    if form in _WITHOUT_TRANSPARENCY and picture.mode == "RGBA":
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    output = io.BytesIO()
    picture.save(output, name, **options)
    return output.getvalue()


def average_colour(picture: Image.Image) -> str:
    """As "#rrggbb"; empty for what one can see through."""
    if picture.mode == "RGBA":
        return ""
    red, green, blue = picture.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    return f"#{red:02x}{green:02x}{blue:02x}"


def frames_in(file: IO[bytes]) -> int:
    """How many pictures follow each other in a file; 1 for a still one."""
    with Image.open(file, formats=READABLE) as image:
        # Telephones put a second, small picture behind a JPEG, which nobody is meant to see move.
        return 1 if image.format in {"JPEG", "MPO"} else getattr(image, "n_frames", 1)


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Width and height as the picture is to be seen."""
    sideways = image.getexif().get(_ORIENTATION, 1) in {5, 6, 7, 8}
    return (image.height, image.width) if sideways else image.size


def crop_box(shape: str, size: tuple[int, int], focal: tuple[float, float]) -> Box:
    """The largest part of a picture that has the proportions of `shape`, as near around the focal point as it fits."""
    width, height = size
    if not shape:
        return (0, 0, width, height)
    wide, high = SHAPES[shape][0]
    across = min(width, height * wide / high)
    down = min(height, across * high / wide)
    left = min(max(focal[0] * width - across / 2, 0), width - across)
    top = min(max(focal[1] * height - down / 2, 0), height - down)
    return (left, top, left + across, top + down)


def _scale(spec: Spec, width: int, height: int) -> float:
    """How large the whole picture must be for this spec, as part of its full width."""
    left, _, right, _ = crop_box(spec.shape, (width, height), (0.5, 0.5))
    return min(1.0, spec.width / (right - left))


def _pixels(image: Image.Image, scale: float) -> Image.Image:
    """All pixels, upright, in a mode that can be made smaller; a JPEG not larger than needed for `scale`."""
    if image.format in {"JPEG", "MPO"} and scale < 1:
        image.draft(None, (max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    image.load()
    if image.getexif().get(_ORIENTATION, 1) != 1:
        image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        # Sixteen bits: Pillow would cut off what is brighter than 255 instead of scaling it.
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        image = image.convert("RGBA")
        return image.convert("RGB") if image.getchannel("A").getextrema()[0] == 255 else image
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("L" if image.mode == "1" else "RGB")


def _resized(base: Image.Image, box: Box, size: tuple[int, int]) -> Image.Image:
    if size == base.size and box == (0, 0, *size):
        return base
    return base.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The same colours without a profile; a profile that makes no sense is as good as none."""
    plain = picture if picture.mode in {"L", "RGB", "RGBA"} else None
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = "RGBA" if picture.mode == "RGBA" else "RGB"
            if not (plain and "sRGB" in ImageCms.getProfileDescription(source)):
                plain = ImageCms.profileToProfile(picture, source, _SRGB, outputMode=mode)
        except (ImageCms.PyCMSError, OSError):
            pass
    plain = plain or picture.convert("RGB")
    plain.info = {}
    return plain
