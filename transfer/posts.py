"""Posts and pages of an export: new ones in small batches, changed ones one by one, each with the memory of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from blog import arriving, publishing, writing
from blog.arriving import Arrival
from blog.models import Post, PostVersion, StatusChange
from core.refusals import Refusal
from transfer.composing import Composer
from transfer.fidelity import differs
from transfer.ledger import Known, fingerprint
from transfer.old_addresses import Lead, addresses_of, lead, lead_all
from transfer.records import Item
from transfer.report import Report

BY_HAND = (PostVersion.Kind.SAVE, PostVersion.Kind.RESTORE, PostVersion.Kind.AUTOSAVE)
# HTML is longer than the Markdown made of it; beyond this none is ever short enough.
MAX_BODY = 4_000_000
BATCH = 50
BATCH_CHARACTERS = 2_000_000
PLURAL = {"post": "posts", "page": "pages"}


@dataclass
class Ready:
    """A new post that waits for its batch."""

    item: Item
    identity: str
    mark: str
    arrival: Arrival
    payload: dict[str, Any]


@dataclass
class Writer:
    """Writes item after item and tells the report. A batch is written whole or not at all; call `finish` at the end."""

    composer: Composer
    report: Report
    marks: set[str] = field(default_factory=set)
    waiting: list[Ready] = field(default_factory=list)
    waiting_characters: int = 0
    written: list[int] = field(default_factory=list)

    def take(self, item: Item, identity: str) -> None:
        """Create or update one post or page, or say why not."""
        mark = self.mark_of(item)
        if "#" in identity and mark in self.marks:
            return self.say(item, identity, "skipped", "stands in the file twice")
        self.marks.add(mark)
        known = self.composer.ledger.find(item.kind, identity)
        if known and known.fingerprint == mark:
            return self.say(item, identity, "unchanged")
        if item.too_large or len(item.body) > MAX_BODY:
            return self.say(item, identity, "lost", "is larger than any text here may be (1 MB)")
        if known and (why := self.why_not_again(known)):
            return self.say(item, identity, "skipped", why)
        try:
            if known:
                self.update(item, identity, known, mark)
            else:
                self.line_up(item, identity, mark)
        except Refusal as refusal:
            self.say(item, identity, "lost", refusal.sentence)

    def say(self, item: Item, identity: str, outcome: str, reason: str = "") -> None:
        title = item.title or item.slug
        self.report.add(PLURAL[item.kind], outcome, old_id=identity, title=title, reason=reason, line=item.line)

    def tell(self, item: Item, identity: str, outcome: str, notes: list[str]) -> None:
        self.report.add(PLURAL[item.kind], outcome)
        self.report.note(PLURAL[item.kind], notes, old_id=identity, title=item.title or item.slug, line=item.line)

    def mark_of(self, item: Item) -> str:
        text = item.body
        refers = (
            "wp-content" in text or "/uploads/" in text or "[gallery" in text or "[playlist" in text or "files." in text
        )
        refers = refers or "_thumbnail_id" in item.meta
        values = {
            name: value
            for name, value in asdict(item).items()
            if name not in ("line", "meta", "published", "odd_dates", "comments")
        }
        meta = {name: item.meta[name] for name in item.meta if not name.startswith(("_oembed", "_edit"))}
        return fingerprint(values, meta, self.composer.media.mark if refers else "")

    def why_not_again(self, known: Known) -> str:
        post = Post.objects.filter(pk=known.target_id).only("pk").first()
        if post is None:
            return "was deleted here since the last import"
        later = PostVersion.objects.filter(post=post, number__gt=known.target_version)
        if later.exclude(editor=None, kind=PostVersion.Kind.SAVE).filter(kind__in=BY_HAND).exists():
            return "was edited here since the last import"
        if StatusChange.objects.filter(post=post, by__isnull=False).exists():
            return "changed its state here since the last import"
        return ""

    # New ones

    def line_up(self, item: Item, identity: str, mark: str) -> None:
        arrival, before = self.composer.compose(item, identity, Post(kind=item.kind))
        arriving.prepare(arrival)
        arrival.notes += self.check(before, arrival.post)
        self.waiting.append(Ready(item, identity, mark, arrival, self.composer.payload(item)))
        self.waiting_characters += len(item.body)
        if len(self.waiting) >= BATCH or self.waiting_characters > BATCH_CHARACTERS:
            self.finish()

    def finish(self) -> None:
        """Write what waits. Where a batch is refused by the database, each of it is tried alone."""
        waiting, self.waiting, self.waiting_characters = self.waiting, [], 0
        try:
            self.add(waiting)
        except IntegrityError:
            for ready in waiting:
                try:
                    self.add([ready])
                except IntegrityError:
                    reason = "could not be written: somebody took its address meanwhile"
                    self.say(ready.item, ready.identity, "lost", reason)

    def add(self, batch: list[Ready]) -> None:
        if batch and not self.composer.dry_run:
            with transaction.atomic():
                arriving.add([ready.arrival for ready in batch], at=self.composer.now)
                host = self.composer.survey.host
                redirects = lead_all(
                    [Lead(addresses_of(ready.item, host), post=ready.arrival.post) for ready in batch],
                    self.composer.ledger,
                    self.report,
                )
                self.composer.ledger.remember_all(
                    [
                        (ready.item.kind, ready.identity, ready.arrival.post, ready.mark, ready.payload)
                        for ready in batch
                    ]
                )
            self.report.redirects += redirects
            self.written += [ready.arrival.post.pk for ready in batch]
        for ready in batch:
            self.tell(ready.item, ready.identity, "created", ready.arrival.notes)

    # Changed ones

    def update(self, item: Item, identity: str, known: Known, mark: str) -> None:
        with transaction.atomic():
            post = Post.objects.get(pk=known.target_id)
            arrival, before = self.composer.compose(item, identity, post)
            if self.composer.dry_run:
                arriving.prepare(arrival)
            else:
                self.save(arrival, item, identity, mark)
            notes = arrival.notes + self.check(before, post)
        if not self.composer.dry_run:
            self.written.append(post.pk)
        self.tell(item, identity, "updated", notes)

    def save(self, arrival: Arrival, item: Item, identity: str, mark: str) -> None:
        post = arrival.post
        version = writing.save(
            post,
            by=None,
            reason=arrival.reason,
            kind=PostVersion.Kind.IMPORT,
            tags=[tag.name for tag in arrival.tags],
            co_authors=arrival.co_authors,
            at=self.composer.now,
        )
        publishing.place(
            post,
            status=arrival.status,
            published_at=arrival.published_at,
            scheduled_at=arrival.scheduled_at,
            at=self.composer.now,
        )
        Post.objects.filter(pk=post.pk).update(
            created_at=arrival.created_at,
            updated_at=arrival.changed_at,
            content_changed_at=arrival.changed_at,
            trashed_at=arrival.trashed_at,
        )
        self.report.redirects += lead(
            addresses_of(item, self.composer.survey.host), self.composer.ledger, self.report, post=post
        )
        number = version.number if version else post.content_version
        payload = self.composer.payload(item)
        self.composer.ledger.remember(item.kind, identity, post, mark, version=number, payload=payload)

    def check(self, before: str, post: Post) -> list[str]:
        difference = differs(before, post.content_html)
        if not difference:
            return []
        self.report.differing += 1
        return [f"The text differs after conversion: {difference}"]
