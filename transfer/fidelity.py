"""Whether a text still says the same after it was turned into Markdown and rendered."""

from __future__ import annotations

import re

from core import video
from core.markup import plain_text
from transfer.html_tree import clean

# What rendering adds: the name of a programming language, and a block to click where the address of a video stood.
_ADDED = re.compile(r'<div class="cap">.*?</div>|<figure class="embed".*?</figure>', re.DOTALL)
_URL = re.compile(r"https?://\S+")
_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‘’‚‛‹›′", "'"),
        **dict.fromkeys("–—―", "-"),
        "…": "...",
        "\xad": "",
        "\ufeff": "",
    }
)


def words_of(html: str) -> str:
    """All text of some HTML without white space; quotation marks, dashes and ellipses in their plain form."""
    text = plain_text(clean(_ADDED.sub("", html)))
    text = _URL.sub(lambda url: "" if video.find(url[0]) else url[0], text).translate(_TYPOGRAPHY)
    return re.sub(r"-{2,}", "-", re.sub(r"[\s\u2028\u2029\x00-\x1f\x7f]+", "", text)).replace('""', '"')


def differs(before: str, after: str) -> str:
    """Where the second text first departs from the first, or an empty string when they say the same."""
    old, new = words_of(before), words_of(after)
    if old == new:
        return ""
    at = next(
        (n for n, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new))
    )
    return f"“…{old[max(0, at - 10) : at + 20]}” became “…{new[max(0, at - 10) : at + 20]}”"
