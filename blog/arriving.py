"""Many posts at once, as imports bring them: rendering and history as in `blog.writing`, in a handful of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from accounts.models import User
from blog import links, media_use, search, versions, writing
from blog.models import Post, PostVersion, StatusChange, Tag, TaggedPost


@dataclass
class Arrival:
    """A new post with its address decided, and where it stands: state, times, tags, who wrote it too."""

    post: Post
    status: str
    created_at: datetime
    changed_at: datetime
    published_at: datetime | None = None
    scheduled_at: datetime | None = None
    trashed_at: datetime | None = None
    tags: Sequence[Tag] = ()
    co_authors: Sequence[User] = ()
    reason: str = ""
    notes: list[str] = field(default_factory=list)


def prepare(arrival: Arrival) -> None:
    """Check and render it, outside any transaction. Raises Refusal."""
    writing.clean(arrival.post)
    writing.render(arrival.post)


@transaction.atomic
def add(arrivals: Sequence[Arrival], *, at: datetime) -> None:
    """Write prepared posts with their tags, first versions and states; all or none. Nothing is announced.

    Raises IntegrityError when an address is taken.
    """
    for arrival in arrivals:
        post = arrival.post
        post.status = arrival.status
        post.published_at, post.scheduled_at = arrival.published_at, arrival.scheduled_at
        post.trashed_at = arrival.trashed_at
        post.content_changed_at = arrival.changed_at
        post.content_version = 1
        post.last_updated_reason = arrival.reason[:300]
    posts = Post.objects.bulk_create([arrival.post for arrival in arrivals])
    # The database layer dates new rows today; an archive keeps its age.
    for arrival in arrivals:
        arrival.post.created_at, arrival.post.updated_at = arrival.created_at, arrival.changed_at
    Post.objects.bulk_update(posts, ["created_at", "updated_at"])
    links.keep_new(posts)
    TaggedPost.objects.bulk_create(
        TaggedPost(tag=tag, content_object=arrival.post) for arrival in arrivals for tag in dict.fromkeys(arrival.tags)
    )
    co_author = Post.co_authors.through
    co_author.objects.bulk_create(
        co_author(post_id=arrival.post.pk, user_id=user.pk) for arrival in arrivals for user in arrival.co_authors
    )
    made = PostVersion.objects.bulk_create(
        PostVersion(
            post=arrival.post,
            number=1,
            snapshot=versions.snapshot(arrival.post, tags=arrival.tags, co_authors=arrival.co_authors),
            kind=PostVersion.Kind.IMPORT,
            reason=arrival.reason[:300],
            created_at=at,
        )
        for arrival in arrivals
    )
    media_use.keep_new(posts, made, since=at)
    StatusChange.objects.bulk_create(
        StatusChange(post=arrival.post, from_status=Post.Status.DRAFT, to_status=arrival.status, at=at, note="Imported")
        for arrival in arrivals
        if arrival.status != Post.Status.DRAFT
    )
    search.keep_many([post.pk for post in posts if post.is_public])
