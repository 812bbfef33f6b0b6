"""What a file is by its content; its name and what the browser said about it count for nothing."""

from __future__ import annotations

from pathlib import Path

from core.files import FileError

ACCEPTED = (
    "Accepted are pictures (JPEG, PNG, GIF, WebP, AVIF, HEIC, SVG), PDF documents, sound (MP3, M4A, Ogg) "
    "and films (MP4, WebM)."
)
HEIC = "image/heic"
STRANGERS = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML file"),
    (b"<", "a web page or another text with marks"),
    (b"BM", "a BMP picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"8BPS", "a Photoshop file"),
    (b"\0\0\1\0", "an icon file"),
    (b"\x01\xda", "an SGI picture"),
    (b"DDS ", "a DDS texture"),
    (b"BLP", "a BLP texture"),
    (b"fLaC", "a FLAC recording"),
    (b"FORM", "an AIFF recording"),
    (b".snd", "an AU recording"),
    (b"FLV", "a Flash film"),
    (b"\x00\x00\x01\xba", "an MPEG film"),
    (b"\x30\x26\xb2\x75", "a Windows Media file"),
    (b"PK\3\4", "an archive or office document"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"#!", "a program"),
)
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
SOUND_BRANDS = {b"M4A ", b"M4B ", b"M4P "}


def recognise(source: Path) -> str:
    """The media type of a file that may be let in. Raises FileError naming what it is otherwise."""
    with source.open("rb") as file:
        beginning = file.read(4096)
    found = _known(beginning)
    if found:
        return found
    raise FileError(f"This is {_name_of(beginning)}. {ACCEPTED}")


def _known(start: bytes) -> str:
    if start.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if start[:6] in {b"GIF87a", b"GIF89a"}:
        return "image/gif"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    if start.startswith(b"%PDF-"):
        return "application/pdf"
    if start[4:8] == b"ftyp":
        return _of_brands(start)
    if start.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm"
    if start.startswith(b"OggS"):
        return "audio/ogg"
    if start.startswith(b"ID3") or is_mp3_frame(start[:4]):
        return "audio/mpeg"
    # Drawing programs on Windows write two bytes for each letter.
    wide = start[:2] in {b"\xff\xfe", b"\xfe\xff"}
    plain = start.decode("utf-16", "ignore").encode("utf-8", "ignore") if wide else start
    text = plain.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"<") and b"<svg" in text and b"<html" not in text:
        return "image/svg+xml"
    return ""


def _of_brands(start: bytes) -> str:
    size = int.from_bytes(start[:4], "big")
    brands = {start[8:12]} | {start[place : place + 4] for place in range(16, min(size, len(start)), 4)}
    if brands & {b"avif", b"avis"}:
        return "image/avif"
    if start[8:12] in HEIC_BRANDS or brands & (HEIC_BRANDS - {b"mif1", b"msf1"}):
        return HEIC
    return "audio/mp4" if start[8:12] in SOUND_BRANDS else "video/mp4"


def is_mp3_frame(head: bytes) -> bool:
    """Whether these four bytes begin a frame of MPEG audio layer III."""
    return (
        len(head) >= 4
        and head[0] == 0xFF
        and head[1] & 0xE6 == 0xE2
        and head[1] & 0x18 != 0x08
        and head[2] >> 4 not in {0, 15}
        and head[2] & 0x0C != 0x0C
    )


def _name_of(start: bytes) -> str:
    beginning = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for mark, name in STRANGERS:
        if beginning.startswith(mark.lower()):
            return name
    if start[:4] == b"RIFF":
        return {b"WAVE": "a WAV recording", b"AVI ": "an AVI film"}.get(
            start[8:12], "not a sound or film that is accepted here"
        )
    if start[4:8] in {b"moov", b"mdat", b"wide", b"free"}:
        return "an old QuickTime film"
    return "not a picture, document, sound or film that is accepted here"
