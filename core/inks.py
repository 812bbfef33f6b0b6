"""The second ink of a publication: what a colour of its own must pass, and the shades that follow from it.

Six inks are part of the product (static/css/tokens.css). Any other colour is measured first, in both schemes, because
links, section names and the focus ring are read in it.
"""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass

INKS = ("ultramarine", "vermilion", "bottle", "madder", "umber", "black")
OWN = "own"
LEAST_CONTRAST = 4.5
# What a proposed colour for the dark is given, so that it is as easy to read as the six.
GOOD_CONTRAST = 8.0
WHITE = "#ffffff"
_COLOUR = re.compile(r"#[0-9a-f]{6}\Z")


@dataclass(frozen=True, slots=True)
class Grounds:
    """What stands under the ink in one scheme, as in tokens.css: the page, and what is sunk into it."""

    scheme: str
    paper: str
    stock: str


LIGHT = Grounds("light", "#fbfbf8", "#f1f1eb")
DARK = Grounds("dark", "#141517", "#1e1f22")


def is_colour(text: object) -> bool:
    return isinstance(text, str) and _COLOUR.match(text) is not None


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2, from 1 to 21."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def weakest(colour: str, grounds: Grounds) -> tuple[str, float]:
    """The ground on which `colour` is hardest to read, and its ratio there."""
    measured = {"paper": contrast(colour, grounds.paper), "stock": contrast(colour, grounds.stock)}
    name = min(measured, key=measured.__getitem__)
    return name, measured[name]


def is_readable(colour: str, grounds: Grounds) -> bool:
    return is_colour(colour) and weakest(colour, grounds)[1] >= LEAST_CONTRAST


def dark_of(light: str) -> str:
    """The same hue, light enough to be read well on dark paper."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in _parts(light)))
    for step in range(round(lightness * 100), 101):
        parts = colorsys.hls_to_rgb(hue, step / 100, saturation)
        colour = _written([part * 255 for part in parts])
        if weakest(colour, DARK)[1] >= GOOD_CONTRAST:
            return colour
    return WHITE


def tokens(colour: str, grounds: Grounds) -> dict[str, str]:
    """The four tokens an ink is made of: itself, what is written on it, its tint and its deep shade."""
    if grounds is LIGHT:
        written_on, tint, deep = WHITE, _mixed(colour, grounds.paper, 0.09), _mixed(colour, "#000000", 0.8)
    else:
        written_on, tint = _mixed(colour, "#000000", 0.12), _mixed(colour, grounds.paper, 0.22)
        deep = _mixed(colour, WHITE, 0.65)
    return {"--spot": colour, "--spot-ink": written_on, "--spot-tint": tint, "--spot-deep": deep}


def stylesheet(light: str, dark: str) -> str:
    """The rules of one ink, for the device's scheme and for the one a reader chose."""
    of_light, of_dark = _rules(tokens(light, LIGHT)), _rules(tokens(dark, DARK))
    return (
        f":root[data-ink={OWN}]{{{of_light}}}"
        f"@media (prefers-color-scheme:dark){{:root[data-ink={OWN}]:not([data-theme=light]){{{of_dark}}}}}"
        f":root[data-ink={OWN}][data-theme=dark]{{{of_dark}}}\n"
    )


def _rules(found: dict[str, str]) -> str:
    return ";".join(f"{name}:{value}" for name, value in found.items())


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _written(parts: list[float]) -> str:
    return "#" + "".join(f"{max(0, min(255, round(part))):02x}" for part in parts)


def _mixed(colour: str, ground: str, share: float) -> str:
    """`share` of the colour over the ground."""
    pairs = zip(_parts(colour), _parts(ground), strict=True)
    return _written([one * share + other * (1 - share) for one, other in pairs])


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
