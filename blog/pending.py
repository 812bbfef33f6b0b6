"""Changes to a live post that readers do not see yet: a version that waits to be brought out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from accounts.roles import may
from blog import versions
from blog.models import PendingChange, Post, PostVersion, Tag


def change_of(post: Post) -> PendingChange | None:
    """What waits for this post, with its version; None when readers see the newest."""
    return PendingChange.objects.select_related("version", "planned_by").filter(post_id=post.pk).first()


def open_newest(post: Post) -> PendingChange | None:
    """Put the newest version into `post`, unsaved: what an editor goes on writing at. Returns the waiting change.

    It is then in `post.newest_change`, its tags and co-authors in `post.newest_tags` and `post.newest_co_authors`.
    """
    change = change_of(post) if post.is_public else None
    post.newest_change = change
    # Who wrote the row decides who may open it; a by-line that waits decides nothing yet.
    post.owner_id = post.author_id
    if change is not None:
        post.newest_tags, post.newest_co_authors = versions.apply(change.version, post)
    return change


def keep(
    post: Post,
    row: Post,
    *,
    by: User,
    kind: str,
    reason: str,
    tags: Iterable[Tag] | None,
    co_authors: Iterable[User] | None,
    now: datetime,
) -> PostVersion | None:
    """Keep what `post` says as the version that waits to replace `row`; None when the newest says it already.

    The plan to bring it out stays only when `by` may publish: nobody else’s words go live by an older decision. Call it
    inside the transaction that holds the row.
    """
    newest = versions.latest(row)
    content = versions.snapshot(post, tags=tags or (), co_authors=co_authors or ())
    before = newest.snapshot if newest else {}
    if tags is None:
        content["tags"] = before.get("tags", [])
    if co_authors is None:
        content["co_authors"] = before.get("co_authors", [])
    content["co_authors"] = [pk for pk in content["co_authors"] if pk != content["author_id"]]
    if newest is not None and not versions.differences(before, content):
        return None
    version = versions.keep(row, content, by=by, kind=kind, reason=reason, at=now)
    post.content_version = version.number
    Post.objects.filter(pk=row.pk).update(updated_at=now)
    if not versions.differences(versions.snapshot(row), content):
        drop(row, version)
        post.current_version = version.number
        return version
    change, made = PendingChange.objects.get_or_create(
        post=row, defaults={"version": version, "created_at": now, "updated_at": now}
    )
    if not made:
        change.version, change.updated_at = version, now
        if not may(by, "blog.publish_post", row):
            change.go_live_at = change.planned_by = None
        change.save()
    return version


def drop(row: Post, version: PostVersion) -> None:
    """Nothing waits any more: the row itself says what `version`, the newest, says."""
    PendingChange.objects.filter(post=row).delete()
    versions.point_at(row, version)
