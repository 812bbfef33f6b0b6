"""The same change to many posts: category, tags, author, state. Each goes through the doors a single one goes through.

Every post is a transaction of its own: it changes altogether, or it is refused with a sentence and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from blog import pending, publishing, writing
from blog.models import Category, Post
from blog.models.taxonomy import tag_key
from core.refusals import Refusal

# Posts changed in one go, and posts one change may be for in all.
AT_ONCE = 200
MOST = 5000
VERBS: dict[str, tuple[str, Callable[..., bool]]] = {
    "publish": ("publish", publishing.publish),
    "update": ("update with what waits", publishing.update),
    "submit": ("submit for review", publishing.submit),
    "send_back": ("make a draft again", publishing.send_back),
    "archive": ("archive", publishing.archive),
    "trash": ("move to the trash", publishing.trash),
    "restore": ("restore from the trash", publishing.restore),
}


@dataclass(frozen=True)
class Change:
    """What is to become of each post. `verb` is one of VERBS; what is empty stays as it is."""

    category: Category | None = None
    no_category: bool = False
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()
    author: User | None = None
    verb: str = ""
    reason: str = ""

    @property
    def writes(self) -> bool:
        """Whether it changes what posts say, and not only their state."""
        return bool(self.category or self.no_category or self.add_tags or self.remove_tags or self.author)

    def in_words(self) -> list[str]:
        """What it does, as parts of a sentence."""
        words = []
        if self.category or self.no_category:
            words.append(f"category: {self.category.path if self.category else 'none'}")
        if self.add_tags:
            words.append(f"add {tags_said(self.add_tags)}")
        if self.remove_tags:
            words.append(f"remove {tags_said(self.remove_tags)}")
        if self.author:
            words.append(f"author: {self.author.display_name}")
        if self.verb:
            words.append(VERBS[self.verb][0])
        return words


def tags_said(names: Sequence[str]) -> str:
    return f"the tag{'' if len(names) == 1 else 's'} {', '.join(names)}"


@dataclass
class Report:
    """What became of each: `waiting` are live posts whose change waits to be brought out, a part of `done`."""

    done: list[Post] = field(default_factory=list)
    same: list[Post] = field(default_factory=list)
    waiting: list[Post] = field(default_factory=list)
    refused: list[tuple[Post, str]] = field(default_factory=list)


def check(change: Change) -> None:
    """Refuse what is no change, or two that contradict each other."""
    if change.verb and change.verb not in VERBS:
        raise Refusal("Choose one of the states offered.", field="verb")
    if not change.writes and not change.verb:
        raise Refusal("Nothing is to change yet; choose at least one thing.")
    both = {tag_key(name) for name in change.add_tags} & {tag_key(name) for name in change.remove_tags}
    if both:
        raise Refusal("The same tag cannot be added and removed.", field="remove_tags")


def plan(posts: Iterable[Post], change: Change, *, by: User, at: datetime | None = None) -> Report:
    """What `run` would do now, found out by doing it and taking each back: the rules themselves say who is refused."""
    return each_of(posts, change, by=by, at=at or timezone.now(), keep=False)


def run(posts: Iterable[Post], change: Change, *, by: User, at: datetime | None = None) -> Report:
    """Make the change. Raises Refusal only for what is no change; what a post refuses is in the report."""
    return each_of(posts, change, by=by, at=at or timezone.now(), keep=True)


def each_of(posts: Iterable[Post], change: Change, *, by: User, at: datetime, keep: bool) -> Report:
    check(change)
    report = Report()
    for post in posts:
        try:
            with transaction.atomic():
                changed, waits = change_one(post, change, by=by, at=at)
                transaction.set_rollback(not keep)
        except Refusal as refusal:
            report.refused.append((post, refusal.sentence))
            continue
        (report.done if changed else report.same).append(post)
        if changed and waits:
            report.waiting.append(post)
    return report


def change_one(post: Post, change: Change, *, by: User, at: datetime) -> tuple[bool, bool]:
    """Whether it changed, and whether some of it waits to be brought out. Inside a transaction of its own."""
    current = Post.objects.select_for_update(of=("self",)).filter(pk=post.pk).first()
    if current is None:
        raise Refusal("This post was deleted meanwhile.")
    changed = False
    if change.writes:
        waited = pending.open_newest(current)
        names = current.newest_tags if waited else list(current.tags.names())  # type: ignore[attr-defined]
        reason = change.reason or "Edited with others"
        tags = tags_after(names, change) if change.add_tags or change.remove_tags else None
        for name, value in values_of(change).items():
            setattr(current, name, value)
        co_authors = current.newest_co_authors if waited else None  # type: ignore[attr-defined]
        version = writing.save(
            current, by=by, reason=reason, tags=names if tags is None else tags, co_authors=co_authors, at=at
        )
        changed = version is not None
    if change.verb:
        verb: dict[str, Any] = {} if change.verb == "restore" else {"at": at}
        changed = VERBS[change.verb][1](current, by=by, note=change.reason, **verb) or changed
    return changed, pending.change_of(current) is not None


def values_of(change: Change) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if change.category or change.no_category:
        values["category"] = change.category
    if change.author:
        values["author"] = change.author
    return values


def tags_after(names: Iterable[str], change: Change) -> list[str]:
    """The tags of a post with those added and without those removed, each once whatever its case."""
    gone = {tag_key(name) for name in change.remove_tags}
    kept = {tag_key(name): name for name in (*names, *change.add_tags) if tag_key(name) not in gone}
    return list(kept.values())
