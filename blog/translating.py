"""Beginning a translation: a draft with everything of a post that does not depend on its language, and its text."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from blog import pending, translations, writing
from blog.models import Post
from core.refusals import Refusal

COPIED = (
    *("kind", "title", "content_markdown", "excerpt", "category", "topic_cluster"),
    *("featured_image", "featured_image_alt", "featured_image_caption", "og_image"),
    *("comments_policy", "comments_close_after_days", "table_of_contents_enabled", "review_after_days"),
)


def start(post: Post, language: str, *, by: User, at: datetime | None = None) -> Post:
    """A new draft of `by` in `language`, linked to `post`, with its newest text to be translated. Raises Refusal."""
    language = language.strip()
    if not language or len(language) > (Post._meta.get_field("content_language").max_length or 0):
        raise Refusal("Choose the language of the translation.")
    with transaction.atomic():
        original = Post.objects.get(pk=post.pk)
        tags = [tag.name for tag in original.tags.all()]
        if pending.open_newest(original) is not None:
            tags = original.newest_tags
        draft = Post(content_language=language, author=by, **{name: getattr(original, name) for name in COPIED})
        writing.save(draft, by=by, reason=f"Begun as a translation of “{original}”"[:300], tags=tags, at=at)
        translations.link(original, draft, by=by, at=at)
    return draft
