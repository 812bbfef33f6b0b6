"""What programs elsewhere are told of comments: that there is one, and where. Words and names are read there,
by whoever may: here they would still be kept when somebody has them erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from comments.models import Comment
from core import publication
from webhooks.recording import record


def tell(kind: str, comment: Comment, *, at: datetime) -> None:
    """Keep it for those who listen, inside the transaction in which it happens."""
    record(kind, lambda: facts_of(comment), at=at)


def facts_of(comment: Comment) -> dict[str, Any]:
    site, post = publication.current().url, comment.post
    return {
        "id": comment.pk,
        "parent": comment.parent_id,
        "status": comment.status,
        "url": site + comment.get_absolute_url(),
        "api_url": f"{site}/api/v1/comments/{comment.pk}/",
        "created_at": comment.created_at.isoformat(),
        "post": {"id": post.pk, "slug": post.slug, "url": site + post.get_absolute_url()},
    }
