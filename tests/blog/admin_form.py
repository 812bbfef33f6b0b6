"""What a browser sends when somebody saves the post form."""

from django.urls import reverse

from blog.models import Post

ADD = "admin:blog_post_add"


def filled(post: Post | None = None, **changes: object) -> dict[str, object]:
    """The fields of the form as they are, with `changes`."""
    fields: dict[str, object] = {
        "title": post.title if post else "The noon gun",
        "content_markdown": post.content_markdown if post else "One shot at noon.",
        "excerpt": post.excerpt if post else "",
        "slug": post.slug if post else "",
        "slug_suggested": "",
        "base_version": post.content_version if post else "",
        "kind": "post",
        "author": post.author_id if post else "",
        "tags_text": ", ".join(post.tags.names()) if post else "",
        "content_language": "en",
        "twitter_card_type": "summary_large_image",
        "table_of_contents_enabled": "on",
        "_continue": "1",
    }
    return fields | changes


def change_address(post: Post) -> str:
    return reverse("admin:blog_post_change", args=[post.pk])
