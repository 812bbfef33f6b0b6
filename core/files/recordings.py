"""Sound as MP3 and Ogg: walked piece by piece, without what tells of places, people and covers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from tinytag import TinyTag, TinyTagException

from core.files import DAMAGED, FileError
from core.files.kinds import is_mp3_frame

CHUNK = 1024 * 1024
# Frames of MP3 that must follow each other before it counts as one.
FRAMES = 10
# Kilobits per second by the four highest bits of the third byte, of MPEG 1 and of MPEG 2 and 2.5, layer III.
RATES = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
SAMPLING = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
# Labels before the sound, and bytes of zeros some programs leave behind them.
MAX_LABELS = 4
MAX_PADDING = 1024 * 1024
# The longest list of comments that is looked for; covers are in it.
MAX_COMMENTS = 20 * 1024 * 1024
# What the second packet of a stream begins with, and what follows the comments, by what the first begins with.
OGG = {b"OpusHead": (b"OpusTags", b""), b"\x01vorbis": (b"\x03vorbis", b"\x01")}


def clean(source: Path, target: Path, mime_type: str) -> dict[str, Any]:
    """Write the sound without its labels to `target`; the facts of `CleanFile`. Raises FileError."""
    (_clean_mp3 if mime_type == "audio/mpeg" else _clean_ogg)(source, target)
    try:
        seconds = TinyTag.get(target, tags=False, image=False).duration
    except (TinyTagException, ValueError, ArithmeticError, LookupError):
        seconds = None
    return {"mime_type": mime_type, "duration_seconds": round(seconds, 2) if seconds and 0 < seconds < 1e7 else None}


def _clean_mp3(source: Path, target: Path) -> None:
    with source.open("rb") as file:
        start, end = _inner_part(file)
        if sum(1 for _ in _frames(file, start, end)) < FRAMES:
            raise FileError(DAMAGED)
        file.seek(start)
        with target.open("wb") as kept:
            while start < end:
                start += kept.write(file.read(min(CHUNK, end - start)) or _cut_off())


def _cut_off() -> bytes:
    raise FileError(DAMAGED)


def _inner_part(file: BinaryIO) -> tuple[int, int]:
    """Where the sound begins and ends between the labels before (ID3v2) and behind it (ID3v1, APE)."""
    start, end = 0, file.seek(0, 2)
    for _ in range(MAX_LABELS + 1):
        file.seek(start)
        head = file.read(10)
        if head[:3] != b"ID3" or len(head) < 10:
            break
        size = (head[6] & 127) << 21 | (head[7] & 127) << 14 | (head[8] & 127) << 7 | head[9] & 127
        start += 10 + size + 10 * bool(head[5] & 16)
    else:
        raise FileError(DAMAGED)
    file.seek(start)
    padding = file.read(MAX_PADDING + 1)
    start += len(padding) - len(padding.lstrip(b"\0"))
    for _ in range(MAX_LABELS + 1):
        file.seek(max(start, end - 128))
        tail = file.read(128)
        if tail[:3] == b"TAG" and len(tail) == 128:
            end -= 128
        elif tail[-32:-24] == b"APETAGEX":
            end -= int.from_bytes(tail[-20:-16], "little") + 32 * bool(tail[-9] & 0x80)
        else:
            return start, end
        if end <= start:
            break
    raise FileError(DAMAGED)


def _frames(file: BinaryIO, place: int, end: int) -> Iterator[int]:
    """The first frames, as long as each begins where the one before ends."""
    for _ in range(FRAMES):
        file.seek(place)
        head = file.read(4)
        if place + 4 > end or not is_mp3_frame(head):
            return
        version = head[1] >> 3 & 3
        rate = RATES[version != 3][head[2] >> 4] * 1000
        place += (144 if version == 3 else 72) * rate // SAMPLING[version][head[2] >> 2 & 3] + (head[2] >> 1 & 1)
        yield place


class Page(NamedTuple):
    """A page of Ogg: places of its head and content, the lengths in its table, and the stream it belongs to."""

    start: int
    body: int
    end: int
    lengths: bytes
    flags: int
    serial: bytes


def _pages(file: BinaryIO, end: int) -> Iterator[Page]:
    place = 0
    while place < end:
        file.seek(place)
        head = file.read(27)
        if len(head) < 27 or head[:5] != b"OggS\0":
            raise FileError(DAMAGED)
        lengths = file.read(head[26])
        body = place + 27 + head[26]
        if body + sum(lengths) > end:
            raise FileError(DAMAGED)
        yield Page(place, body, body + sum(lengths), lengths, head[5], head[14:18])
        place = body + sum(lengths)


def _clean_ogg(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    with target.open("r+b") as file:
        pages = list(_blank_comments(file))
        del pages


def _blank_comments(file: BinaryIO) -> Iterator[None]:
    """Check every page, and overwrite the comments with blanks of the same length."""
    end = file.seek(0, 2)
    labels: tuple[bytes, bytes] | None = None
    spans: list[tuple[Page, int, int]] = []
    serial, packets, length = b"", 0, 0
    for page in _pages(file, end):
        if not serial:
            file.seek(page.body)
            start = file.read(8)
            labels = next((kept for mark, kept in OGG.items() if start.startswith(mark)), None)
            if labels is None or len(page.lengths) != 1:
                raise FileError("This is an Ogg file, but neither Opus nor Vorbis sound. Save it as MP3.")
            serial, packets = page.serial, 1
            continue
        if page.serial != serial or page.flags & 2:
            raise FileError("The recording holds several streams. Save it as one, as MP3 or Ogg.")
        if packets < 2:
            at = page.body
            for size in page.lengths:
                spans.append((page, at, at + size))
                length, at = length + size, at + size
                if size < 255:
                    packets += 1
                    break
            if length > MAX_COMMENTS:
                raise FileError(DAMAGED)
            if packets == 2:
                assert labels is not None
                _overwrite(file, spans, length, *labels)
        yield
    if packets < 2:
        raise FileError(DAMAGED)


def _overwrite(file: BinaryIO, spans: list[tuple[Page, int, int]], length: int, mark: bytes, last: bytes) -> None:
    blanks = length - len(mark) - 8 - len(last)
    file.seek(spans[0][1])
    if blanks < 0 or file.read(len(mark)) != mark:
        raise FileError(DAMAGED)
    packet = mark + blanks.to_bytes(4, "little") + b" " * blanks + bytes(4) + last
    for _, start, end in spans:
        file.seek(start)
        file.write(packet[: end - start])
        packet = packet[end - start :]
    for page in {span[0].start: span[0] for span in spans}.values():
        file.seek(page.start + 22)
        file.write(bytes(4))
        file.seek(page.start)
        whole = file.read(page.end - page.start)
        file.seek(page.start + 22)
        file.write(checksum(whole).to_bytes(4, "little"))


def checksum(page: bytes) -> int:
    """The CRC-32 of Ogg pages (RFC 3533, 6): the polynomial of zlib's, but the other way round and without turning."""
    found = 0
    for byte in page:
        found = (found << 8 & 0xFFFFFFFF) ^ _TABLE[found >> 24 ^ byte]
    return found


def _row(value: int) -> int:
    for _ in range(8):
        value = value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)
    return value & 0xFFFFFFFF


_TABLE = [_row(number << 24) for number in range(256)]
