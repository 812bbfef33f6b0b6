"""Fenced code: found before anything else in the text, highlighted when rendered, never with an inline style.

A fence may stand in a list or a quotation; its words after the language may give a title (`title="tide.py"`). Like
CommonMark, a fence that is never closed runs to the end of the text, so a half-typed one previews as code.
"""

import functools
import html
import re

from markdown import Markdown
from markdown.preprocessors import Preprocessor
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound

# Longer pieces are shown without colours: some lexers slow down more than they should.
HIGHLIGHT_LIMIT = 20_000

CLASS_OF = {
    Keyword: "k",
    Operator.Word: "k",
    Name.Tag: "k",
    Generic.Heading: "k",
    Generic.Subheading: "k",
    String: "st",
    Generic.Inserted: "gi",
    Generic.Deleted: "gd",
    Number: "nu",
    Name.Constant: "nu",
    Keyword.Constant: "nu",
    Comment: "co",
    Comment.Preproc: "k",
    Generic.Prompt: "co",
    Generic.Output: "co",
    Name.Function: "fn",
    Name.Class: "fn",
    Name.Decorator: "fn",
    Name.Attribute: "fn",
}

FENCE = re.compile(r"^(?P<lead>(?:[ \t]*>)*[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
_ITEM_FENCE = re.compile(r"^(?P<lead>[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
_INDENTS = re.compile(r"[-*+:]\s|\d{1,9}[.)]\s|\[\^|!!!")
_TITLE = re.compile(r"""title=(?:"([^"]*)"|'([^']*)'|(\S+))""")
_LANGUAGE = re.compile(r"^\{?\s*\.?([A-Za-z][\w+#.-]{0,40})")


class FencePreprocessor(Preprocessor):
    """Takes fenced code out of the text and leaves a mark of where its HTML goes.

    Tabs become spaces everywhere but in the code, which is why this runs in place of the library's own clean-up.
    """

    def __init__(self, md: Markdown, label: str) -> None:
        super().__init__(md)
        self.label = label

    def run(self, lines: list[str]) -> list[str]:
        kept: list[str] = []
        outer = ""
        position = 0
        while position < len(lines):
            line = lines[position]
            match = FENCE.match(line) or _ITEM_FENCE.match(line) if "```" in line or "~~~" in line else None
            position += 1
            if match is None or _is_indented_code(match["lead"], outer):
                kept.append(line.expandtabs(4) if line.strip() else "")
                if kept[-1] and not kept[-1].startswith("    "):
                    outer = kept[-1]
                continue
            body, position = _read_body(lines, position, match)
            placeholder = self.md.htmlStash.store(code_block(body, match["info"], self.label))
            lead = match["lead"].expandtabs(4)
            blank = lead.rstrip() if ">" in lead else ""
            starts_item = lead.rstrip()[-1:] not in ("", ">")
            if not lead.startswith("    "):
                outer = lead + placeholder
            kept.extend([lead + placeholder, blank] if starts_item else [blank, lead + placeholder, blank])
        return [*kept, "", ""]


def _is_indented_code(lead: str, outer: str) -> bool:
    """Four spaces make indented code, so a fence in it is only shown; not so in a list, whose text is indented itself.

    `outer` is the last line that is not indented by four.
    """
    if ">" in lead or len(lead.expandtabs(4)) < 4:
        return False
    return not (outer.startswith(" ") or _INDENTS.match(outer))


def _read_body(lines: list[str], position: int, match: re.Match[str]) -> tuple[str, int]:
    """The lines up to the closing fence, freed of the quotation marks and indentation of the opening line."""
    fence, lead = match["fence"], match["lead"]
    depth = lead.count(">")
    indent = len(lead.rsplit(">", 1)[-1].expandtabs(4))
    body = []
    while position < len(lines):
        line = lines[position]
        if depth:
            stripped = line.lstrip()
            if not stripped.startswith(">"):
                break
            for _ in range(depth):
                stripped = line.lstrip()
                if not stripped.startswith(">"):
                    break
                line = stripped[1:]
        text = line.strip()
        position += 1
        if len(text) >= len(fence) and text == fence[0] * len(text):
            break
        line = line.expandtabs(4) if indent else line
        present = len(line) - len(line.lstrip(" "))
        body.append(line[min(indent, present) :])
    return "\n".join(body), position


def code_block(source: str, info: str, label: str) -> str:
    """HTML of one block of code: a caption with its title or language, and the coloured text."""
    title_match = _TITLE.search(info)
    title = next((group for group in title_match.groups() if group), "") if title_match else ""
    language_match = _LANGUAGE.match(_TITLE.sub("", info).strip())
    name = language_match.group(1) if language_match else ""
    lexer = _lexer(name.lower()) if name else None
    caption = title or (lexer.name if lexer else "")
    label = html.escape(caption or label)
    head = f'<div class="cap"><span>{html.escape(caption)}</span></div>' if caption else ""
    body = highlight(source, lexer)
    pre = f'<pre tabindex="0" role="region" aria-label="{label}"><code>{body}\n</code></pre>'
    return f'<div class="code">{head}{pre}</div>'


def highlight(source: str, lexer: Lexer | None) -> str:
    """`source` as escaped HTML, its words in spans of the classes k, st, nu, co, fn, gi and gd."""
    if lexer is None or len(source) > HIGHLIGHT_LIMIT:
        return html.escape(source, quote=False)
    out: list[str] = []
    run, run_class = "", ""
    for token, value in lexer.get_tokens(source):
        name = "" if value.isspace() else _class_of(token)
        if name == run_class:
            run += value
            continue
        out.append(_span(run, run_class))
        run, run_class = value, name
    out.append(_span(run, run_class))
    return "".join(out).rstrip("\n")


def _span(text: str, name: str) -> str:
    escaped = html.escape(text, quote=False)
    return f'<span class="{name}">{escaped}</span>' if name and escaped else escaped


@functools.cache
def _class_of(token: _TokenType) -> str:
    while token is not None:
        if token in CLASS_OF:
            return CLASS_OF[token]
        token = token.parent
    return ""


@functools.lru_cache(maxsize=64)
def _lexer(name: str) -> Lexer | None:
    try:
        lexer = get_lexer_by_name(name, stripnl=False)
    except ClassNotFound:
        return None
    return None if lexer.name == "Text only" else lexer
