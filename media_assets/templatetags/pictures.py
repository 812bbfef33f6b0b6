"""`{% picture %}`: a picture of the library in every size readers may need."""

from __future__ import annotations

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from media_assets import renditions
from media_assets.models import MediaAsset

register = template.Library()

# How wide pictures are shown in each place of the site, as layout.css has it, and the widest file worth offering there.
PLACES = {
    "cover": (
        "(min-width: 120rem) 65rem, (min-width: 80rem) 58rem, (min-width: 66rem) 74vw, (min-width: 42rem) 38rem, "
        "calc(100vw - 2rem)",
        2560,
    ),
    "lead": (
        "(min-width: 120rem) 49rem, (min-width: 82.5rem) 43.5rem, (min-width: 56rem) 53vw, calc(100vw - 2rem)",
        1920,
    ),
    "row": ("(min-width: 120rem) 13rem, (min-width: 40rem) 11.5rem, 6.5rem", 480),
    "card": ("(min-width: 120rem) 28rem, (min-width: 82.5rem) 25rem, (min-width: 56rem) 31vw, 7rem", 1080),
    "face": ("4.5rem", 320),
}
LATER, AT_ONCE = mark_safe(' loading="lazy"'), mark_safe(' fetchpriority="high"')
# Characters of HTML that fill about one screen.
NEAR_THE_TOP = 2500
_SOURCES = re.compile("<source[^>]*>")
# From here on the cover of a post is cut 16:9 (layout.css).
DESK = "(min-width: 56rem)"


@register.simple_tag
def picture(
    asset: MediaAsset | None,
    place: str,
    alt: str = "",
    shape: str = "",
    desk_shape: str = "",
    name: str = "pic",
    priority: bool = False,
) -> SafeString | str:
    """A picture for one of PLACES; nothing for one that is not ready.

    `shape` cuts it around its focal point ("16x9", "1x1"), `desk_shape` on wide screens only; `name`: its classes.
    `priority`: it is seen first, so it is fetched at once and before others; any other waits until it comes near.
    """
    width, most = PLACES[place]
    shown = renditions.picture(asset, shape, most) if asset else None
    if asset is None or shown is None:
        return ""
    sizes = width if priority else f"auto, {width}"
    classes = " ".join(part for part in (name, "" if shape else focal(asset), shown.tint) if part)
    image = format_html(
        '<img class="{}" src="{}"{}{} alt="{}"{}>',
        classes,
        shown.src,
        format_html(' srcset="{}" sizes="{}"', shown.srcset, sizes) if shown.srcset else "",
        format_html(' width="{}" height="{}"', shown.width, shown.height) if shown.width else "",
        alt,
        AT_ONCE if priority else mark_safe(f'{LATER} decoding="async"'),
    )
    on_desk = renditions.picture(asset, desk_shape, most) if desk_shape else None
    sources = [(kind, srcset, sizes, DESK) for kind, srcset in (on_desk.sources if on_desk else ())]
    sources += [(kind, srcset, sizes, "") for kind, srcset in shown.sources]
    if not sources:
        return image
    return format_html(
        "<picture>{}{}</picture>", format_html_join("", _SOURCE, (_source(*each) for each in sources)), image
    )


_SOURCE = '<source type="{}" srcset="{}" sizes="{}"{}>'


def _source(kind: str, srcset: str, sizes: str, media: str) -> tuple[str, str, str, SafeString | str]:
    return kind, srcset, sizes, format_html(' media="{}"', media) if media else ""


@register.filter
def focal(image: MediaAsset) -> str:
    """Classes that keep the important part of a picture in sight when it is cropped, in steps of a quarter."""
    across, down = (round(share * 4) * 25 for share in (image.focal_x, image.focal_y))
    return " ".join(name for name, share in ((f"fx-{across}", across), (f"fy-{down}", down)) if share != 50)


@register.filter
def first_at_once(html: str) -> SafeString:
    """A rendered text; a picture so near its top that it is seen first is fetched at once and before others."""
    begins, start = html.find("<img"), html.find(LATER)
    # A picture's own sizes, which stand before it, say nothing of its place.
    if begins < 0 or start < 0 or len(_SOURCES.sub("", html[:begins])) > NEAR_THE_TOP:
        return mark_safe(html)
    head, tail = html[:start], html[start + len(LATER) :]
    end = tail.find(">")
    first = (head + AT_ONCE + tail[:end]).replace('sizes="auto, ', 'sizes="')
    return mark_safe(first + tail[end:])
