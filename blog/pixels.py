"""How wide a line is on the page of a search engine, in CSS pixels.

Search engines cut titles and descriptions by width, not by letters. They set them in Arial; the table has its advance
widths in thousandths of the size (Liberation Sans and Helvetica share them). Scripts beside Latin are taken at the
width their usual fallback faces have, which is near enough for a warning; a browser measures exactly.
"""

from __future__ import annotations

import unicodedata

TITLE_SIZE = 20
DESCRIPTION_SIZE = 14
# What is shown before the ellipsis. A title of 580 px is one line on a desktop; phones give it two narrower lines.
# Descriptions are two lines of 460 px on a desktop and, with the date often set before them, 680 px on a phone.
TITLE_ROOM = 580
DESCRIPTION_ROOM = 920
PHONE_DESCRIPTION_ROOM = 680
# Under this a description says too little to be chosen over a piece of the text.
DESCRIPTION_LEAST = 300

_ROWS = {
    191: "'",
    222: "ijl‘’‚",
    260: "|",
    278: " !,./:;I[\\]ft",
    333: "()-`r“”„·",
    334: "{}",
    355: '"',
    389: "*",
    400: "°",
    469: "^",
    500: "Jckvxyzs",
    556: "#$0123456789?L_abdeghnopqu–«»€£ß",
    584: "+<=>~",
    611: "FTZø",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    737: "©®",
    778: "GOQØ",
    833: "Mm",
    889: "%æ",
    944: "Wœ",
    1000: "—…Æ",
    1015: "@",
}
_WIDTHS = {character: width for width, characters in _ROWS.items() for character in characters}


def _width(character: str) -> int:
    width = _WIDTHS.get(character)
    if width is not None:
        return width
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 1000
    base = unicodedata.normalize("NFD", character)[0]
    if base in _WIDTHS:
        return _WIDTHS[base]
    if unicodedata.bidirectional(character) in ("R", "AL"):
        return 500
    return 667 if character.isupper() else 556


def width_of(text: str, size: int) -> int:
    """The width of `text` in pixels at a font size of `size` pixels, rounded."""
    return round(sum(map(_width, text)) * size / 1000)


def cut(text: str, size: int, room: int) -> str:
    """`text` as a search engine shows it in `room` pixels: whole, or cut between words with an ellipsis."""
    if width_of(text, size) <= room:
        return text
    room -= width_of("…", size)
    used = 0.0
    for place, character in enumerate(text):
        used += _width(character) * size / 1000
        if used > room:
            kept = text[:place]
            space = kept.rfind(" ")
            return (kept[:space] if space > place // 2 else kept).rstrip(" ,;:.–·") + "…"
    return text
