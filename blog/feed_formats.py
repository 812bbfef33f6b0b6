"""One feed in three formats: RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1.

All say the same of a post under the same id, so that somebody who changes from one to another is told nothing twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from io import StringIO
from typing import Any, NamedTuple
from xml.sax.xmlreader import AttributesImpl

from django.utils.feedgenerator import rfc2822_date, rfc3339_date
from django.utils.xmlutils import SimplerXMLGenerator

from blog.hreflang import DEFAULT, Alternates

# What XML 1.0 has no place for, not even escaped.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Picture(NamedTuple):
    """What comes along with a post: a whole address, bytes, type."""

    address: str
    size: int
    type: str


@dataclass(frozen=True)
class Item:
    """One post. `id` stays whatever it is called and wherever it moves; `html`: empty where the summary is all."""

    id: str
    address: str
    title: str
    summary: str
    published: datetime
    updated: datetime
    html: str = ""
    language: str = ""
    authors: list[tuple[str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    picture: Picture | None = None
    translations: Alternates = field(default_factory=list)


@dataclass(frozen=True)
class Feed:
    """What a feed says of itself. `address` is the page it is the feed of; addresses are whole."""

    id: str
    address: str
    title: str
    description: str
    language: str
    updated: datetime
    items: list[Item]
    icon: str = ""
    hub: str = ""


class Format(NamedTuple):
    """`end` follows "feed/" in its address."""

    name: str
    end: str
    mime_type: str
    write: Callable[[Feed, str], str]


class _Document(SimplerXMLGenerator):
    """XML one element at a time; what XML has no place for becomes U+FFFD."""

    def __init__(self) -> None:
        self.text = StringIO()
        super().__init__(self.text, "utf-8", short_empty_elements=True)
        self.startDocument()

    def put(self, name: str, content: str | None = None, **attributes: str) -> None:
        self.addQuickElement(name, None if content is None else clean(content), _attributes(attributes))

    def begin(self, name: str, **attributes: str) -> None:
        self.startElement(name, AttributesImpl(_attributes(attributes)))

    def end(self, *names: str) -> None:
        for name in names:
            self.endElement(name)


def clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _attributes(given: dict[str, str]) -> dict[str, str]:
    """xml_lang → xml:lang; those without a value are left out."""
    return {name.replace("_", ":"): clean(value) for name, value in given.items() if value}


def _others(item: Item) -> Alternates:
    """Its translations, and the one for everybody else; "related", for readers take any "alternate" for its address."""
    return [(code, address) for code, address in item.translations if code == DEFAULT or address != item.address]


def _as_html(text: str) -> str:
    """A description in RSS is HTML to those who read it; ours is text, in which every character means itself."""
    return escape(text, quote=False)


def rss(feed: Feed, own_address: str) -> str:
    document = _Document()
    document.begin(
        "rss",
        version="2.0",
        xmlns_atom="http://www.w3.org/2005/Atom",
        xmlns_content="http://purl.org/rss/1.0/modules/content/",
        xmlns_dc="http://purl.org/dc/elements/1.1/",
    )
    document.begin("channel")
    document.put("title", feed.title)
    document.put("link", feed.address)
    document.put("description", _as_html(feed.description))
    document.put("atom:link", rel="self", type="application/rss+xml", href=own_address)
    if feed.hub:
        document.put("atom:link", rel="hub", href=feed.hub)
    document.put("language", feed.language)
    document.put("lastBuildDate", rfc2822_date(feed.updated))
    if feed.icon:
        document.begin("image")
        for name, said in (("url", feed.icon), ("title", feed.title), ("link", feed.address)):
            document.put(name, said)
        document.end("image")
    for item in feed.items:
        _rss_item(document, item, feed)
    document.end("channel", "rss")
    return document.text.getvalue()


def _rss_item(document: _Document, item: Item, feed: Feed) -> None:
    document.begin("item")
    document.put("title", item.title)
    document.put("link", item.address)
    document.put("guid", item.id, isPermaLink="false")
    document.put("description", _as_html(item.summary))
    for name, _ in item.authors:
        document.put("dc:creator", name)
    document.put("pubDate", rfc2822_date(item.published))
    document.put("atom:updated", rfc3339_date(item.updated))
    if item.language and item.language != feed.language:
        document.put("dc:language", item.language)
    for word in item.words:
        document.put("category", word)
    for language, address in _others(item):
        document.put("atom:link", rel="related", hreflang=language, href=address)
    if item.picture:
        document.put("enclosure", url=item.picture.address, length=str(item.picture.size), type=item.picture.type)
    if item.html:
        document.put("content:encoded", item.html)
    document.end("item")


def atom(feed: Feed, own_address: str) -> str:
    document = _Document()
    document.begin("feed", xmlns="http://www.w3.org/2005/Atom", xml_lang=feed.language)
    document.put("id", feed.id)
    document.put("title", feed.title)
    document.put("subtitle", feed.description)
    document.put("updated", rfc3339_date(feed.updated))
    document.put("link", rel="alternate", type="text/html", href=feed.address)
    document.put("link", rel="self", type="application/atom+xml", href=own_address)
    if feed.hub:
        document.put("link", rel="hub", href=feed.hub)
    if feed.icon:
        document.put("icon", feed.icon)
    # An entry without an author of its own needs one of the feed's.
    _atom_author(document, feed.title, feed.address)
    for item in feed.items:
        _atom_entry(document, item, feed)
    document.end("feed")
    return document.text.getvalue()


def _atom_author(document: _Document, name: str, address: str) -> None:
    document.begin("author")
    document.put("name", name)
    if address:
        document.put("uri", address)
    document.end("author")


def _atom_entry(document: _Document, item: Item, feed: Feed) -> None:
    document.begin("entry", xml_lang=item.language if item.language != feed.language else "")
    document.put("id", item.id)
    document.put("title", item.title)
    document.put("link", rel="alternate", type="text/html", hreflang=item.language, href=item.address)
    for language, address in _others(item):
        document.put("link", rel="related", type="text/html", hreflang=language, href=address)
    if item.picture:
        picture = item.picture
        document.put("link", rel="enclosure", href=picture.address, length=str(picture.size), type=picture.type)
    document.put("published", rfc3339_date(item.published))
    document.put("updated", rfc3339_date(item.updated))
    for name, address in item.authors:
        _atom_author(document, name, address)
    for word in item.words:
        document.put("category", term=word)
    if item.summary:
        document.put("summary", item.summary)
    if item.html:
        document.put("content", item.html, type="html")
    document.end("entry")


def json_feed(feed: Feed, own_address: str) -> str:
    said: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.address,
        "feed_url": own_address,
        "description": feed.description,
        "icon": feed.icon,
        "language": feed.language,
        "hubs": [{"type": "WebSub", "url": feed.hub}] if feed.hub else [],
        "items": [_json_item(item) for item in feed.items],
    }
    kept = {name: value for name, value in said.items() if value or name == "items"}
    return json.dumps(kept, ensure_ascii=False, indent=1).encode("utf-8", "replace").decode()


def _json_item(item: Item) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": item.id,
        "url": item.address,
        "title": item.title,
        "summary": item.summary,
        "content_html": item.html,
        "content_text": "" if item.html else item.summary or item.title,
        "image": item.picture.address if item.picture else "",
        "date_published": rfc3339_date(item.published),
        "date_modified": rfc3339_date(item.updated),
        "authors": [{"name": name, "url": address} if address else {"name": name} for name, address in item.authors],
        "tags": item.words,
        "language": item.language,
        # What the format has no word for goes under a name with an underscore.
        "_hreflang": dict(item.translations),
    }
    return {name: value for name, value in said.items() if value}


FORMATS: dict[str, Format] = {
    "rss": Format("RSS", "", "application/rss+xml", rss),
    "atom": Format("Atom", "atom/", "application/atom+xml", atom),
    "json": Format("JSON Feed", "json/", "application/feed+json", json_feed),
}


def addresses_under(list_address: str) -> Iterable[tuple[Format, str]]:
    """Every format of the feed of a list, with its address."""
    return [(kind, f"{list_address}feed/{kind.end}") for kind in FORMATS.values()]
