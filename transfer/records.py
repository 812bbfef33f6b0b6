"""What a site that comes in is made of, whichever program wrote its export: plain values, no database."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


class BrokenFile(Exception):
    """The file cannot be read to its end, so nothing of it was written.

    The message names the file, the line and column where known, and says in words what is wrong there.
    """

    def __init__(self, file_name: str, problem: str, line: int | None = None, column: int | None = None) -> None:
        self.file_name, self.problem, self.line, self.column = file_name, problem, line, column
        place = f", line {line}, column {column}" if line is not None else ""
        super().__init__(f"{file_name}{place}: {problem} Nothing was imported.")


@dataclass(slots=True)
class Site:
    """Where the export comes from."""

    title: str = ""
    link: str = ""
    base_url: str = ""
    language: str = ""
    version: str = ""
    published: datetime | None = None


@dataclass(slots=True)
class Author:
    """A person named by the export, joined to items by log-in name."""

    old_id: str
    login: str
    email: str = ""
    display_name: str = ""
    first_name: str = ""
    last_name: str = ""


@dataclass(slots=True)
class Term:
    """A category or a tag. The parent is a slug, as in the export."""

    kind: str
    slug: str
    name: str
    old_id: str = ""
    parent: str = ""
    description: str = ""


@dataclass(slots=True)
class Comment:
    """One reader's words, or what another site said, under the item they are kept with."""

    old_id: str
    parent: str
    author: str
    email: str
    url: str
    date: str
    text: str
    approved: str
    kind: str
    user_id: str = ""


@dataclass(slots=True)
class Item:
    """Anything with an id of its own: a post, a page, an attachment, or something we only list."""

    old_id: str
    kind: str
    title: str = ""
    link: str = ""
    guid: str = ""
    slug: str = ""
    status: str = ""
    author: str = ""
    published: str = ""
    local: datetime | None = None
    utc: datetime | None = None
    modified_utc: datetime | None = None
    body: str = ""
    excerpt: str = ""
    parent: str = ""
    password: str = ""
    is_sticky: bool = False
    comments_open: bool = True
    attachment_url: str = ""
    terms: list[tuple[str, str, str]] = field(default_factory=list)
    meta: dict[str, list[str]] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    line: int = 0
    too_large: bool = False
    odd_dates: list[str] = field(default_factory=list)

    def meta_value(self, *keys: str) -> str:
        """The first non-empty value among the keys, or an empty string."""
        for key in keys:
            for value in self.meta.get(key, ()):
                if value.strip():
                    return value.strip()
        return ""


Record = Site | Author | Term | Item


class SiteClock:
    """Turns the site's wall-clock times into UTC, learning its offset from items that carry both."""

    def __init__(self) -> None:
        self._seen: list[tuple[datetime, int]] = []
        self._sorted = True

    def learn(self, local: datetime, utc: datetime) -> None:
        minutes = round((local - utc.replace(tzinfo=None)).total_seconds() / 60)
        if -14 * 60 <= minutes <= 14 * 60:
            self._seen.append((local, minutes))
            self._sorted = False

    def to_utc(self, local: datetime) -> datetime:
        """The moment, taking the offset in force at the nearest known time (UTC when none is known)."""
        if not self._sorted:
            self._seen.sort()
            self._sorted = True
        if not self._seen:
            return local.replace(tzinfo=UTC)
        at = bisect_left(self._seen, (local, -(10**6)))
        near = self._seen[max(at - 1, 0) : at + 1]
        offset = min(near, key=lambda known: abs(known[0] - local))[1]
        return (local - timedelta(minutes=offset)).replace(tzinfo=UTC)

    def moment(self, item: Item) -> datetime | None:
        """When the item was or will be published, in UTC; None when the export does not know."""
        if item.utc:
            return item.utc
        return self.to_utc(item.local) if item.local else None
