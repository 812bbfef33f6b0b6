"""What the publication holds about a person, for their download: what they wrote, kept, read and follow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Case, Count, F, When

from accounts.models import User
from accounts.personal_data import CHUNK, Parts, rows
from blog.models import Autosave, Post, PostLike, PostVersion, Reading, SubjectFollow


def parts_of(user: User) -> Parts:
    yield "posts", (facts_of(post) for post in _written(user).iterator(chunk_size=CHUNK))
    co_written = Post.objects.published().filter(co_authors=user).order_by("pk")
    yield "co_written", rows(co_written, title="title", address="slug")
    versions = PostVersion.objects.filter(editor=user)
    yield "versions_saved", versions.aggregate(number=Count("pk"))["number"]
    # What came down keeps its row; what it is called now is its writers' affair.
    live = Case(When(post__status=Post.Status.PUBLISHED, post__trashed_at=None, then=F("post__slug")))
    readings = Reading.objects.filter(user=user).annotate(address=live).order_by("pk")
    yield (
        "readings",
        rows(
            readings,
            post="address",
            kept_at="kept_at",
            position="position",
            heading="heading",
            read_at="read_at",
            finished_at="finished_at",
        ),
    )
    follows = SubjectFollow.objects.filter(follower=user).order_by("pk")
    subjects = {"category": "category__path", "tag": "tag__slug", "topic": "topic__slug"}
    yield "follows", rows(follows, **subjects, since="created_at")
    likes = PostLike.objects.filter(user=user).annotate(address=live).order_by("pk")
    yield "likes", rows(likes, post="address", since="created_at")
    unsaved = Autosave.objects.filter(user=user).order_by("pk")
    yield "unsaved_texts", rows(unsaved, key="key", fields="fields", typed_at="typed_at")


def files_of(user: User) -> Iterator[tuple[str, str]]:
    """Every text as a Markdown file; the number keeps apart what a slug alone might not on every disk."""
    for post in _written(user).iterator(chunk_size=CHUNK):
        summary = f"{post.excerpt}\n\n" if post.excerpt else ""
        yield f"posts/{post.pk}-{post.slug[:80]}.md", f"# {post.title}\n\n{summary}{post.content_markdown}\n"


def facts_of(post: Post) -> dict[str, Any]:
    return {
        "title": post.title,
        "address": post.slug,
        "kind": post.kind,
        "status": "trashed" if post.trashed_at else post.status,
        "summary": post.excerpt,
        "text": post.content_markdown,
        "language": post.content_language,
        "created_at": post.created_at,
        "published_at": post.published_at,
        "changed_at": post.content_changed_at,
    }


def _written(user: User) -> Any:
    """Their own posts. What others own is theirs to hand out, also where this person wrote part of it."""
    return Post.objects.filter(author=user).defer("content_html", "table_of_contents").order_by("pk")
