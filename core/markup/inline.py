"""Inline marks beyond plain Markdown: bare addresses become links, ~~struck~~ and ==marked== words."""

import re
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor, SimpleTagInlineProcessor, SubstituteTagInlineProcessor
from markdown.util import AtomicString

# Each expression stops at the first character that cannot belong to it, so none of them ever looks at a text twice.
_BARE_URL = r"(?<![\w/=\"'@.-])https?://[^\s<>\"\x02\x03`]{1,2000}"
_STRUCK = r"(~~)(?=\S)([^~]{1,4000})(?<=\S)~~"
_MARKED = r"(==)(?=\S)([^=]{1,4000})(?<=\S)=="


class BareUrl(InlineProcessor):
    """An address standing in the text; a full stop or bracket that closes the sentence stays outside the link."""

    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(self, m: re.Match[str], data: str):
        url = m.group(0).rstrip(".,;:!?'*_~\\")
        while url.endswith((")", "]")):
            opening = "(" if url[-1] == ")" else "["
            if url.count(url[-1]) <= url.count(opening):
                break
            url = url[:-1].rstrip(".,;:!?'*_~\\")
        if len(url) <= len("https://"):
            return None, None, None
        link = Element("a", href=url)
        link.text = AtomicString(url)
        return link, m.start(0), m.start(0) + len(url)


def register(md: Markdown) -> None:
    """Add the marks of this module to `md`, after links and before emphasis."""
    md.inlinePatterns.register(SubstituteTagInlineProcessor(r"\\\n", "br"), "backslash-break", 185)
    md.inlinePatterns.register(BareUrl(_BARE_URL, md), "bare-url", 95)
    md.inlinePatterns.register(SimpleTagInlineProcessor(_STRUCK, "del"), "struck", 58)
    md.inlinePatterns.register(SimpleTagInlineProcessor(_MARKED, "mark"), "marked", 57)
