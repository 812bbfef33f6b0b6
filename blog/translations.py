"""Posts that are each other's translations: a group with one post in each language.

Which posts belong together is no part of what a post says, so versions do not keep it, and it takes effect at once. A
post alone is in no group.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.roles import may
from blog.models import Post
from blog.signals import taxonomy_changed
from core import languages
from core.events import announce
from core.refusals import Refusal

LIGHT = (
    *("title", "slug", "kind", "status", "trashed_at", "content_language", "translation_group", "author"),
    *("noindex", "canonical_url"),
)
_ATTEMPTS = 5


def translations_of(post: Post, *, live: bool = True) -> list[Post]:
    """The other posts of its group by language: those strangers may read, or all of them."""
    if post.translation_group is None:
        return []
    others = Post.objects.filter(translation_group=post.translation_group).exclude(pk=post.pk)
    return list((others.published() if live else others).only(*LIGHT).order_by("content_language", "pk"))


def link(post: Post, other: Post, *, by: User, at: datetime | None = None) -> bool:
    """Make two posts, with whatever each is linked to, translations of each other; False when they were already.

    Raises Refusal, and then nothing has changed: a language has one post in a group.
    """
    if post.pk == other.pk:
        raise Refusal("A post is no translation of itself; choose another.")
    with transaction.atomic():
        rows = _held(post.pk, other.pk)
        first, second = rows[post.pk], rows[other.pk]
        for row in (first, second):
            if not may(by, "blog.change_post", row):
                raise Refusal(f"You may not change “{row}”." if row.is_public else "You may not change one of them.")
            if row.is_trashed:
                raise Refusal(f"“{row}” is in the trash; restore it first.")
        if first.translation_group and first.translation_group == second.translation_group:
            return False
        _refuse_same_language(rows.values(), by)
        group = first.translation_group or second.translation_group or uuid4()
        Post.objects.filter(pk__in=rows).update(translation_group=group)
        _written_down(rows.values())
        audit.record(by, "linked as a translation", first, note=f"With “{second}”", at=at or timezone.now())
    post.translation_group = other.translation_group = group
    return True


def unlink(post: Post, *, by: User, at: datetime | None = None) -> bool:
    """Take a post out of its group; False when it was in none. The others stay together."""
    with transaction.atomic():
        rows = _held(post.pk)
        row = rows[post.pk]
        if not may(by, "blog.change_post", row):
            raise Refusal("You may not change this post.")
        if row.translation_group is None:
            return False
        Post.objects.filter(pk=row.pk).update(translation_group=None)
        dissolve_alone([row.translation_group])
        _written_down(rows.values())
        audit.record(by, "unlinked from its translations", row, at=at or timezone.now())
    post.translation_group = None
    return True


def dissolve_alone(groups: Iterable[UUID]) -> None:
    """A post left alone in its group is in none; call it after one left."""
    for group in groups:
        left = list(Post.objects.filter(translation_group=group).values_list("pk", flat=True)[:2])
        if len(left) == 1:
            Post.objects.filter(pk=left[0]).update(translation_group=None)


def refuse_taken_language(post: Post, group: UUID | None, *, by: User | None) -> None:
    """Refuse a language another post of the group has; inside the transaction that writes it."""
    if group is None:
        return
    others = Post.objects.filter(translation_group=group, content_language__iexact=post.content_language)
    other = others.exclude(pk=post.pk).only(*LIGHT).first()
    if other is not None:
        name = languages.name_of(post.content_language)
        taken = _named(other, by)
        raise Refusal(f"Its translation, {taken}, is in {name} already; choose another.", field="content_language")


def _held(*wanted: int) -> dict[int, Post]:
    """The posts with these ids and their whole groups, locked in the order of ids so that no two wait crosswise."""
    for _ in range(_ATTEMPTS):
        groups = set(Post.objects.filter(pk__in=wanted).values_list("translation_group", flat=True)) - {None}
        rows = Post.objects.select_for_update(of=("self",)).filter(Q(pk__in=wanted) | Q(translation_group__in=groups))
        held = {row.pk: row for row in rows.only(*LIGHT).order_by("pk")}
        if any(pk not in held for pk in wanted):
            raise Refusal("One of these posts was deleted meanwhile; look at the list again.")
        if {held[pk].translation_group for pk in wanted} - {None} == groups:
            return held
    raise Refusal("Somebody else is linking these posts right now; try again.")


def _refuse_same_language(rows: Iterable[Post], by: User) -> None:
    taken: dict[str, Post] = {}
    for row in rows:
        language = row.content_language.lower()
        if language in taken:
            name = languages.name_of(row.content_language)
            # Those the person may see come first; of two they may not, neither has a name.
            pair = sorted((taken[language], row), key=lambda post: not _may_name(post, by))
            both = " and ".join(_named(post, by) for post in pair)
            raise Refusal(f"{both[0].upper()}{both[1:]} are both in {name}; there is one post in each language.")
        taken[language] = row


def _may_name(post: Post, by: User | None) -> bool:
    return post.is_public or (by is not None and may(by, "blog.change_post", post))


def _named(post: Post, by: User | None) -> str:
    """A post in a sentence for somebody who may have no right to know its title."""
    return f"“{post}”" if _may_name(post, by) else "another post"


def _written_down(rows: Iterable[Post]) -> None:
    """Whatever lists translations is made anew where readers could see a difference."""
    if any(row.is_public for row in rows):
        announce(taxonomy_changed)
