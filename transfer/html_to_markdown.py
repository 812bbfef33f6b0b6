"""HTML to Markdown that renders (by `core.markup`) to the same words, in the same order."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from core import video
from transfer.html_tree import BLOCKS, Element, TooDeep, parse
from transfer.markdown_inline import Context, image, inline_nodes
from transfer.markdown_text import BREAK, PARAGRAPH, address, escape, finish_lines, flat, raw

TRANSPARENT = BLOCKS - frozenset("blockquote dl dt dd figure h1 h2 h3 h4 h5 h6 hr li ol p pre table ul details".split())
HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
LOOSE = ("> ", "#", "```", "    ", "|")


class Converted(NamedTuple):
    """Markdown, notes on what could not be kept, the words before a “read more” mark, and the HTML it was made of."""

    markdown: str
    notes: list[str]
    lead: str = ""
    html: str = ""


def to_markdown(
    html: str,
    *,
    line_breaks: bool = False,
    rewrite: Callable[[str], str] | None = None,
    footnotes: dict[str, str] | None = None,
) -> Converted:
    """Markdown of `html`.

    `line_breaks`: line feeds in the text are line breaks and empty lines part paragraphs, as old editors saved them.
    `rewrite`: new address for the address of a picture, file or link. `footnotes`: HTML of notes by their id.
    """
    try:
        root = parse(html)
    except TooDeep as deep:
        paragraphs = [escape(" ".join(part.split())) for part in re.split(r"\n\s*\n", deep.text)]
        note = "The HTML is nested too deep to be converted; its text was kept without markup."
        return Converted("\n\n".join(finish_lines(part) for part in paragraphs if part), [note])
    elements = root.walk()
    for element in elements:
        for name in ("href", "src", "data-src", "data", "poster"):
            if rewrite and name in element.attrs:
                element.attrs[name] = rewrite(element.attrs[name])
    targets = frozenset(element.get("href")[1:] for element in elements if element.get("href").startswith("#"))
    context = Context(line_breaks, targets=targets, footnotes=footnotes or {})
    blocks = _blocks(root, context)
    if context.endnotes:
        blocks.append("\n\n".join(context.endnotes))
    lead = _before_more(root)
    return Converted("\n\n".join(blocks), list(dict.fromkeys(context.notes)), lead)


def _before_more(root: Element) -> str:
    parts: list[str] = []
    stack: list[Element | str] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            parts.append(node)
        elif node.tag == "x-more":
            return " ".join("".join(parts).split())
        else:
            space = [" "] if node.tag in BLOCKS or node.tag == "br" else []
            stack.extend([*space, *reversed(node.children), *space])
    return ""


# Blocks


def _blocks(parent: Element, context: Context) -> list[str]:
    """The blocks inside an element, each a piece of Markdown that wants an empty line round it."""
    out: list[str] = []
    run: list[Element | str] = []
    previous = ""

    def close_run() -> None:
        nonlocal previous
        made = _paragraphs(run, context)
        run.clear()
        if made:
            out.extend(made)
            previous = "p"

    for child in parent.children:
        if isinstance(child, str) or (child.tag not in BLOCKS and not child.has_blocks):
            run.append(child)
            continue
        close_run()
        made = _block(child, context)
        if made and child.tag == previous and child.tag in ("ul", "ol", "blockquote"):
            # Without something between them two neighbours would become one.
            out.append("<!-- -->")
        if made:
            previous = child.tag
            out.extend(made)
    close_run()
    return out


def _block(element: Element, context: Context) -> list[str]:
    tag = element.tag
    if tag not in BLOCKS:
        return _blocks(_pushed_down(element), context)
    if tag == "x-classic":
        before, context.line_breaks = context.line_breaks, True
        made = _blocks(element, context)
        context.line_breaks = before
        return made
    if tag in HEADINGS:
        return _heading(element, context)
    match tag:
        case "hr":
            return ["---"]
        case "pre":
            return _code(element, context)
        case "ul" | "ol" | "menu":
            return _list(element, context)
        case "li" | "dd" | "dt":
            return _blocks(element, context)
        case "blockquote":
            return _quotation(element, context)
        case "table":
            return _table(element, context)
        case "figure":
            return _figure(element, context)
        case "dl":
            return _definitions(element, context)
        case "details":
            return [raw(element, context.is_nested)]
        case "x-embed":
            url = element.text().strip()
            return [url if video.find(url) else f"<{address(url)}>"]
    if "gallery" in element.classes and element.first("img"):
        return [_gallery(element, context)]
    return _blocks(element, context)


def _pushed_down(element: Element) -> Element:
    """An inline element round blocks becomes blocks with the inline element inside each."""
    holder = Element("div")
    run: list[Element | str] = []

    def close_run() -> None:
        if any(not isinstance(node, str) or node.strip() for node in run):
            holder.children.append(Element(element.tag, element.attrs, list(run)))
        else:
            holder.children.extend(run)
        run.clear()

    for child in element.children:
        if isinstance(child, str) or (child.tag not in BLOCKS and not child.has_blocks):
            run.append(child)
            continue
        close_run()
        if child.tag in ("table", "pre", "hr", "ul", "ol", "dl"):
            holder.children.append(child)
        else:
            inner = _pushed_down(Element(element.tag, element.attrs, child.children))
            holder.children.append(Element(child.tag, child.attrs, inner.children))
    close_run()
    return holder


def _paragraphs(run: list[Element | str], context: Context) -> list[str]:
    if not any(not isinstance(node, str) or node.strip() for node in run):
        return []
    made = []
    for part in inline_nodes(run, context, top=True).split(PARAGRAPH):
        lines: list[str] = []
        for line in finish_lines(part).split("  \n"):
            # The renderer shows a video where its address stands alone, and so did WordPress.
            bare = re.fullmatch(r"<(https?://\S+)>", line)
            if bare and video.find(bare[1]):
                made.extend(["  \n".join(lines), bare[1]] if lines else [bare[1]])
                lines = []
            elif line:
                lines.append(line)
        if lines:
            made.append("  \n".join(lines))
    return made


def _heading(element: Element, context: Context) -> list[str]:
    text = flat(inline_nodes(element.children, context))
    if not text:
        return _blocks(element, context) if element.has_blocks else []
    text = re.sub(r"(#+)$", r"\\\1", text)
    return [f"{HEADINGS[element.tag]} {text}"]


def _code(element: Element, context: Context) -> list[str]:
    text = element.text().strip("\n").replace("\xa0", " ")
    if not text.strip():
        return []
    if "wp-block-verse" in element.classes:
        lines = [escape(line.strip()) for line in text.split("\n")]
        return [finish_lines(BREAK.join(lines))]
    if context.in_quote and context.list_depth:
        return ["\n".join("    " + line for line in text.split("\n"))]
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return [f"{fence}{_language(element)}\n{text}\n{fence}"]


def _language(element: Element) -> str:
    holder = [element, *element.elements()]
    for part in holder:
        found = re.search(r"(?:^|\s)(?:language-|lang-|brush:\s*|lang:)([\w+#-]{1,30})", part.get("class"))
        if found:
            return found[1].lower()
    return ""


def _list(element: Element, context: Context) -> list[str]:
    items: list[list[str]] = []
    context.list_depth += 1
    for child in element.children:
        if isinstance(child, str):
            if child.strip():
                items.append(_paragraphs([child], context))
        elif child.tag in ("ul", "ol") and items:
            # A list directly inside a list: old editors meant it to belong to the item before.
            items[-1].extend(_block(child, context))
        elif child.tag == "li" or child.has_blocks or child.tag in BLOCKS:
            items.append(_blocks(child, context) if child.tag == "li" else _block(child, context))
        else:
            items.append(_paragraphs([child], context))
    context.list_depth -= 1
    start = int(element.get("start")) if re.fullmatch(r"\d{1,6}", element.get("start")) else 1
    lines = []
    tight = all(
        (len(item) <= 1 or all(_is_list(part) for part in item[1:])) and not (item and item[0].startswith(LOOSE))
        for item in items
    )
    for number, item in enumerate((item for item in items if item), start):
        marker = f"{number}. " if element.tag == "ol" else "- "
        indent = " " * (4 if context.in_quote else len(marker))
        body = ("\n" if tight else "\n\n").join(item)
        if _is_list(body) or body.startswith(("#", ">", "    ")) or not body:
            body = "&nbsp;\n\n" + body
        first, *rest = body.split("\n")
        lines.append("\n".join([marker + first, *(indent + line if line else "" for line in rest)]))
    return [("\n" if tight else "\n\n").join(lines)] if lines else []


def _is_list(text: str) -> bool:
    return bool(re.match(r"(- |\d+\. )", text))


def _quotation(element: Element, context: Context) -> list[str]:
    before, context.in_quote = context.in_quote, True
    blocks = _blocks(element, context)
    context.in_quote = before
    text = "\n\n".join(blocks)
    return ["\n".join(f"> {line}" if line else ">" for line in text.split("\n"))] if text else []


def _table(element: Element, context: Context) -> list[str]:
    rows = [row for row in element.walk() if row.tag == "tr"]
    cells = [[cell for cell in row.elements() if cell.tag in ("td", "th")] for row in rows]
    parts = element.walk()[1:]
    widths = {len(row) for row in cells}
    plain = (
        len(cells) > 1
        and len(widths) == 1
        and widths != {0}
        and not context.in_quote
        and all(cell.tag == "th" for cell in cells[0])
        and not any(cell.tag == "th" for row in cells[1:] for cell in row[1:])
        and not any(
            part.get("colspan") or part.get("rowspan") or part.tag in ("table", "caption", "br") for part in parts
        )
        and not any(cell.has_blocks for row in cells for cell in row)
    )
    if not plain:
        return [raw(element, context.is_nested)] if element.text().strip() or element.first("img") else []
    lines = []
    for number, row in enumerate(cells):
        texts = [flat(inline_nodes(cell.children, context)).replace("|", r"\|") for cell in row]
        texts = [text.replace(r"\\|", r"\|") for text in texts]
        lines.append("| " + " | ".join(texts) + " |")
        if number == 0:
            lines.append("|" + " --- |" * len(row))
    return ["\n".join(lines)]


def _figure(element: Element, context: Context) -> list[str]:
    images = [part for part in element.walk() if part.tag == "img"]
    caption = next((part for part in element.elements() if part.tag == "figcaption"), None)
    if len(images) > 1 and not element.first("table"):
        return [_gallery(element, context)]
    rest = [child for child in element.children if child is not caption]
    if not images or any(isinstance(node, str) and node.strip() for node in rest) or element.first("blockquote"):
        return _blocks(element, context)
    if caption is None or not caption.text().strip():
        return _blocks(Element("div", {}, rest), context)
    words = " ".join(caption.text().split())
    plain = all(isinstance(node, str) for node in caption.children) and not re.search(r'["\\`<>\[\]&]', words)
    link = element.first("a")
    if not plain or (link is not None and images[0] not in link.walk()):
        return [raw(element, context.is_nested)]
    picture = image(images[0], title=words, figure=element)
    return [f"[{picture}]({address(link.get('href'))})" if link and link.get("href") else picture]


def _gallery(element: Element, context: Context) -> str:
    """Several pictures in one frame, captions with them, as HTML that the renderer lets through."""
    figures = [part for part in element.walk() if part.tag == "figure" and part is not element]
    lone = [part for part in figures if sum(inner.tag == "img" for inner in part.walk()) == 1]
    nested = context.is_nested
    inside = {id(inner) for part in lone for inner in part.walk()}
    items: list[str] = []
    for part in element.walk():
        if part in lone:
            items.append(raw(part, nested))
        elif part.tag == "img" and id(part) not in inside:
            items.append(f"<figure>{raw(part, nested)}</figure>")
    caption = next((part for part in element.elements() if part.tag == "figcaption"), None)
    end = "\n" + raw(Element("p", {}, caption.children), nested) if caption and caption.text().strip() else ""
    between = "" if nested else "\n"
    return f'<div class="gallery">{between}{between.join(items)}{end.strip()}{between}</div>'


def _definitions(element: Element, context: Context) -> list[str]:
    parts: list[str] = []
    for child in element.elements():
        entries = child.elements() if child.tag == "div" else [child]
        for entry in entries:
            blocks = _blocks(entry, context)
            if entry.tag == "dt" and not entry.has_blocks:
                text = " ".join(flat(block) for block in blocks)
                parts.append(("\n" if parts and parts[-1].startswith(":") else "") + text)
            elif entry.tag == "dd" and all(not _is_list(block) and "\n```" not in block for block in blocks):
                first, *rest = "\n\n".join(blocks).split("\n")
                parts.append("\n".join([f":   {first}", *("    " + line if line else "" for line in rest)]))
            else:
                return [raw(element, context.is_nested)]
    starts_well = parts and not parts[0].startswith(":")
    return (
        ["\n".join(parts)] if starts_well and all(part.strip() for part in parts) else [raw(element, context.is_nested)]
    )
