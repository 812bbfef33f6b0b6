"""The same post in its languages, as machines are told: pages, feeds and the sitemap name each other's address."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse

from blog.models import Post
from blog.querysets import PostQuerySet
from core import languages, publication

# The one for readers whose language there is none in.
DEFAULT = "x-default"
Alternates = list[tuple[str, str]]
# The page above the contact form. The form has an address in each edition, whose translations are not pages.
FORM = "contact"


def alternates_among(groups: Iterable[UUID | None]) -> dict[UUID, Alternates]:
    """Group → language and whole address of each of its live posts, then x-default; groups of one are left out."""
    wanted = {group for group in groups if group}
    return gathered(Post.objects.filter(translation_group__in=wanted)) if wanted else {}


def gathered(posts: PostQuerySet) -> dict[UUID, Alternates]:
    """As `alternates_among`, for a queryset of the posts themselves."""
    live = posts.published().filter(noindex=False, canonical_url="").exclude(kind=Post.Kind.PAGE, slug=FORM)
    rows = live.order_by("translation_group", "pk")
    found: dict[UUID, Alternates] = {}
    for group, language, kind, slug in rows.values_list("translation_group", "content_language", "kind", "slug"):
        if group is None:
            continue
        view = "page" if kind == Post.Kind.PAGE else "post"
        found.setdefault(group, []).append((language, publication.current().url + reverse(view, args=[slug])))
    return {group: [*several, (DEFAULT, default_of(several))] for group, several in found.items() if len(several) > 1}


def is_told(post: Post) -> bool:
    """Whether machines are told of it as somebody's translation; `gathered` asks the same of rows."""
    is_form = post.kind == Post.Kind.PAGE and post.slug == FORM
    return post.is_public and not post.noindex and not post.canonical_url and not is_form


def default_of(alternates: Alternates) -> str:
    """The one in the publication's main language, else the first there was."""
    main = languages.main().split("-")[0]
    return next((address for language, address in alternates if languages.speaks(language, main)), alternates[0][1])
