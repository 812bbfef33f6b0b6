"""What search engines and share cards make of a post: lines with remedies, cards, links to make, and who competes.

Words are compared as people read them: folded case, compatibility forms, one spelling of spaces; in scripts without
spaces (Chinese, Japanese, Thai …) each character is a word, so that a keyword is found inside a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.db.models import Q

from accounts.models import User
from blog import anatomy, links, pixels
from blog.addresses import normalise_path
from blog.gate import Facts, with_keyword
from blog.heads import Head, head_of_post, shorten
from blog.models import Post
from blog.querysets import HEAVY
from core import cache, publication

# Shares of the text's words that the keyword may have: under, nobody sees what it is about; over, it reads forced.
DENSITY_LEAST, DENSITY_MOST = 0.3, 3.0
# Below this many words a share says nothing.
DENSITY_WORDS = 100
SUGGESTIONS = 6
# In the line about links; the checks list all.
BROKEN_NAMED = 3
LONGEST_PHRASE = 12
# Posts whose text is read for mentions, found by the database in one pass.
MENTIONS_READ = 30

# Thai, Lao, Burmese, Khmer; kana and Han.
_ALONE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    "\u3005\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
# Signs written over or under letters, which belong to their word.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0dff"
_WORD = re.compile(rf"[{_ALONE}\U00020000-\U0003ffff]|[^\W_{_ALONE}](?:[^\W{_ALONE}]|[{_MARKS}]|['’](?=\w))*")
_SENTENCE_END = re.compile(r"[.!?](?=\s)|[。！？؟۔\n\x00]")
_ARTICLES = frozenset("the a an der die das ein eine le la les l un une el los las il lo gli i de het o os as".split())
KEPT_SECONDS = 600


# --- words -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: folded, and where it stands."""

    key: str
    start: int
    end: int


def fold(text: str) -> str:
    """One spelling for words that read the same; marks of vowels in Hebrew and Arabic are not part of it."""
    if text.isascii():
        return text.casefold()
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("\u0640", "")
    return "".join(mark for mark in folded if not "\u0591" <= mark <= "\u05c7" and not "\u064b" <= mark <= "\u065f")


def words_of(text: str) -> list[Word]:
    """The words of a text in order."""
    return [Word(fold(match[0]), match.start(), match.end()) for match in _WORD.finditer(text)]


def keys_of(text: str) -> tuple[str, ...]:
    return tuple(word.key for word in words_of(text))


def count_of(phrase: Sequence[str], words: Sequence[str]) -> int:
    """How often a phrase stands in a row of words."""
    size = len(phrase)
    if not size:
        return 0
    first, rest = phrase[0], tuple(phrase)
    return sum(
        1
        for place, word in enumerate(words)
        if word == first and (size == 1 or tuple(words[place : place + size]) == rest)
    )


# --- lines -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Line:
    """One thing looked at: whether it is well, what was seen, why it matters, and what a click does.

    `field` is focused, `place` selected in the text; `href` is opened.
    """

    name: str
    well: bool
    sentence: str
    why: str
    field: str = ""
    place: str = ""
    href: str = ""


@dataclass(frozen=True)
class LinkIdea:
    """Words of this text that name another post: `head`, `words` and `tail` are one piece of its Markdown."""

    title: str
    path: str
    head: str
    words: str
    tail: str


@dataclass(frozen=True)
class Neighbour:
    """Another post, named with its address for readers and, where somebody may change it, its id."""

    title: str
    path: str
    pk: int | None = None
    sentence: str = ""


@dataclass
class Report:
    """Everything the search panel shows. `score` is the share of lines that are well, of 100."""

    lines: list[Line] = field(default_factory=list)
    cards: dict[str, Any] = field(default_factory=dict)
    ideas: list[LinkIdea] = field(default_factory=list)
    rivals: list[Neighbour] = field(default_factory=list)
    score: int = 0


def report(facts: Facts, *, user: User) -> Report:
    """What the panel says about a post as typed; of others, only what is live or `user` may change."""
    head = head_of_post(facts.post, linked_data=False)
    said = Report(cards=cards_of(facts.post, head), rivals=rivals_of(facts.post, user))
    said.ideas = list(ideas_for(facts))
    said.lines = [*_lines(facts, head), *_neighbour_lines(facts, said)]
    said.score = round(100 * sum(line.well for line in said.lines) / len(said.lines))
    return said


def _lines(facts: Facts, head: Head) -> Iterator[Line]:
    post, text = facts.post, facts.text
    width = pixels.width_of(head.title, pixels.TITLE_SIZE)
    yield Line(
        "title",
        0 < width <= pixels.TITLE_ROOM,
        f"The title is {width} of {pixels.TITLE_ROOM} px.",
        "Search results cut a wider title; its end is not seen.",
        "meta_title",
    )
    width = pixels.width_of(head.description, pixels.DESCRIPTION_SIZE)
    room, least = pixels.DESCRIPTION_ROOM, pixels.DESCRIPTION_LEAST
    phone = " Phones show it whole." if width <= pixels.PHONE_DESCRIPTION_ROOM else " Phones cut it earlier."
    yield Line(
        "description",
        least <= width <= room,
        f"The description is {width} of {room} px." + (phone if least <= width <= room else ""),
        "It is the text under the title in search results; too long is cut, too short is replaced.",
        "meta_description",
    )
    phrase = keys_of(post.focus_keyword)
    if not phrase:
        yield Line(
            "keyword",
            False,
            "There is no focus keyword yet.",
            "It names what readers search for; the lines about it follow.",
            "focus_keyword",
        )
        return
    keyword = post.focus_keyword.strip()
    first = text.paragraphs[0] if text.paragraphs else ""
    headings = "\n".join(heading.text for heading in text.headings)
    read = {"title": head.title, "slug": re.sub("[-_]", " ", post.slug), "first": first, "headings": headings}
    for part, (yes, no, why, mend) in _PARTS.items():
        well = count_of(phrase, keys_of(read[part])) > 0
        at_heading = not well and part == "headings" and text.headings
        place = facts.places.of_heading(text.headings[0]) if at_heading else ""
        yield Line(f"keyword_{part}", well, (yes if well else no).replace("{}", keyword), why, mend, place)
    words = keys_of(text.text)
    times = count_of(phrase, words)
    share = round(100 * times * len(phrase) / max(1, len(words)), 1)
    fits = len(words) < DENSITY_WORDS or DENSITY_LEAST <= share <= DENSITY_MOST
    yield Line(
        "keyword_density",
        fits and times > 0,
        f"“{keyword}” stands {times} time{'s' if times != 1 else ''} in {len(words):,} words, {share:.1f} %.",
        f"Between {DENSITY_LEAST} and {DENSITY_MOST:.0f} % a text shows what it is about and still reads well.",
        "content_markdown",
    )
    if text.pictures:
        alts = [(picture, count_of(phrase, keys_of(picture.alt))) for picture in text.pictures]
        named = any(count for _, count in alts)
        yield Line(
            "keyword_alt",
            named,
            f"“{keyword}” is in an alt text." if named else f"“{keyword}” is in no alt text.",
            "Image search goes by alt texts; only where it truly says what the picture shows.",
            "content_markdown",
            "" if named else facts.places.of_picture(alts[0][0]),
        )


# Where the keyword is looked for: said when it is there, said when not, why, the field to mend.
_PARTS = {
    "title": (
        "“{}” is in the title.",
        "“{}” is not in the title.",
        "Search engines and readers go by the title first.",
        "meta_title",
    ),
    "slug": (
        "“{}” is in the address.",
        "“{}” is not in the address.",
        "The address stands above the title in search results.",
        "slug",
    ),
    "first": (
        "“{}” is in the first paragraph.",
        "“{}” is not in the first paragraph.",
        "Readers decide by the first lines whether they are in the right place.",
        "content_markdown",
    ),
    "headings": (
        "“{}” is in a heading.",
        "“{}” is in no heading.",
        "Whoever skims a page reads its headings.",
        "content_markdown",
    ),
}


def _links_out(facts: Facts) -> tuple[set[str], dict[str, anatomy.Link]]:
    """The other pages of this site the text leads to, and its links that lead to nothing, by their paths."""
    own = normalise_path(facts.post.get_absolute_url()) if facts.post.slug else ""
    reached: set[str] = set()
    broken: dict[str, anatomy.Link] = {}
    for link in facts.text.links:
        path = facts.paths.get(link.href or "")
        if not path or path == own:
            continue
        destination = facts.destinations.get(path, links.NOWHERE)
        if not (destination.live or destination.moved_to):
            broken.setdefault(path, link)
        elif (target := destination.moved_to or path) != own:
            reached.add(target)
    return reached, broken


def _neighbour_lines(facts: Facts, said: Report) -> Iterator[Line]:
    reached, broken = _links_out(facts)
    sentence = (
        f"It links to {len(reached)} page{'s' if len(reached) != 1 else ''} of this site."
        if reached
        else "It links to no other page of this site that readers can open."
        if broken
        else "It links to no other page of this site."
    )
    if broken:
        more = f" and {len(broken) - BROKEN_NAMED} more" if len(broken) > BROKEN_NAMED else ""
        named = ", ".join(shorten(path, 80) for path in list(broken)[:BROKEN_NAMED])
        sentence += f" Readers find nothing at {named}{more}."
    yield Line(
        "links_out",
        bool(reached) and not broken,
        sentence,
        "Links lead readers on, and tell search engines what belongs together.",
        "content_markdown",
        facts.places.of_link(next(iter(broken.values()))) if broken else "",
    )
    if facts.post.pk and facts.post.is_public:
        number = links.linking_to(facts.post).count()
        yield Line(
            "links_in",
            number > 0,
            f"{number} page{'s' if number != 1 else ''} of this site link{'s' if number == 1 else ''} here."
            if number
            else "No page of this site links here.",
            "A page nobody links to is found only by lists and search engines.",
            href="mentions",
        )
    if facts.post.focus_keyword.strip():
        yield Line(
            "rivals",
            not said.rivals,
            "No other post has this keyword."
            if not said.rivals
            else f"{len(said.rivals)} other post{'s have' if len(said.rivals) > 1 else ' has'} this keyword.",
            "Two posts on the same words compete with each other.",
            "focus_keyword",
        )


# --- cards -----------------------------------------------------------------------------------------------------------
def cards_of(post: Post, head: Head) -> dict[str, Any]:
    """What search results and share cards show, made by what makes the page’s own head."""
    parts = links.parted(head.canonical) or links.parted(settings.SITE_URL + "/")
    assert parts is not None
    crumbs = [unquote(step) for step in parts.path.split("/") if step]
    shown = head.share_picture[0]
    image = {"url": shown, "alt": head.image_alt} if shown else None
    return {
        "site": publication.current().name,
        "host": parts.netloc,
        "crumbs": " › ".join([parts.netloc, *crumbs]),
        "title": head.title,
        "description": head.description,
        "title_px": pixels.width_of(head.title, pixels.TITLE_SIZE),
        "description_px": pixels.width_of(head.description, pixels.DESCRIPTION_SIZE),
        "title_cut": pixels.cut(head.title, pixels.TITLE_SIZE, pixels.TITLE_ROOM),
        "description_cut": pixels.cut(head.description, pixels.DESCRIPTION_SIZE, pixels.DESCRIPTION_ROOM),
        "description_cut_phone": pixels.cut(head.description, pixels.DESCRIPTION_SIZE, pixels.PHONE_DESCRIPTION_ROOM),
        "noindex": post.noindex,
        "og_title": head.og_title,
        "og_description": head.og_description,
        "x_title": head.x_title or head.og_title,
        "x_description": head.x_description or head.og_description,
        "x_large": head.card == Post.TwitterCard.LARGE,
        "image": image,
    }


# --- links to make ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Named:
    """A live post by one of its names."""

    pk: int
    title: str
    path: str
    is_keyword: bool


# By their first two words, or the only one.
Phrases = dict[tuple[str, ...], list[tuple[tuple[str, ...], Named]]]


def phrases() -> Phrases:
    """The names of all live posts: focus keyword, and title without its article.

    Made from light columns, and kept by each process until something is published, taken down or renamed: fetching
    thousands of names from the cache for every pause of a writer would cost more than looking through them.
    """
    token, now = cache.generation("posts"), monotonic()
    held = _held[0]
    if token is None or held.token != token or now - held.at > KEPT_SECONDS:
        held = _held[0] = Held(token, now, _read_phrases())
    return held.phrases


@dataclass(frozen=True)
class Held:
    """The phrases this process read last, when, and what they were true for."""

    token: str | None
    at: float
    phrases: Phrases


# Replaced whole, so that threads see one or the other.
_held = [Held(None, 0.0, {})]


def _read_phrases() -> Phrases:
    found: Phrases = {}
    rows = Post.objects.published().order_by().values_list("pk", "title", "focus_keyword", "kind", "slug")
    for pk, title, keyword, kind, slug in rows.iterator(chunk_size=2000):
        path = Post(kind=kind, slug=slug).get_absolute_url()
        for phrase, is_keyword in _names(title, keyword):
            found.setdefault(phrase[:2], []).append((phrase, Named(pk, title, path, is_keyword)))
    return found


def _names(title: str, keyword: str) -> Iterator[tuple[tuple[str, ...], bool]]:
    whole = keys_of(title)
    bare = whole[1:] if len(whole) > 1 and whole[0] in _ARTICLES else whole
    for phrase, is_keyword in ((keys_of(keyword), True), (bare, False)):
        letters = sum(map(len, phrase))
        alone = bool(phrase) and all(len(word) == 1 and ord(word) >= 0x0E00 for word in phrase)
        if phrase and len(phrase) <= LONGEST_PHRASE and letters >= (2 if alone or is_keyword else 5):
            yield phrase, is_keyword


def ideas_for(facts: Facts) -> Iterator[LinkIdea]:
    """Other live posts that this text names without linking to them: keywords first, then the longest names."""
    source = facts.post.content_markdown
    names = phrases()
    linked = {normalise_path(path) for path in facts.paths.values()}
    prose = anatomy.prose_of(source)
    words = words_of(prose)
    keys = [word.key for word in words]
    best: dict[int, tuple[int, bool, int, int, Named]] = {}
    for place, key in enumerate(keys):
        for phrase, named in (*names.get((key,), ()), *names.get(tuple(keys[place : place + 2]), ())):
            size = len(phrase)
            if size > 2 and tuple(keys[place : place + size]) != phrase:
                continue
            end = words[place + size - 1].end
            if named.pk == facts.post.pk or named.path in linked or "\x00" in prose[words[place].start : end]:
                continue
            rank = (size, named.is_keyword, -place)
            if named.pk not in best or rank > best[named.pk][:3]:
                best[named.pk] = (*rank, end, named)
    ranked = sorted(best.values(), key=lambda each: each[:3], reverse=True)[:SUGGESTIONS]
    for _, _, behind, end, named in ranked:
        head, said, tail = _around(source, words[-behind].start, end)
        yield LinkIdea(named.title, named.path, head, said, tail)


def _around(source: str, start: int, end: int, most: int = 90) -> tuple[str, str, str]:
    """The sentence round a piece of a text, in three parts; long ones are cut between words."""
    before = source[max(0, start - most) : start]
    ends = [match.end() for match in _SENTENCE_END.finditer(before)]
    head = before[ends[-1] :].lstrip() if ends else before[before.find(" ") + 1 :] if start > most else before
    after = source[end : end + most]
    stop = _SENTENCE_END.search(after)
    tail = after[: stop.end()].rstrip() if stop else after[: after.rfind(" ")] if len(source) > end + most else after
    return head, source[start:end], tail


# --- other posts -----------------------------------------------------------------------------------------------------
def visible_to(user: User) -> Q:
    """The posts whose titles somebody may see: live ones and those they may change."""
    mine = Post.objects.editable_by(user).order_by()
    return Q(status=Post.Status.PUBLISHED, trashed_at__isnull=True) | Q(pk__in=mine.values("pk"))


def rivals_of(post: Post, user: User) -> list[Neighbour]:
    """Other posts with the same focus keyword."""
    if not post.focus_keyword.strip():
        return []
    rows = with_keyword([post.focus_keyword.strip()]).filter(visible_to(user)).exclude(pk=post.pk)
    found = list(rows.order_by("pk").defer(*HEAVY)[:SUGGESTIONS])
    return [Neighbour(each.title, each.get_absolute_url(), each.pk) for each in found]


def mentions_of(post: Post, user: User) -> list[Neighbour]:
    """Live posts that name this one (keyword or title) without linking to it, with the sentence.

    One pass of the database over the texts; asked for by a click and kept a while, never while somebody types.
    """
    names = [name for name, _ in _names(post.title, post.focus_keyword)]
    spoken = [each for each in (post.focus_keyword.strip(), _bare_title(post.title)) if len(each) > 1]
    if not names or not spoken:
        return []
    wanted = Q()
    for each in spoken:
        for spelling in {each, each.lower(), each.upper(), each.capitalize()}:
            wanted |= Q(content_markdown__icontains=spelling)
    linked = links.linking_to(post).order_by().values("pk")
    rows = Post.objects.published().filter(wanted).exclude(pk=post.pk or 0).exclude(pk__in=linked)
    found = []
    for other in rows.newest().only("pk", "title", "slug", "kind", "content_markdown")[:MENTIONS_READ]:
        words = words_of(anatomy.prose_of(other.content_markdown))
        keys = [word.key for word in words]
        for place in range(len(keys)):
            size = next((len(name) for name in names if tuple(keys[place : place + len(name)]) == name), 0)
            if size:
                piece = _around(other.content_markdown, words[place].start, words[place + size - 1].end)
                found.append(Neighbour(other.title, other.get_absolute_url(), other.pk, "".join(piece).strip("\x00")))
                break
    return found


def _bare_title(title: str) -> str:
    first, _, rest = title.strip().partition(" ")
    return rest if rest and fold(first) in _ARTICLES else title.strip()
