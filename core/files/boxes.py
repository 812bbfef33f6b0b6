"""The boxes MP4, AVIF and HEIC files are made of (ISO/IEC 14496-12, 4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from core.files import DAMAGED, FileError

MAX_BOXES = 100_000
CHUNK = 1024 * 1024


class Box(NamedTuple):
    """Places in the file: where its name stands, where its content begins and ends."""

    name: bytes
    named_at: int
    start: int
    end: int


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """The boxes between two places. Raises FileError where one reaches further than what holds it."""
    for _ in range(MAX_BOXES):
        if start == end:
            return
        file.seek(start)
        head = file.read(16)
        size, name, body = int.from_bytes(head[:4], "big"), head[4:8], start + 8
        if size == 1:
            size, body = int.from_bytes(head[8:16], "big"), start + 16
        elif size == 0:
            size = end - start
        if len(head) < 8 or start + size > end or body > start + size:
            raise FileError(DAMAGED)
        yield Box(name, start + 4, body, start + size)
        start += size
    raise FileError(DAMAGED)


def blank(file: BinaryIO, box: Box) -> None:
    """Turn a box into an empty one of the same size, so that every place the file speaks of stays where it is."""
    file.seek(box.named_at)
    file.write(b"free")
    zero(file, box.start, box.end)


def zero(file: BinaryIO, start: int, end: int) -> None:
    file.seek(start)
    while start < end:
        start += file.write(bytes(min(CHUNK, end - start)))


def content_of(file: BinaryIO, box: Box, most: int = 65_536) -> bytes:
    """The first `most` bytes of what is in a box."""
    file.seek(box.start)
    return file.read(min(most, box.end - box.start))


def blank_metadata(file: BinaryIO) -> None:
    """Take EXIF and XMP out of an AVIF picture in place, and everything that is not the picture.

    Such a piece becomes an item of a type nobody reads, with zeros for content.
    """
    file.seek(0, 2)
    end = file.tell()
    for box in list(boxes(file, 0, end)):
        if box.name == b"meta":
            _blank_items(file, box)
        elif box.name not in {b"ftyp", b"mdat", b"moov"}:
            blank(file, box)


def _blank_items(file: BinaryIO, meta: Box) -> None:
    inside = {box.name: box for box in boxes(file, meta.start + 4, meta.end)}
    unwanted = set()
    if b"iinf" in inside:
        iinf = inside[b"iinf"]
        wide = content_of(file, iinf, 1)[0] > 0
        for entry in boxes(file, iinf.start + (8 if wide else 6), iinf.end):
            head = content_of(file, entry, 16)
            at = 8 if head[0] >= 3 else 6
            if head[0] >= 2 and head[at + 2 : at + 6] in {b"Exif", b"mime"}:
                unwanted.add(int.from_bytes(head[4:at], "big"))
                file.seek(entry.start + at + 2)
                file.write(b"none")
    if unwanted and b"iloc" in inside:
        data = content_of(file, inside[b"iloc"], 1_000_000)
        idat = inside[b"idat"].start if b"idat" in inside else 0
        file.seek(0, 2)
        end = file.tell()
        for start, length in _places_of(data, unwanted, idat):
            if 0 < start and start + length <= end:
                zero(file, start, start + length)


def _places_of(iloc: bytes, wanted: set[int], idat: int) -> Iterator[tuple[int, int]]:
    """Where the content of the wanted items lies (14496-12, 8.11.3)."""
    version, offset_size, length_size = iloc[0], iloc[4] >> 4, iloc[4] & 15
    base_size, index_size = iloc[5] >> 4, (iloc[5] & 15 if version else 0)
    place = 6

    def number(size: int) -> int:
        nonlocal place
        place += size
        return int.from_bytes(iloc[place - size : place], "big")

    for _ in range(number(4 if version == 2 else 2)):
        item = number(4 if version == 2 else 2)
        in_idat = version and number(2) & 15 == 1
        number(2)
        base = number(base_size) + (idat if in_idat else 0)
        for _ in range(number(2)):
            number(index_size)
            offset, length = number(offset_size), number(length_size)
            if item in wanted:
                yield base + offset, length
        if place > len(iloc):
            raise FileError(DAMAGED)
