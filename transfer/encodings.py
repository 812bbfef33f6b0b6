"""In which encoding a file is written, and which of its characters no text may have."""

from __future__ import annotations

import codecs
import re

from transfer.records import BrokenFile

FORBIDDEN = bytes(code for code in range(32) if code not in (9, 10, 13))
CONTROL = dict.fromkeys([code for code in range(32) if code not in (9, 10, 13)] + [0xFFFE, 0xFFFF])
# With a mark of their byte order, else known by how "<?xml" looks in them; the longer beginnings first.
WIDE = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0\0\0": "utf-32-le",
    b"\0\0\0<": "utf-32-be",
    b"<\0?": "utf-16-le",
    b"\0<\0": "utf-16-be",
}
# Python lists these as encodings of texts; none says what the bytes of a file mean.
NO_ENCODINGS = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"}


def decoder_for(data: bytes, file_name: str) -> tuple[codecs.IncrementalDecoder, bool]:
    """A decoder that replaces what it cannot read, and whether bytes below 32 are always control characters.

    `data` is the beginning of the file. Raises BrokenFile for an encoding nobody knows.
    """
    for beginning, name in WIDE.items():
        if data.startswith(beginning):
            return codecs.getincrementaldecoder(name)("replace"), False
    declared = re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)", data[:400])
    name = declared[1].decode("ascii", "replace").lower() if declared else "utf-8"
    # What begins like ASCII is not written in two or four bytes a letter, whatever it says.
    if name in ("utf-8", "utf8", "us-ascii", "ascii") or re.match(r"utf[-_]?(16|32)", name):
        return codecs.getincrementaldecoder("utf-8-sig")("replace"), True
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        codec = None
    # Compressions and ciphers are listed as encodings as well.
    is_text = codec is not None and getattr(codec, "_is_text_encoding", True)
    if codec is None or not is_text or not codec.incrementaldecoder or codec.name.replace("_", "-") in NO_ENCODINGS:
        problem = f"its first line names the encoding “{name[:40]}”, which is unknown. Save it as UTF-8."
        raise BrokenFile(file_name, problem, 1, 1)
    return codec.incrementaldecoder("replace"), name.startswith(("iso-8859", "windows-125", "cp125", "latin"))
