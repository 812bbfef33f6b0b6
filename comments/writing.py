"""What readers may write: a small Markdown, rendered in linear time and sanitised last.

Paragraphs, emphasis, links, quotes, code and lists; no headings, pictures, tables or HTML. Links carry
`rel="ugc nofollow"`. Never Python-Markdown, which takes minutes over some texts of five thousand characters.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import nh3
from markdown_it import MarkdownIt, helpers
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

# Raised whenever the same text gives other HTML than before; stored beside it.
RENDER_VERSION = 1
# Quotes and lists in one another; what is deeper stays as it was typed.
DEEPEST = 8

TAGS = {"p", "br", "em", "strong", "a", "blockquote", "code", "pre", "ul", "ol", "li"}
REL = "ugc nofollow noopener"
# They make a text, and the address of a link, read otherwise than it is.
_OVERRIDES = re.compile("[\u202d\u202e]")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_MAY_LINK = re.compile(r"^(?:https?://[^/?#]|mailto:[^?#]+@)", re.IGNORECASE)
_BRACKETS = re.compile(r"\\.|[\[\]]", re.DOTALL)
_HREF = re.compile(r'<a href="([^"]*)"')
# Seen as a space, and letters to Unicode.
_BLANK = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
# Not seen themselves, but in the letters and emoji beside them; then what nobody sees, or what turns the line round.
_SHAPING = "\u180b-\u180d\u180f\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef"
_HIDDEN = (
    "\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff"
)
_WITHOUT_WIDTH = re.compile(f"[{_SHAPING}{_HIDDEN}]")
_OF_NO_NAME = re.compile(f"[{_HIDDEN}]")


def render(text: str) -> str:
    """Safe HTML of what somebody wrote, at most 5,000 characters. Bad markup is text."""
    return nh3.clean(
        _markdown.render(_OVERRIDES.sub("", text)),
        tags=TAGS,
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=REL,
    ).strip()


def words_of(content_html: str) -> str:
    """The rendered text without its marks, for lists, mails and the filter."""
    spaced = re.sub(r"</(?:p|li|pre|blockquote)>|<br>", " ", content_html)
    return " ".join(html.unescape(nh3.clean(spaced, tags=set())).split())


def seen_of(text: str) -> str:
    """A text as eyes see it, to be compared: without the characters that take no room, blanks as spaces."""
    return _WITHOUT_WIDTH.sub("", _BLANK.sub(" ", text))


def name_of(text: str) -> str:
    """A name as it is kept, on one line; letters that join keep their joiners. Empty where nothing of it is seen."""
    name = " ".join(_OF_NO_NAME.sub("", _BLANK.sub(" ", text)).split())
    return name if seen_of(name).strip() else ""


def links_of(content_html: str) -> list[str]:
    """The addresses that a rendered text links to."""
    return [html.unescape(found) for found in _HREF.findall(content_html)]


def is_empty(content_html: str) -> bool:
    """Whether a rendered text shows nothing: marks without words, or characters nobody sees."""
    return not seen_of(words_of(content_html)).strip()


def _until(rule: Callable[..., bool]) -> Callable[..., bool]:
    """A block rule that no longer holds at some depth: the parser would drop what is deeper than it goes."""

    def limited(state: Any, start: int, end: int, silent: bool) -> bool:
        return state.level < 2 * DEEPEST and rule(state, start, end, silent)

    return limited


def _label_end(state: StateInline, start: int, disable_nested: bool = False) -> int:
    """Where the words of a link that begin at a bracket end; -1 where that bracket opens none.

    The parser's own looks anew from every bracket and takes the square of the text's length over those never closed.
    """
    return _labels(state.src).get(start, -1)


@lru_cache(maxsize=4)
def _labels(text: str) -> dict[int, int]:
    """Of each bracket that is closed, where, in one walk; but a link stands in no other link."""
    ends: dict[int, int] = {}
    opened: list[int] = []
    for found in _BRACKETS.finditer(text):
        if found.group() == "[":
            opened.append(found.start())
        elif found.group() == "]" and opened:
            ends[opened.pop()] = found.start()
            if text.startswith("(", found.end()):
                opened.clear()
    return ends


def _link_addresses(state: StateCore) -> None:
    """Make links of bare addresses."""
    for block in state.tokens:
        if block.type != "inline" or "://" not in block.content:
            continue
        made: list[Token] = []
        is_linked = False
        for token in block.children or []:
            if token.type in {"link_open", "link_close"}:
                is_linked = token.type == "link_open"
            made += [token] if is_linked or token.type != "text" else _split(token, state.md)
        block.children = made


def _split(token: Token, md: MarkdownIt) -> list[Token]:
    made: list[Token] = []
    start = 0
    for found in _ADDRESS.finditer(token.content):
        address = _without_end(found.group())
        href = md.normalizeLink(address)
        if not md.validateLink(href):
            continue
        made += [_text(token, token.content[start : found.start()])]
        made += [Token("link_open", "a", 1, attrs={"href": href}), _text(token, address), Token("link_close", "a", -1)]
        start = found.start() + len(address)
    return [*made, _text(token, token.content[start:])] if made else [token]


def _without_end(address: str) -> str:
    """An address in a sentence, without the sentence's own full stop, comma or bracket."""
    while address[-1] in ".,;:!?'*_~" or (address[-1] in ")]" and address.count(")") > address.count("(")):
        address = address[:-1]
    return address


def _text(token: Token, content: str) -> Token:
    return Token("text", "", 0, content=content, level=token.level)


def _parser() -> MarkdownIt:
    md = MarkdownIt("zero", {"breaks": True, "maxNesting": 4 * DEEPEST})
    md.enable(["fence", "blockquote", "list"])
    md.enable(["newline", "escape", "backticks", "emphasis", "link", "autolink", "entity"])
    md.enable(["balance_pairs", "emphasis", "fragments_join", "text_join"])
    for name in ["blockquote", "list"]:
        rules = md.block.ruler
        found = next(rule for rule in rules.__rules__ if rule.name == name)
        rules.at(name, _until(found.fn), {"alt": found.alt})
    md.helpers = SimpleNamespace(  # type: ignore[assignment]
        parseLinkLabel=_label_end,
        parseLinkDestination=helpers.parseLinkDestination,
        parseLinkTitle=helpers.parseLinkTitle,
    )
    md.core.ruler.after("text_join", "addresses", _link_addresses)
    md.validateLink = lambda url: bool(_MAY_LINK.match(url))  # type: ignore[method-assign]
    return md


_markdown = _parser()
