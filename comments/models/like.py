"""Who likes which comment."""

from django.db import models

from blog.models.like import ByReader, member, once_each


class CommentLike(ByReader):
    """One reader likes one comment; see `comments.likes`."""

    comment = models.ForeignKey("comments.Comment", on_delete=models.CASCADE, related_name="likes")
    user = member("comment_likes")

    class Meta:
        constraints = once_each("comment", "comments_like")

    def __str__(self) -> str:
        return f"{self.user_id or 'a guest'} likes {self.comment_id}"
