"""Inline HTML to inline Markdown: words, links, emphasis, pictures and what else stands in a line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from core import video
from transfer.html_tree import Element, parse
from transfer.markdown_text import BREAK, PARAGRAPH, address, code_span, escape, flat, raw, wrap

KEPT_TAGS = frozenset("sub sup kbd samp var abbr cite q small mark ins u dfn time bdo bdi ruby rt rp".split())
KEPT_ATTRIBUTES = {"title", "datetime", "dir", "lang"}
EMPHASIS = {"strong": "strong", "b": "strong", "em": "em", "i": "em"}
ALIGNED = {"alignleft": "left", "alignright": "right", "alignwide": "wide", "alignfull": "full"}


@dataclass
class Context:
    line_breaks: bool
    notes: list[str] = field(default_factory=list)
    targets: frozenset[str] = frozenset()
    footnotes: dict[str, str] = field(default_factory=dict)
    endnotes: list[str] = field(default_factory=list)
    in_quote: bool = False
    list_depth: int = 0
    in_link: bool = False

    @property
    def is_nested(self) -> bool:
        return self.in_quote or self.list_depth > 0


def inline_nodes(nodes: list[Element | str], context: Context, top: bool = False) -> str:
    out = ""
    for node in nodes:
        piece = _text(node, context, top) if isinstance(node, str) else _inline(node, context)
        if not piece:
            continue
        if piece.startswith("*") and out.endswith("*") and not out.endswith("\\*"):
            # Two marks side by side would be read as one.
            piece = _beside(node, piece, context)
        if piece.startswith("`") and out.endswith("`"):
            piece = "<span></span>" + piece
        if piece.startswith("[") and out.endswith("!"):
            out = out[:-1] + r"\!"
        out += piece
    return out


def _beside(node: Element | str, piece: str, context: Context) -> str:
    if isinstance(node, Element) and node.tag in EMPHASIS:
        return _tagged(EMPHASIS[node.tag], inline_nodes(node.children, context))
    return "<span></span>" + piece


def _text(text: str, context: Context, top: bool) -> str:
    text = re.sub("[\x00-\x08\x0b-\x1f\x7f]", "", text.replace("\r\n", "\n").replace("\r", "\n"))
    escaped = escape(text, links=not context.in_link)
    if context.in_link:
        escaped = escaped.replace("]", r"\]")
    if not context.line_breaks:
        return re.sub(r"[ \t\n]+", " ", escaped)
    escaped = re.sub(r"[ \t]*\n[ \t]*\n\s*", PARAGRAPH if top else BREAK, escaped)
    return re.sub(r"[ \t]*\n[ \t]*", BREAK, re.sub(r"[ \t]+", " ", escaped))


def _inline(element: Element, context: Context) -> str:
    tag = element.tag
    own_id = element.get("id") or (element.get("name") if tag == "a" else "")
    mark = f'<span id="{own_id}"></span>' if own_id in context.targets and re.fullmatch(r"[\w:.-]+", own_id) else ""
    return mark + _inline_piece(element, context)


def _inline_piece(element: Element, context: Context) -> str:
    tag = element.tag
    match tag:
        case "br":
            return BREAK
        case "img":
            return image(element)
        case "a":
            return _link(element, context)
        case "code" | "tt":
            return code_span(element.text())
        case "audio" | "video":
            return _player(element)
        case "iframe" | "embed" | "object":
            return _framed(element, context)
        case "wbr" | "param" | "source" | "x-more":
            return ""
        case "x-note":
            context.endnotes.append(
                f"[^{element.get('data-number')}]: " + flat(inline_nodes(element.children, context))
            )
            return f"[^{element.get('data-number')}]"
    if tag == "sup" and element.get("data-fn") in context.footnotes:
        return _footnote(element.get("data-fn"), context)
    if tag in EMPHASIS:
        return _emphasised(element, context)
    inner = inline_nodes(element.children, context)
    if tag in ("del", "s", "strike"):
        return _tagged("del", inner)
    if tag == "acronym":
        tag = "abbr"
    if tag in KEPT_TAGS and inner.strip():
        attributes = "".join(
            f' {name}="{raw(value)}"' for name, value in element.attrs.items() if name in KEPT_ATTRIBUTES
        )
        return _tagged(tag, inner, attributes)
    return inner


def _tagged(tag: str, inner: str, attributes: str = "") -> str:
    return wrap(inner, f"<{tag}{attributes}>", f"</{tag}>")


def _emphasised(element: Element, context: Context) -> str:
    inner = re.sub(f"(?:{BREAK}|{PARAGRAPH})+", BREAK, inline_nodes(element.children, context))
    name = EMPHASIS[element.tag]
    mark = "**" if name == "strong" else "*"
    # Markdown's marks do not nest reliably, and a picture needs no emphasis.
    if re.search(r"(?<!\\)\*|<(?:strong|em)>", inner):
        return _tagged(name, inner)
    if re.fullmatch(r"\s*!\[[^\]]*\]\([^)]*\)\s*", inner):
        return inner
    return wrap(inner, mark, mark)


def _link(element: Element, context: Context) -> str:
    href = element.get("href").strip()
    was_in_link, context.in_link = context.in_link, bool(href)
    inner = re.sub(f"(?:{BREAK}|{PARAGRAPH})+", " ", inline_nodes(element.children, context))
    context.in_link = was_in_link
    if not href or not inner.strip() or was_in_link:
        return inner
    title = element.get("title")
    caption = f' "{title}"' if title and not re.search(r'["\\`<>\[\]&\n]', title) else ""
    return wrap(inner, "[", f"]({address(href)}{caption})")


def image(element: Element, title: str = "", figure: Element | None = None) -> str:
    source = element.get("src") or element.get("data-src")
    if not source:
        return ""
    alt = re.sub(r"([\\\[\]`*_<])", r"\\\1", " ".join(element.get("alt").split()))
    caption = f' "{title}"' if title else ""
    classes = [*element.classes, *(figure.classes if figure else [])]
    aligned = next((ALIGNED[name] for name in classes if name in ALIGNED), "")
    return f"![{alt}]({address(source)}{caption})" + (f"{{.{aligned}}}" if aligned else "")


def _player(element: Element) -> str:
    source = element.get("src") or next((part.get("src") for part in element.walk() if part.get("src")), "")
    return f'<{element.tag} src="{address(source)}"></{element.tag}>' if source else ""


def _framed(element: Element, context: Context) -> str:
    values = [
        part.get("value") for part in element.walk() if part.tag == "param" and part.get("name") in ("movie", "src")
    ]
    sources = [part.get("src") or part.get("data") for part in element.walk()] + values
    source = next((source for source in sources if source.startswith(("http:", "https:", "//"))), "")
    if not source:
        return ""
    source = "https:" + source if source.startswith("//") else source
    found = video.find(source)
    if found:
        return f"{PARAGRAPH}<{found.url}>{PARAGRAPH}"
    context.notes.append(f"What was embedded from {source[:200]} is now a link to it.")
    return f"[{escape(urlsplit(source).hostname or source, links=False)}]({address(source)})"


def _footnote(name: str, context: Context) -> str:
    label = f"n{list(context.footnotes).index(name) + 1}"
    inner = parse(context.footnotes[name])
    line = f"[^{label}]: " + flat(inline_nodes(inner.children, context))
    if line not in context.endnotes:
        context.endnotes.append(line)
    return f"[^{label}]"
