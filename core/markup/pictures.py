"""What a text shows of a picture: every size there is of it, for the browser to choose from."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

# How wide a picture in a text is shown: the measure on a desk, the screen less its margins on a phone (layout.css). A
# rem in here is always 16 pixels; the pages' own grows on very wide screens.
IN_TEXT = "auto, (min-width: 120rem) 43rem, (min-width: 42rem) 38rem, calc(100vw - 2rem)"
WIDE = (
    "auto, (min-width: 120rem) 59rem, (min-width: 100rem) 52rem, (min-width: 66rem) calc(38rem + 14vw), "
    "(min-width: 42rem) 38rem, calc(100vw - 2rem)"
)

_TAG = re.compile(r"<(/?)(img|figure|picture)\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:-]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")
_SIZES = re.compile(r'<source\b[^>]* srcset="[^>]*>|</?picture>| (?:srcset|sizes)="[^"]*"')
_WIDE = re.compile(r"\b(?:wide|full)\b")
_OURS = frozenset({"srcset", "sizes", "loading", "fetchpriority", "decoding"})


@dataclass(frozen=True)
class Picture:
    """A picture as readers get it. `width` and `height` are of the largest size, in CSS pixels.

    `sources`: (type, srcset) of the formats to try first, the best first; `src` and `srcset`: what every browser shows.
    `tint`: a class that colours the place until the picture has come.
    """

    src: str
    width: int
    height: int
    srcset: str = ""
    sources: tuple[tuple[str, str], ...] = ()
    tint: str = ""


def put_sizes(page: str, pictures: Mapping[str, Picture]) -> str:
    """`page` (HTML not yet sanitised) with every `<img>` whose address is in `pictures` turned into a `<picture>`."""
    if not pictures:
        return page
    inside: list[str] = []
    wide: list[bool] = [False]

    def rewrite(found: re.Match[str]) -> str:
        closing, tag = found[1], found[2].lower()
        if tag == "figure":
            if not closing:
                wide.append(wide[-1] or bool(_WIDE.search(found[3])))
            elif len(wide) > 1:
                wide.pop()
        elif tag == "picture":
            inside.append(tag) if not closing else inside and inside.pop()
        elif not closing and not inside:
            return _sized(found, pictures, wide[-1])
        return found[0]

    return _TAG.sub(rewrite, page)


def without_sizes(page: str) -> str:
    """A rendered text whose pictures name one address each, for places where no size is chosen: feeds, comparisons."""
    return _SIZES.sub("", page)


def _sized(found: re.Match[str], pictures: Mapping[str, Picture], in_wide: bool) -> str:
    given = {name.lower(): html.unescape(value.strip("\"'")) for name, value in _ATTRIBUTE.findall(found[3])}
    picture = pictures.get(given.get("src", ""))
    if picture is None:
        return found[0]
    name = given.get("class", "")
    sizes = WIDE if in_wide or _WIDE.search(name) else IN_TEXT
    said = {key: value for key, value in given.items() if key not in _OURS}
    if not {"width", "height"} & said.keys() and picture.width:
        said |= {"width": str(picture.width), "height": str(picture.height)}
    said |= {"src": picture.src, "class": f"{name} {picture.tint}".strip(), "decoding": "async"}
    if picture.srcset:
        said |= {"srcset": picture.srcset, "sizes": sizes}
    image = "<img" + "".join(f' {key}="{html.escape(value)}"' for key, value in said.items() if value or key == "alt")
    if not picture.sources:
        return f"{image}>"
    sources = "".join(
        f'<source type="{kind}" srcset="{html.escape(srcset)}" sizes="{sizes}">' for kind, srcset in picture.sources
    )
    return f"<picture>{sources}{image}></picture>"
