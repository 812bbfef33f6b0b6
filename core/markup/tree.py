"""The shape of the page: what the parsed text becomes before it is written out as HTML.

Headings get ids and a link to themselves, footnotes their section, tables a box that scrolls, pictures a caption, a
video's address a block to click. All of it happens on the element tree; the sanitiser comes after and has the last
word.
"""

import html
import re
import unicodedata
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from core import video

from .quotes import set_quotes
from .sanitising import anchor
from .words import Words, words_in

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_STASHED_HTML = re.compile("\x02wzxhzdk:(\\d+)\x03")
_ESCAPED = re.compile("\x02(\\d+)\x03")
_TAG = re.compile(r"<[^>]*>")
_NOT_SLUG = re.compile(r"[^\w\s-]+")
_SPACES = re.compile(r"[\s_-]+")
_TASK = re.compile(r"^\s*\[([ xX])\]\s+")
_ALERT = re.compile(r"^\s*\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*", re.IGNORECASE)
_FOOTNOTE_REF = re.compile(r"^fnref(\d*):")


class PageShape(Treeprocessor):
    """Runs once per text, after inline marks; leaves the table of contents in `md.contents`."""

    def __init__(self, md: Markdown, language: str) -> None:
        super().__init__(md)
        self.language = language
        self.words: Words = words_in(language)

    def run(self, root: Element) -> None:
        self.ids: set[str] = {element.get("id", "") for element in root.iter() if element.get("id")}
        self.taken: dict[str, int] = {}
        self._reshape(root)
        self._footnotes(root)
        set_quotes(root, self.language)
        self._headings(root)

    def _reshape(self, root: Element) -> None:
        for image in root.iter("img"):
            image.set("decoding", "async")
        for parent in list(root.iter()):
            for index, child in enumerate(list(parent)):
                match child.tag:
                    case "p":
                        self._paragraph(parent, index, child)
                    case "table":
                        self._table(parent, child)
                    case "pre":
                        _wrap(parent, child, "div", {"class": "code"})
                        child.attrib.update({"tabindex": "0", "role": "region", "aria-label": self.words.code})
                    case "li":
                        self._task(child)
                    case "blockquote":
                        self._quotation(child)
                    case "a":
                        if child.get("href", "").lower().startswith(("http://", "https://", "//")):
                            child.set("rel", "noopener")

    # Pictures and videos

    def _paragraph(self, parent: Element, index: int, p: Element) -> None:
        if not len(p) or (p.text or "").strip() or any((child.tail or "").strip() for child in p):
            return
        if len(p) > 1:
            _gallery(p)
            return
        only = p[0]
        if only.tag == "a" and len(only) == 0 and only.text:
            found = video.find(only.get("href", ""))
            if found and html.unescape(only.text).strip() == html.unescape(only.get("href", "")).strip():
                self._embed(p, only, found)
            return
        image = _image_in(only)
        if image is not None and (image.get("title") or image.get("class")):
            p.tag, p.text = "figure", None
            _caption(p, only, image)

    def _embed(self, p: Element, link: Element, found: video.Video) -> None:
        p.tag = "figure"
        p.attrib.update({"class": "embed", "data-embed": found.host, "data-id": found.id})
        p.text = None
        link.attrib.clear()
        link.attrib.update({"href": found.url, "rel": "noopener"})
        link.text = AtomicString(self.words.play.format(found.name))
        link.tail = None

    # Tables, tasks, quotations

    def _table(self, parent: Element, table: Element) -> None:
        for cell in table.iter():
            if cell.tag not in ("th", "td"):
                continue
            if cell.tag == "th":
                cell.set("scope", "col")
            align = cell.attrib.pop("align", None)
            if align in ("right", "center"):
                cell.set("class", "num" if align == "right" else "mid")
        label = self.words.table
        position = list(parent).index(table)
        for neighbour in parent[max(0, position - 1) : position] + parent[position + 1 : position + 2]:
            start = (neighbour.text or "").lstrip()
            if neighbour.tag == "p" and start.startswith(("Table: ", self.words.table + ": ")):
                neighbour.tag, neighbour.text = "caption", start.split(": ", 1)[1]
                neighbour.tail = None
                parent.remove(neighbour)
                table.insert(0, neighbour)
                label = self._text(neighbour)
                break
        _wrap(parent, table, "div", {"class": "tw", "tabindex": "0", "role": "region", "aria-label": label})

    def _task(self, li: Element) -> None:
        holder = li if (li.text or "").strip() else li[0] if len(li) and li[0].tag == "p" else None
        found = _TASK.match(holder.text or "") if holder is not None else None
        if holder is None or found is None:
            return
        done = found.group(1) != " "
        rest = (holder.text or "")[found.end() :]
        # A picture of a box, not a form field: it reads the same in a feed reader and in a mail.
        box = Element(
            "span", {"class": "box", "role": "img", "aria-label": self.words.done if done else self.words.open}
        )
        box.text, box.tail = "☑" if done else "☐", " " + rest
        holder.text = None
        holder.insert(0, box)
        li.set("class", "task done" if done else "task")

    def _quotation(self, quote: Element) -> None:
        if not len(quote) or quote[0].tag != "p":
            return
        alert = _ALERT.match(quote[0].text or "")
        if alert:
            kind = alert.group(1).lower()
            quote.tag = "div"
            quote.attrib.update({"class": f"admonition {kind}", "role": "note"})
            quote[0].text = (quote[0].text or "")[alert.end() :]
            if not quote[0].text and not len(quote[0]):
                quote.remove(quote[0])
            title = Element("p", {"class": "admonition-title"})
            title.text = kind.capitalize()
            quote.insert(0, title)
            return
        if any("pull" in p.get("class", "").split() for p in quote):
            for p in quote:
                p.attrib.pop("class", None)
            if len(quote) > 1 and not "".join(quote[-1].itertext()).strip():
                quote.remove(quote[-1])
            quote.set("class", "pull")

    # Footnotes

    def _footnotes(self, root: Element) -> None:
        holder = next((div for div in root.iter("div") if div.get("class") == "footnote"), None)
        if holder is None:
            return
        numbers: dict[str, str] = {}
        for sup in root.iter("sup"):
            repeat = _FOOTNOTE_REF.match(sup.get("id", ""))
            if not repeat or not len(sup):
                continue
            number = sup[0].text or ""
            own_id = f"ref-{number}-{repeat.group(1)}" if repeat.group(1) else f"ref-{number}"
            numbers[sup.get("id", "")] = own_id
            sup.tag = "a"
            sup.attrib.clear()
            note = self.words.note.format(number)
            sup.attrib.update({"class": "fnref", "id": own_id, "href": f"#note-{number}", "aria-label": note})
            sup.text = number
            sup.remove(sup[0])
            self.ids.add(own_id)
        self._notes_section(holder, numbers)

    def _notes_section(self, holder: Element, refs: dict[str, str]) -> None:
        holder.tag = "section"
        holder.attrib.clear()
        holder.attrib.update({"class": "notes", "id": "notes", "aria-label": self.words.notes})
        rule, notes = holder[0], holder[1]
        holder.remove(rule)
        title = Element("h2")
        title.text = self.words.notes
        holder.insert(0, title)
        for number, li in enumerate(notes, start=1):
            li.set("id", f"note-{number}")
            for parent in list(li.iter()):
                for link in list(parent):
                    if link.get("class") == "footnote-backref":
                        target = refs.get(link.get("href", "").removeprefix("#"))
                        self._back_link(parent, link, target)

    def _back_link(self, parent: Element, link: Element, target: str | None) -> None:
        if target is None:
            parent.remove(link)
            return
        link.attrib.clear()
        link.attrib.update({"href": f"#{target}", "aria-label": self.words.back_long, "class": "back"})
        link.text = self.words.back

    # Headings

    def _headings(self, root: Element) -> None:
        headings = [element for element in root.iter() if element.tag in _HEADINGS]
        # The page has its own h1: a text that starts at level one moves down as a whole.
        shift = 1 if any(heading.tag == "h1" for heading in headings) else 0
        contents = []
        notes = next((section for section in root.iter("section") if section.get("id") == "notes"), None)
        for heading in headings:
            level = min(6, int(heading.tag[1]) + shift)
            if notes is not None and heading is notes[0]:
                contents.append({"level": 2, "id": anchor("notes"), "text": self.words.notes})
                continue
            heading.tag = f"h{level}"
            text = self._text(heading)
            own_id = heading.get("id") or self._free_id(_slug(text))
            heading.set("id", own_id)
            if not text:
                continue
            contents.append({"level": level, "id": anchor(own_id), "text": text})
            _append_text(heading, " ")
            link = SubElement(heading, "a", {"class": "anc", "href": f"#{own_id}", "aria-label": self.words.section})
            link.text = "§"
        self.md.contents = contents

    def _free_id(self, wanted: str) -> str:
        candidate, count = wanted, self.taken.get(wanted, 1)
        while candidate in self.ids:
            count += 1
            candidate = f"{wanted}-{count}"
        self.taken[wanted] = count
        self.ids.add(candidate)
        return candidate

    def _text(self, element: Element) -> str:
        """What a reader sees of `element`: marks of the parser resolved, tags gone, spaces single."""
        text = "".join(element.itertext())
        text = _STASHED_HTML.sub(lambda m: _TAG.sub("", self._stashed(int(m.group(1)))), text)
        text = _ESCAPED.sub(lambda m: chr(int(m.group(1))), text)
        return " ".join(html.unescape(text).split())

    def _stashed(self, number: int) -> str:
        blocks = self.md.htmlStash.rawHtmlBlocks
        block = blocks[number] if number < len(blocks) else ""
        return block if isinstance(block, str) else ""


def _image_in(element: Element) -> Element | None:
    """The picture that `element` is, or the only thing it links."""
    if element.tag == "img":
        return element
    if element.tag != "a" or len(element) != 1 or element[0].tag != "img":
        return None
    return None if ((element.text or "") + (element[0].tail or "")).strip() else element[0]


def _caption(figure: Element, content: Element, image: Element) -> None:
    name, title = image.attrib.pop("class", ""), image.attrib.pop("title", "")
    if name:
        figure.set("class", name)
    content.tail = None
    if title:
        SubElement(figure, "figcaption").text = title


def _gallery(p: Element) -> None:
    """Pictures alone in one paragraph stand side by side, each with its caption."""
    contents = [child for child in p if child.tag != "br"]
    images = [image for child in contents if (image := _image_in(child)) is not None]
    if len(images) < 2 or len(images) < len(contents):
        return
    p.tag, p.text = "div", "\n"
    p.set("class", "gallery")
    for child in list(p):
        p.remove(child)
    for content, image in zip(contents, images, strict=True):
        figure = SubElement(p, "figure")
        figure.append(content)
        _caption(figure, content, image)
        figure.tail = "\n"


def _slug(text: str) -> str:
    words = _NOT_SLUG.sub("", unicodedata.normalize("NFKC", text)).strip().lower()
    return _SPACES.sub("-", words)[:80].strip("-") or "section"


def _append_text(element: Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "").rstrip("\n") + text
    else:
        element.text = (element.text or "") + text


def _wrap(parent: Element, child: Element, tag: str, attributes: dict[str, str]) -> None:
    box = Element(tag, attributes)
    box.tail, child.tail = child.tail, None
    position = list(parent).index(child)
    parent.remove(child)
    box.append(child)
    parent.insert(position, box)
