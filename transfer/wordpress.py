"""Reads a WordPress export (WXR 1.0 to 1.2) as a stream of plain records, in constant memory.

Elements are matched by prefix and local name, never by namespace address: real files carry five spellings of it.
A document type, an entity or anything external is refused at once; serialised PHP stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote
from xml.parsers import expat

from transfer.encodings import CONTROL, FORBIDDEN, decoder_for
from transfer.records import Author, BrokenFile, Comment, Item, Record, Site, Term

CHUNK = 64 * 1024
MAX_DEPTH = 64
# A text of more than a million bytes is refused by the renderer; comments and fields may come to several times that.
MAX_RECORD = 16_000_000
ELEMENT_COST = 200
RECORDS = {"item", "wp:author", "wp:category", "wp:tag", "wp:term"}
HEAD = {"title", "link", "language", "pubDate", "wp:wxr_version", "wp:base_site_url", "wp:base_blog_url"}
PREFIXES = {"wp", "content", "excerpt", "dc"}
FIELDS_KEPT = 64_000
# Archives have addresses with four digits for the year, and times elsewhere in the world must exist as well.
YEARS = range(1000, 3000)
DATES = ("wp:post_date", "wp:post_date_gmt", "wp:post_modified_gmt")

WORDS = {
    expat.errors.XML_ERROR_INVALID_TOKEN: "there is a character that is not allowed here, often a bare & or <.",
    expat.errors.XML_ERROR_NO_ELEMENTS: "the file ends before its last element is closed; it may be cut off.",
    expat.errors.XML_ERROR_UNCLOSED_TOKEN: "the file ends in the middle of an element; it may be cut off.",
    expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION: "the file ends in the middle of a text; it may be cut off.",
    expat.errors.XML_ERROR_TAG_MISMATCH: "an element is closed that is not the one that was opened.",
    expat.errors.XML_ERROR_UNDEFINED_ENTITY: "it uses a named entity, which an export never needs and we do not read.",
    expat.errors.XML_ERROR_BAD_CHAR_REF: "it names a character that does not exist.",
    expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: "there is more text after the end of the export.",
}


class _Node:
    __slots__ = ("attrs", "children", "line", "name", "text")

    def __init__(self, name: str, attrs: dict[str, str], line: int = 0) -> None:
        self.name, self.attrs, self.line = name, attrs, line
        self.text: list[str] = []
        self.children: list[_Node] = []

    def value(self) -> str:
        return "".join(self.text)

    def first(self, name: str) -> str:
        """The text of the first child of that name. The prefixed spelling wins over a bare one."""
        bare = name.rpartition(":")[2]
        fallback = ""
        for child in self.children:
            if child.name == name:
                return child.value()
            if child.name == bare and not fallback:
                fallback = child.value()
        return fallback

    def word(self, name: str) -> str:
        return self.first(name).strip()


def read_wxr(path: str | Path) -> Iterator[Record]:
    """The records of the export in file order. Raises BrokenFile at the first fault, having yielded the rest."""
    yield from _Reader(Path(path)).records()


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.depth = 0
        self.site = Site()
        self.site_sent = False
        self.saw_version = False
        self.open: list[_Node] = []
        self.head: _Node | None = None
        self.spent = 0
        self.ready: list[Record] = []
        self.aliases: dict[str, str] = {}
        self.path_names: list[str] = []
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.StartDoctypeDeclHandler = self.refuse_doctype
        parser.EntityDeclHandler = self.refuse_doctype
        parser.ExternalEntityRefHandler = self.refuse_doctype

    def records(self) -> Iterator[Record]:
        try:
            for text in self.texts():
                self.parser.Parse(text, False)
                yield from self.drain()
            self.parser.Parse("", True)
        except (UnicodeError, AssertionError) as error:
            raise self.broken("there are bytes that its encoding does not have; save it as UTF-8.") from error
        except expat.ExpatError as error:
            words = WORDS.get(expat.errors.messages.get(error.code, ""), f"{expat.ErrorString(error.code)}.")
            raise BrokenFile(self.path.name, f"not well-formed: {words}", error.lineno, error.offset + 1) from error
        yield from self.drain()

    def drain(self) -> Iterator[Record]:
        ready, self.ready = self.ready, []
        yield from ready

    def texts(self) -> Iterator[str]:
        try:
            stream = self.path.open("rb")
        except OSError as error:
            raise BrokenFile(self.path.name, f"the file cannot be opened ({error.strerror}).") from error
        with stream:
            data = stream.read(CHUNK)
            if not data.strip():
                raise BrokenFile(self.path.name, "the file is empty.")
            decoder, is_byte_wise = decoder_for(data, self.path.name)
            while data:
                # Deleting control bytes before decoding is many times faster than asking each character.
                text = decoder.decode(data.translate(None, FORBIDDEN) if is_byte_wise else data)
                if not is_byte_wise or "\ufffe" in text or "\uffff" in text:
                    text = text.translate(CONTROL)
                yield text
                data = stream.read(CHUNK)
            yield decoder.decode(b"", True)

    def broken(self, problem: str) -> BrokenFile:
        return BrokenFile(self.path.name, problem, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)

    def refuse_doctype(self, *_args: object) -> int:
        raise self.broken("it carries a document type or an entity, which an export never needs; refused for safety.")

    def named(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        return f"{self.aliases.get(prefix, prefix)}:{local}" if colon else name

    def start(self, name: str, attrs: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.broken(f"elements are nested more than {MAX_DEPTH} deep.")
        if self.depth == 1:
            self.open_root(name, attrs)
        name = self.named(name)
        self.path_names.append(name)
        if self.open:
            self.spent += ELEMENT_COST
            node = _Node(name, attrs)
            if self.spent <= MAX_RECORD:
                self.open[-1].children.append(node)
            self.open.append(node)
        elif self.depth == 3 and name in RECORDS and self.path_names[1] == "channel":
            if name == "item":
                self.send_site()
            self.spent = 0
            self.open.append(_Node(name, attrs, self.parser.CurrentLineNumber))
        elif self.depth == 3 and name in HEAD:
            self.head = _Node(name, attrs)

    def open_root(self, name: str, attrs: dict[str, str]) -> None:
        if name not in ("rss", "rdf:RDF"):
            raise self.broken(f"this is not a WordPress export: it begins with <{name[:40]}>, not <rss>.")
        if "xmlns:wp" in attrs:
            return
        # Files that went through another XML program may have lost the usual prefixes.
        for key, address in attrs.items():
            if key.startswith("xmlns:") and "wordpress.org/export" in address:
                self.aliases[key[6:]] = "excerpt" if address.rstrip("/").endswith("excerpt") else "wp"
            elif key.startswith("xmlns:") and "rss/1.0/modules/content" in address:
                self.aliases[key[6:]] = "content"
            elif key.startswith("xmlns:") and "purl.org/dc/elements" in address:
                self.aliases[key[6:]] = "dc"

    def characters(self, text: str) -> None:
        if self.open:
            self.spent += len(text)
            if self.spent <= MAX_RECORD:
                self.open[-1].text.append(text)
        elif self.head is not None and len(self.head.text) < 100:
            self.head.text.append(text)

    def end(self, _name: str) -> None:
        self.depth -= 1
        name = self.path_names.pop()
        if self.open:
            node = self.open.pop()
            if not self.open:
                self.close_record(node)
        elif self.head is not None:
            self.close_head(self.head)
            self.head = None
        if self.depth == 1 and name == "channel":
            self.send_site()

    def close_head(self, node: _Node) -> None:
        value = node.value().strip()
        match node.name:
            case "title":
                self.site.title = self.site.title or value
            case "link":
                self.site.link = self.site.link or value
            case "pubDate":
                self.site.published = self.site.published or _post_date(value)
            case "language":
                self.site.language = value
            case "wp:base_blog_url":
                self.site.base_url = value
            case "wp:base_site_url":
                self.site.base_url = self.site.base_url or value
            case "wp:wxr_version":
                if not re.fullmatch(r"\d+\.\d+", value):
                    raise self.broken(f"<wp:wxr_version> must be a number such as 1.2; here it is “{value[:20]}”.")
                self.site.version = value

    def send_site(self) -> None:
        if self.site_sent:
            return
        if not self.site.version:
            raise self.broken("this is not a WordPress export: <wp:wxr_version> is missing before the first item.")
        self.site_sent = True
        # First in every sense: authors and terms found earlier wait behind it.
        self.ready.insert(0, self.site)

    def close_record(self, node: _Node) -> None:
        record = _RECORD_FROM[node.name](node)
        if record is None:
            return
        if isinstance(record, Item):
            record.too_large = self.spent > MAX_RECORD
        self.ready.append(record)


def _decoded(slug: str) -> str:
    """Percent signs as letters; control characters may hide behind them."""
    return unquote(slug).translate(CONTROL)


def _author(node: _Node) -> Author | None:
    login = node.word("wp:author_login")
    if not login:
        return None
    return Author(
        old_id=node.word("wp:author_id"),
        login=login,
        email=node.word("wp:author_email"),
        display_name=node.word("wp:author_display_name"),
        first_name=node.word("wp:author_first_name"),
        last_name=node.word("wp:author_last_name"),
    )


def _category(node: _Node) -> Term:
    name = node.word("wp:cat_name")
    return Term(
        kind="category",
        slug=_decoded(node.word("wp:category_nicename")),
        name=name or _decoded(node.word("wp:category_nicename")),
        old_id=node.word("wp:term_id"),
        parent=_decoded(node.word("wp:category_parent")),
        description=node.word("wp:category_description"),
    )


def _tag(node: _Node) -> Term:
    slug = _decoded(node.word("wp:tag_slug"))
    return Term("tag", slug, node.word("wp:tag_name") or slug, node.word("wp:term_id"))


def _term(node: _Node) -> Term:
    slug = _decoded(node.word("wp:term_slug"))
    taxonomy = node.word("wp:term_taxonomy")
    return Term(
        kind={"post_tag": "tag"}.get(taxonomy, taxonomy),
        slug=slug,
        name=node.word("wp:term_name") or slug,
        old_id=node.word("wp:term_id"),
        parent=_decoded(node.word("wp:term_parent")),
        description=node.word("wp:term_description"),
    )


def _item(node: _Node) -> Item:
    item = Item(
        old_id=node.word("wp:post_id"),
        kind=node.word("wp:post_type") or "post",
        title=node.word("title"),
        link=node.word("link"),
        guid=node.word("guid"),
        slug=_decoded(node.word("wp:post_name")),
        status=node.word("wp:status"),
        author=(node.word("dc:creator") or node.word("wp:author")).strip("<> "),
        body=node.first("content:encoded"),
        excerpt=node.first("excerpt:encoded"),
        parent=node.word("wp:post_parent").lstrip("0"),
        password=node.first("wp:post_password"),
        is_sticky=node.word("wp:is_sticky") == "1",
        comments_open=node.word("wp:comment_status") != "closed",
        attachment_url=node.word("wp:attachment_url"),
        local=_stamp(node.word("wp:post_date")),
        utc=utc_of(node.word("wp:post_date_gmt")) or _post_date(node.word("pubDate")),
        modified_utc=utc_of(node.word("wp:post_modified_gmt")),
        line=node.line,
        odd_dates=[date[:40] for date in map(node.word, DATES) if _is_odd(date)],
    )
    for child in node.children:
        if child.name == "category":
            _add_term(item, child)
        elif child.name == "wp:postmeta":
            key = child.word("wp:meta_key")
            item.meta.setdefault(key, []).append(child.first("wp:meta_value")[:FIELDS_KEPT])
        elif child.name == "wp:comment":
            item.comments.append(_comment(child))
    return item


def _add_term(item: Item, node: _Node) -> None:
    # WXR 1.0 repeats every term once without a slug; those say nothing new.
    slug = _decoded(node.attrs.get("nicename", "")).strip()
    domain = {"tag": "post_tag"}.get(node.attrs.get("domain", ""), node.attrs.get("domain", ""))
    term = (domain, slug, node.value().strip() or slug)
    if slug and domain and term not in item.terms:
        item.terms.append(term)


def _comment(node: _Node) -> Comment:
    return Comment(
        old_id=node.word("wp:comment_id"),
        parent=node.word("wp:comment_parent").lstrip("0"),
        author=node.word("wp:comment_author"),
        email=node.word("wp:comment_author_email"),
        url=node.word("wp:comment_author_url"),
        date=node.word("wp:comment_date_gmt") or node.word("wp:comment_date"),
        text=node.first("wp:comment_content"),
        approved=node.word("wp:comment_approved"),
        kind=node.word("wp:comment_type") or "comment",
        user_id=node.word("wp:comment_user_id").lstrip("0"),
    )


def _stamp(value: str) -> datetime | None:
    # Drafts carry 0000-00-00 00:00:00, which no calendar has.
    try:
        moment = datetime.strptime(value, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None
    return moment if moment.year in YEARS else None


def _is_odd(value: str) -> bool:
    """Whether a date says something that is no time we can use; never published is not odd."""
    return bool(value) and not value.startswith(("0000-00-00", "-0001")) and _stamp(value) is None


def utc_of(value: str) -> datetime | None:
    """The moment a time of the export says, in UTC; None for one that never was."""
    stamp = _stamp(value)
    return stamp.replace(tzinfo=UTC) if stamp and stamp.year > 1970 else None


def _post_date(value: str) -> datetime | None:
    if "-0001" in value:
        return None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # The years 1970 and 1999 are, like -0001, how different versions write "never".
    if moment.year <= 1999 or moment.year not in YEARS:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


_RECORD_FROM = {
    "item": _item,
    "wp:author": _author,
    "wp:category": _category,
    "wp:tag": _tag,
    "wp:term": _term,
}
