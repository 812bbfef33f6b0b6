"""Bodies as WordPress stores them: block comments and shortcodes become plain HTML, then Markdown."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from transfer.html_to_markdown import Converted, to_markdown

_REMARK = re.compile(r"<!--(.*?)-->", re.DOTALL)
_BLOCK = re.compile(r"\s+(/?)wp:([a-z][a-z0-9_/-]*)\s*(\{.*\})?\s*(/?)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s\]"']+))|"([^"]*)"|(\S+)""")
_CODE_NAMES = "|".join(
    "sourcecode source code php python py ruby css html xml js javascript java bash shell sql cpp csharp c diff perl "
    "text plain".split()
)
_CODE = re.compile(rf"(?<!\[)\[({_CODE_NAMES})((?:\s[^\]]*)?)\](.*?)\[/\1\]", re.DOTALL | re.IGNORECASE)
_PROTECTED = re.compile(r"<(pre|code|textarea)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_CAPTION = re.compile(r"(?<!\[)\[(?:wp_)?caption\b([^\]]*)\](.*?)\[/(?:wp_)?caption\]", re.DOTALL | re.IGNORECASE)
_EMBED = re.compile(r"(?<!\[)\[(embed|youtube|vimeo|video)\b([^\]]*)\]\s*(https?://\S+?)\s*\[/\1\]", re.IGNORECASE)
_SINGLE = re.compile(
    r"(?<!\[)\[(gallery|audio|video|playlist|youtube|vimeo|dailymotion|embed)\b([^\]]*?)/?\](?!\])", re.IGNORECASE
)
_OPENED = re.compile(
    rf"<(?:pre|code|textarea)\b|\[(?:{_CODE_NAMES}|caption|wp_caption|embed|footnote|ref)\b", re.IGNORECASE
)
_CLOSED = re.compile(
    rf"</(?:pre|code|textarea)\b|\[/(?:{_CODE_NAMES}|caption|wp_caption|embed|footnote|ref)\b", re.IGNORECASE
)
_NOTE = re.compile(r"(?<!\[)\[(footnote|efn_note|mfn|ref)\](.*?)\[/\1\]", re.DOTALL | re.IGNORECASE)
_ESCAPED = re.compile(r"\[(\[[a-z][\w-]*[^\[\]]*\])\]", re.IGNORECASE)
_OTHER = re.compile(
    r"\[([a-z][a-z0-9_-]{1,40})((?:\s+[\w-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\]]+))*)\s*/?\]", re.IGNORECASE
)


@dataclass(frozen=True)
class Attachment:
    """A file of the old site, as bodies refer to it."""

    url: str
    alt: str = ""
    caption: str = ""
    title: str = ""


@dataclass
class Surroundings:
    """What a body refers to without carrying it: files by old id, the item's own files, notes by id, new addresses."""

    attachment: Callable[[str], Attachment | None] = lambda _old_id: None
    own: list[str] = field(default_factory=list)
    footnotes: dict[str, str] = field(default_factory=dict)
    rewrite: Callable[[str], str] | None = None


def body_to_markdown(body: str, around: Surroundings | None = None) -> Converted:
    """Markdown of a WordPress body, classic or of blocks, with notes on what was left out or kept only as text."""
    around = around or Surroundings()
    work = _Body(around)
    prepared, is_blocks = work.prepare(body)
    done = to_markdown(prepared, line_breaks=not is_blocks, rewrite=around.rewrite, footnotes=around.footnotes)
    return Converted(done.markdown, list(dict.fromkeys(work.notes + done.notes)), done.lead, prepared)


def is_absurd(body: str) -> bool:
    """Whether so much is opened and never closed that looking for the ends would take minutes."""
    opened = sum(1 for _ in _OPENED.finditer(body))
    return opened > 1_000 and sum(1 for _ in _CLOSED.finditer(body)) < opened // 2


def footnotes_of(meta_value: str) -> dict[str, str]:
    """The notes that the block editor keeps beside the body, by id; none where the field is not what it should be."""
    try:
        notes = json.loads(meta_value or "[]")
        return {str(note["id"]): str(note["content"]) for note in notes}
    except (ValueError, TypeError, KeyError):
        return {}


class _Body:
    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.notes: list[str] = []
        self.kept: list[str] = []
        self.note_count = 0

    def prepare(self, body: str) -> tuple[str, bool]:
        body = body.replace("\x01", "").replace("\r\n", "\n").replace("\r", "\n")
        is_blocks = "<!-- wp:" in body
        if is_blocks:
            body = self.without_blocks(body)
        body = re.sub(r"<!--\s*more\b.*?-->", "<x-more></x-more>", body, flags=re.DOTALL)
        body, breaks = re.subn(r"<!--\s*nextpage\s*-->", "\n\n", body)
        if breaks:
            self.notes.append("It was split into pages; they are one text now.")
        body = _COMMENT.sub("", body)
        if is_absurd(body):
            self.notes.append("It opens thousands of shortcodes and closes few of them; they were kept as text.")
            return body, is_blocks
        body = _CODE.sub(self.code, body)
        body = _PROTECTED.sub(self.protect, body)
        body = self.shortcodes(body)
        return self.restore(body), is_blocks

    def protect(self, found: re.Match[str]) -> str:
        self.kept.append(found[0])
        return f"\x01{len(self.kept) - 1}\x01"

    def restore(self, body: str) -> str:
        return re.sub("\x01(\\d+)\x01", lambda found: self.kept[int(found[1])], body)

    # Blocks

    def without_blocks(self, body: str) -> str:
        """The body without block comments. Text between blocks is of the old kind and marked as such."""
        out: list[str] = []
        depth = position = 0
        language = ""
        for remark in _REMARK.finditer(body):
            found = _BLOCK.fullmatch(remark[1])
            if found is None:
                continue
            out.append(self.between(body[position : remark.start()], depth, language))
            position = remark.end()
            closing, name, settings, single = found.groups()
            language = self.language(settings) if not closing else ""
            if closing:
                depth = max(0, depth - 1)
                out.append("</x-classic>" if name == "freeform" else "")
            elif single:
                self.single_block(name, settings)
            else:
                depth += 1
                out.append("<x-classic>" if name == "freeform" else "")
        out.append(self.between(body[position:], depth, ""))
        return "".join(out)

    def between(self, text: str, depth: int, language: str) -> str:
        if depth == 0 and text.strip():
            return f"<x-classic>\n{text}\n</x-classic>"
        if language and "<pre" in text:
            text = text.replace("<pre", f'<pre data-language="{language}"', 1)
            text = re.sub(r'<pre data-language="([^"]*)"([^>]*)class="', r'<pre\2class="language-\1 ', text, count=1)
            return re.sub(r'<pre data-language="([^"]*)"', r'<pre class="language-\1"', text, count=1)
        return re.sub(r"(?<=>)\s*(https?://[^\s<>\"]+)\s*(?=</div>)", r"\n\n<x-embed>\1</x-embed>\n\n", text)

    def language(self, settings: str | None) -> str:
        found = re.search(r'"language":\s*"([\w+#-]{1,30})"', settings or "")
        return found[1] if found else ""

    def single_block(self, name: str, settings: str | None) -> None:
        if name == "footnotes":
            return
        what = "A block kept elsewhere" if name == "block" else f"The block “{name}”"
        self.notes.append(f"{what} has no text of its own and was left out.")

    # Shortcodes

    def shortcodes(self, body: str) -> str:
        body = _NOTE.sub(self.footnote, body)
        body = _CAPTION.sub(self.caption, body)
        body = _EMBED.sub(lambda found: self.embed(found[3]), body)
        body = _SINGLE.sub(self.single, body)
        body = _ESCAPED.sub(self.keep_literal, body)
        self.report_others(body)
        return body

    def keep_literal(self, found: re.Match[str]) -> str:
        self.kept.append(found[1])
        return f"\x01{len(self.kept) - 1}\x01"

    def report_others(self, body: str) -> None:
        for found in _OTHER.finditer(body):
            name = found[1]
            if "=" in found[2] or f"[/{name}]" in body or re.search(r"[a-z][-_][a-z]", name):
                self.notes.append(f"The shortcode [{name}] is not known here; it was kept as text.")

    def code(self, found: re.Match[str]) -> str:
        attributes = _attributes(found[2])
        name = found[1].lower()
        fallback = "" if name in ("sourcecode", "source", "code", "text", "plain") else name
        language = attributes.get("language") or attributes.get("lang") or attributes.get("lexer") or fallback
        language = re.sub(r"[^\w+#-]", "", language)
        text = html.escape(html.unescape(found[3].strip("\n")), quote=False)
        return (
            f'\n\n<pre class="language-{language}"><code>{text}</code></pre>\n\n'
            if language
            else f"\n\n<pre>{text}</pre>\n\n"
        )

    def footnote(self, found: re.Match[str]) -> str:
        self.note_count += 1
        return f'<x-note data-number="{self.note_count}">{found[2]}</x-note>'

    def caption(self, found: re.Match[str]) -> str:
        attributes = _attributes(found[1])
        picture = re.match(r"\s*((?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?)(.*)", found[2], re.DOTALL | re.IGNORECASE)
        image, rest = (picture[1], picture[2]) if picture else (found[2], "")
        words = rest.strip() or html.escape(html.unescape(attributes.get("caption", "")))
        words = re.sub(r"\n", "<br>", words)
        end = f"<figcaption>{words}</figcaption>" if words else ""
        name = html.escape(attributes.get("align", ""))
        return f'\n\n<figure class="{name}">{image.strip()}{end}</figure>\n\n'

    def embed(self, url: str) -> str:
        return f"\n\n<x-embed>{html.escape(html.unescape(url))}</x-embed>\n\n"

    def single(self, found: re.Match[str]) -> str:
        name, attributes = found[1].lower(), _attributes(found[2])
        match name:
            case "gallery":
                return self.gallery(found[0], attributes)
            case "playlist":
                return self.playlist(found[0], attributes)
            case "youtube" | "vimeo" | "dailymotion" | "embed":
                return self.hosted(name, found[0], attributes)
        kinds = ("src", "mp3", "m4a", "ogg", "wav", "wma", "mp4", "m4v", "webm", "ogv", "flv", "0")
        source = next((attributes[kind] for kind in kinds if attributes.get(kind)), "")
        if not re.match(r"(https?:)?/", source):
            self.notes.append(f"The shortcode [{name}] names no file; it was kept as text.")
            return found[0]
        if re.match(r"https?://(www\.)?(youtube\.com|youtu\.be|vimeo\.com)/", source):
            return self.embed(source)
        return f'\n\n<{name} src="{html.escape(source)}"></{name}>\n\n'

    def hosted(self, name: str, whole: str, attributes: dict[str, str]) -> str:
        value = next((attributes[key] for key in ("0", "url", "id", "src") if attributes.get(key)), "").lstrip("=")
        if not value.startswith("http") and re.fullmatch(r"[\w-]{5,40}", value) and name != "embed":
            page = {"youtube": "https://www.youtube.com/watch?v=", "vimeo": "https://vimeo.com/"}
            value = page.get(name, "https://www.dailymotion.com/video/") + value
        if value.startswith("http"):
            return self.embed(value)
        self.notes.append(f"The shortcode [{name}] names no address; it was kept as text.")
        return whole

    def files(self, attributes: dict[str, str]) -> list[Attachment]:
        named = attributes.get("ids") or attributes.get("include")
        ids = re.findall(r"\d+", named) if named else self.around.own
        left_out = set(re.findall(r"\d+", attributes.get("exclude", "")))
        return [file for old_id in ids if old_id not in left_out and (file := self.around.attachment(old_id))]

    def gallery(self, whole: str, attributes: dict[str, str]) -> str:
        pictures = [file for file in self.files(attributes) if not re.search(r"\.(mp3|mp4|pdf|m4a|ogg|mov)$", file.url)]
        if not pictures:
            self.notes.append("A gallery names pictures that are not in the file; its shortcode was kept as text.")
            return whole
        figures = "".join(
            f'<figure><img src="{html.escape(file.url)}" alt="{html.escape(file.alt)}">'
            + (f"<figcaption>{html.escape(file.caption)}</figcaption>" if file.caption else "")
            + "</figure>"
            for file in pictures
        )
        return f'\n\n<div class="gallery">{figures}</div>\n\n'

    def playlist(self, whole: str, attributes: dict[str, str]) -> str:
        files = self.files(attributes)
        if not files:
            self.notes.append("A playlist names files that are not in the export; its shortcode was kept as text.")
            return whole
        lines = "".join(f'<li><a href="{html.escape(file.url)}">{html.escape(file.title)}</a></li>' for file in files)
        return f"\n\n<ol>{lines}</ol>\n\n"


def _attributes(text: str) -> dict[str, str]:
    """Shortcode attributes by name; those without a name by position ("0", "1")."""
    text = re.sub("[\u201c\u201d\u2033]|&quot;|&#8221;|&#8220;", '"', text)
    values: dict[str, str] = {}
    position = 0
    for found in _ATTRIBUTE.finditer(text):
        name, double, single, bare, quoted, word = found.groups()
        if name:
            values[name.lower()] = next(value for value in (double, single, bare, "") if value is not None)
        else:
            values[str(position)] = quoted or word or ""
            position += 1
    return values
