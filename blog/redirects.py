"""Old addresses: remembered when something public moves, followed when nothing is found.

A redirect points at the post or category, not at an address, so there are no chains; a page that is live is never asked
for here, so it always wins over an old address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from blog import redirect_rules
from blog.addresses import normalise_old_address, normalise_path, without_size
from blog.models import Category, Post, Redirect, RedirectRule
from core import languages
from core.cache import Tally

hits = Tally("redirect-hits")
# Lists without a row of their own to point at; their feeds move with them, as those of categories do.
LISTS = ("/tag/", "/topic/", "/series/")
# What each edition has under its code.
OF_EDITIONS = (*LISTS, "/category/")
_OF_EDITIONS = tuple(one.lstrip("/") for one in OF_EDITIONS)
FEED = re.compile(r"(?<=/)feed/(?:atom/|json/)?\Z")


@dataclass(frozen=True)
class Answer:
    """What an old address answers: a status, and where to (empty for 410); which redirect or rule says so."""

    status: int
    location: str
    redirect_id: int = 0
    rule_id: int = 0


def remember_post(old_path: str, post: Post, *, origin: str = Redirect.Origin.SLUG_CHANGE) -> None:
    """Let an old address lead to a post, wherever it goes from now on."""
    old_path = normalise_old_address(old_path)
    forget(post.get_absolute_url())
    if old_path != normalise_path(post.get_absolute_url()):
        Redirect.objects.update_or_create(
            old_path=old_path,
            defaults={"post": post, "category": None, "new_path": "", "type": Redirect.Type.MOVED, "origin": origin},
        )


def remember_category(old_category_path: str, category: Category, *, origin: str = Redirect.Origin.SLUG_CHANGE) -> None:
    """Let the address of a category's old path ("places/bridges") lead to it."""
    forget(category.get_absolute_url())
    old_path = normalise_path(reverse("category", args=[old_category_path]))
    if old_path != normalise_path(category.get_absolute_url()):
        Redirect.objects.update_or_create(
            old_path=old_path,
            defaults={
                "post": None,
                "category": category,
                "new_path": "",
                "type": Redirect.Type.MOVED,
                "origin": origin,
            },
        )


def remember_address(old_url: str, new_url: str, *, origin: str = Redirect.Origin.SLUG_CHANGE) -> None:
    """Let an old address of this site lead to another that no row can stand for, such as a list's.

    What led to the old address leads to the new one from now on, so nobody is sent twice.
    """
    old_path = normalise_path(old_url)
    forget(new_url)
    if old_path == normalise_path(new_url):
        return
    Redirect.objects.filter(new_path__in={old_url, old_path}).update(new_path=new_url)
    Redirect.objects.update_or_create(
        old_path=old_path,
        defaults={
            "post": None,
            "category": None,
            "new_path": new_url,
            "type": Redirect.Type.MOVED,
            "origin": origin,
        },
    )


def forget(path: str) -> None:
    """An address something new lives at is no longer an old one."""
    Redirect.objects.filter(old_path=normalise_path(path)).delete()


def find(path: str, query: str = "") -> Answer | None:
    """What the address answers, or None: its exact redirect, else the first rule that fits.

    Lists move in every edition: where "/tag/old/" leads to "/tag/new/", "/de/tag/old/" leads to "/de/tag/new/".
    """
    return in_every_edition(_find, path, query)


def in_every_edition(ask: Callable[[str, str], Answer | None], path: str, query: str) -> Answer | None:
    """What `ask` answers, or else what it does for the same list of the main language, led into the edition."""
    answer, inner = ask(path, query), in_main_language(path)
    if answer is not None or not inner:
        return answer
    answer = ask(inner, query)
    if answer is not None and answer.location.startswith(OF_EDITIONS):
        return replace(answer, location=f"/{languages.edition_in(path)}{answer.location}")
    return answer


def in_main_language(path: str) -> str:
    """ "/tag/old/" for "/de/tag/old/"; empty for what is no list of an edition."""
    _, slash, rest = path.lstrip("/").partition("/")
    return slash + rest if rest.startswith(_OF_EDITIONS) and languages.edition_in(path) else ""


def _find(path: str, query: str) -> Answer | None:
    spellings = candidates(path, query)
    # An address longer than any kept one is somebody trying doors.
    rows = Redirect.objects.filter(old_path__in=spellings).select_related("post", "category") if spellings else ()
    return choose(path, query, {row.old_path: row for row in rows}, redirect_rules.in_force)


def candidates(path: str, query: str) -> list[str]:
    """The old addresses that would answer, the most exact first: with its query ("/?p=397"), plain, what it hangs on.

    The feed of a list that moved moves with it, and the sizes of a picture with the picture.
    """
    plain = normalise_path(path)
    if len(plain) > redirect_rules.LONGEST_PATH:
        return []
    found = [plain]
    if query and len(query) <= 200:
        found.insert(0, f"{plain}?{query}")
    if feed := FEED.search(plain):
        found.append(plain.removesuffix(feed[0]))
    if "/uploads/" in plain:
        # WordPress made a dozen sizes of each picture, and other sites link to any of them.
        found.append(without_size(plain))
    return found


def choose(
    path: str, query: str, rows: Mapping[str, Redirect], rules: Callable[[], Sequence[redirect_rules.Rule]]
) -> Answer | None:
    """What these redirects and rules make of an address; `rows` by their old address, `rules` asked for when needed.

    A redirect to something strangers may not read is none: the page is simply not there.
    """
    plain = normalise_path(path)
    asked = f"{plain}?{query}" if query else plain
    for candidate in candidates(path, query):
        row = rows.get(candidate)
        if row is None or (row.post and not row.post.is_public):
            continue
        if row.type == Redirect.Type.GONE:
            return Answer(410, "", redirect_id=row.pk)
        feed = FEED.search(plain)
        end = feed[0] if feed and candidate + feed[0] == plain else ""
        if end and not row.category and not row.new_path.startswith(LISTS):
            continue
        target = row.target + end
        if normalise_old_address(target) in {plain, asked}:
            continue
        return Answer(row.type, target, redirect_id=row.pk)
    fits = redirect_rules.first(rules(), plain, query)
    return Answer(fits[0].type, fits[1], rule_id=fits[0].pk) if fits else None


def count_hit(answer: Answer) -> None:
    """Remember that an old address was asked for, without a write to the database."""
    hits.add(f"rule:{answer.rule_id}" if answer.rule_id else str(answer.redirect_id))


def write_hits(now: datetime | None = None) -> int:
    """Write the hits counted since the last time; returns how many redirects and rules they belong to."""
    now = now or timezone.now()
    counted = hits.drain()
    for key, number in counted.items():
        kind, _, rule_id = key.rpartition(":")
        rows = RedirectRule.objects if kind else Redirect.objects
        rows.filter(pk=int(rule_id)).update(hits=F("hits") + number, last_hit_at=now)
    return len(counted)
