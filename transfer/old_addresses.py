"""The addresses of the old site, so that each leads to what lives here now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from blog.addresses import normalise_old_address, normalise_path
from blog.models import Category, Post, Redirect
from transfer.records import Item

MAX_PATH = 700
NUMBERED = ("p", "page_id", "attachment_id", "cat")


def path_at(address: str, host: str) -> str:
    """The path of an address on the old site, "/?p=397" with its number; empty for addresses elsewhere."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    if parts.netloc and host and parts.netloc.lower().removeprefix("www.") != host.removeprefix("www."):
        return ""
    if not parts.netloc and not parts.path.startswith("/"):
        return ""
    for name, value in parse_qsl(parts.query):
        if name in NUMBERED and value.isdigit():
            return f"{parts.path or '/'}?{name}={value}"
    path = parts.path or "/"
    return "" if path == "/" else path


def addresses_of(item: Item, host: str) -> list[str]:
    """Every path the item could be reached at on its old site."""
    permalink = path_at(item.link, host)
    paths = [permalink]
    if item.old_id.isdigit():
        paths += [f"/?p={item.old_id}"] + ([f"/?page_id={item.old_id}"] if item.kind == "page" else [])
    if permalink and "?" not in permalink:
        folder = permalink.rstrip("/").rpartition("/")[0]
        paths += [
            f"{folder}/{old_slug.strip('/')}/" for old_slug in item.meta.get("_wp_old_slug", ()) if old_slug.strip()
        ]
    guid = path_at(item.guid, host)
    paths.append(guid)
    return [path for path in dict.fromkeys(paths) if path]


def lead(
    paths: Iterable[str], *, post: Post | None = None, category: Category | None = None, new_path: str = ""
) -> int:
    """Let old paths lead to a post, a category or another address; returns how many are new."""
    return lead_all([Lead(paths, post, category, new_path)])


@dataclass
class Lead:
    """Old paths and the one thing they lead to."""

    paths: Iterable[str]
    post: Post | None = None
    category: Category | None = None
    new_path: str = ""

    @property
    def target(self) -> str:
        holder = self.post or self.category
        return holder.get_absolute_url() if holder else self.new_path


def lead_all(leads: Iterable[Lead]) -> int:
    """As `lead`, for many at once; the first to name a path has it.

    A redirect made by hand stays as it is, and nothing leads to itself.
    """
    wanted: dict[str, Lead] = {}
    for one in leads:
        own = normalise_path(one.target) if one.target.startswith("/") else one.target
        for path in map(normalise_old_address, one.paths):
            if path != own and len(path) <= MAX_PATH:
                wanted.setdefault(path, one)
    existing = (
        {
            row.old_path: row
            for row in Redirect.objects.filter(old_path__in=list(wanted)).select_related("post", "category")
        }
        if wanted
        else {}
    )
    made = []
    for path, one in wanted.items():
        values = {"post": one.post, "category": one.category, "new_path": one.new_path}
        row = existing.get(path)
        if row is None:
            made.append(Redirect(old_path=path, origin=Redirect.Origin.IMPORT, **values))
            continue
        is_same = (row.post, row.category, row.new_path) == (one.post, one.category, one.new_path)
        if row.origin != Redirect.Origin.HAND and not is_same:
            Redirect.objects.filter(pk=row.pk).update(type=Redirect.Type.MOVED, **values)
    Redirect.objects.bulk_create(made)
    return len(made)
