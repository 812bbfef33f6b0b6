"""What open pages of a post are told while they are open, and what they ask for when they missed some of it."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from blog.models import Post
from comments import conversation, rules
from comments.models import Comment
from comments.querysets import CommentQuerySet
from core import fingerprints, languages, presence

# What was written at a moment is seen a little later, when its transaction ends.
LAG = timedelta(seconds=5)
# Who missed more than this reads the page anew.
MOST_MISSED = 100
# Readers are named up to so many; the room is looked at again after so many seconds.
MOST_NAMED = 5
# Anybody can open as many pages as they like: of the guests of one network so many are counted, a household's worth.
# The number is shown, and rather says too few of an office than too many of one reader; their sockets stay open all
# the same (SOCKETS_OF_A_NETWORK).
MOST_OF_A_NETWORK = 5
LOOKED_AT_EVERY = 3.0

_seen: dict[int, tuple[float, dict[str, Any] | None]] = {}
_marks: dict[int, tuple[float, str]] = {}


def room_of(post_id: int) -> str:
    """The group of the open pages of a live post, and the room their readers are in."""
    return f"reading.{post_id}"


def once_public(post_id: int) -> CommentQuerySet:
    """What pages of a post may show or may have shown: what still waits for its first yes was never on any."""
    return Comment.objects.comments().filter(post=post_id, approved_at__isnull=False)


def mark_of(post_id: int) -> str:
    """When something under a post last changed; empty where nothing was said."""
    changed = once_public(post_id).aggregate(changed=Max("updated_at"))["changed"]
    return changed.isoformat() if changed else ""


def newest_mark(post_id: int) -> str:
    """The mark as it was a moment ago: one answer serves all sockets of a process."""
    at, mark = _marks.get(post_id, (0.0, ""))
    if at + LOOKED_AT_EVERY > time.monotonic():
        return mark
    mark = mark_of(post_id)
    if len(_marks) > 1000:
        _marks.clear()
    _marks[post_id] = (time.monotonic(), mark)
    return mark


def is_past(mark: str) -> bool:
    """Whether what was told of a change would have arrived by now."""
    return not mark or datetime.fromisoformat(mark) < timezone.now() - LAG


@dataclass(frozen=True, slots=True)
class Missed:
    """What changed since a mark, the first first; `comments` is None where that is too much to tell."""

    mark: str
    comments: list[Comment] | None


def missed(post: Post, since: str) -> Missed | None:
    """What a page that was made, or told something, at a mark does not know; None where that is no mark."""
    changed = once_public(post.pk)
    if since:
        try:
            at = datetime.fromisoformat(since)
        except ValueError:
            return None
        if at.tzinfo is None or not 2000 < at.year < 9000:
            return None
        changed = changed.filter(updated_at__gt=at - LAG)
    mark = mark_of(post.pk)
    found = list(changed.with_writers().order_by("created_at", "pk")[: MOST_MISSED + 1])
    for comment in found:
        comment.post = post
    return Missed(mark, found if len(found) <= MOST_MISSED else None)


# --- Who reads -------------------------------------------------------------------------------------------------------
def member_of(user: User | None, mark: str, network: str = "") -> str:
    """What stands for a reader in the room: nobody's name, and of a guest no more than a salted hash of their network,
    which is another one every day."""
    if user is not None:
        return f"{user.pk}:{mark}"
    return f"0:{fingerprints.of_guest(network, f'{timezone.now():%d}', timezone.now())[:12]}.{mark}"


def _guests_among(members: list[str]) -> int:
    """However many pages one network opens, it is counted as a household."""
    networks = Counter(member.partition(".")[0] for member in members if member.startswith("0:"))
    return sum(min(pages, MOST_OF_A_NETWORK) for pages in networks.values())


def readers_of(post: Post) -> dict[str, Any] | None:
    """How many read a post now, in a sentence with those who agreed to be named; None where nobody can know, or shall.

    One answer serves all sockets of a process for a moment.
    """
    if not rules.current().show_presence:
        return None
    at, known = _seen.get(post.pk, (0.0, None))
    if at + LOOKED_AT_EVERY > time.monotonic():
        return known
    members = presence.present(room_of(post.pk))
    told = None
    if members is not None:
        ids = [int(member.partition(":")[0]) for member in members]
        people = {pk for pk in ids if pk}
        count = len(people) + _guests_among(members)
        willing = User.objects.filter(pk__in=people, shows_presence=True, is_active=True).order_by("first_name", "pk")
        told = {"readers": count, "said": _said(post, count, [person.display_name for person in willing[:MOST_NAMED]])}
    if len(_seen) > 1000:
        _seen.clear()
    _seen[post.pk] = (time.monotonic(), told)
    return told


def forget_readers(post_id: int) -> None:
    """Somebody came or went: the next look is a fresh one."""
    _seen.pop(post_id, None)


def _said(post: Post, count: int, names: list[str]) -> str:
    """In the language of the post's page. To be alone is no news."""
    if count < 2:
        return ""
    with translation.override(languages.edition_of(post.content_language)):
        reading = ngettext("One is reading this now.", "%(count)s are reading this now.", count) % {"count": count}
        here = _("Among them: %(names)s.") % {"names": ", ".join(names)} if names else ""
    return f"{reading} {here}".strip()


# --- In the language of the post's page -------------------------------------------------------------------------------
def heading_of(post: Post) -> str:
    with translation.override(languages.edition_of(post.content_language)):
        return conversation.heading_of(post)


def word_of_edited(post: Post) -> str:
    with translation.override(languages.edition_of(post.content_language)):
        return _("edited")


def words_of_removed(comment: Comment) -> str:
    """What stands where a comment was, in the language of its post's page."""
    with translation.override(languages.edition_of(comment.post.content_language)):
        if comment.status == Comment.Status.DELETED:
            return _("Removed by its writer")
        if comment.status == Comment.Status.PENDING:
            return _("Waits for a moderator")
        return _("Removed by a moderator")
