"""What programs elsewhere are told of posts: ids, addresses and what every reader may know."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from blog.models import Post
from core import publication
from webhooks.recording import record


def tell(kind: str, post: Post, *, at: datetime) -> None:
    """Keep it for those who listen, inside the transaction in which it happens. `post` is as readers see it, or as they
    saw it last: then only what it was known by is told."""
    record(kind, lambda: facts_of(post) if post.is_public else known_by(post), at=at)


def tell_deleted(post: Post, *, was_public: bool, at: datetime) -> None:
    """Of what was never live nobody hears; what was written since it was taken down is nobody's business."""
    if post.published_at is not None:
        record("post.deleted", lambda: known_by(post) if was_public else {"id": post.pk, "kind": post.kind}, at=at)


def known_by(post: Post) -> dict[str, Any]:
    return {
        "id": post.pk,
        "kind": post.kind,
        "slug": post.slug,
        "url": publication.current().url + post.get_absolute_url(),
    }


def facts_of(post: Post) -> dict[str, Any]:
    return {
        **known_by(post),
        "api_url": f"{publication.current().url}/api/v1/posts/{post.slug}/",
        "title": post.title,
        "excerpt": post.excerpt,
        "language": post.content_language,
        "authors": [post.author_id, *post.co_authors.values_list("pk", flat=True)],
        "category": post.category.path if post.category else None,
        "tags": sorted(tag.slug for tag in post.tags.all()),
        "version": post.content_version,
        "published_at": post.published_at.isoformat() if post.published_at else None,
    }
