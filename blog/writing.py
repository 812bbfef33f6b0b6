"""Saving a post: the one door for the admin, imports and, later, the API."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import may
from blog import redirects, versions
from blog.models import Post, PostVersion
from blog.signals import addresses_changed, post_updated
from blog.slugs import settle_slug
from blog.taxonomy import tags_named
from core import markup
from core.events import announce
from core.refusals import Refusal

RENDERED_FROM = ("content_markdown", "content_language", "render_version")


def render(post: Post) -> None:
    """Fill everything computed from the text. Raises a Refusal when it cannot be rendered."""
    try:
        rendered = markup.render(post.content_markdown, language=post.content_language)
    except markup.MarkupError as error:
        raise Refusal(str(error), field="content_markdown") from error
    post.content_html = rendered.html
    post.table_of_contents = rendered.toc
    post.word_count = rendered.word_count
    post.reading_time_minutes = markup.reading_time_minutes(rendered.word_count)
    post.automatic_excerpt = rendered.excerpt
    post.render_version = markup.RENDER_VERSION


def clean(post: Post) -> None:
    if not post.title.strip():
        raise Refusal("The post has no title yet; give it one to save it.", field="title")
    if post.pk and post.pillar_post_id == post.pk:
        raise Refusal("A post cannot be its own pillar.", field="pillar_post")


@transaction.atomic
def save(
    post: Post,
    *,
    by: User | None,
    reason: str = "",
    kind: str = PostVersion.Kind.SAVE,
    tags: Iterable[str] | None = None,
    co_authors: Iterable[User] | None = None,
    at: datetime | None = None,
) -> PostVersion | None:
    """Save what somebody wrote, with its version, its rendering and, when a public address changed, its redirect.

    `tags` and `co_authors` stay as they are when None. `by` is None for imports and the clock; anybody else must be
    allowed to change the post. Returns the new version, or None when nothing changed. Raises Refusal.
    """
    now = at or timezone.now()
    before = Post.objects.select_for_update(of=("self",)).filter(pk=post.pk).first() if post.pk else None
    if post.pk and before is None:
        raise Refusal("This post was deleted meanwhile; copy your text before you leave the page.")
    if by is not None and not may(by, "blog.change_post" if before else "blog.add_post", before):
        raise Refusal("You may change only posts of your own.")
    by_line_changes = post.author_id != (before.author_id if before else getattr(by, "pk", None))
    if by is not None and by_line_changes and not by.has_perm("blog.change_others_post"):
        raise Refusal("Only editors write in somebody else’s name.", field="author")
    clean(post)
    settle_slug(post)
    if before:
        # States and times belong to blog.publishing; a form that was open meanwhile must not turn them back.
        for name in ("status", "published_at", "scheduled_at", "trashed_at", "content_version"):
            setattr(post, name, getattr(before, name))
    if before is None or any(getattr(before, name) != getattr(post, name) for name in RENDERED_FROM[:2]):
        render(post)
        post.content_changed_at = now
    elif before.render_version != markup.RENDER_VERSION:
        render(post)
    post.last_updated_reason = reason[:300]
    post.save()
    if tags is not None:
        post.tags.set(tags_named(tags), clear=False)
    if co_authors is not None:
        post.co_authors.set([person for person in co_authors if person.pk != post.author_id])
    if before and before.was_ever_public and before.get_absolute_url() != post.get_absolute_url():
        redirects.remember_post(before.get_absolute_url(), post)
        announce(addresses_changed, post_ids=[post.pk], category_ids=[])
    version = versions.record(post, by=by, kind=kind, reason=reason, at=now, known_new=before is None)
    if version and post.is_public:
        announce(post_updated, post_id=post.pk, at=now)
    return version


@transaction.atomic
def restore(post: Post, version: PostVersion, *, by: User, at: datetime | None = None) -> PostVersion | None:
    """Make the post say again what `version` says; the restoring is itself a new version. States stay as they are."""
    current = Post.objects.select_for_update(of=("self",)).get(pk=post.pk)
    tags, co_authors = versions.apply(version, current)
    reason = f"Restored version {version.number}"
    return save(current, by=by, reason=reason, kind=PostVersion.Kind.RESTORE, tags=tags, co_authors=co_authors, at=at)
