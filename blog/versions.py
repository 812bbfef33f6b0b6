"""Versions: everything an editor can change, kept each time it changed, and restored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts import audit
from accounts.models import User
from accounts.roles import may
from blog import media_use
from blog.models import Category, Post, PostVersion, Series, Tag, TopicCluster
from blog.signals import post_saved
from core.events import announce
from core.refusals import NotAllowed, Refusal
from media_assets.models import MediaAsset

PLAIN_FIELDS = (
    "kind",
    "title",
    "slug",
    "content_markdown",
    "excerpt",
    "is_featured",
    "comments_policy",
    "comments_close_after_days",
    "featured_image_alt",
    "featured_image_caption",
    "og_title",
    "og_description",
    "twitter_title",
    "twitter_description",
    "twitter_card_type",
    "meta_title",
    "meta_description",
    "focus_keyword",
    "canonical_url",
    "noindex",
    "ai_generated_flag",
    "content_language",
    "geo_target_country",
    "table_of_contents_enabled",
    "series_position",
    "review_after_days",
    "show_update_reason",
)
TIME_FIELDS = ("last_reviewed_at", "unpublish_at")
# Kept, but not brought back: it is a plan for the post, and an old one would take it down.
PLANS = frozenset({"unpublish_at"})
RELATIONS: dict[str, type[Any]] = {
    "author_id": User,
    "category_id": Category,
    "topic_cluster_id": TopicCluster,
    "series_id": Series,
    "pillar_post_id": Post,
    "featured_image_id": MediaAsset,
    "og_image_id": MediaAsset,
}
LISTS = ("tags", "co_authors")
RESTORABLE = frozenset({*PLAIN_FIELDS, *TIME_FIELDS, *RELATIONS, *LISTS}) - PLANS


def snapshot(
    post: Post, *, tags: Iterable[Tag] | None = None, co_authors: Iterable[User] | None = None
) -> dict[str, Any]:
    """What the post says now, as plain values that outlive any migration.

    Whoever has its tags and co-authors at hand spares the database the question.
    """
    content: dict[str, Any] = {name: getattr(post, name) for name in PLAIN_FIELDS}
    for name in TIME_FIELDS:
        value = getattr(post, name)
        content[name] = value.isoformat() if value else None
    for name in RELATIONS:
        content[name] = getattr(post, name)
    content["tags"] = sorted({tag.name for tag in (post.tags.all() if tags is None else tags)})
    content["co_authors"] = sorted(
        post.co_authors.values_list("pk", flat=True) if co_authors is None else {user.pk for user in co_authors}
    )
    return content


def default_of(name: str) -> Any:
    """What a snapshot older than a field says of it."""
    return [] if name in LISTS else field_of(name).get_default()


def field_of(name: str) -> models.Field[Any, Any]:
    """The field of Post behind a name in a snapshot."""
    field = Post._meta.get_field(name.removesuffix("_id"))
    assert isinstance(field, models.Field)
    return field


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """The names of the fields in which two snapshots differ, in the order editors know them."""
    return [
        name
        for name in (*PLAIN_FIELDS, *TIME_FIELDS, *RELATIONS, *LISTS)
        if (old[name] if name in old else default_of(name)) != (new[name] if name in new else default_of(name))
    ]


def latest(post: Post) -> PostVersion | None:
    return PostVersion.objects.filter(post=post).order_by("-number").first()


def record(
    post: Post,
    *,
    by: User | None,
    kind: str,
    reason: str = "",
    at: datetime | None = None,
    even_if_same: bool = False,
    known_new: bool = False,
) -> PostVersion | None:
    """Number and keep what the post says now; nothing when it says what its latest version says.

    Call it inside the transaction that holds the post's row. `even_if_same` is for publications, which are always kept;
    `known_new` spares the comparison for a post just made.
    """
    content = snapshot(post)
    if not even_if_same and not known_new:
        last = latest(post)
        if last is not None and not differences(last.snapshot, content):
            if post.current_version != last.number:
                point_at(post, last)
            return None
    version = keep(post, content, by=by, kind=kind, reason=reason, at=at or timezone.now(), known_new=known_new)
    point_at(post, version)
    return version


def point_at(post: Post, version: PostVersion) -> None:
    """The row says what `version` says."""
    Post.objects.filter(pk=post.pk).update(current_version=version.number)
    post.current_version = version.number


def keep(
    post: Post,
    content: dict[str, Any],
    *,
    by: User | None,
    kind: str,
    reason: str,
    at: datetime,
    known_new: bool = False,
) -> PostVersion:
    """Number and keep a snapshot, whether the row says it already or not; the caller holds the row."""
    Post.objects.filter(pk=post.pk).update(content_version=F("content_version") + 1)
    post.content_version = 1 if known_new else Post.objects.values_list("content_version", flat=True).get(pk=post.pk)
    version = PostVersion.objects.create(
        post=post,
        number=post.content_version,
        snapshot=content,
        editor=by,
        kind=kind,
        reason=reason[:300],
        created_at=at,
    )
    media_use.keep_version(version)
    announce(post_saved, post_id=post.pk, number=version.number, kind=kind, by_id=by.pk if by else None, at=at)
    return version


def apply(version: PostVersion, post: Post) -> tuple[list[str], list[User]]:
    """Put what a version says into `post`, unsaved; returns its tag names and co-authors.

    What no longer exists (a deleted category, picture, person) is left empty, the author is kept as now.
    """
    content = version.snapshot
    for name in PLAIN_FIELDS:
        if name in content:
            setattr(post, name, content[name])
    for name in TIME_FIELDS:
        if name in content and name not in PLANS:
            setattr(post, name, parse_datetime(content[name]) if content[name] else None)
    for name, model in RELATIONS.items():
        if name not in content:
            continue
        wanted = content[name]
        exists = wanted is not None and model._default_manager.filter(pk=wanted).exists()
        if exists or name != "author_id":
            setattr(post, name, wanted if exists else None)
    co_authors = list(User.objects.filter(pk__in=content.get("co_authors", [])))
    return list(content.get("tags", [])), co_authors


def rename(version: PostVersion, name: str, *, by: User, at: datetime | None = None) -> None:
    """Give a version a name by which people find it again; "" takes it away. Nothing else about it ever changes."""
    if not may(by, "blog.change_post", version.post):
        raise NotAllowed("You may name only versions of your own posts.")
    name = " ".join(name.split())
    longest = 100
    if len(name) > longest:
        raise Refusal(f"A name has at most {longest} characters; this one has {len(name)}.", field="name")
    if name == version.name:
        return
    with transaction.atomic():
        before, version.name = version.name, name
        version.save(update_fields=["name"])
        number = f"Version {version.number}"
        audit.record(by, "named a version", version.post, changes={number: (before, name)}, at=at)


def label_of(name: str) -> str:
    """What editors call a field."""
    if name == "tags":
        return "tags"
    return str(field_of(name).verbose_name)


def value_in_words(name: str, value: Any) -> str:
    """What a field said, as words; a long text as its length."""
    if value in ("", None, [], False):
        return ""
    if name in RELATIONS:
        thing = RELATIONS[name]._default_manager.filter(pk=value).first()
        return str(thing) if thing else f"Deleted since ({value})"
    if name == "co_authors":
        return ", ".join(str(person) for person in User.objects.filter(pk__in=value))
    if name == "content_markdown":
        return f"{len(value.split()):,} words"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return "Yes" if value is True else str(value)


def changes_in_words(old: dict[str, Any], new: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """What differs between two snapshots, as {label: (before, after)}."""
    return {
        label_of(name): (value_in_words(name, old.get(name)), value_in_words(name, new.get(name)))
        for name in differences(old, new)
    }
