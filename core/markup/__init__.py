"""Markdown to HTML: what staff write, rendered once when it is saved.

One pass gives the HTML, the table of contents, the plain text, the number of words and an excerpt. The sanitiser is
the last step and nothing rewrites the HTML after it. Bounded in size (`MAX_SOURCE_BYTES`) and in time (see `bounds`).
What strangers write never comes here.
"""

import re
import string
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from markdown import Markdown

from . import bounds, inline
from .code import FencePreprocessor
from .lists import ListPreprocessor, SeparateQuoteProcessor
from .pictures import Picture, put_sizes
from .reading import count_words, excerpt_of, plain_text, read, reading_time_minutes
from .sanitising import sanitise
from .tree import PageShape
from .words import words_in

__all__ = [
    "MAX_SOURCE_BYTES",
    "RENDER_VERSION",
    "MarkupError",
    "Picture",
    "Rendered",
    "plain_text",
    "reading_time_minutes",
    "render",
    "sanitise",
]

MAX_SOURCE_BYTES = 2**20

# Raised whenever the same source gives other HTML than before; stored beside the HTML.
RENDER_VERSION = 2

NO_PICTURES: Mapping[str, Picture] = {}


class MarkupError(ValueError):
    """A text that cannot be rendered; the message is a sentence for the person who wrote it."""


class Heading(TypedDict):
    """One line of the table of contents: level 2 to 6, the id of the heading in the page, its text."""

    level: int
    id: str
    text: str


@dataclass(frozen=True)
class Rendered:
    """A rendered text: sanitised HTML, headings in order, plain text, number of words, excerpt (≤ 300 characters)."""

    html: str
    toc: list[Heading] = field(default_factory=list)
    text: str = ""
    word_count: int = 0
    excerpt: str = ""


def render(source: str, *, language: str = "en", pictures: Mapping[str, Picture] = NO_PICTURES) -> Rendered:
    """Render Markdown written by staff; quotation marks and the few added words follow `language` (BCP 47).

    `pictures`: the sizes there are of the pictures at these addresses; any other picture is shown as it is.
    Raises MarkupError when the text is larger than 1 MB, nests too deeply or takes longer than five seconds.
    """
    source = source.encode("utf-8", "replace").decode()
    size = len(source.encode())
    if size > MAX_SOURCE_BYTES:
        raise MarkupError(
            f"The text is {size / 2**20:.2f} MB long; at most {MAX_SOURCE_BYTES / 2**20:.0f} MB can be "
            "rendered. Split it into several posts."
        )
    try:
        if bounds.is_ordinary(source):
            return render_here(source, language, pictures)
        return Rendered(**bounds.render_apart(source, language, pictures))
    except RecursionError:
        raise MarkupError(
            "Lists, quotations or brackets are nested too deeply to be rendered. "
            "Look for a long run of them and shorten it."
        ) from None
    except TimeoutError:
        raise MarkupError(
            f"The text takes longer than {bounds.TIME_LIMIT} seconds to render. "
            "Look for very long runs of brackets, asterisks, quotation marks or list marks and shorten them."
        ) from None
    except RuntimeError:
        raise MarkupError("The text needs more memory than rendering may use. Split it into several posts.") from None


def render_here(source: str, language: str, pictures: Mapping[str, Picture] = NO_PICTURES) -> Rendered:
    """Render in this process whatever the cost; `render` is the door for everybody else."""
    md = _renderer(language)
    md.contents = []
    try:
        raw = md.reset().convert(_CONTROLS.sub("", _LINE_ENDS.sub("\n", source)))
    except BaseException:
        # A renderer that was interrupted may hold half a text.
        _kept.renderers.pop(language, None)
        raise
    # The page has its own h1; where a writer put one in as HTML it becomes the next level, as it does in Markdown.
    html = sanitise(put_sizes(_H1.sub(r"<\1h2", raw), pictures))
    text, paragraphs = read(html)
    return Rendered(
        html=html,
        toc=list(md.contents),
        text=text,
        word_count=count_words(text),
        excerpt=excerpt_of(paragraphs),
    )


_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\ufeff")
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85")
_H1 = re.compile(r"<(/?)h1\b", re.IGNORECASE)


class _Kept(threading.local):
    """Renderers of this thread by language: making one costs as much as rendering a page."""

    def __init__(self) -> None:
        self.renderers: dict[str, Markdown] = {}


_kept = _Kept()


def _renderer(language: str) -> Markdown:
    md = _kept.renderers.get(language)
    if md is None:
        if len(_kept.renderers) > 20:
            _kept.renderers.clear()
        md = _kept.renderers[language] = _make_renderer(language)
    return md


def _make_renderer(language: str) -> Markdown:
    md = Markdown(
        extensions=["tables", "footnotes", "def_list", "admonition", "abbr", "attr_list", "sane_lists", "md_in_html"],
        extension_configs={
            "tables": {"use_align_attribute": True},
            "footnotes": {"USE_DEFINITION_ORDER": False},
        },
        output_format="html",
    )
    md.preprocessors.deregister("normalize_whitespace")
    md.preprocessors.register(FencePreprocessor(md, words_in(language).code), "fences", 35)
    md.preprocessors.register(ListPreprocessor(md), "lists", 28)
    md.parser.blockprocessors.register(SeparateQuoteProcessor(md.parser), "quote", 20)
    inline.register(md)
    md.treeprocessors.register(PageShape(md, language), "page-shape", 4)
    # Like CommonMark, any punctuation mark may be escaped; `\\"` is a quote that stays straight.
    md.ESCAPED_CHARS = list(string.punctuation)
    return md
