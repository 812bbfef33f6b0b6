"""The page being read in the other editions: the same list, the post's translation, or else their front page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from blog import hreflang
from blog.addresses import match_of, normalise_path
from blog.heads import absolute
from blog.menus import GENERATIONS, menus, months
from blog.models import Post
from core import cache, languages

_kept = cache.Group("editions", timeout=300)
# Lists every edition has, whatever is in it.
EVERYWHERE = {"home", "posts", "archive", "feeds", "contact", "search", "corrections"}
# So have those of people's own pages that are reached by their address alone, without a key or a form before them.
OWN = {
    *("me", "my_feed", "my_sessions", "my_data", "my_author_page"),
    *("reading_list", "reading_list_unread", "reading_list_finished"),
    *("account_login", "account_signup", "account_reset_password", "account_resend_confirmation"),
    *("account_email", "account_change_password"),
}

POSTS = {"post", "page"}


@dataclass(frozen=True, slots=True)
class Edition:
    """One choice of the language switch. `is_same`: it leads to what is being read, not to the front page."""

    code: str
    name: str
    url: str
    is_current: bool
    is_same: bool


def editions_of(request: HttpRequest, translated: Iterable[Post] = ()) -> list[Edition]:
    """Every edition with where its link leads, the main one first; none where there is one language only.

    `translated` are the live translations of the post being read.
    """
    if not languages.editions():
        return []
    match = request.resolver_match
    posts = {languages.edition_of(post.content_language): post.get_absolute_url() for post in reversed([*translated])}
    here = languages.current()
    found = []
    for code in (languages.main(), *languages.editions()):
        same = posts.get(code) or (match and list_in(code, match.url_name or "", match.kwargs))
        url = same or address_in(code, "home")
        found.append(Edition(code, languages.name_of(code), url, code == here, bool(same)))
    return found


def alternates_of_list(request: HttpRequest) -> hreflang.Alternates:
    """Language and whole address of a list in each edition that has it, then x-default; nothing when only one has."""
    if not languages.editions():
        return []
    found = [each for each in editions_of(request) if each.is_same]
    same = [(each.code, absolute(each.url)) for each in found]
    # Where this one has nothing of it, the others name none either.
    named = len(same) > 1 and any(each.is_current for each in found)
    return [*same, (hreflang.DEFAULT, hreflang.default_of(same))] if named else []


def alternates_of_post(post: Post, translated: Sequence[Post]) -> hreflang.Alternates:
    """As `hreflang.alternates_among` says it, of a post and its live translations."""
    group = [row for row in (post, *translated) if hreflang.is_told(row)]
    if post not in group or len(group) == 1:
        return []
    same = [(row.content_language, absolute(row.get_absolute_url())) for row in sorted(group, key=lambda row: row.pk)]
    return [*same, (hreflang.DEFAULT, hreflang.default_of(same))]


def address_in(code: str, view: str, kwargs: dict[str, Any] | None = None) -> str:
    with translation.override(code):
        return reverse(view, kwargs=kwargs)


def list_in(code: str, view: str, kwargs: dict[str, Any]) -> str:
    """The address of a list in an edition, empty when the edition has nothing in it."""
    with translation.override(code):
        return reverse(view, kwargs=kwargs) if _has(view, kwargs) else ""


def menu_address(address: str) -> str:
    """Where a line of a menu leads from the edition being read: to its own list or translation, if it has one."""
    code = languages.current()
    if code == languages.main() or not address.startswith("/"):
        return address
    path, mark, query = address.partition("?")
    match = match_of(normalise_path(path))
    if "#" in address or match is None or languages.edition_in(path):
        return address
    view = match.url_name or ""
    same = _translation_of(match.kwargs["slug"]) if view in POSTS else list_in(code, view, match.kwargs)
    return f"{same}{mark}{query}" if same else address


def _translation_of(slug: str) -> str:
    """The address of the live translation of a live post or page in this edition; empty when there is none."""

    def read() -> str:
        live = Post.objects.published()
        group = live.filter(slug=slug, translation_group__isnull=False).values("translation_group")
        same = live.in_edition().filter(translation_group__in=group).only("kind", "slug").order_by("pk").first()
        return same.get_absolute_url() if same else ""

    return _kept.get_or_compute(f"translation:{slug}:{languages.key()}", read, generation=GENERATIONS)


def _has(view: str, kwargs: dict[str, Any]) -> bool:
    if view in EVERYWHERE | OWN:
        return True
    match view:
        case "category":
            return any(entry.path == kwargs["path"] for entry in menus().categories)
        case "topic":
            return any(entry.path == kwargs["slug"] for entry in menus().topics)
        case "series":
            return any(entry.path == kwargs["slug"] for entry in menus().series)
        case "year":
            return any(month.year == kwargs["year"] for month, _ in months())
        case "month":
            return any((month.year, month.month) == (kwargs["year"], kwargs["month"]) for month, _ in months())
        case "tag":
            return _has_posts(view, kwargs["slug"], Q(tagged__tag__slug=kwargs["slug"]))
        case "author":
            shared = Post.co_authors.through.objects.filter(user__author_profile__slug=kwargs["slug"])
            theirs = Q(author__author_profile__slug=kwargs["slug"]) | Q(pk__in=shared.values("post"))
            return _has_posts(view, kwargs["slug"], theirs)
    return False


def _has_posts(view: str, slug: str, of: Q) -> bool:
    """Whether the edition has a live post of a tag or of a person, who may have written it with others."""
    posts = Post.objects.published().articles().in_edition().filter(of)
    return _kept.get_or_compute(f"{view}:{slug}:{languages.key()}", posts.exists, generation=GENERATIONS)
