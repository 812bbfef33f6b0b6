"""What somebody typed and has not saved: kept every few seconds, offered again, gone once it is saved.

Every open form has a key of its own: "post:12:" or "new:" and a random part, or plain "post:12". Only the form that
wrote under a key writes there again, each time with a higher sequence, so two windows of one person never overwrite
each other. Texts go to Redis and from there, every two seconds, to the database; without a Redis that answers, or
without a worker that collects, straight to the database.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.dateparse import parse_datetime

from accounts.models import User
from blog.models import Autosave, Post
from core.refusals import Refusal
from core.shelf import Shelf

Fields = dict[str, "str | list[str]"]

# An hour is far longer than the two seconds until it is collected, and short enough to leave nothing lying about.
shelf = Shelf("autosave", timeout=3600, patience=6)

MAX_BYTES = 3_000_000
KEPT_FOR = timedelta(days=180)
_KEY = re.compile(r"post:([1-9][0-9]{0,17})(?::[0-9a-z-]{1,36})?|new:[0-9a-z-]{1,36}")
_FIRST_WORDS = 16
_LARGEST_SEQUENCE = 2**53


@dataclass(frozen=True)
class Unsaved:
    """The fields of one form as they were typed: strings, or lists of them where several can be chosen."""

    user_id: int
    key: str
    fields: Fields
    base_version: int | None
    sequence: int
    at: datetime

    @property
    def post_id(self) -> int | None:
        return post_id_of(self.key)

    @property
    def title(self) -> str:
        return " ".join(str(self.fields.get("title", "")).split())

    @property
    def first_words(self) -> str:
        """How the text begins."""
        words = str(self.fields.get("content_markdown", ""))[:500].split()
        return " ".join(words[:_FIRST_WORDS]) + (" …" if len(words) > _FIRST_WORDS else "")

    @property
    def says_something(self) -> bool:
        """Whether there is a word of somebody's own in it."""
        return any(
            str(self.fields.get(name, "")).strip() for name in ("title", "excerpt", "content_markdown", "tags_text")
        )


@dataclass(frozen=True)
class Kept:
    """Whether a text was kept (not when another window wrote there), and whether the database has it already."""

    kept: bool
    in_database: bool


def new_key(post: Post | None) -> str:
    """The key of a form that is about to be opened."""
    mark = secrets.token_hex(8)
    return f"post:{post.pk}:{mark}" if post is not None and post.pk else f"new:{mark}"


def post_id_of(key: str) -> int | None:
    """The post a key belongs to; None for one that was never saved. Raises Refusal for what is no key."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise Refusal("This is not the name of an open form.")
    return int(found[1]) if found[1] else None


def checked(fields: Any, known: set[str]) -> Fields:
    """What a form sent, looked at: known names, strings or lists of them. Raises Refusal."""
    if not isinstance(fields, dict) or not fields:
        raise Refusal("There are no fields to keep.")
    unknown = sorted(str(name)[:40] for name in fields.keys() - known)
    if unknown:
        raise Refusal(f"The form has no field called “{unknown[0]}”.")
    return {name: _clean(value) for name, value in fields.items()}


def _clean(value: Any) -> str | list[str]:
    if isinstance(value, list):
        return [_clean_text(each) for each in value[:1000]]
    return _clean_text(value)


def _clean_text(value: Any) -> str:
    if not isinstance(value, str):
        raise Refusal("A field holds words; this one holds something else.")
    if "\0" in value:
        raise Refusal("The text has an invisible character (NUL) that cannot be stored; remove it to have it kept.")
    # Half an emoji, as a cut-off paste leaves it, is no character any database takes.
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def checked_sequence(sequence: Any) -> int:
    if type(sequence) is not int or not 0 < sequence < _LARGEST_SEQUENCE:
        raise Refusal("The sequence counts from 1.")
    return sequence


def checked_version(version: Any) -> int | None:
    if version is not None and (type(version) is not int or not 0 <= version < 2**31):
        raise Refusal("The version the writing began from is a whole number.")
    return version


def keep(user: User, key: str, fields: Fields, *, base_version: int | None, sequence: int, at: datetime) -> Kept:
    """Keep what an open form holds. A sequence that is not higher than the one already kept changes nothing, and is
    `kept` only when it is the same text once more."""
    entry = Unsaved(user.pk, key, fields, base_version, sequence, at)
    put = shelf.put(user.pk, key, sequence, _as_text(entry))
    if put is not None and not put.lies:
        return Kept(False, False)
    if put is not None and put.collected and not put.first:
        return Kept(True, False)
    # The first text of a form, or one nobody would collect. The first asks the database whether it really is.
    kept = write(entry)
    if not kept:
        shelf.drop(user.pk, key)
    return Kept(kept, kept)


def write(entry: Unsaved) -> bool:
    """Write to the database what is newer than what it has; whether it now has this text."""
    rows = Autosave.objects.filter(user_id=entry.user_id, key=entry.key)
    values = {
        "fields": entry.fields,
        "base_version": entry.base_version,
        "sequence": entry.sequence,
        "typed_at": entry.at,
    }
    if rows.filter(sequence__lt=entry.sequence).update(**values):
        return True
    # A post that was deleted meanwhile is no reason to lose the text.
    post = Post.objects.filter(pk=entry.post_id).only("pk").first() if entry.post_id else None
    try:
        with transaction.atomic():
            if not rows.exists():
                Autosave.objects.create(user_id=entry.user_id, key=entry.key, post=post, **values)
                return True
    except IntegrityError:
        pass
    same = rows.filter(sequence=entry.sequence).first()
    return same is not None and same.fields == entry.fields


def collect() -> int:
    """Write what waits in Redis to the database and leave a sign of life; returns how many texts were written.

    Two may collect at the same time, and one killed half-way leaves nothing out: what was not struck still waits.
    """
    written = 0
    for owner, key, number, text in shelf.waiting():
        entry = _from_text(owner, key, number, text)
        written += write(entry)
        if not shelf.strike(owner, key, number):
            # The form was saved between our reading and our writing.
            Autosave.objects.filter(user_id=owner, key=key, sequence=number).delete()
    shelf.sign()
    return written


def newest(user: User, key: str) -> Unsaved | None:
    """The newest text kept under a key, from Redis or the database."""
    held = shelf.get(user.pk, key)
    row = Autosave.objects.filter(user=user, key=key).first()
    if held is None or (row is not None and row.sequence > held[0]):
        return _from_row(row) if row else None
    return _from_text(user.pk, key, *held)


def sequences(user: User, key: str) -> tuple[int, int]:
    """The sequence of the newest text kept under a key, and of the one the database has; 0 for none."""
    row = Autosave.objects.filter(user=user, key=key).values_list("sequence", flat=True).first() or 0
    held = shelf.get(user.pk, key)
    return max(row, held[0] if held else 0), row


def of_post(user: User, post: Post) -> list[Unsaved]:
    """What somebody typed at a post and did not save, the newest first."""
    return _all(user, lambda key: post_id_of(key) == post.pk, post=post)


def of_new_posts(user: User) -> list[Unsaved]:
    """What somebody typed at posts that were never saved, or are no longer there for them; the newest first."""
    texts = _all(user, lambda key: True)
    mentioned = {entry.post_id for entry in texts if entry.post_id}
    theirs = Post.objects.editable_by(user).filter(pk__in=mentioned)
    there = set(theirs.values_list("pk", flat=True)) if mentioned else set()
    return [entry for entry in texts if entry.post_id not in there]


def of_anything(user: User) -> list[Unsaved]:
    """All that somebody typed and did not save, the newest first."""
    return _all(user, lambda key: True)


def _all(user: User, wanted: Any, post: Post | None = None) -> list[Unsaved]:
    rows = Autosave.objects.filter(user=user)
    if post is not None:
        rows = rows.filter(key__startswith=f"post:{post.pk}")
    found = {row.key: _from_row(row) for row in rows if wanted(row.key)}
    for key in shelf.keys(user.pk):
        held = shelf.get(user.pk, key) if wanted(key) else None
        if held is not None and (key not in found or found[key].sequence < held[0]):
            found[key] = _from_text(user.pk, key, *held)
    return sorted((entry for entry in found.values() if entry.says_something), key=lambda entry: entry.at, reverse=True)


def forget(user: User, key: str) -> None:
    """The form was saved, or its text discarded. Inside a transaction, Redis forgets once it commits."""
    Autosave.objects.filter(user=user, key=key).delete()
    transaction.on_commit(lambda: shelf.drop(user.pk, key))


def forget_old(now: datetime) -> int:
    """Drop what nobody came back to for half a year; returns how many texts."""
    return Autosave.objects.filter(typed_at__lt=now - KEPT_FOR).delete()[0]


def _as_text(entry: Unsaved) -> str:
    return json.dumps(
        {"fields": entry.fields, "base": entry.base_version, "at": entry.at.isoformat()}, ensure_ascii=False
    )


def _from_text(owner: int, key: str, number: int, text: str) -> Unsaved:
    said = json.loads(text)
    at = parse_datetime(said["at"])
    if at is None:
        raise ValueError("an unsaved text without its time")
    return Unsaved(owner, key, said["fields"], said["base"], number, at)


def _from_row(row: Autosave) -> Unsaved:
    return Unsaved(row.user_id, row.key, row.fields, row.base_version, row.sequence, row.typed_at)
