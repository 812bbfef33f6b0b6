"""The containers of pictures, written anew with nothing in them but the picture.

The compressed data stays as it is, so nothing is lost and nothing large is decoded here. Places, comments, thumbnails,
second pictures and whatever hides behind the end are left out. Of EXIF one number is kept, how to turn the picture; of
colour profiles those that are small and sane, such as the Display P3 of telephones.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.files import DAMAGED, FileError

# Bytes of a profile that is kept; the largest that cameras and programs write for RGB has 61 thousand.
MAX_PROFILE = 65_000
# Of a profile that is only used to convert from.
MAX_PRINT_PROFILE = 4_000_000
MAX_SCANS = 200
MAX_UNFOLDED = 1_048_576
# Texts and profiles of a PNG, each of which is unfolded to be measured.
MAX_PACKED = 100
_NEXT_MARK = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
_FRAMES = {0xC0, 0xC1, 0xC2}
_TABLES = {0xC4, 0xDB, 0xDD}


@dataclass
class Outline:
    """What a container says of its picture before anything is decoded. `bytes_per_pixel`: memory to decode one."""

    width: int
    height: int
    pieces: list[bytes] = field(repr=False)
    frames: int = 1
    orientation: int = 1
    bytes_per_pixel: float = 4
    # Four inks: readers' screens need it converted, from this profile if there is one.
    is_print: bool = False
    print_profile: bytes = b""


def orientation_note(orientation: int) -> bytes:
    """The smallest EXIF there is: one tag."""
    return b"MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1" + struct.pack(">HHI", orientation, 0, 0)


def orientation_in(exif: bytes) -> int:
    """Tag 274 of the first directory, 1 to 8; 1 when there is none or it makes no sense."""
    exif = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    try:
        if order:
            (place,) = struct.unpack_from(order + "I", exif, 4)
            (count,) = struct.unpack_from(order + "H", exif, place)
            for number in range(min(count, 200)):
                tag, kind, _, value = struct.unpack_from(order + "HHIH", exif, place + 2 + 12 * number)
                if tag == 274 and kind == 3:
                    return value if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def is_sane_profile(profile: bytes, space: bytes) -> bool:
    """Whether this looks like a colour profile for pixels in `space` ("RGB ", "GRAY", "CMYK") of the size it says."""
    return (
        128 < len(profile) <= (MAX_PRINT_PROFILE if space == b"CMYK" else MAX_PROFILE)
        and int.from_bytes(profile[:4], "big") == len(profile)
        and profile[36:40] == b"acsp"
        and profile[16:20] == space
    )


def jpeg(content: bytes) -> Outline:
    shape: tuple[int, int] = (0, 0)
    samples: list[int] = []
    orientation, scans, is_progressive = 1, 0, False
    start: dict[int, bytes] = {}
    body: list[bytes] = []
    profile: dict[int, bytes] = {}
    place = 2
    while content[place + 1] != 0xD9:
        if content[place] != 0xFF:
            raise FileError(DAMAGED)
        mark = content[place + 1]
        if mark == 0xFF or mark == 0x01 or 0xD0 <= mark <= 0xD7:
            place += 1 if mark == 0xFF else 2
            continue
        end = place + 2 + int.from_bytes(content[place + 2 : place + 4], "big")
        segment, inside = content[place:end], content[place + 4 : end]
        if end > len(content) or len(segment) < 4:
            raise FileError(DAMAGED)
        if mark == 0xDA:
            found = _NEXT_MARK.search(content, end)
            scans += 1
            if not found or not samples or scans > MAX_SCANS:
                raise FileError(DAMAGED)
            end = found.start()
            body.append(content[place:end])
        elif mark in _FRAMES and not samples:
            is_progressive = mark == 0xC2
            shape = (int.from_bytes(inside[3:5], "big"), int.from_bytes(inside[1:3], "big"))
            samples = [(inside[at] >> 4) * (inside[at] & 15) for at in range(7, 6 + 3 * inside[5], 3)]
            body.append(segment)
        elif mark in _TABLES:
            body.append(segment)
        elif mark == 0xE0 and inside.startswith(b"JFIF\0"):
            start[0] = b"\xff\xe0\0\x10JFIF\0\1\2\0\0\1\0\1\0\0"
        elif mark == 0xE1 and inside.startswith(b"Exif\0\0") and orientation == 1:
            orientation = orientation_in(inside)
        elif mark == 0xE2 and inside.startswith(b"ICC_PROFILE\0"):
            profile.setdefault(inside[12], inside[14:])
        elif mark == 0xEE and inside.startswith(b"Adobe") and len(inside) >= 12:
            start[2] = b"\xff\xee\0\x0e" + inside[:12]
        elif 0xC0 <= mark <= 0xCF:
            raise FileError("The picture is a JPEG of a rare kind that browsers do not show. Save it as a usual JPEG.")
        place = end
    if not samples or not scans or len(samples) not in {1, 3, 4}:
        raise FileError(DAMAGED)
    if orientation != 1:
        note = b"Exif\0\0" + orientation_note(orientation)
        start[1] = b"\xff\xe1" + struct.pack(">H", len(note) + 2) + note
    icc = b"".join(profile[number] for number in sorted(profile))
    is_print = len(samples) == 4
    if not is_print and is_sane_profile(icc, b"GRAY" if len(samples) == 1 else b"RGB "):
        start[3] = b"\xff\xe2" + struct.pack(">H", len(icc) + 16) + b"ICC_PROFILE\0\1\1" + icc
    # What comes in several scans waits in memory as coefficients of two bytes; else lines pass through.
    waiting = 2 * sum(samples) / max(samples) if is_progressive or scans > 1 else 0.2
    return Outline(
        *shape,
        [b"\xff\xd8", *(start[number] for number in sorted(start)), *body, b"\xff\xd9"],
        orientation=orientation,
        bytes_per_pixel=waiting + (4 if is_print else 0),
        is_print=is_print,
        print_profile=icc if is_print and is_sane_profile(icc, b"CMYK") else b"",
    )


def png(content: bytes) -> Outline:
    wanted = {b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"cICP", b"acTL", b"fcTL", b"fdAT"}
    pieces, place, name = [content[:8]], 8, b""
    orientation = frames = packed = 0
    while name != b"IEND":
        size, name = struct.unpack_from(">I4s", content, place)
        chunk, inside = content[place : place + 12 + size], content[place + 8 : place + 8 + size]
        if len(chunk) < 12 + size:
            raise FileError(DAMAGED)
        packed += name in {b"zTXt", b"iTXt", b"iCCP"}
        if packed > MAX_PACKED:
            raise FileError("The picture carries too many texts beside its pixels. Export it again without them.")
        if name in wanted | {b"IEND"} or (name == b"iCCP" and _is_sane_png_profile(inside, content[25])):
            if zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
                raise FileError(DAMAGED)
            pieces.append(chunk)
        elif name == b"eXIf":
            orientation = orientation_in(inside)
        elif name in {b"zTXt", b"iTXt"}:
            _require_small_text(inside)
        frames += name == b"fcTL"
        place += 12 + size
    width, height = struct.unpack_from(">II", content, 16)
    if orientation > 1 and frames < 2:
        note = b"eXIf" + orientation_note(orientation)
        pieces.insert(2, struct.pack(">I", len(note) - 4) + note + struct.pack(">I", zlib.crc32(note)))
    return Outline(width, height, pieces, max(frames, 1), max(orientation, 1), bytes_per_pixel=16 if frames > 1 else 4)


def _unfolded(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, MAX_UNFOLDED + 1)
    except zlib.error:
        return b""


def _is_sane_png_profile(inside: bytes, colour: int) -> bool:
    profile = _unfolded(inside.partition(b"\0")[2][1:])
    return is_sane_profile(profile, b"GRAY" if colour in {0, 4} else b"RGB ")


def _require_small_text(inside: bytes) -> None:
    if any(len(_unfolded(inside[at:])) > MAX_UNFOLDED for at in _starts_of_zlib(inside)):
        raise FileError("The picture carries a text that unfolds to more than a megabyte. Export it again without it.")


def _starts_of_zlib(inside: bytes) -> Iterable[int]:
    """Where packed text may begin: after the keyword, and in iTXt after language and translation too."""
    ends = [found.end() for found in re.finditer(rb"\0", inside[:500])]
    return (at for end in ends for at in (end, end + 1) if inside[at : at + 1] == b"\x78")


def gif(content: bytes) -> Outline:
    width, height, flags = struct.unpack_from("<HHB", content, 6)
    place = 13 + _colours(flags)
    pieces, frames = [content[:place]], 0
    while place < len(content) and content[place] != 0x3B:
        start, mark = place, content[place]
        if mark == 0x2C:
            left, top, wide, high, flags = struct.unpack_from("<4HB", content, place + 1)
            # Some programs widen the canvas to a frame that is larger than it.
            width, height = max(width, left + wide), max(height, top + high)
            place += 10 + _colours(flags) + 1
            frames, keep = frames + 1, True
        elif mark == 0x21:
            label, application = content[place + 1], content[place + 3 : place + 14]
            keep = label == 0xF9 or (label == 0xFF and application in {b"NETSCAPE2.0", b"ANIMEXTS1.0"})
            place += 2
        else:
            raise FileError(DAMAGED)
        while content[place]:
            place += content[place] + 1
        place += 1
        if keep:
            pieces.append(content[start:place])
    return Outline(width, height, [*pieces, b"\x3b"], frames, bytes_per_pixel=16 if frames > 1 else 4)


def _colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def webp(content: bytes) -> Outline:
    end = 8 + int.from_bytes(content[4:8], "little")
    pieces, place, frames, orientation = [], 12, 0, 1
    width = height = 0
    if end > len(content):
        raise FileError(DAMAGED)
    while place + 8 <= end:
        name, size = struct.unpack_from("<4sI", content, place)
        chunk, inside = content[place : place + 8 + size + size % 2], content[place + 8 : place + 8 + size]
        if len(inside) < size:
            raise FileError(DAMAGED)
        if name == b"VP8X":
            width, height = (1 + int.from_bytes(inside[at : at + 3], "little") for at in (4, 7))
            chunk = chunk[:8] + bytes([chunk[8] & ~0x0C]) + chunk[9:]
        elif name == b"VP8 ":
            width, height = (
                max(width, inside[6] | (inside[7] & 63) << 8),
                max(height, inside[8] | (inside[9] & 63) << 8),
            )
        elif name == b"VP8L":
            bits = int.from_bytes(inside[1:5], "little")
            width, height = max(width, 1 + (bits & 16383)), max(height, 1 + (bits >> 14 & 16383))
        elif name == b"EXIF":
            orientation = orientation_in(inside)
        if name in {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"} or (
            name == b"ICCP" and is_sane_profile(inside, b"RGB ")
        ):
            pieces.append(chunk)
        frames += name == b"ANMF"
        place += 8 + size + size % 2
    if frames:
        orientation = 1
    if pieces and pieces[0][:4] == b"VP8X":
        has_profile = any(piece[:4] == b"ICCP" for piece in pieces)
        flags = pieces[0][8] & ~0x20 | 0x20 * has_profile | 0x08 * (orientation > 1)
        pieces[0] = pieces[0][:8] + bytes([flags]) + pieces[0][9:]
        if orientation > 1:
            note = orientation_note(orientation)
            pieces.append(b"EXIF" + struct.pack("<I", len(note)) + note)
    else:
        orientation = 1
    size = 4 + sum(map(len, pieces))
    return Outline(
        width,
        height,
        [b"RIFF" + struct.pack("<I", size) + b"WEBP", *pieces],
        max(frames, 1),
        orientation,
        bytes_per_pixel=16,
    )
