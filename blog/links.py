"""Links between the pages of this site: where an address leads, who links where, and what nobody links to.

The index (`PostLink`) says what the text of each row links to, as readers see it; `blog.writing` keeps it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuthorProfile
from blog import menus
from blog.addresses import match_of, normalise_path
from blog.models import Category, Post, PostLink, Redirect, Series, Tag, TopicCluster
from blog.querysets import PostQuerySet
from media_assets import addresses
from media_assets.models import MediaAsset

# Of one text; more than anybody wrote by hand, and a bound for what a machine did.
MOST_LINKS = 5_000
LONGEST_PATH = 700
# Old addresses that are told apart by their query alone, as other platforms number posts.
NUMBERED = ("p=", "page_id=", "attachment_id=", "cat=")


@dataclass(frozen=True)
class Destination:
    """Where an address of this site leads.

    `live`: readers find something there. `moved_to`: it answers with a jump to this address. `is_old`: there is a
    redirect, and it leads to nothing.
    """

    live: bool = False
    moved_to: str = ""
    is_old: bool = False


# As the sanitiser writes links: its attributes are always quoted, and no text has an open angle bracket.
_HREF = re.compile(r'<a\b(?:\s+[\w-]+="[^"]*")*?\s+href="([^"]*)"')

NOWHERE = Destination()
LIVE = Destination(live=True)


# --- addresses -------------------------------------------------------------------------------------------------------
def path_of(href: str, base: str = "/") -> str | None:
    """The path of this site a link leads to, as `normalise_path` spells it; None for other sites, mail and anchors.

    `base` is the page the link stands on. Only a query that makes an address of its own ("/?p=397") is kept.
    """
    href = href.strip()
    if not href or href.startswith("#"):
        return None
    parts = parted(href)
    if parts is None or parts.scheme not in ("", "http", "https"):
        return None
    if parts.netloc and parts.netloc.lower() != urlsplit(settings.SITE_URL).netloc.lower():
        return None
    if not parts.netloc and not parts.path.startswith("/"):
        parts = parted(urljoin(base, href)) or parts
    path = normalise_path(parts.path)
    return f"{path}?{parts.query}" if path == "/" and parts.query.startswith(NUMBERED) else path


def parted(href: str) -> SplitResult | None:
    """The parts of an address; None for one that cannot be read."""
    try:
        return urlsplit(href)
    except ValueError:
        return None


# --- where they lead -------------------------------------------------------------------------------------------------
def destinations(paths: Iterable[str], *, at: datetime, own: str = "") -> dict[str, Destination]:
    """Where each path leads at `at`, in a handful of queries however many there are.

    `own` is the address of the page they stand on: by then it is live as well.
    """
    wanted = list(dict.fromkeys(paths))
    live = live_among(wanted, at) | {own}
    found = {path: LIVE for path in wanted if path in live}
    if left := [path for path in wanted if path not in live]:
        found |= _redirected(left, at)
    return {path: found.get(path, NOWHERE) for path in wanted}


def _redirected(paths: Sequence[str], at: datetime) -> dict[str, Destination]:
    """What old addresses among `paths` answer; a jump to another address of this site is followed one step."""
    found: dict[str, Destination] = {}
    steps: dict[str, str] = {}
    for row in Redirect.objects.filter(old_path__in=paths).select_related("post", "category"):
        target = row.target
        step = path_of(target) if target and not (row.post or row.category) else None
        if row.type == Redirect.Type.GONE or (row.post and not is_live(row.post, at)):
            found[row.old_path] = Destination(is_old=True)
        elif step is None:
            found[row.old_path] = Destination(moved_to=target)
        else:
            steps[row.old_path] = step
    if steps:
        ends = live_among(steps.values(), at)
        further = Redirect.objects.filter(old_path__in=set(steps.values()) - ends).exclude(type=Redirect.Type.GONE)
        ends |= set(further.values_list("old_path", flat=True))
        for old, step in steps.items():
            found[old] = Destination(moved_to=step) if step in ends else Destination(is_old=True)
    return found


def is_live(post: Post, at: datetime) -> bool:
    """Whether readers find a post at `at`, by what is planned now."""
    if post.trashed_at is not None or (post.unpublish_at and post.unpublish_at <= at):
        return False
    planned = post.status == Post.Status.SCHEDULED and post.scheduled_at is not None and post.scheduled_at <= at
    return post.status == Post.Status.PUBLISHED or planned


def live_by(at: datetime) -> Q:
    """As `is_live`, as a condition."""
    planned = Q(status=Post.Status.SCHEDULED, scheduled_at__lte=at)
    stays = Q(unpublish_at__isnull=True) | Q(unpublish_at__gt=at)
    return Q(trashed_at__isnull=True) & stays & (Q(status=Post.Status.PUBLISHED) | planned)


def live_among(paths: Iterable[str], at: datetime) -> set[str]:
    """Those paths at which readers find something, one query for each kind of page among them."""
    live: set[str] = set()
    asked: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    static = "/" + settings.STATIC_URL.strip("/") + "/"
    for path in paths:
        file = addresses.name_of(path.rstrip("/"))
        kind, key = ("media", addresses.key_of(path.rstrip("/")) or "") if file is not None else _kind_of(path)
        if kind == "always" or path.startswith(static):
            live.add(path)
        elif kind:
            asked[kind][str(key)].append(path)
    for kind, keys in asked.items():
        for key in _existing(kind, list(keys), at):
            live.update(keys.get(key, ()))
    return live


def _kind_of(path: str) -> tuple[str, str]:
    """What kind of page a path belongs to, and the key it is found by; "" when no page can be there."""
    if "?" in path:
        return "", ""
    match = match_of(path)
    if match is None:
        return "", ""
    kind = (match.url_name or "").removesuffix("_feed")
    if kind in ("post", "page", "tag", "topic", "author", "series"):
        return kind, str(match.kwargs.get("slug", ""))
    if kind == "category":
        return kind, str(match.kwargs["path"])
    if kind in ("year", "month"):
        return "month", "-".join(str(match.kwargs[part]) for part in ("year", "month") if part in match.kwargs)
    return "always", ""


def _existing(kind: str, keys: Sequence[str], at: datetime) -> Iterable[str]:
    """Those of `keys` that readers find."""
    match kind:
        case "post" | "page":
            posts = Post.objects.filter(live_by(at), kind=kind, slug__in=keys)
            return posts.values_list("slug", flat=True)
        case "category":
            return Category.objects.filter(path__in=keys).values_list("path", flat=True)
        case "month":
            # What goes live by then makes its own month exist.
            moments = [timezone.localtime(at), *(timezone.localtime(month) for month, _ in menus.months())]
            return {str(moment.year) for moment in moments} | {f"{moment.year}-{moment.month}" for moment in moments}
        case "media":
            return MediaAsset.objects.filter(key__in=keys).values_list("key", flat=True)
    models: dict[str, Any] = {"tag": Tag, "topic": TopicCluster, "author": AuthorProfile, "series": Series}
    return models[kind]._default_manager.filter(slug__in=keys).values_list("slug", flat=True)


# --- the index -------------------------------------------------------------------------------------------------------
def paths_in(html: str, base: str) -> list[str]:
    """The addresses of this site a text links to, each once."""
    found = (path_of(unescape(href), base) for href in _HREF.findall(html))
    return list(dict.fromkeys(path for path in found if path and len(path) <= LONGEST_PATH))[:MOST_LINKS]


def keep(post: Post) -> None:
    """Bring the index in line with what the row says; call it in the transaction that writes the text."""
    now = set(paths_in(post.content_html, post.get_absolute_url()))
    before = dict(PostLink.objects.filter(post=post).values_list("path", "pk"))
    if gone := [pk for path, pk in before.items() if path not in now]:
        PostLink.objects.filter(pk__in=gone).delete()
    if new := sorted(now - before.keys()):
        PostLink.objects.bulk_create((PostLink(post=post, path=path) for path in new), batch_size=500)


def keep_new(posts: Iterable[Post]) -> None:
    """The index of posts that were never in it, in as few queries as there are batches of rows."""
    rows = (
        PostLink(post=post, path=path)
        for post in posts
        for path in paths_in(post.content_html, post.get_absolute_url())
    )
    PostLink.objects.bulk_create(rows, batch_size=500)


def linking_to(post: Post) -> PostQuerySet:
    """The live posts and pages whose text links to this one, at its address or an old one of its own."""
    olds = Redirect.objects.filter(post=post.pk).values("old_path") if post.pk else Redirect.objects.none()
    here = PostLink.objects.filter(
        Q(path=normalise_path(post.get_absolute_url())) | Q(path__in=olds.values("old_path"))
    )
    return Post.objects.published().filter(pk__in=here.values("post")).exclude(pk=post.pk)


def orphans() -> PostQuerySet:
    """Live posts no other live post or page links to: only lists and search engines lead there."""
    live = PostLink.objects.filter(post__status=Post.Status.PUBLISHED, post__trashed_at__isnull=True)
    olds = Redirect.objects.filter(post=OuterRef(OuterRef("pk"))).values("old_path")
    unlinked: Any = Q()
    for kind in Post.Kind.values:
        start = reverse(kind, args=["x"]).removesuffix("x/")
        linking = live.filter(path=Concat(Value(start), OuterRef("slug"), Value("/"))).exclude(post=OuterRef("pk"))
        unlinked |= Q(kind=kind) & ~Exists(linking)
    by_old_address = live.filter(path__in=olds).exclude(post=OuterRef("pk"))
    return Post.objects.published().filter(unlinked).filter(~Exists(by_old_address))
