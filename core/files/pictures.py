"""Pictures made safe: bounded by what their containers say, then decoded once to see that they can be.

Stills and animations keep their own compressed data (`containers`); writing them anew would spoil them and cost more
memory than a telephone's photograph may have. Only what readers' screens cannot show is written as a new JPEG:
photographs from iPhones (HEIC), and pictures in four inks, through their profile to sRGB.
"""

from __future__ import annotations

import io
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image, PpmImagePlugin  # noqa: F401 (the reader of our own strips)

from core.files import DAMAGED, FileError, boxes, containers
from core.files.containers import Outline
from core.files.kinds import HEIC

MAX_PIXELS = 65_000_000
# Bytes of memory decoding may take; where a format needs much for each pixel, fewer pixels are accepted.
MEMORY = 160_000_000
MAX_FRAMES = 1000
# Of all frames together; decoding is what costs, not storing.
MAX_ANIMATED_PIXELS = 150_000_000
MAX_SIDE = 60_000
QUALITY = 90
STRIP = 256
# Measured for 12 and 24 million pixels: the picture, and the copies the libraries hold beside it.
AVIF_BYTES_PER_PIXEL = 9.3
HEIC_BYTES_PER_PIXEL = 6
FORMATS = {
    "image/jpeg": ("JPEG", containers.jpeg),
    "image/png": ("PNG", containers.png),
    "image/gif": ("GIF", containers.gif),
    "image/webp": ("WEBP", containers.webp),
}


def clean(source: Path, target: Path, mime_type: str) -> dict[str, Any]:
    """Write the safe form of a picture to `target`; the facts of `core.files.CleanFile`. Raises FileError."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if mime_type == HEIC:
                return _from_heic(source, target)
            if mime_type == "image/avif":
                return _from_avif(source, target)
            return _from_container(source, target, mime_type)
        except (FileError, MemoryError):
            raise
        except OSError as error:
            if error.errno:
                raise
            raise FileError(DAMAGED) from error
        except Exception as error:
            # Decoders fail in every way there is on damaged files; each is the same news for whoever uploads.
            raise FileError(DAMAGED) from error


def require_pixels(width: int, height: int, bytes_per_pixel: float) -> None:
    """Raises FileError naming how many pixels would do."""
    if not width or not height:
        raise FileError(DAMAGED)
    most = int(min(MAX_PIXELS, MEMORY / bytes_per_pixel) // 1_000_000)
    million = width * height / 1_000_000
    if million > most:
        # No camera makes more than a thousand million; such a number is written by hand.
        claim = f"has {million:,.0f} million" if million <= 1000 else "claims to have more than 1,000 million"
        raise FileError(
            f"The picture {claim} pixels; at most {most} million are accepted in this format. "
            "Make it smaller, or save it as an ordinary JPEG."
        )
    if max(width, height) > MAX_SIDE:
        raise FileError(f"The picture is {width:,} × {height:,}; no side may have more than {MAX_SIDE:,} pixels.")


def require_frames(outline: Outline) -> None:
    if outline.frames > MAX_FRAMES:
        raise FileError(f"The animation has {outline.frames:,} frames; at most {MAX_FRAMES:,} are accepted.")
    if outline.frames * outline.width * outline.height > MAX_ANIMATED_PIXELS:
        raise FileError(
            f"The animation has {outline.frames} frames of {outline.width} × {outline.height}; "
            "that is too much to show. Make it smaller or shorter."
        )


def _from_container(source: Path, target: Path, mime_type: str) -> dict[str, Any]:
    name, read = FORMATS[mime_type]
    outline = read(source.read_bytes())
    require_pixels(outline.width, outline.height, outline.bytes_per_pixel)
    if outline.frames > 1:
        require_frames(outline)
    with target.open("wb") as file:
        file.writelines(outline.pieces)
    outline.pieces.clear()
    with Image.open(target, formats=(name,)) as image:
        require_pixels(*image.size, outline.bytes_per_pixel)
        if outline.is_print:
            return _written_as_jpeg(target, image.size, _strips_for_screens(image, outline), outline.orientation)
        if name == "JPEG":
            image.draft(None, (max(image.width // 8, 1), max(image.height // 8, 1)))
        if outline.frames > 1:
            for number in range(getattr(image, "n_frames", 1)):
                image.seek(number)
                image.load()
            image.seek(0)
        image.load()
        return facts(mime_type, (outline.width, outline.height), outline.orientation, image, outline.frames > 1)


def _from_avif(source: Path, target: Path) -> dict[str, Any]:
    from PIL import AvifImagePlugin

    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    shutil.copyfile(source, target)
    with target.open("r+b") as file:
        boxes.blank_metadata(file)
    with Image.open(target, formats=("AVIF",)) as image:
        require_pixels(*image.size, AVIF_BYTES_PER_PIXEL)
        if getattr(image, "n_frames", 1) > 1:
            raise FileError("Moving AVIF pictures are not accepted. Save it as WebP or GIF.")
        image.load()
        return facts("image/avif", image.size, image.getexif().get(274, 1), image)


def _from_heic(source: Path, target: Path) -> dict[str, Any]:
    try:
        import pi_heif
    except ImportError:
        raise FileError(
            "This is a HEIC photograph, which this site cannot read. On the iPhone choose Settings, Camera, Formats, "
            "Most Compatible, or share the photograph as JPEG."
        ) from None
    pi_heif.options.DECODE_THREADS = 1
    pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False
    file = pi_heif.open_heif(source)
    image = file[file.primary_index]
    width, height = image.size
    require_pixels(width, height, HEIC_BYTES_PER_PIXEL)
    profile = image.info.get("icc_profile") or b""
    kept = profile if containers.is_sane_profile(profile, b"RGB ") else b""

    def strips() -> Iterator[Image.Image]:
        pixels = memoryview(image.data)
        for top in range(0, height, STRIP):
            high = min(STRIP, height - top)
            part = pixels[top * image.stride : (top + high) * image.stride]
            yield on_white(Image.frombytes(image.mode, (width, high), part, "raw", image.mode, image.stride))
        pixels.release()
        # A second copy of the picture is made next; there is no room for both.
        image._data = image._c_image = None

    return _written_as_jpeg(target, (width, height), strips(), profile=kept)


def _strips_for_screens(image: Image.Image, outline: Outline) -> Iterator[Image.Image]:
    """A picture in four inks as RGB, a strip at a time: there is no room for two whole pictures."""
    from PIL import ImageCms

    turned = None
    if outline.print_profile:
        try:
            inks = ImageCms.ImageCmsProfile(io.BytesIO(outline.print_profile))
            turned = ImageCms.buildTransform(inks, ImageCms.createProfile("sRGB"), "CMYK", "RGB")
        except ImageCms.PyCMSError:
            turned = None
    image.load()
    for top in range(0, image.height, STRIP):
        strip = image.crop((0, top, image.width, min(top + STRIP, image.height)))
        yield (ImageCms.applyTransform(strip, turned) if turned else None) or strip.convert("RGB")
    image.close()


def _written_as_jpeg(
    target: Path, size: tuple[int, int], strips: Iterator[Image.Image], orientation: int = 1, profile: bytes = b""
) -> dict[str, Any]:
    """Strips of RGB go to disk first, so that the decoded source is gone before the encoder needs the whole picture."""
    raw = target.with_suffix(".ppm")
    with raw.open("wb") as file:
        file.write(b"P6 %d %d 255\n" % size)
        for strip in strips:
            file.write(strip.tobytes())
    with Image.open(raw, formats=("PPM",)) as image:
        options: dict[str, Any] = {"icc_profile": profile} if profile else {}
        if orientation != 1:
            options["exif"] = b"Exif\0\0" + containers.orientation_note(orientation)
        image.save(target, "JPEG", quality=QUALITY, **options)
        found = facts("image/jpeg", size, orientation, image)
    raw.unlink()
    return found


def facts(
    mime_type: str, size: tuple[int, int], orientation: int, image: Image.Image, is_animated: bool = False
) -> dict[str, Any]:
    width, height = size if orientation < 5 else size[::-1]
    return {
        "mime_type": mime_type,
        "width": width,
        "height": height,
        "is_animated": is_animated,
        "average_colour": average_colour(image),
    }


def average_colour(image: Image.Image) -> str:
    """As "#rrggbb", of some pixels spread over the picture; empty for one that can be seen through."""
    # Nearest: every better way makes another whole copy first.
    small = image.resize((min(64, image.width), min(64, image.height)), Image.Resampling.NEAREST)
    if small.mode.startswith("I"):
        small = small.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if small.convert("RGBA").getchannel("A").getextrema()[0] != 255:
        return ""
    red, green, blue = on_white(small).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    return f"#{red:02x}{green:02x}{blue:02x}"


def on_white(image: Image.Image) -> Image.Image:
    """As RGB."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image.convert("RGBA"))
    return ground.convert("RGB")
