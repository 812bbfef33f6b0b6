"""What the filter thinks of a comment, and why: rules anybody can follow, and a score of words moderators taught it.

Every reason has points; together they let a comment pass, let it wait for a moderator, or refuse it. Nothing here
leaves the server unless editors set a key for Akismet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.models import Post
from comments import akismet, rules, teaching, writing
from comments.models import Comment, ConversationSettings
from comments.posting import Verdict
from comments.rules import Writer

Reason = dict[str, Any]

# Nobody reads, thinks and types in less.
FASTEST = timedelta(seconds=3)
# Whoever has written it already reads it over sooner, and not at once.
FASTEST_OVER = timedelta(seconds=2)
# Among so many comments, no older than this, the same words are looked for.
COMPARED, COMPARED_SINCE = 200, timedelta(days=7)
# Shorter texts are alike without being copies: "Thank you!"
SHORTEST_COPY = 25
# Points of what the words alone can tell: they make a comment wait, and never refuse it alone.
MOST_FOR_WORDS = 5.0
_LETTERS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Form:
    """How a comment came: `trap` is what stands in the field people do not see, `opened_at` when the form was handed
    out (None where it was not ours), `is_looked_over` whether with words written before, `address` the client's, told
    to Akismet alone and never kept."""

    trap: str = ""
    opened_at: datetime | None = None
    address: str = ""
    is_looked_over: bool = False


def judge(
    post: Post,
    writer: Writer,
    content: str,
    form: Form | None = None,
    *,
    own: int | None = None,
    address: str = "",
    at: datetime | None = None,
) -> Verdict:
    """What becomes of a comment, and why. `form` is None where none was sent: of a change, `own` is the comment that is
    changed, so that it is no copy of itself, and `address` the client's. May ask Akismet: call it outside of
    transactions."""
    now, settings = at or timezone.now(), rules.current()
    if writer.user is not None and writer.user.is_staff:
        return Verdict()
    html = writing.render(content)
    found = [
        *(_of_form(form, settings, at=now) if form else []),
        *_links(html, settings),
        *_blocked(f"{writer.name}\n{writing.words_of(html)}\n{content}", settings),
        *_copies(writer, content, settings, own=own, at=now),
        *_words(html),
    ]
    asks = settings.akismet_key and (form is not None or address)
    if asks and _says(sum(each["points"] for each in found), settings) != "refuse":
        found += _akismet(post, writer, content, form.address if form else address, settings)
    score = round(sum(each["points"] for each in found), 1)
    return Verdict(_says(score, settings), found, score)


def explain(reasons: Iterable[Reason]) -> list[str]:
    """The reasons in sentences, for the writer and for moderators."""
    return [_sentence(reason) for reason in reasons]


def _says(score: float, settings: ConversationSettings) -> str:
    if score >= settings.refuse_from:
        return "refuse"
    return "hold" if score >= settings.hold_from else "pass"


def _reason(code: str, points: float, words: Iterable[str] = (), **more: Any) -> Reason:
    return {"code": code, "points": round(points, 1), "words": [word[:80] for word in words], **more}


def _of_form(form: Form, settings: ConversationSettings, *, at: datetime) -> list[Reason]:
    if form.trap:
        return [_reason("trap", settings.refuse_from)]
    if form.opened_at is None:
        return [_reason("form", settings.hold_from)]
    if at - form.opened_at < (FASTEST_OVER if form.is_looked_over else FASTEST):
        return [_reason("fast", settings.hold_from)]
    return []


def _links(html: str, settings: ConversationSettings) -> list[Reason]:
    links = writing.links_of(html)
    over = len(links) - settings.most_links
    return [_reason("links", settings.hold_from + (over - 1) / 2, links[:10], number=len(links))] if over > 0 else []


def _blocked(text: str, settings: ConversationSettings) -> list[Reason]:
    said = f" {_plain(text)} "
    phrases = (line.strip() for line in settings.blocked_words.splitlines())
    found = [phrase for phrase in phrases if (plain := _plain(phrase)) and f" {plain} " in said]
    return [_reason("words", settings.hold_from + len(found) - 1, found)] if found else []


def _copies(
    writer: Writer, content: str, settings: ConversationSettings, *, own: int | None, at: datetime
) -> list[Reason]:
    said = _plain(content)
    if len(said) < SHORTEST_COPY:
        return []
    # By key, so that however many comments there are only the youngest are read.
    kept = Comment.objects.comments().exclude(status=Comment.Status.DELETED)
    last = kept.order_by("-pk").values_list("pk", "content", "status", "created_at")[:COMPARED]
    same = [
        status
        for pk, other, status, written in last
        if pk != own and written > at - COMPARED_SINCE and _plain(other) == said
    ]
    if not same:
        return []
    points = settings.refuse_from if Comment.Status.SPAM in same else settings.hold_from
    return [_reason("copy", points, number=len(same))]


def _words(html: str) -> list[Reason]:
    opinion = teaching.opinion_of(html)
    if opinion is None or opinion.probability <= 0.6:
        return []
    points = MOST_FOR_WORDS * (opinion.probability - 0.5) * 2
    return [_reason("taught", points, opinion.words, percent=round(opinion.probability * 100))]


def _akismet(post: Post, writer: Writer, content: str, address: str, settings: ConversationSettings) -> list[Reason]:
    try:
        says = akismet.ask(settings.akismet_key, post, writer, content, address=address)
    except akismet.NoAnswer as error:
        return [_reason("akismet-silent", 0, [str(error)])]
    if says == akismet.GOOD:
        return []
    return [_reason("akismet", settings.refuse_from if says == akismet.CERTAIN else settings.hold_from)]


def _plain(text: str) -> str:
    """Only the letters and figures of a text, the same however it is written."""
    return " ".join(_LETTERS.findall(unicodedata.normalize("NFKC", writing.seen_of(text)).casefold()))


def _sentence(reason: Reason) -> str:
    words, number = ", ".join(reason.get("words", [])), reason.get("number", 0)
    match reason.get("code"):
        case "trap":
            return _("A field that people do not see was filled in.")
        case "form":
            return _("The form was not one of ours, or was open for too long.")
        case "fast":
            return _("It was sent faster than anybody types.")
        case "links":
            said = ngettext("It has %(number)s link: %(words)s", "It has %(number)s links: %(words)s", number)
            return said % {"number": number, "words": words}
        case "words":
            return _("Comments with these words wait: %(words)s") % {"words": words}
        case "copy":
            return ngettext(
                "The same text was sent before.", "The same text was sent %(number)s times before.", number
            ) % {"number": number}
        case "taught":
            return _("Its words are like those of spam (%(percent)s %%): %(words)s") % {
                "percent": reason.get("percent", 0),
                "words": words,
            }
        case "akismet":
            return _("Akismet takes it for spam.")
        case "akismet-silent":
            return _("Akismet could not be asked: %(words)s") % {"words": words}
    return _("Something else speaks against it.")
