"""What a row of the list of posts says as a line of a CSV file."""

from __future__ import annotations

from typing import Any

from blog.heads import absolute
from blog.querysets import HEAVY, PostQuerySet

COLUMNS = (
    ("Title", lambda post: post.title),
    ("Address", lambda post: absolute(post.get_absolute_url())),
    ("Kind", lambda post: post.get_kind_display()),
    ("Status", lambda post: "Trashed" if post.is_trashed else post.get_status_display()),
    ("Author", lambda post: post.author.display_name),
    ("Co-authors", lambda post: ", ".join(person.display_name for person in post.co_authors.all())),
    ("Category", lambda post: post.category.path if post.category else ""),
    ("Tags", lambda post: ", ".join(sorted(tagged.tag.name for tagged in post.tagged.all()))),
    ("Series", lambda post: post.series.name if post.series else ""),
    ("Language", lambda post: post.content_language),
    ("Words", lambda post: post.word_count),
    ("Published", lambda post: post.published_at),
    ("Scheduled", lambda post: post.scheduled_at),
    ("Text changed", lambda post: post.content_changed_at),
    ("Updated", lambda post: post.updated_at),
    ("Last reviewed", lambda post: post.last_reviewed_at),
    ("Review due", lambda post: post.review_due_at),
    ("Views", lambda post: post.view_count),
    ("Likes", lambda post: post.like_count),
    ("Comments", lambda post: post.comment_count),
)


def rows_of(posts: PostQuerySet | Any) -> Any:
    """Posts with what their line says, and without their texts; three questions for every two thousand."""
    with_all = posts.select_related("author", "category", "series").defer(*HEAVY, "excerpt", "automatic_excerpt")
    return with_all.prefetch_related("tagged__tag", "co_authors")
