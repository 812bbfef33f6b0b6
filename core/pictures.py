"""Pictures made safe: known by their content, bounded before they are decoded, stripped of everything else.

Stills are written anew from their pixels. Animations keep their own bytes, because writing them anew spoils them;
what is not picture (places, comments, programs hidden behind the end) is left out of their container.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from PIL import Image, ImageOps, JpegImagePlugin

MAX_PIXELS = 50_000_000
MAX_FRAMES = 1000
# Of all frames together; decoding is what costs, not storing.
MAX_ANIMATED_PIXELS = 150_000_000
FORMATS = {
    "JPEG": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "GIF": ("image/gif", "gif"),
    "WEBP": ("image/webp", "webp"),
    "AVIF": ("image/avif", "avif"),
}
ACCEPTED = "Pictures are accepted as JPEG, PNG, GIF, WebP or AVIF."
STRANGERS = (
    (b"%PDF", "a PDF document"),
    (b"<svg", "an SVG drawing, which can carry programs"),
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML file"),
    (b"BM", "a BMP picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"8BPS", "a Photoshop file"),
    (b"\0\0\1\0", "an icon file"),
    (b"ID3", "an audio file"),
    (b"OggS", "an audio file"),
    (b"fLaC", "an audio file"),
    (b"PK\3\4", "an archive or office document"),
)


class PictureError(ValueError):
    """A file that is no picture we keep; the message is a sentence for whoever chose it."""


@dataclass(frozen=True)
class CleanPicture:
    """What is stored: bytes, type, size in pixels, and the average colour as "#rrggbb"."""

    content: bytes
    mime_type: str
    extension: str
    width: int
    height: int
    average_colour: str


def clean(content: bytes) -> CleanPicture:
    """The safe form of an uploaded picture. Raises PictureError, whatever the bytes are."""
    if not content:
        raise PictureError("The file is empty.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return cleaned(content)
    except PictureError:
        raise
    except Image.DecompressionBombError:
        raise PictureError(too_large("more than 100 million")) from None
    except Image.UnidentifiedImageError:
        raise PictureError(f"This is {name_of(content)}. {ACCEPTED}") from None
    except Exception as error:
        # Decoders fail in every way there is on damaged files; each is the same news for whoever uploads.
        raise PictureError("The picture is damaged or incomplete. Export it again and upload the new file.") from error


def cleaned(content: bytes) -> CleanPicture:
    with Image.open(io.BytesIO(content), formats=tuple(FORMATS)) as image:
        kind = "JPEG" if image.format == "MPO" else str(image.format)
        if image.width * image.height > MAX_PIXELS:
            raise PictureError(too_large(f"{image.width * image.height / 1_000_000:,.0f} million"))
        frames = 1 if kind == "JPEG" else getattr(image, "n_frames", 1)
        if frames > 1:
            return animation(image, kind, content, frames)
        return still(image, kind)


def still(image: Image.Image, kind: str) -> CleanPicture:
    options: dict[str, Any] = {"icc_profile": image.info.get("icc_profile")}
    if kind == "JPEG" and isinstance(image, JpegImagePlugin.JpegImageFile):
        # The same tables again: a picture that was compressed once is not visibly compressed twice.
        options |= {"qtables": image.quantization, "subsampling": max(JpegImagePlugin.get_sampling(image), 0)}
    elif kind == "WEBP":
        options |= {"lossless": True} if is_lossless_webp(image) else {"quality": 90}
    elif kind == "AVIF":
        options |= {"quality": 80, "speed": 8}
    elif "transparency" in image.info:
        options["transparency"] = image.info["transparency"]
    image.load()
    upright = ImageOps.exif_transpose(image)
    upright.info = {}
    if kind == "JPEG" and upright.mode not in {"L", "RGB", "CMYK"}:
        upright = upright.convert("RGB")
    output = io.BytesIO()
    upright.save(output, format=kind, exif=b"", **options) if kind != "GIF" else upright.save(output, "GIF", **options)
    return described(output.getvalue(), kind, upright)


def animation(image: Image.Image, kind: str, content: bytes, frames: int) -> CleanPicture:
    if kind not in {"GIF", "WEBP", "PNG"}:
        raise PictureError("Moving AVIF pictures are not accepted; save it as WebP or GIF.")
    if frames > MAX_FRAMES:
        raise PictureError(f"The animation has {frames:,} frames; at most {MAX_FRAMES:,} are accepted.")
    if frames * image.width * image.height > MAX_ANIMATED_PIXELS:
        raise PictureError(
            f"The animation has {frames} frames of {image.width} × {image.height}; that is too much to show. "
            "Make it smaller or shorter."
        )
    for number in range(frames):
        image.seek(number)
        image.load()
    image.seek(0)
    strip = {"GIF": gif_blocks, "WEBP": webp_chunks, "PNG": png_chunks}[kind]
    return described(b"".join(strip(content)), kind, image)


def described(content: bytes, kind: str, image: Image.Image) -> CleanPicture:
    mime_type, extension = FORMATS[kind]
    return CleanPicture(content, mime_type, extension, image.width, image.height, average_colour(image))


def average_colour(image: Image.Image) -> str:
    """As "#rrggbb"; transparent parts count as white."""
    small = image.copy()
    small.thumbnail((32, 32), reducing_gap=2.0)
    ground = Image.new("RGBA", small.size, "white")
    ground.alpha_composite(small.convert("RGBA"))
    red, green, blue = ground.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    return f"#{red:02x}{green:02x}{blue:02x}"


def is_lossless_webp(image: Image.Image) -> bool:
    source: BinaryIO = image.fp  # type: ignore[attr-defined]
    if source is None:
        return False
    place = source.tell()
    source.seek(0)
    beginning = source.read(64)
    source.seek(place)
    return b"VP8L" in beginning


def gif_blocks(content: bytes) -> Iterator[bytes]:
    """GIF89a without comments, foreign extensions and whatever follows the end."""
    flags = content[10]
    place = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    yield content[:place]
    while place < len(content):
        start, mark = place, content[place]
        if mark == 0x3B:
            break
        if mark == 0x2C:
            flags = content[place + 9]
            place += 10 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0) + 1
            keep = True
        elif mark == 0x21:
            label, application = content[place + 1], content[place + 3 : place + 14]
            keep = label == 0xF9 or (label == 0xFF and application in {b"NETSCAPE2.0", b"ANIMEXTS1.0"})
            place += 2
        else:
            raise PictureError("The animation is damaged. Export it again and upload the new file.")
        while content[place]:
            place += content[place] + 1
        place += 1
        if keep:
            yield content[start:place]
    yield b"\x3b"


def webp_chunks(content: bytes) -> Iterator[bytes]:
    """RIFF without EXIF and XMP, and with their flags taken back."""
    kept, place = [], 12
    end = min(len(content), 8 + struct.unpack("<I", content[4:8])[0])
    while place + 8 <= end:
        name, size = content[place : place + 4], struct.unpack("<I", content[place + 4 : place + 8])[0]
        chunk = content[place : place + 8 + size + size % 2]
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~0x0C]) + chunk[9:]
        if name in {b"VP8X", b"ICCP", b"ANIM", b"ANMF"}:
            kept.append(chunk)
        place += len(chunk)
    body = b"WEBP" + b"".join(kept)
    yield b"RIFF" + struct.pack("<I", len(body)) + body


def png_chunks(content: bytes) -> Iterator[bytes]:
    """PNG without texts, times, EXIF and whatever follows the end."""
    wanted = {
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"tRNS",
        b"gAMA",
        b"cHRM",
        b"sRGB",
        b"iCCP",
        b"acTL",
        b"fcTL",
        b"fdAT",
        b"IEND",
    }
    yield content[:8]
    place = 8
    while place + 12 <= len(content):
        size, name = struct.unpack(">I4s", content[place : place + 8])
        if name in wanted:
            yield content[place : place + 12 + size]
        if name == b"IEND":
            return
        place += 12 + size


def too_large(pixels: str) -> str:
    return f"The picture has {pixels} pixels; at most {MAX_PIXELS // 1_000_000} million are accepted. Make it smaller."


def name_of(content: bytes) -> str:
    """What a file is that is no picture, as far as its beginning tells."""
    beginning = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    for mark, name in STRANGERS:
        if beginning.lower().startswith(mark.lower()):
            return "an SVG drawing, which can carry programs" if b"<svg" in content[:2000].lower() else name
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "an audio file"
    if content[4:8] == b"ftyp":
        return "a video, audio or HEIC file"
    return "no picture"
