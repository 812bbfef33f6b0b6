"""Films and their sound as MP4 and WebM: walked box by box, with places and labels blanked where they stand.

Nothing moves inside the file, so every offset in it stays right and memory stays the same whatever the length. Films
of iPhones in the QuickTime container are MP4 in all but name and are kept as such when browsers know what is in them.
"""

from __future__ import annotations

import math
import shutil
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from core.files import DAMAGED, FileError
from core.files.boxes import Box, blank, boxes, content_of, zero

# Boxes of MP4 that are kept at the top, those that hold others, and those that tell of places and people.
TOP = {b"ftyp", b"moov", b"mdat", b"moof", b"sidx", b"styp", b"mfra", b"ssix", b"emsg", b"prft"}
HOLDING = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"mvex"}
TALKATIVE = {b"udta", b"meta", b"uuid", b"free", b"skip", b"wide"}
TRACKS = {b"vide": "video", b"soun": "audio", b"text": "words", b"sbtl": "words", b"subt": "words", b"tmcd": "words"}
PLAYED = {b"avc1", b"avc3", b"av01", b"vp09", b"vp08", b"mp4a", b"Opus", b"fLaC", b".mp3"}
# What says how a film is unpacked, without which nothing plays.
SETTINGS = {b"avc1": b"avcC", b"avc3": b"avcC", b"av01": b"av1C", b"vp09": b"vpcC", b"vp08": b"vpcC"}
HEVC = {b"hvc1", b"hev1", b"dvh1", b"dvhe"}
MAX_SAMPLES = 2_000_000


@dataclass
class Film:
    """What the walk found: codecs by kind of track, size in pixels as it is shown, seconds.

    `content`: where sound and pictures lie, as (start, end); `unwanted`: what of it is to be wiped.
    """

    codecs: dict[str, bytes] = field(default_factory=dict)
    size: tuple[int, int] | None = None
    seconds: float | None = None
    content: list[tuple[int, int]] = field(default_factory=list)
    unwanted: list[tuple[int, int]] = field(default_factory=list)
    is_in_pieces: bool = False

    def holds(self, start: int, end: int) -> bool:
        """Whether a stretch of the file lies in one piece of its content."""
        at = bisect_right(self.content, (start, math.inf)) - 1
        return at >= 0 and self.content[at][0] <= start and end <= self.content[at][1]


def clean(source: Path, target: Path, mime_type: str) -> dict[str, Any]:
    """Copy the film without its labels to `target`; the facts of `CleanFile`. Raises FileError."""
    shutil.copyfile(source, target)
    with target.open("r+b") as file:
        try:
            walk = _clean_webm if mime_type == "video/webm" else _clean_mp4
            walk(file)
            # What was written over must have left a film, so it is read once more as readers will get it.
            film = walk(file)
        except struct.error as error:
            raise FileError(DAMAGED) from error
    if "video" not in film.codecs:
        if mime_type == "video/webm" or "audio" not in film.codecs:
            raise FileError("The file holds no film. Save sound as MP3, M4A or Ogg.")
        mime_type = "audio/mp4"
    elif mime_type == "audio/mp4":
        mime_type = "video/mp4"
    if "video" in film.codecs and not all(film.size or (0, 0)):
        raise FileError(DAMAGED)
    width, height = film.size or (None, None)
    seconds = round(film.seconds, 2) if film.seconds and 0 < film.seconds < 1e7 else None
    return {"mime_type": mime_type, "width": width, "height": height, "duration_seconds": seconds}


def _clean_mp4(file: BinaryIO) -> Film:
    end = file.seek(0, 2)
    top = list(boxes(file, 0, end))
    names = [box.name for box in top]
    film = Film(
        content=sorted((box.start, box.end) for box in top if box.name == b"mdat"), is_in_pieces=b"moof" in names
    )
    for box in top:
        if box.name == b"moov":
            _read_movie(file, box, film)
        elif box.name == b"moof":
            _blank_labels(file, box)
        elif box.name not in TOP:
            blank(file, box)
    if names[:1] != [b"ftyp"] or names.count(b"moov") != 1 or b"mdat" not in names:
        raise FileError(DAMAGED)
    _wipe(file, film, end)
    unknown = [codec for codec in film.codecs.values() if codec not in PLAYED]
    if any(codec in HEVC for codec in unknown):
        raise FileError(
            "The film is recorded as HEVC, which not every browser plays. On the iPhone choose Settings, Camera, "
            "Formats, Most Compatible, or export it as MP4 with H.264."
        )
    if unknown:
        raise FileError(f"Browsers do not play what is in this film ({_shown(unknown[0])}). Export it with H.264.")
    return film


def _shown(codec: bytes) -> str:
    return "".join(chr(byte) for byte in codec if 32 < byte < 127) or "unknown"


def _read_movie(file: BinaryIO, movie: Box, film: Film) -> None:
    for box in list(boxes(file, movie.start, movie.end)):
        if box.name == b"mvhd":
            head = content_of(file, box, 32)
            scale, length = struct.unpack_from(*((">IQ", head, 20) if head[0] else (">II", head, 12)))
            if scale and length < (1 << 63 if head[0] else 0xFFFFFFFF):
                film.seconds = length / scale
        elif box.name == b"trak":
            _read_track(file, box, film)
        elif box.name in TALKATIVE:
            blank(file, box)
        elif box.name in HOLDING:
            _blank_labels(file, box)


def _blank_labels(file: BinaryIO, holder: Box, depth: int = 0) -> None:
    for box in list(boxes(file, holder.start, holder.end)):
        if box.name in TALKATIVE:
            blank(file, box)
        elif box.name in HOLDING and depth < 8:
            _blank_labels(file, box, depth + 1)


def _inside(file: BinaryIO, box: Box | None) -> dict[bytes, Box]:
    return {inner.name: inner for inner in boxes(file, box.start, box.end)} if box else {}


def _read_track(file: BinaryIO, track: Box, film: Film) -> None:
    _blank_labels(file, track)
    parts = _inside(file, track)
    media = _inside(file, parts.get(b"mdia"))
    samples = _inside(file, _inside(file, media.get(b"minf")).get(b"stbl"))
    if b"hdlr" not in media or b"stsd" not in samples:
        raise FileError(DAMAGED)
    kind = TRACKS.get(content_of(file, media[b"hdlr"], 12)[8:12])
    if kind is None:
        # Where the camera was and what it saw, second by second.
        film.unwanted += _sample_places(file, samples)
        blank(file, track)
    elif kind != "words":
        description = content_of(file, samples[b"stsd"])
        codec = description[12:16]
        if codec in PLAYED and not _can_be_played(file, film, samples, description):
            return
        if codec not in PLAYED or kind not in film.codecs:
            film.codecs[kind] = codec
        if kind == "video" and not film.size:
            film.size = _shown_size(content_of(file, parts[b"tkhd"], 96)) if b"tkhd" in parts else None
            # Some programs leave the size to the description of the pictures.
            film.size = film.size if film.size and all(film.size) else struct.unpack_from(">HH", description, 40)


def _shown_size(head: bytes) -> tuple[int, int]:
    at = 52 if head[0] else 40
    turn, wide, high = struct.unpack_from(">i", head, at + 4)[0], *struct.unpack_from(">II", head, at + 36)
    return (high >> 16, wide >> 16) if turn else (wide >> 16, high >> 16)


def _can_be_played(file: BinaryIO, film: Film, samples: dict[bytes, Box], description: bytes) -> bool:
    """Whether a track says how it is unpacked and has something in it; films in pieces list theirs piece by piece."""
    if SETTINGS.get(description[12:16], b"") not in description[16:]:
        return False
    sizes = samples.get(b"stsz") or samples.get(b"stz2")
    counted = content_of(file, sizes, 12)[8:12] if sizes else b""
    narrow, wide = samples.get(b"stco"), samples.get(b"co64")
    places = content_of(file, narrow, 12)[8:] if narrow else content_of(file, wide, 16)[8:] if wide else b""
    first = int.from_bytes(places, "big")
    return film.is_in_pieces or (any(counted) and film.holds(first, first + 1))


def _wipe(file: BinaryIO, film: Film, end: int) -> None:
    """Zero what is unwanted. Raises FileError where that is more than there is, or not sound and pictures at all."""
    if sum(size for _, size in film.unwanted) > end:
        raise FileError(DAMAGED)
    done = 0
    for start, size in sorted(film.unwanted):
        if size and not film.holds(start, start + size):
            raise FileError(DAMAGED)
        zero(file, max(done, start), start + size)
        done = max(done, start + size)


def _sample_places(file: BinaryIO, table: dict[bytes, Box]) -> Iterator[tuple[int, int]]:
    """Where the pieces of a track lie in the file: chunks, and how many bytes of each."""
    wide = b"co64" in table
    places = _numbers(file, table.get(b"co64" if wide else b"stco"), 8 if wide else 4)
    runs = _numbers(file, table.get(b"stsc"), 4, per_entry=3)
    sizes: list[int] = []
    same = 0
    if b"stsz" in table:
        same = int.from_bytes(content_of(file, table[b"stsz"], 8)[4:8], "big")
        sizes = [] if same else _numbers(file, table[b"stsz"], 4, skip=4)
    if len(places) * max([1, *runs[1::3]]) > MAX_SAMPLES * 10 or (not same and len(sizes) > MAX_SAMPLES):
        raise FileError(DAMAGED)
    taken = run = 0
    for number, start in enumerate(places, start=1):
        while run + 3 < len(runs) and runs[run + 3] <= number:
            run += 3
        count = runs[run + 1] if len(runs) > 1 else 1
        size = same * count if same else sum(sizes[taken : taken + count])
        taken += count
        yield start, size


def _numbers(file: BinaryIO, box: Box | None, size: int, *, per_entry: int = 1, skip: int = 0) -> list[int]:
    """The numbers of a table, after its version and count."""
    if box is None:
        return []
    content = content_of(file, box, 8 + skip + MAX_SAMPLES * size)
    count = min(int.from_bytes(content[4 + skip : 8 + skip], "big") * per_entry, (len(content) - 8 - skip) // size)
    return list(struct.unpack_from(f">{max(count, 0)}{'Q' if size == 8 else 'I'}", content, 8 + skip))


class Element(NamedTuple):
    """An element of Matroska: its id, where it and its content begin, and where it ends; None: whenever it ends."""

    id: int
    at: int
    start: int
    end: int | None


EBML, SEGMENT, INFO, SCALE, LENGTH, TITLE = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x2AD7B1, 0x4489, 0x7BA9
TRACKS_OF, TRACK, TYPE, CODEC, VIDEO, WIDE, HIGH = 0x1654AE6B, 0xAE, 0x83, 0x86, 0xE0, 0xB0, 0xBA
CLUSTER, TAGS, ATTACHMENTS, DOCTYPE = 0x1F43B675, 0x1254C367, 0x1941A469, 0x4282
WEBM_CODECS = {b"V_VP8", b"V_VP9", b"V_AV1", b"A_OPUS", b"A_VORBIS"}
MAX_ELEMENTS = 1_000_000


def _elements(file: BinaryIO, start: int, end: int) -> Iterator[Element]:
    for _ in range(MAX_ELEMENTS):
        if start == end:
            return
        file.seek(start)
        head = file.read(12)
        long = 9 - head[0].bit_length() if head else 9
        sized = 9 - head[long].bit_length() if long < 5 and len(head) > long else 9
        if sized > 8 or long + sized > len(head):
            raise FileError(DAMAGED)
        size = int.from_bytes(head[long : long + sized], "big") & (1 << 7 * sized) - 1
        body = start + long + sized
        close = None if size == (1 << 7 * sized) - 1 else body + size
        found = Element(int.from_bytes(head[:long], "big"), start, body, close)
        if (close is None and found.id not in {SEGMENT, CLUSTER}) or (close or 0) > end:
            raise FileError(DAMAGED)
        yield found
        # Live recordings do not say where a cluster ends: what is in it is met as if it stood beside it.
        start = body if close is None else close
    raise FileError(DAMAGED)


def _clean_webm(file: BinaryIO) -> Film:
    film, end = Film(), file.seek(0, 2)
    top = list(_elements(file, 0, end)) if end else []
    head = {element.id: _value(file, element) for element in _elements(file, top[0].start, top[0].end or end)}
    if top[0].id != EBML or head.get(DOCTYPE, b"").rstrip(b"\0") != b"webm":
        raise FileError("This is a Matroska film, not WebM. Export it as MP4 or WebM.")
    segments = [element for element in top if element.id == SEGMENT]
    if len(segments) != 1:
        raise FileError(DAMAGED)
    has_pictures = False
    for element in _elements(file, segments[0].start, segments[0].end or end):
        if element.id == INFO:
            _read_info(file, element, film)
        elif element.id == TRACKS_OF:
            for track in _elements(file, element.start, element.end or end):
                if track.id == TRACK:
                    _read_webm_track(file, track, film)
        elif element.id in {TAGS, ATTACHMENTS}:
            _void(file, element)
        has_pictures |= element.id == CLUSTER
    if not has_pictures or not film.codecs:
        raise FileError(DAMAGED)
    return film


def _value(file: BinaryIO, element: Element) -> bytes:
    file.seek(element.start)
    return file.read(min((element.end or element.start) - element.start, 256))


def _read_info(file: BinaryIO, info: Element, film: Film) -> None:
    scale, length = 1_000_000, 0.0
    for element in list(_elements(file, info.start, info.end or info.start)):
        if element.id == SCALE:
            scale = int.from_bytes(_value(file, element), "big")
        elif element.id == LENGTH:
            value = _value(file, element)
            (length,) = struct.unpack(">f" if len(value) == 4 else ">d", value)
        elif element.id == TITLE:
            _void(file, element)
    film.seconds = length * scale / 1e9


def _read_webm_track(file: BinaryIO, track: Element, film: Film) -> None:
    parts = {element.id: element for element in _elements(file, track.start, track.end or track.start)}
    if TYPE not in parts or CODEC not in parts:
        raise FileError(DAMAGED)
    kind = {b"\1": "video", b"\2": "audio"}.get(_value(file, parts[TYPE])[-1:])
    codec = _value(file, parts[CODEC]).rstrip(b"\0")
    if kind and codec not in WEBM_CODECS:
        raise FileError(f"Browsers do not play what is in this film ({_shown(codec)}). Export it as MP4 with H.264.")
    if kind:
        film.codecs[kind] = codec
    if kind == "video" and VIDEO in parts:
        shape = {
            element.id: int.from_bytes(_value(file, element), "big")
            for element in _elements(file, parts[VIDEO].start, parts[VIDEO].end or 0)
        }
        film.size = (min(shape.get(WIDE, 0), 65_535), min(shape.get(HIGH, 0), 65_535))


def _void(file: BinaryIO, element: Element) -> None:
    """Turn an element into a Void of the same size."""
    end = element.end or element.start
    room = end - element.at
    wide = 1 if room < 129 else 8
    file.seek(element.at)
    file.write(b"\xec" + ((1 << 7 * wide) | (room - 1 - wide)).to_bytes(wide, "big"))
    zero(file, element.at + 1 + wide, end)
