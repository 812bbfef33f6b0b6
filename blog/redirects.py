"""Old addresses: remembered when something public moves, followed when nothing is found.

A redirect points at the post or category, not at an address, so there are no chains; a page that is live is never asked
for here, so it always wins over an old address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from blog.addresses import normalise_old_address, normalise_path, without_size
from blog.models import Category, Post, Redirect
from core.cache import Tally

hits = Tally("redirect-hits")
# Lists without a row of their own to point at; their feeds move with them, as those of categories do.
LISTS = ("/tag/", "/topic/")


@dataclass(frozen=True)
class Answer:
    """What an old address answers: a status, and where to (empty for 410)."""

    status: int
    location: str
    redirect_id: int


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
    """What the address answers, or None. Rules with a query string ("/?p=397") are tried before plain paths.

    A redirect to something strangers may not read is None: the page is simply not there. The feed of a list that moved
    moves with it, and the sizes of a picture with the picture.
    """
    plain = normalise_path(path)
    asked = f"{plain}?{query}" if query else plain
    candidates = [plain]
    if query and len(query) <= 200:
        candidates.insert(0, asked)
    if plain.endswith("/feed/"):
        candidates.append(plain.removesuffix("feed/"))
    if "/uploads/" in plain:
        # WordPress made a dozen sizes of each picture, and other sites link to any of them.
        candidates.append(without_size(plain))
    rows = {
        row.old_path: row
        for row in Redirect.objects.filter(Q(old_path__in=candidates)).select_related("post", "category")
    }
    for candidate in candidates:
        row = rows.get(candidate)
        if row is None or (row.post and not row.post.is_public):
            continue
        if row.type == Redirect.Type.GONE:
            return Answer(410, "", row.pk)
        is_feed = candidate != plain and plain == candidate + "feed/"
        if is_feed and not row.category and not row.new_path.startswith(LISTS):
            continue
        target = row.target + "feed/" if is_feed else row.target
        if normalise_old_address(target) in {plain, asked}:
            continue
        return Answer(row.type, target, row.pk)
    return None


def count_hit(answer: Answer) -> None:
    """Remember that an old address was asked for, without a write to the database."""
    hits.add(str(answer.redirect_id))


def write_hits(now: datetime | None = None) -> int:
    """Write the hits counted since the last time; returns how many redirects they belong to."""
    now = now or timezone.now()
    counted = hits.drain()
    for redirect_id, number in counted.items():
        Redirect.objects.filter(pk=int(redirect_id)).update(hits=F("hits") + number, last_hit_at=now)
    return len(counted)
