"""Liking: one reader likes one thing once, and what it counts is always the number of its rows.

Whoever likes holds the row of what is liked until both are written, so that two hundred at once are counted one after
another. Comments are liked by the same rules (`comments.likes`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Count, F, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.addresses import fingerprint_of
from accounts.models import Notification, User
from accounts.notifications import notify, withdraw
from blog.models import Post, PostLike
from blog.signals import post_liked
from core import languages
from core.events import announce
from core.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Reader:
    """Who likes: a member, or a guest by the fingerprint they have this month (`core.fingerprints`)."""

    user: User | None = None
    fingerprint: str = ""

    @property
    def key(self) -> dict[str, Any]:
        return {"user": self.user} if self.user is not None else {"fingerprint_hash": self.fingerprint}


@dataclass(frozen=True, slots=True)
class Liked:
    """How many like it now, and whether that is other than before."""

    count: int
    is_new: bool


def reader_of(request: HttpRequest, at: datetime) -> Reader:
    if request.user.is_authenticated:
        return Reader(request.user)
    return Reader(fingerprint=fingerprint_of(request, at))


def like(post: Post, reader: Reader, *, wanted: bool = True, at: datetime | None = None) -> Liked:
    """Let somebody like a live post, or take that back; twice is once. Raises Refusal where it is not live."""
    now = at or timezone.now()
    with transaction.atomic():
        liked = switch(Post.objects.published().articles(), PostLike, post.pk, reader, wanted=wanted, at=now)
        if liked.is_new:
            user_id = reader.user.pk if reader.user else None
            # Before the row is let go: whoever takes it back meanwhile waits, and a dead worker loses nothing.
            if user_id is not None and wanted:
                tell_authors(post.pk, user_id, at=now)
            elif user_id is not None:
                withdraw(f"like:post:{post.pk}", user_id)
            announce(post_liked, post_id=post.pk, count=liked.count, liked=wanted, user_id=user_id, at=now)
    return liked


def tell_authors(post_id: int, user_id: int, *, at: datetime) -> None:
    """Somebody with an account likes a post: whoever wrote it hears so, in one notice however many do."""
    post = Post.objects.published().select_related("author").filter(pk=post_id).first()
    actor = User.objects.filter(pk=user_id).first()
    if post is None or actor is None:
        return
    facts = {"name": actor.display_name, "title": post.title}

    def several(others: int) -> str:
        return ngettext(
            "%(name)s and one other like “%(title)s”.", "%(name)s and %(others)s others like “%(title)s”.", others
        ) % (facts | {"others": others})

    with translation.override(languages.main()):
        notify(
            [post.author, *post.co_authors.all()],
            category=Notification.Category.LIKE,
            text=_("%(name)s likes “%(title)s”.") % facts,
            several=several,
            group_key=f"like:post:{post.pk}",
            url=post.get_absolute_url(),
            actor=actor,
            target=post,
            priority=Notification.Priority.LOW,
            mail=True,
            at=at,
        )


def likes(post: Post, user: User) -> bool:
    return PostLike.objects.filter(post=post, user=user).exists()


def switch(
    things: models.QuerySet[Any], rows: type[models.Model], pk: int, reader: Reader, *, wanted: bool, at: datetime
) -> Liked:
    """Write or delete the row of one reader and one of `things`, and count it, in the current transaction."""
    field = things.model._meta.model_name
    held = things.filter(pk=pk).select_for_update(of=("self",), no_key=True)
    count = held.values_list("like_count", flat=True).first()
    if count is None:
        raise Refusal(_("This is not there any more."))
    mine = rows._default_manager.filter(**{f"{field}_id": pk}, **reader.key)
    if wanted == mine.exists():
        return Liked(count, is_new=False)
    if wanted:
        rows._default_manager.create(**{f"{field}_id": pk}, **reader.key, created_at=at)
    else:
        mine.delete()
    by = 1 if wanted else -1
    things.model._default_manager.filter(pk=pk).update(like_count=F("like_count") + by)
    return Liked(count + by, is_new=True)


def forget(user: User, things: type[models.Model] = Post, rows: type[models.Model] = PostLike) -> None:
    """Before an account goes: what it liked is liked by one reader less, in the current transaction."""
    field = things._meta.model_name
    mine = rows._default_manager.filter(user=user)
    liked = sorted(mine.values_list(f"{field}_id", flat=True))
    if not liked:
        return
    # Held in one order, like everything that holds several of them.
    held = things._default_manager.filter(pk__in=liked).order_by("pk").select_for_update(of=("self",), no_key=True)
    list(held.values_list("pk", flat=True))
    gone = list(mine.filter(**{f"{field}_id__in": liked}).values_list(f"{field}_id", flat=True))
    mine.filter(**{f"{field}_id__in": gone}).delete()
    things._default_manager.filter(pk__in=gone).update(like_count=F("like_count") - 1)


def recount(posts: Iterable[int] | None = None) -> int:
    """Set right what posts count as likes, from the rows; how many were wrong. Nothing should be."""
    return mend(Post, PostLike, posts)


def mend(things: type[models.Model], rows: type[models.Model], pks: Iterable[int] | None = None) -> int:
    """As `recount`, for what these rows like. Each is held before it is counted: likes go on meanwhile."""
    field = things._meta.model_name
    counted = (
        rows._default_manager.filter(**{f"{field}_id": OuterRef("pk")})
        .order_by()
        .values(f"{field}_id")
        .annotate(number=Count("pk"))
        .values("number")
    )
    number = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    all_of_them = things._default_manager.all() if pks is None else things._default_manager.filter(pk__in=list(pks))
    wrong = all_of_them.order_by().alias(number=number).exclude(like_count=F("number"))
    mended = 0
    for pk in list(wrong.values_list("pk", flat=True)):
        with transaction.atomic():
            held = things._default_manager.filter(pk=pk).select_for_update(of=("self",), no_key=True)
            if held.values_list("pk", flat=True).first() is not None:
                mended += things._default_manager.filter(pk=pk).exclude(like_count=number).update(like_count=number)
    return mended
