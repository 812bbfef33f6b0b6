"""The publish gate: one list of checks every door asks before something goes live.

Each check is a function in the list below: it looks at the facts of one post and yields what it found. How severe it is
is a setting (`CheckSetting`); the essential ones are not. The admin, the clock and the API ask `let_through`, which
blocks; imports, which take things as they were, put `findings_of` into their report.
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from accounts import audit
from accounts.models import User
from accounts.roles import may
from blog import anatomy, heads, links, pixels, writing
from blog.addresses import normalise_path
from blog.models import CheckSetting, GateOverride, Post, Severity
from blog.querysets import PostQuerySet
from blog.slugs import make_slug
from core import markup
from core.refusals import Refusal
from media_assets import addresses
from media_assets.models import MediaAsset

TEXT = "content_markdown"
# Of one check on one post; what comes after is counted, not listed.
MOST_FINDINGS = 20
# In the sentence of a refusal; the panel lists all.
MOST_NAMED = 5
LARGE_BYTES = 1_500_000
LARGE_SIDE = 4_000
LONG_SLUG = 75
ORDER = {Severity.BLOCKING: 0, Severity.WARNING: 1, Severity.ADVICE: 2, Severity.OFF: 3}


@dataclass(frozen=True)
class Finding:
    """What one check has to say: a sentence, why it matters, and where to mend it.

    `field` is the form field it is about; `place` is the piece of Markdown to select, when there is one. `essential`
    findings cannot be overridden by anybody.
    """

    check: str
    severity: str
    sentence: str
    why: str = ""
    field: str | None = None
    place: str = ""
    essential: bool = False


class Blocked(Refusal):
    """Something that blocks was found; `findings` are all of those."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        said = [finding.sentence for finding in findings]
        more = [f"And {len(said) - MOST_NAMED} more."] if len(said) > MOST_NAMED else []
        super().__init__(" ".join(said[:MOST_NAMED] + more), field=findings[0].field)
        self.findings = list(findings)
        self.facts = {"code": "blocked", "findings": [asdict(finding) for finding in self.findings]}


# --- the facts -------------------------------------------------------------------------------------------------------
@dataclass
class Facts:
    """One post as it would go live at `at`, with everything the checks ask about, looked up for all at once.

    `post` is a copy with what is computed from its text; `error` says why the text cannot be rendered.
    """

    post: Post
    at: datetime
    error: str = ""
    text: anatomy.Anatomy = field(default_factory=anatomy.Anatomy)
    paths: dict[str, str] = field(default_factory=dict)
    destinations: dict[str, links.Destination] = field(default_factory=dict)
    assets: dict[str, MediaAsset] = field(default_factory=dict)
    rivals: list[Post] = field(default_factory=list)
    unread: int = 0

    def __post_init__(self) -> None:
        self.places = anatomy.Places(self.post.content_markdown)

    def asset_of(self, picture: anatomy.Picture) -> MediaAsset | None:
        return self.assets.get(addresses.key_of(picture.src) or "")


def facts_of(posts: Iterable[Post], *, at: datetime, as_rendered: bool = False) -> list[Facts]:
    """The facts of several posts in the queries one needs. `as_rendered`: their HTML is already that of their text."""
    gathered = [_read(post, at, as_rendered) for post in posts]
    every = dict.fromkeys(path for facts in gathered for path in facts.paths.values())
    together = links.destinations(every, at=at) if every else {}
    assets = addresses.assets_at(picture.src for facts in gathered for picture in facts.text.pictures)
    rivals = _rivals([facts.post for facts in gathered])
    for facts in gathered:
        facts.destinations = {path: together[path] for path in facts.paths.values()} | {
            _own_path(facts.post): links.LIVE
        }
        facts.assets = assets
        keyword = facts.post.focus_keyword.strip().casefold()
        facts.rivals = [post for post in rivals.get(keyword, ()) if post.pk != facts.post.pk]
    return gathered


def _read(post: Post, at: datetime, as_rendered: bool) -> Facts:
    said = copy.copy(post)
    facts = Facts(said, at)
    if not as_rendered:
        try:
            page = writing.rendered(post.content_markdown, post.content_language)
        except markup.MarkupError as error:
            facts.error = str(error)
            return facts
        said.content_html, said.automatic_excerpt = page.html, page.excerpt
    facts.text = anatomy.read(said.content_html)
    base = _own_path(said)
    for link in facts.text.links:
        if link.href and link.href not in facts.paths:
            if len(facts.paths) >= links.MOST_LINKS:
                facts.unread += 1
            elif path := links.path_of(link.href, base):
                facts.paths[link.href] = path
    return facts


def _own_path(post: Post) -> str:
    """Its address, or the one it will get when nobody typed one."""
    if post.slug:
        return normalise_path(post.get_absolute_url())
    named = copy.copy(post)
    named.slug = make_slug(post.title)
    return normalise_path(named.get_absolute_url())


def _rivals(posts: Sequence[Post]) -> dict[str, list[Post]]:
    """Live posts by focus keyword, of those that any of `posts` has."""
    found: dict[str, list[Post]] = defaultdict(list)
    keywords = {post.focus_keyword.strip() for post in posts} - {""}
    if keywords:
        for rival in with_keyword(keywords).published().only("pk", "title", "slug", "kind", "focus_keyword")[:500]:
            found[rival.focus_keyword.strip().casefold()].append(rival)
    return found


def with_keyword(keywords: Iterable[str]) -> PostQuerySet:
    """Posts with one of these focus keywords, in whichever spelling of capitals people use; answered by its index."""
    spellings = {
        spelling
        for keyword in keywords
        for spelling in (keyword, keyword.lower(), keyword.casefold(), keyword.capitalize(), keyword.title())
        + (keyword.upper(),)
    }
    return Post.objects.filter(focus_keyword__in=spellings).exclude(focus_keyword="").not_trashed()


# --- the checks ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Found:
    """One thing a check found, before its severity is known."""

    sentence: str
    field: str = TEXT
    place: str = ""


Look = Callable[[Facts], Iterator[Found]]


@dataclass(frozen=True)
class Check:
    """One line of the list: `label` names it, `why` says what it spares readers, `default` is its severity."""

    name: str
    label: str
    default: str
    why: str
    look: Look
    essential: bool = False


CHECKS: dict[str, Check] = {}


def check(name: str, label: str, default: str, why: str, *, essential: bool = False) -> Callable[[Look], Look]:
    """Put a function into the list of checks, in the order they are shown."""

    def add(look: Look) -> Look:
        CHECKS[name] = Check(name, label, default, why, look, essential)
        return look

    return add


@check("title", "Title", Severity.BLOCKING, "Without a title nobody can find, name or open a post.", essential=True)
def _title(facts: Facts) -> Iterator[Found]:
    if not facts.post.title.strip():
        yield Found("The post has no title yet; give it one before it goes live.", "title")


@check("text", "Text", Severity.BLOCKING, "Readers who come would find an empty page.", essential=True)
def _text(facts: Facts) -> Iterator[Found]:
    if not facts.post.content_markdown.strip():
        yield Found("The post has no text yet; write some before it goes live.")
    if facts.error:
        yield Found(facts.error)


@check(
    "comes_down",
    "Time it comes down",
    Severity.BLOCKING,
    "It would be taken down in the moment it goes live.",
    essential=True,
)
def _comes_down(facts: Facts) -> Iterator[Found]:
    if facts.post.unpublish_at and facts.post.unpublish_at <= facts.at:
        yield Found("The time it comes down has passed; change or empty it first.", "unpublish_at")


@check(
    "title_length",
    "Length of the title",
    Severity.ADVICE,
    "Search engines cut what is wider than one line; the end of the title is not seen.",
)
def _title_length(facts: Facts) -> Iterator[Found]:
    if not facts.post.title.strip():
        return
    width = pixels.width_of(heads.title_of(facts.post), pixels.TITLE_SIZE)
    if width > pixels.TITLE_ROOM:
        named = "" if facts.post.meta_title.strip() else " with the name of the site"
        yield Found(
            f"The title is {width} px wide{named}; search results show {pixels.TITLE_ROOM}. Shorten it, or write a "
            "shorter search title.",
            "meta_title",
        )


@check("slug", "Address", Severity.ADVICE, "A short address in words is read, remembered and passed on.")
def _slug(facts: Facts) -> Iterator[Found]:
    slug = facts.post.slug
    if slug and facts.post.was_ever_public:
        return  # readers and search engines know it; changing it costs more than it brings
    if len(slug) > LONG_SLUG:
        yield Found(f"The address is {len(slug)} characters long; {LONG_SLUG} are enough to say what it is.", "slug")
    elif slug and (slug.isdecimal() or re.fullmatch(r"untitled(-\d+)?", slug)):
        yield Found("The address says nothing about the post; put its words in.", "slug")


@check(
    "excerpt", "Summary", Severity.ADVICE, "Lists, feeds and share cards show it; without one, the text’s first lines."
)
def _excerpt(facts: Facts) -> Iterator[Found]:
    if not facts.post.excerpt.strip():
        yield Found("The post has no summary; lists show the beginning of the text.", "excerpt")


@check(
    "description",
    "Length of the description",
    Severity.WARNING,
    "It is the text under the title in search results; what is too long is cut, what is too short is replaced.",
)
def _description(facts: Facts) -> Iterator[Found]:
    post = facts.post
    written = bool(post.meta_description.strip())
    source = "search description" if written else "summary" if post.excerpt.strip() else "beginning of the text"
    width = pixels.width_of(heads.description_of(post), pixels.DESCRIPTION_SIZE)
    if not width:
        yield Found("There is no search description and no summary; search engines take any lines.", "meta_description")
    elif width > pixels.DESCRIPTION_ROOM and written:
        yield Found(
            f"The search description is {width} px wide; search results show {pixels.DESCRIPTION_ROOM}. Shorten it.",
            "meta_description",
        )
    elif width > pixels.DESCRIPTION_ROOM:
        yield Found(
            f"The {source}, which stands in for a description, is {width} px wide; search results show "
            f"{pixels.DESCRIPTION_ROOM}. Write a search description.",
            "meta_description",
        )
    elif width < pixels.DESCRIPTION_LEAST:
        mend = "excerpt" if source == "summary" else "meta_description"
        yield Found(f"The description is {width} px wide; from {pixels.DESCRIPTION_LEAST} it says enough.", mend)


@check(
    "alt_text",
    "Alt text",
    Severity.BLOCKING,
    "Whoever cannot see the picture hears this instead; without it, there is nothing.",
)
def _alt_text(facts: Facts) -> Iterator[Found]:
    for picture in facts.text.pictures:
        asset = facts.asset_of(picture)
        if picture.alt or picture.is_presentation or (asset and asset.is_decorative):
            continue
        name = asset.name if asset else _file_name(picture.src)
        hint = f" The library says “{asset.alt_text}”." if asset and asset.alt_text else ""
        yield Found(
            f"The picture “{name}” has no alt text; say what it shows.{hint}", place=facts.places.of_picture(picture)
        )
    lead = facts.post.featured_image
    if lead and not (facts.post.featured_image_alt.strip() or lead.alt_text or lead.is_decorative):
        yield Found(
            f"The featured picture “{lead.name}” has no alt text; say what it shows.", field="featured_image_alt"
        )


@check(
    "alt_words",
    "Alt text in words",
    Severity.WARNING,
    "A file name read aloud tells nobody what the picture shows.",
)
def _alt_words(facts: Facts) -> Iterator[Found]:
    for picture in facts.text.pictures:
        if re.fullmatch(r"(?i)\S+\.(jpe?g|png|gif|webp|avif|svg)|(img|dsc|image|picture|photo)[-_ ]?\d*", picture.alt):
            yield Found(
                f"The alt text “{picture.alt}” is the name of a file; say what the picture shows.",
                place=facts.places.of_picture(picture),
            )


@check(
    "picture_gone",
    "Missing pictures",
    Severity.BLOCKING,
    "Readers see a broken frame where a picture was meant.",
)
def _picture_gone(facts: Facts) -> Iterator[Found]:
    for picture in facts.text.pictures:
        ours = addresses.name_of(picture.src) is not None
        if not picture.src or (ours and facts.asset_of(picture) is None):
            yield Found(
                f"The picture “{_file_name(picture.src)}” is not in the library; choose another.",
                place=facts.places.of_picture(picture),
            )


@check(
    "heading_order",
    "Order of headings",
    Severity.WARNING,
    "Screen readers and the table of contents go by levels; one left out reads like a part that is missing.",
)
def _heading_order(facts: Facts) -> Iterator[Found]:
    level = 1
    for heading in facts.text.headings:
        if not heading.text:
            yield Found("A heading has no words.")
            continue
        if heading.level > level + 1:
            after = f"after one of level {level}" if level > 1 else "at the beginning"
            yield Found(
                f"“{_short(heading.text)}” is a heading of level {heading.level} {after}; level {level + 1} comes "
                "next.",
                place=facts.places.of_heading(heading),
            )
        level = heading.level


@check(
    "broken_link",
    "Broken internal links",
    Severity.BLOCKING,
    "Readers who follow it find a page that says nothing is there.",
)
def _broken_link(facts: Facts) -> Iterator[Found]:
    for link, path in _inside(facts):
        destination = facts.destinations.get(path, links.LIVE)
        if not (destination.live or destination.moved_to or destination.is_old):
            yield Found(
                f"The link “{_short(link.text or path)}” leads to {_short(path, 80)}, where readers find nothing.",
                place=facts.places.of_link(link),
            )
    if facts.unread:
        yield Found(f"The text has more than {links.MOST_LINKS:,} different links; the others were not looked at.")


@check(
    "dead_redirect",
    "Dead redirects",
    Severity.WARNING,
    "The old address leads on to something that is gone; readers end up nowhere.",
)
def _dead_redirect(facts: Facts) -> Iterator[Found]:
    for link, path in _inside(facts):
        if facts.destinations.get(path, links.LIVE).is_old:
            yield Found(
                f"The link “{_short(link.text or path)}” goes to {_short(path, 80)}, an old address whose target is "
                "gone.",
                place=facts.places.of_link(link),
            )


@check(
    "moved_link",
    "Links to old addresses",
    Severity.ADVICE,
    "It still works by a redirect, but costs each reader a detour.",
)
def _moved_link(facts: Facts) -> Iterator[Found]:
    for link, path in _inside(facts):
        if target := facts.destinations.get(path, links.LIVE).moved_to:
            yield Found(
                f"The link “{_short(link.text or path)}” goes to an old address; the page is now at "
                f"{_short(target, 80)}.",
                place=facts.places.of_link(link),
            )


@check(
    "anchor",
    "Links within the page",
    Severity.WARNING,
    "Nothing happens when a reader follows a link to a part that is not there.",
)
def _anchor(facts: Facts) -> Iterator[Found]:
    for link in facts.text.links:
        if not link.href or not link.href.startswith("#") or link.href in ("#", "#top"):
            continue
        if link.href[1:] not in facts.text.ids:
            name = link.href[1:].removeprefix("s-")
            yield Found(
                f"The link “{_short(link.text or name)}” leads to #{_short(name)}, and no heading here has that name.",
                place=facts.places.of_link(anatomy.Link(f"#{name}", link.text)),
            )


@check(
    "empty_link",
    "Empty links",
    Severity.BLOCKING,
    "A link without an address goes nowhere; one without words cannot be read aloud.",
)
def _empty_link(facts: Facts) -> Iterator[Found]:
    for link in facts.text.links:
        address = (link.href or "").strip()
        if address in ("", "#", "http://", "https://", "mailto:", "tel:"):
            if link.text or address:
                yield Found(
                    f"The link “{_short(link.text or address)}” has no address; add one.",
                    place=facts.places.of_link(link),
                )
        elif not link.text and not link.has_picture:
            yield Found(
                f"A link to {_short(address, 80)} has no words; say where it leads.", place=facts.places.of_link(link)
            )


@check(
    "large_picture",
    "Oversize pictures",
    Severity.WARNING,
    "A phone on a slow line waits for it, and may pay for it.",
)
def _large_picture(facts: Facts) -> Iterator[Found]:
    for picture in facts.text.pictures:
        if (asset := facts.asset_of(picture)) and (words := _too_large(asset)):
            yield Found(f"The picture “{asset.name}” {words}.", place=facts.places.of_picture(picture))
    lead = facts.post.featured_image
    if lead and (words := _too_large(lead)):
        yield Found(f"The featured picture “{lead.name}” {words}.", field="featured_image")


@check("category", "Category", Severity.WARNING, "Readers find a post by its category; without one it hangs nowhere.")
def _category(facts: Facts) -> Iterator[Found]:
    if facts.post.kind == Post.Kind.POST and not facts.post.category_id:
        yield Found("The post has no category; choose one.", "category")


@check(
    "focus_keyword",
    "Focus keyword of another post",
    Severity.WARNING,
    "Two posts on the same words compete with each other in search results.",
)
def _focus_keyword(facts: Facts) -> Iterator[Found]:
    if facts.rivals:
        names = ", ".join(f"“{_short(rival.title)}”" for rival in facts.rivals[:3])
        more = f" and {len(facts.rivals) - 3} more" if len(facts.rivals) > 3 else ""
        yield Found(
            f"{names}{more} {'has' if len(facts.rivals) == 1 else 'have'} the focus keyword "
            f"“{facts.post.focus_keyword.strip()}” as well; choose another, or link to it.",
            "focus_keyword",
        )


def _inside(facts: Facts) -> Iterator[tuple[anatomy.Link, str]]:
    """The links to pages of this site, each address once."""
    seen: set[str] = set()
    for link in facts.text.links:
        path = facts.paths.get(link.href or "")
        if path and path not in seen:
            seen.add(path)
            yield link, path


def _too_large(asset: MediaAsset) -> str:
    if asset.size_bytes > LARGE_BYTES:
        return f"is {asset.size_bytes / 1_000_000:.1f} MB large; {LARGE_BYTES / 1_000_000:.1f} MB are enough"
    side = max(asset.width or 0, asset.height or 0)
    return f"is {side:,} px on its longer side; {LARGE_SIDE:,} are enough" if side > LARGE_SIDE else ""


def _file_name(address: str) -> str:
    return _short(address.split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1] or "without an address")


def _short(text: str, longest: int = 60) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


# --- how severe ------------------------------------------------------------------------------------------------------
def severities() -> dict[str, str]:
    """The severity of each check now. One small query, and no cache that could be wrong in the moment it counts."""
    chosen = dict(CheckSetting.objects.values_list("check_name", "severity"))
    return {name: each.default if each.essential else chosen.get(name, each.default) for name, each in CHECKS.items()}


def choose_severity(name: str, severity: str, *, by: User, at: datetime) -> bool:
    """Set how severe a check is from now on; False when it is that already. Raises Refusal."""
    if not may(by, "blog.change_checksetting"):
        raise Refusal("Only administrators decide how severe a check is.")
    chosen = CHECKS.get(name)
    if chosen is None or severity not in Severity.values:
        raise Refusal("There is no such check or severity.")
    if chosen.essential:
        raise Refusal(f"“{chosen.label}” always blocks: no post goes live without it.")
    before = severities()[name]
    if before == severity:
        return False
    row, _ = CheckSetting.objects.update_or_create(check_name=name, defaults={"severity": severity})
    words = Severity(before).label, Severity(severity).label
    audit.record(by, "changed a publish check", row, changes={chosen.label: words}, at=at)
    return True


# --- the gate --------------------------------------------------------------------------------------------------------
def findings_of(
    posts: Iterable[Post], *, at: datetime, as_rendered: bool = False, apart_from: Iterable[str] = ()
) -> list[list[Finding]]:
    """What the checks have to say about each of several posts, in the queries one needs."""
    chosen = severities()
    every = facts_of(posts, at=at, as_rendered=as_rendered)
    return [judge(facts, chosen=chosen, apart_from=apart_from) for facts in every]


def findings(post: Post, *, at: datetime) -> list[Finding]:
    """Everything the checks have to say about `post` as it stands in memory, the most severe first."""
    return findings_of([post], at=at)[0]


def judge(facts: Facts, *, chosen: dict[str, str] | None = None, apart_from: Iterable[str] = ()) -> list[Finding]:
    """What the checks make of the facts of one post, the most severe first."""
    chosen, left_out = chosen or severities(), set(apart_from)
    said: list[Finding] = []
    for each in CHECKS.values():
        severity = chosen[each.name]
        if severity == Severity.OFF or each.name in left_out or (facts.error and not each.essential):
            continue
        found = list(each.look(facts))
        said += [
            Finding(each.name, severity, one.sentence, each.why, one.field, one.place, each.essential)
            for one in found[:MOST_FINDINGS]
        ]
        if len(found) > MOST_FINDINGS:
            sentence = f"{each.label}: {len(found) - MOST_FINDINGS:,} more like these."
            said.append(Finding(each.name, severity, sentence, each.why, found[MOST_FINDINGS].field))
    return sorted(said, key=lambda finding: (ORDER[Severity(finding.severity)], not finding.essential))


def let_through(post: Post, *, by: User | None, at: datetime, reason: str = "") -> None:
    """Raise Blocked when something blocks, unless `by` may override and gives a `reason`, which is kept.

    For the clock (`by` None) an override given when it was planned holds, for that very version and what it named.
    """
    blocking = [finding for finding in findings(post, at=at) if finding.severity == Severity.BLOCKING]
    if blocking and by is None:
        allowed = overridden(post)
        blocking = [finding for finding in blocking if finding.essential or place_of(asdict(finding)) not in allowed]
    if not blocking:
        return
    may_override = by is not None and reason.strip() and may(by, "blog.override_gate_post", post)
    if not may_override or any(finding.essential for finding in blocking):
        raise Blocked(blocking)
    GateOverride.objects.create(
        post_id=post.pk,
        version_number=post.content_version,
        findings=[asdict(finding) for finding in blocking],
        reason=reason.strip()[:300],
        by=by,
        at=at,
    )


def overridden(post: Post) -> set[tuple[str, str | None, str]]:
    """What somebody decided to go over, for the version `post` is at."""
    kept = GateOverride.objects.filter(post_id=post.pk, version_number=post.content_version)
    return {place_of(finding) for findings in kept.values_list("findings", flat=True) for finding in findings}


def place_of(finding: Mapping[str, Any]) -> tuple[str, str | None, str]:
    """What makes a finding the same one later: the check and where it looks."""
    return finding["check"], finding["field"], finding["place"]
