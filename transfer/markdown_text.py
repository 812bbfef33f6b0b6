"""The small print of writing Markdown: what must be escaped so that words stay words."""

from __future__ import annotations

import html
import re
from html.entities import html5
from urllib.parse import quote

from transfer.html_tree import VOID, Element

# Marks of a line break and of the end of a paragraph while a text is being put together; no real text contains them.
BREAK = "\x1e"
PARAGRAPH = "\x1d"

_URL = re.compile(r"https?://[^\s<>\"`\\\[\]*]+")
_TRAILING = ".,;:!?'_~)"
# Browsers read these, and numbers, as characters even where the semicolon is missing: "&copy 2026", "&#169 2026".
_LEGACY = "|".join(sorted(name for name in html5 if not name.endswith(";")))
_REFERENCE = rf"&(?=\w{{1,40}};|#\d|#[xX][0-9a-fA-F]|{_LEGACY})"
_ALWAYS = re.compile(_REFERENCE + r"|[\\`*\[{}]|<|~{2,}|={2,}|(?<![^\W_])_|_(?![^\W_])|(?<![\w-])--(?=\w)")
_AS_ENTITY = {"<": "&lt;", "&": "&amp;", "~": "&#126;", "=": "&#61;"}
_KEPT = {"a": {"href", "title"}, "img": {"src", "alt"}, "ol": {"start"}, "td": {"colspan", "rowspan"}}
_KEPT |= {"th": {"colspan", "rowspan", "scope"}, "audio": {"src"}, "video": {"src", "poster"}, "abbr": {"title"}}
_KEPT |= {"source": {"src", "type"}, "time": {"datetime"}}
_RENAMED = {"tt": "code", "strike": "s", "acronym": "abbr", "h1": "h2"}
_UNWRAPPED = frozenset("font span big center button x-more x-classic x-embed x-note form fieldset".split())


def escape(text: str, links: bool = True) -> str:
    """`text` with everything escaped that Markdown would take for a mark; bare web addresses become links."""
    out, position = [], 0
    for found in _URL.finditer(text) if links else ():
        url = found[0].rstrip(_TRAILING)
        out.append(_escape(text[position : found.start()]))
        out.append(f"<{url}>")
        position = found.start() + len(url)
    out.append(_escape(text[position:]))
    return "".join(out)


def _escape(text: str) -> str:
    return _ALWAYS.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    mark = found[0]
    entity = _AS_ENTITY.get(mark[0])
    if entity is None:
        return "\\" + mark
    return entity * (len(mark) - 1) + mark[0] if len(mark) > 1 else entity


def finish_lines(text: str) -> str:
    """One paragraph from its pieces: spaces single, breaks as Markdown writes them, starts of lines made harmless."""
    text = re.sub(f"[{PARAGRAPH}{BREAK}]+", BREAK, text)
    lines = [re.sub(r"[ \t\n]+", " ", line).strip(" \t\n") for line in text.split(BREAK)]
    lines = [_harmless(line) for line in lines]
    while lines and not lines[0].strip("\xa0 "):
        lines.pop(0)
    while lines and not lines[-1].strip("\xa0 "):
        lines.pop()
    return "  \n".join(line for line in lines if line.strip("\xa0 "))


def _harmless(line: str) -> str:
    line = re.sub(r"^(\d{1,9})([.)])(?=\s|$)", r"\1\\\2", line)
    line = re.sub(r"^([-+#>])", r"\\\1", line)
    line = re.sub(r"^:", "&#58;", line)
    line = re.sub(r"^(!!!|\?\?\?)", r"\\\1", line)
    line = re.sub(r"^([=~|])", lambda mark: f"&#{ord(mark[1])};", line)
    return re.sub(r"^(Table): ", r"\1&#58; ", line)


def flat(text: str) -> str:
    """A piece of inline Markdown on one line."""
    return re.sub(rf"[\s{BREAK}{PARAGRAPH}]+", " ", text).strip()


def wrap(inner: str, before: str, after: str) -> str:
    """`inner` between two marks, with the spaces at its edges left outside; nothing is put round nothing."""
    core = inner.strip()
    if not core:
        return inner
    start = inner.index(core)
    core = core.replace(PARAGRAPH, BREAK)
    return inner[:start] + before + core + after + inner[start + len(core) :]


def code_span(text: str) -> str:
    """`text` between as many back-ticks as it needs."""
    core = " ".join(text.split())
    if not core:
        return text
    ticks = "`" * (max((len(run) for run in re.findall("`+", core)), default=0) + 1)
    space = " " if core.startswith("`") or core.endswith("`") else ""
    edge = text[:1] if text[:1].isspace() else ""
    end = " " if text[-1:].isspace() else ""
    return f"{' ' if edge else ''}{ticks}{space}{core}{space}{ticks}{end}"


def address(url: str) -> str:
    """A web address as it may stand between Markdown's brackets."""
    return quote(html.unescape(url).strip(), safe="/:?#@!$&'*+,;=%~._-")


def raw(node: Element | str, nested: bool = False) -> str:
    """HTML of a node for places where Markdown has no marks of its own: known attributes only, no empty lines.

    `nested`: inside a list or a quotation, where the renderer reads Markdown between the tags.
    """
    if isinstance(node, str):
        return html.escape(node)
    parts: list[str] = []
    stack: list[Element | str | tuple[str, ...]] = [node]
    verbatim = 0
    while stack:
        here = stack.pop()
        if isinstance(here, tuple):
            parts.append(here[0])
            verbatim -= here[0] == "</pre>"
        elif isinstance(here, str):
            text = escape(here, links=False) if nested else html.escape(here, quote=False)
            parts.append(re.sub(r"\n[ \t]*(?=\n)", "\n ", text) if verbatim else re.sub(r"[ \t\r\n]+", " ", text))
        elif here.tag in _UNWRAPPED or here.tag in ("iframe", "object", "embed"):
            stack.extend(reversed(here.children))
        else:
            tag = _RENAMED.get(here.tag, here.tag)
            kept = {name: value for name, value in here.attrs.items() if name in _KEPT.get(tag, ()) and value}
            kept |= {"class": "gallery"} if "gallery" in here.classes and tag == "div" else {}
            verbatim += tag == "pre"
            written = "".join(f' {name}="{html.escape(value)}"' for name, value in kept.items())
            parts.append(f"<{tag}{written}>")
            if tag not in VOID:
                stack.append((f"</{tag}>",))
                stack.extend(reversed(here.children))
    text = "".join(parts)
    return text if nested else re.sub(r"> ?(?=</?(?:tr|thead|tbody|tfoot|table|caption)\b)", ">\n", text)
