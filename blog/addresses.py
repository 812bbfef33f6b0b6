"""Paths as they are compared: one spelling for one address."""

import re
import unicodedata
from urllib.parse import unquote

from django.conf import settings
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation

from core import languages

# First parts of paths that belong to the product; no page may take them.
RESERVED = frozenset(
    "accounts admin api archive author blog calendar category comments corrections favicon.ico feed healthz me media "
    "metrics newsletter page readyz robots.txt search series site.webmanifest sitemap.xml static tag topic ws".split()
)
# The first part of an edition's addresses, whichever editions there are today.
RESERVED |= {"en", *(code for code, _ in settings.LANGUAGES)}
# What addresses of several parts begin with.
STARTS = RESERVED | {"contact"}
# Spelt as they are compared already, as most are.
_SPELT = re.compile(r"(?:/[A-Za-z0-9_~-]+)+/")
# What WordPress adds to the names of the sizes it makes of one picture, and of a picture it has turned or cropped.
_SIZE = re.compile(r"(?:-\d{1,5}x\d{1,5}|-scaled|-rotated|-e\d{10,})+(?=\.\w{2,5}$)")


def without_size(path: str) -> str:
    """The name of the picture of which "…/boat-300x200.jpg" is a size: "…/boat.jpg"; others stay as they are."""
    return _SIZE.sub("", path)


def normalise_path(path: str) -> str:
    """One spelling: decoded, NFC, without query and repeated slashes, with a slash at the end unless it names a file.

    Bytes that are not UTF-8 become U+FFFD; case is kept.
    """
    if _SPELT.fullmatch(path):
        return path
    path = unquote(path.split("?", 1)[0].split("#", 1)[0])
    path = unicodedata.normalize("NFC", path).replace("\x00", "\ufffd")
    path = re.sub(r"/{2,}", "/", "/" + path)
    last = path.rsplit("/", 1)[-1]
    return path if path.endswith("/") or re.search(r"\.[a-z0-9]{2,5}$", last, re.I) else path + "/"


def match_of(path: str) -> ResolverMatch | None:
    """What is asked at a normalised path, in the language of its edition; None where no page of this site can be."""
    first, _, rest = path[1:].partition("/")
    # Trying all addresses there are is dear, and an old one seldom begins as any of them does.
    if rest and first not in STARTS:
        return None
    with translation.override(languages.edition_in(path) or languages.main()):
        try:
            return resolve(path)
        except Resolver404:
            return None


def normalise_old_address(address: str) -> str:
    """As `normalise_path`, keeping a query string: some old sites live at "/?p=397"."""
    path, mark, query = address.split("#", 1)[0].partition("?")
    return normalise_path(path) + (mark + query if query else "")
