import itertools
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from blog import publishing, writing
from blog.models import Post
from core import publication

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def write(db, author):
    """Make a draft: write("A title", text="…", tags=[…], by=somebody, kind="page")."""
    numbers = itertools.count(1)

    def make(title: str = "", *, text: str = "Some words to read.", by=None, tags=None, **fields) -> Post:
        person = by or author
        post = Post(title=title or f"Post number {next(numbers)}", content_markdown=text, author=person, **fields)
        for_editors = {"kind", "is_featured", "unpublish_at"} & fields.keys()
        writing.save(post, by=None if for_editors else person, tags=tags)
        return post

    return make


@pytest.fixture
def publish(write, editor):
    """Make a live post."""

    def make(title: str = "", *, at: datetime | None = None, **fields) -> Post:
        post = write(title, **fields)
        publishing.publish(post, by=editor, at=at)
        return post

    return make


@pytest.fixture
def as_publication(monkeypatch):
    """Be a publication that was set up so: as_publication(is_news=True). What was kept before is not made anew."""
    chosen: dict[str, object] = {}

    def become(**fields) -> None:
        chosen.update(fields)
        monkeypatch.setattr(publication, "_read", lambda: replace(publication.from_environment(), **chosen))

    return become
