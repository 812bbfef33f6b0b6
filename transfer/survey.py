"""The first walk through an export: is it whole, what is in it, and what do its parts say about each other."""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from transfer.old_addresses import addresses_of
from transfer.records import Author, Item, Site, SiteClock, Term
from transfer.wordpress import read_wxr

CONTENT = ("post", "page")
_PLACEHOLDER = re.compile(r"^(localhost|127\.|example\.|www\.example\.)|\.(test|local|localhost|example|internal|dev)$")


@dataclass
class File:
    """An attachment: one file of the old site."""

    old_id: str
    url: str
    path: str = ""
    title: str = ""
    alt: str = ""
    caption: str = ""
    description: str = ""
    parent: str = ""
    link: str = ""
    line: int = 0


@dataclass(slots=True)
class Wanted:
    """A post or page to come: who it is, what it wants to be called, where it could be reached."""

    kind: str
    identity: str
    slug: str
    title: str
    addresses: list[str]


@dataclass
class Survey:
    """Everything about a file but its texts, small enough to keep in memory."""

    path: Path
    site: Site = field(default_factory=Site)
    clock: SiteClock = field(default_factory=SiteClock)
    authors: dict[str, Author] = field(default_factory=dict)
    categories: dict[str, Term] = field(default_factory=dict)
    tags: dict[str, Term] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    own_files: dict[str, list[str]] = field(default_factory=dict)
    ignored: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    comments: int = 0
    wanted: list[Wanted] = field(default_factory=list)
    months: set[tuple[int, int]] = field(default_factory=set)

    @property
    def source(self) -> str:
        """The old site's name for identity: host and folder, without scheme."""
        address = self.site.base_url or self.site.link
        parts = split(address if "//" in address else f"//{address}")
        place = f"{parts.netloc.lower()}{parts.path.rstrip('/')}"
        # Many trial sites live at one such address; their titles keep them apart.
        if not place or _PLACEHOLDER.search(parts.hostname or "localhost"):
            place = f"{place} {self.site.title}".strip()
        return place[:200] or "a WordPress site"

    @property
    def host(self) -> str:
        return split(self.site.base_url or self.site.link).netloc.lower()

    def category_named(self, term_id: str) -> str:
        return next((slug for slug, term in self.categories.items() if term_id and term.old_id == term_id), "")


def split(address: str) -> SplitResult:
    """As `urlsplit`; nothing where the address is none."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def survey(path: str | Path) -> Survey:
    """Walk through the whole file once. Raises BrokenFile, so a broken one is known before anything is written."""
    found = Survey(Path(path))
    identities = Identities()
    for record in read_wxr(path):
        if isinstance(record, Site):
            found.site = record
        elif isinstance(record, Author):
            found.authors.setdefault(record.login, record)
        elif isinstance(record, Term):
            _note_term(found, record)
        elif record.kind in CONTENT and record.status not in ("auto-draft", "inherit"):
            _note_content(found, record, identities.of(record))
        elif record.kind == "attachment":
            _note_file(found, record)
        else:
            what = record.kind if record.kind not in CONTENT else f"{record.kind} ({record.status})"
            found.ignored[what] += 1
    return found


class Identities:
    """One identity per item, the same at every run: its id; for a second item of the same id, the id and a number."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str]] = Counter()

    def of(self, item: Item) -> str:
        plain = item.old_id or item.guid or item.link or f"{item.title} {item.local or item.published}"
        self._seen[item.kind, plain] += 1
        number = self._seen[item.kind, plain]
        return (plain if number == 1 else f"{plain}#{number}")[:200]


def _note_term(found: Survey, term: Term) -> None:
    if term.kind in ("category", "tag") and term.slug:
        term.name = plain_words(term.name) or term.slug
        (found.categories if term.kind == "category" else found.tags).setdefault(term.slug, term)
    elif term.slug:
        found.ignored[f"term of {term.kind}"] += 1


def _note_content(found: Survey, item: Item, identity: str) -> None:
    found.counts[item.kind] += 1
    found.comments += len(item.comments)
    if item.local and item.utc:
        found.clock.learn(item.local, item.utc)
    if item.author and item.author not in found.authors:
        found.authors[item.author] = Author(old_id="", login=item.author)
    for domain, slug, name in item.terms:
        known = {"category": found.categories, "post_tag": found.tags}.get(domain)
        if known is not None and slug not in known:
            known[slug] = Term({"post_tag": "tag"}.get(domain, domain), slug, plain_words(name) or slug)
    addresses = addresses_of(item, found.host)
    if addresses and item.old_id:
        found.links.setdefault(item.old_id, addresses[0])
    found.wanted.append(Wanted(item.kind, identity, item.slug, plain_words(item.title)[:300], addresses))
    moment = item.local or item.utc
    if item.kind == "post" and item.status == "publish" and moment:
        found.months.add((moment.year, moment.month))


def _note_file(found: Survey, item: Item) -> None:
    found.counts["attachment"] += 1
    old_id = item.old_id or item.guid
    found.files[old_id] = File(
        old_id=old_id,
        url=item.attachment_url or item.guid,
        path=item.meta_value("_wp_attached_file"),
        title=plain_words(item.title),
        alt=plain_words(item.meta_value("_wp_attachment_image_alt")),
        caption=plain_words(item.excerpt),
        description=item.body.strip(),
        parent=item.parent,
        link=item.link,
        line=item.line,
    )
    if item.parent:
        found.own_files.setdefault(item.parent, []).append(old_id)


_INLINE_TAG = re.compile(r"</?(?:em|strong|i|b|code|sup|sub|span|br|cite|small|u|mark|abbr)\b[^<>]*>", re.IGNORECASE)


def plain_words(text: str) -> str:
    """A title or caption as words: marks of emphasis and entities resolved, spaces single."""
    return " ".join(html.unescape(_INLINE_TAG.sub("", text)).split())
