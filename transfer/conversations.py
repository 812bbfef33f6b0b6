"""The comments of an export: threads under the posts that came in, what other sites said apart, each in its state.

Nobody is told of any: they are old news. What was brought in before stays as it was decided here, and what was deleted
here stays deleted.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import nh3
from django.db import transaction
from django.db.models import F

from accounts.models import User
from blog.models import Post
from comments.models import Comment
from comments.models.comment import LONGEST
from comments.writing import RENDER_VERSION, TAGS, render
from transfer import records
from transfer.html_to_markdown import to_markdown
from transfer.ledger import Ledger, fingerprint
from transfer.people import valid_email
from transfer.records import Item
from transfer.report import Report
from transfer.survey import CONTENT, Identities, Survey, plain_words
from transfer.wordpress import read_wxr, utc_of

Kind, Status = Comment.Kind, Comment.Status

STATUSES = {
    "1": Status.APPROVED,
    "approve": Status.APPROVED,
    "approved": Status.APPROVED,
    "0": Status.PENDING,
    "hold": Status.PENDING,
    "spam": Status.SPAM,
    "trash": Status.DELETED,
    "post-trashed": Status.DELETED,
}
KINDS = {"comment": Kind.COMMENT, "review": Kind.COMMENT, "pingback": Kind.PING, "trackback": Kind.PING}
NAMES = {Kind.COMMENT: "comments", Kind.PING: "pings"}
NO_NAME = "Anonymous"
# What the small Markdown of comments can say, and the older names of its emphasis.
READ = {*TAGS, "b", "i", "strong", "em"}
MARKS = re.compile("<([a-z][a-z0-9]*)")


@dataclass(slots=True)
class Coming:
    """One that is new here, with its identity; `parent` is that of what it answers, empty for the first of a thread."""

    identity: str
    parent: str
    row: Comment
    mark: str


@dataclass
class Conversations:
    """Writes the comments of item after item, each item's in one transaction, and tells the report."""

    survey: Survey
    ledger: Ledger
    people: dict[str, User]
    report: Report
    now: datetime
    dry_run: bool = False
    authors: dict[str, records.Author] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.authors = {author.old_id: author for author in self.survey.authors.values() if author.old_id}

    def take_all(self, path: str | Path) -> None:
        """Walk through the file once more: its posts are here by now."""
        identities = Identities()
        for record in read_wxr(path):
            if isinstance(record, Item) and record.kind in CONTENT and record.status not in ("auto-draft", "inherit"):
                identity = identities.of(record)
                if record.comments:
                    self.take(record, identity)

    def take(self, item: Item, identity: str) -> None:
        known = self.ledger.find(item.kind, identity)
        post = Post.objects.filter(pk=known.target_id).only("pk", "published_at").first() if known else None
        if post is None and not self.dry_run:
            for said in item.comments:
                self.say(said, "skipped", item, "is under something that is not here")
            return
        coming: dict[str, Coming] = {}
        here: dict[str, int] = {}
        for number, said in enumerate(item.comments):
            own = _identity(identity, said.old_id or f"no id, {number}")
            if KINDS.get(said.kind) is None:
                self.say(said, "skipped", item, f"is of a kind that is none here ({said.kind[:40]})")
            elif own in coming or own in here:
                self.say(said, "skipped", item, "stands in the file twice")
            elif before := self.ledger.find("comment", own):
                here[own] = before.target_id
                self.say(said, "unchanged", item)
            else:
                row = self.compose(said, item, post)
                parent = _identity(identity, said.parent) if said.parent and row.kind == Kind.COMMENT else ""
                coming[own] = Coming(own, parent, row, fingerprint(*astuple(said)))
                self.say(said, "created", item)
        if post is not None and coming and not self.dry_run:
            self.write(post, coming, here)

    def say(self, said: records.Comment, outcome: str, item: Item, reason: str = "") -> None:
        name = NAMES[KINDS.get(said.kind, Kind.COMMENT)]
        title = f"{said.author} on {item.title}" if reason else ""
        self.report.add(name, outcome, old_id=said.old_id, title=title, reason=reason, line=item.line)

    def compose(self, said: records.Comment, item: Item, post: Post | None) -> Comment:
        kind, status = KINDS[said.kind], STATUSES.get(said.approved, Status.PENDING)
        at = utc_of(said.date) or (post.published_at if post else None) or self.now
        words = to_markdown(in_few_marks(said.text), line_breaks=True).markdown.replace("\0", "").strip()
        if dropped := sorted(set(MARKS.findall(said.text.lower())) - READ):
            note = f"Comments have no {', '.join(f'<{name}>' for name in dropped[:6])} here; the words are kept."
            self.report.note(NAMES[kind], [note], old_id=said.old_id, title=item.title, line=item.line)
        if len(words) > LONGEST:
            note = f"It is cut to {LONGEST:,} characters."
            self.report.note(NAMES[kind], [note], old_id=said.old_id, title=item.title, line=item.line)
            words = words[: LONGEST - 1].rstrip() + "…"
        row = Comment(
            post=post,
            kind=kind,
            status=status,
            content=words,
            content_html=render(words),
            render_version=RENDER_VERSION,
            created_at=at,
            approved_at=at if status == Status.APPROVED else None,
            announced_at=self.now,
            moderators_told_at=self.now,
        )
        row.user = self.writer_of(said)
        if row.user is None:
            row.guest_name = plain_words(said.author)[:80].strip() or NO_NAME
            row.guest_email = valid_email(said.email).lower()
        row.guest_url = _web_address(said.url)
        return row

    def writer_of(self, said: records.Comment) -> User | None:
        """The member who wrote it, where the export says who, and by what address."""
        author = self.authors.get(said.user_id)
        if author is None or (said.email and said.email.casefold() != author.email.casefold()):
            return None
        return self.people.get(author.login)

    @transaction.atomic
    def write(self, post: Post, coming: dict[str, Coming], here: dict[str, int]) -> None:
        """Those that begin threads first, then what answers them: whatever answers is younger. `here`: came before."""
        known = Comment.objects.filter(post=post, kind=Kind.COMMENT).in_bulk(list(here.values()))
        placed: dict[str, Comment] = {own: known[target] for own, target in here.items() if target in known}
        for level in _levels(coming, placed):
            for one in level:
                parent = placed.get(one.parent)
                one.row.parent = parent
                one.row.root_id = (parent.root_id or parent.pk) if parent else None
            made = Comment.objects.bulk_create([one.row for one in level])
            placed |= {one.identity: row for one, row in zip(level, made, strict=True) if row.kind == Kind.COMMENT}
            self.ledger.remember_all([("comment", one.identity, one.row, one.mark, {}) for one in level])
        rows = [one.row for one in coming.values()]
        shown = sum(row.kind == Kind.COMMENT and row.status == Status.APPROVED for row in rows)
        Post.objects.filter(pk=post.pk).update(comment_count=F("comment_count") + shown)


def in_few_marks(html: str) -> str:
    """HTML with the marks of comments here alone, the words of others kept: they would be read as they are typed."""
    return nh3.clean(html, tags=READ, attributes={"a": {"href"}}, link_rel=None)


def _identity(post: str, comment: str) -> str:
    """Comments of one site are numbered through; odd exports number them anew under each post."""
    return f"{post[:150]}/{comment[:40]}"


def _levels(coming: dict[str, Coming], placed: Iterable[str]) -> Iterable[list[Coming]]:
    """What begins a thread, or answers what is here, then what answers that, and so on, the older first.

    What answers nothing that can be found begins a thread; so does one of each circle, and the rest of it follows.
    """
    there = set(placed)
    below: dict[str, list[Coming]] = defaultdict(list)
    level: list[Coming] = []
    for one in coming.values():
        answered = coming.get(one.parent)
        if one.parent in there or answered is None or answered.row.kind == Kind.PING:
            level.append(one)
        else:
            below[one.parent].append(one)
    left = dict(coming)
    while left:
        if not level:
            level = [next(iter(left.values()))]
        level = [one for one in level if one.identity in left]
        for one in level:
            del left[one.identity]
        if level:
            yield sorted(level, key=lambda one: one.row.created_at)
        level = [answer for one in level for answer in below[one.identity]]


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc and len(url) <= 500 else ""
