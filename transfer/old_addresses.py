"""The addresses of the old site, so that each leads to what lives here now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve

from accounts.models import AuthorProfile
from blog.addresses import normalise_old_address, normalise_path
from blog.models import Category, Post, Redirect, Tag
from media_assets import addresses
from media_assets.models import MediaAsset
from transfer.encodings import CONTROL
from transfer.ledger import Ledger
from transfer.records import Item
from transfer.report import Report

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


def lead(
    paths: Iterable[str],
    ledger: Ledger,
    report: Report,
    *,
    post: Post | None = None,
    category: Category | None = None,
    new_path: str = "",
) -> int:
    """Let old paths lead to a post, a category or another address; returns how many are new."""
    return lead_all([Lead(paths, post, category, new_path)], ledger, report)


def lead_all(leads: Iterable[Lead], ledger: Ledger, report: Report) -> int:
    """As `lead`, for many at once; the first in a run to name a path has it.

    What stands already gives way only where an import of the same source made it or nothing is left where it leads.
    Redirects made by hand, left by changed addresses or made for another source stay, which the report says. Nothing
    leads to itself.
    """
    wanted: dict[str, Lead] = {}
    for one in leads:
        own = normalise_path(one.target) if one.target.startswith("/") else one.target
        for path in map(normalise_old_address, one.paths):
            is_path = len(path) <= MAX_PATH and path.translate(CONTROL) == path
            if path != own and is_path and path not in ledger.led:
                wanted.setdefault(path, one)
    if not wanted:
        return 0
    rows = Redirect.objects.filter(old_path__in=list(wanted)).select_related("post", "category")
    existing = {row.old_path: row for row in rows}
    made = []
    for path, one in wanted.items():
        values = {"post": one.post, "category": one.category, "new_path": one.new_path}
        row = existing.get(path)
        if row is None:
            made.append(Redirect(old_path=path, origin=Redirect.Origin.IMPORT, **values))
        elif (row.post, row.category, row.new_path) == (one.post, one.category, one.new_path):
            continue
        elif row.origin == Redirect.Origin.IMPORT and (is_from(ledger, row) or leads_nowhere(row)):
            Redirect.objects.filter(pk=row.pk).update(type=Redirect.Type.MOVED, **values)
        else:
            reason = "An old address leads elsewhere already and was left as it is."
            report.note("addresses", [reason], old_id=path, title=one.target)
    Redirect.objects.bulk_create(made)
    ledger.led.update(wanted)
    return len(made)


def is_from(ledger: Ledger, row: Redirect) -> bool:
    """Whether it leads to something that came from the source of this ledger."""
    if row.post_id:
        return row.post_id in (ledger.targets("post") | ledger.targets("page")).values()
    if row.category_id:
        return row.category_id in ledger.targets("category").values()
    thing = thing_at(row.new_path)
    kind = {Tag: "tag", AuthorProfile: "author", MediaAsset: "attachment"}.get(type(thing), "")
    key = thing.user_id if isinstance(thing, AuthorProfile) else getattr(thing, "pk", None)
    return key in ledger.targets(kind).values()


def leads_nowhere(row: Redirect) -> bool:
    """Whether the tag, author or file it leads to is gone; posts and categories take their redirects with them."""
    return bool(row.new_path) and thing_at(row.new_path) is None


def thing_at(path: str) -> Tag | AuthorProfile | MediaAsset | str | None:
    """What has this address: a tag, an author, a file, the address itself where it is something else; None if gone."""
    if path.startswith(settings.MEDIA_URL):
        return MediaAsset.objects.filter(key=addresses.key_of(path)).first()
    try:
        match = resolve(path)
    except Resolver404:
        return path
    if match.url_name == "tag":
        return Tag.objects.filter(slug=match.kwargs["slug"]).first()
    if match.url_name == "author":
        return AuthorProfile.objects.filter(slug=match.kwargs["slug"]).first()
    return path
