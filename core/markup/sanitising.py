"""The last step of all HTML that is kept or sent: a list of what may stay; everything else goes.

Nothing may rewrite HTML after `sanitise`.
"""

import re

import nh3

from core import video

# Prefix of every id in a text, so that none can shadow a property of the page's own scripts (`id=location`).
PREFIX = "s-"

TAGS = frozenset(
    "p br hr h2 h3 h4 h5 h6 em strong b i u s del ins mark sup sub small kbd samp var code pre q cite blockquote dfn "
    "abbr time ul ol li dl dt dd table caption thead tbody tfoot tr th td colgroup col a img picture figure figcaption "
    "audio video source details summary div section aside span bdi bdo ruby rt rp wbr".split()
)

# Their content is not text for readers either.
DROPPED_WITH_CONTENT = frozenset(
    "script style template iframe object embed applet noscript noembed noframes svg math title textarea select xmp "
    "plaintext head".split()
)

CLASSES = frozenset(
    "code cap k st nu co fn gi gd tw num mid fnref notes back anc embed pull task done box "
    "admonition admonition-title note tip info important warning caution danger success question example quote "
    "wide full left right center lead small gallery".split()
)

ATTRIBUTES: dict[str, set[str]] = {
    "*": {"id", "class", "title", "lang", "dir", "role", "aria-label", "aria-hidden"},
    "a": {"href", "hreflang", "rel"},
    "abbr": set(),
    "audio": {"src", "preload"},
    "video": {"src", "preload", "poster", "width", "height"},
    "source": {"src", "type", "srcset", "sizes"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "del": {"datetime"},
    "ins": {"datetime"},
    "time": {"datetime"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
    "figure": {"data-embed", "data-id"},
    "img": {"src", "alt", "width", "height", "decoding", "srcset", "sizes"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "headers", "scope"},
    "pre": {"tabindex"},
    "div": {"tabindex"},
}

# One each: nh3 writes several in an order that changes from call to call, and the same text must give the same page.
_FORCED = {"img": {"loading": "lazy"}, "audio": {"controls": ""}, "video": {"controls": ""}}

_ROLES = frozenset({"region", "note", "img", "doc-endnotes", "presentation"})
_RELS = frozenset("noopener noreferrer nofollow sponsored ugc external author me license tag".split())
_ID = re.compile(r"^[\w:.-]{1,120}$")
_NUMBER = re.compile(r"^\d{1,5}%?$")
_VIDEO_ID = re.compile(r"^[\w-]{3,120}$")
_TINT = re.compile(r"^tint-[0-3]{3}$")
_TYPE = re.compile(r"^[\w.+-]+/[\w.+-]+(?:; ?codecs=[\w.,\" -]+)?$")
_SIZES = re.compile(r"^[\w\s().,:%+*/-]{1,200}$")
_CANDIDATE = re.compile(r"^[^\s,]+ \d{1,5}w$")
_SCHEME = re.compile(r"^[^/?#]*?:")
_CONTROLS = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060\ufeff]")


def anchor(name: str) -> str:
    """The id that the sanitiser gives to an element called `name` in the text."""
    return name if name.startswith(PREFIX) else PREFIX + name


def sanitise(html: str) -> str:
    """`html` with only known elements, attributes, classes and addresses left; safe to put into a page.

    Ids get the prefix `s-` and links within the text follow them. Running it twice changes nothing more.
    """
    return nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags=DROPPED_WITH_CONTENT,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        set_tag_attribute_values=_FORCED,
        link_rel=None,
        url_schemes={"http", "https", "mailto", "tel"},
        strip_comments=True,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    match name:
        case "class":
            return " ".join(word for word in value.split() if word in CLASSES or _TINT.match(word)) or None
        case "id":
            return anchor(value) if _ID.match(value) else None
        case "headers":
            return " ".join(anchor(word) for word in value.split())
        case "href" | "src" | "poster" | "cite":
            return _address(name, value)
        case "srcset":
            return _candidates(value)
        case "sizes":
            return value if _SIZES.match(value) else None
        case "type" if tag == "source":
            return value if _TYPE.match(value) else None
        case "role":
            return value if value in _ROLES else None
        case "decoding":
            return value if value == "async" else None
        case "preload":
            return value if value in ("none", "metadata") else None
        case "tabindex":
            return value if value == "0" else None
        case "rel":
            return " ".join(word for word in value.lower().split() if word in _RELS) or None
        case "width" | "height":
            return value if _NUMBER.match(value) else None
        case "data-embed":
            return value if value in video.HOSTS else None
        case "data-id":
            return value if _VIDEO_ID.match(value) else None
    return value


def _address(name: str, value: str) -> str | None:
    bare = _CONTROLS.sub("", value)
    if bare.startswith("#"):
        if name != "href":
            return None
        return bare if bare in ("#", "#top") else "#" + anchor(bare[1:])
    scheme = _SCHEME.match(bare)
    if scheme is None:
        return value
    allowed = ("http:", "https:", "mailto:", "tel:") if name == "href" else ("http:", "https:")
    return value if scheme.group().lower() in allowed else None


def _candidates(srcset: str) -> str | None:
    """Addresses with their widths, as we write them ourselves; all or nothing."""
    candidates = srcset.split(", ")
    good = all(_CANDIDATE.match(each) and _address("src", each.split(" ")[0]) for each in candidates)
    return srcset if good else None
