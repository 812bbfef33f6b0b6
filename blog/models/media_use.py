"""Which pictures and files texts mention, so that none is deleted under them. Kept by `blog.media_use`."""

from django.db import models


class PostAsset(models.Model):
    """A file that the text of a post mentions, as the row says it."""

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="media_in_text")
    # The constraint below begins with it, which is its index.
    asset = models.ForeignKey(
        "media_assets.MediaAsset", on_delete=models.CASCADE, related_name="in_posts", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asset", "post"], name="blog_asset_once_per_post")]

    def __str__(self) -> str:
        return f"{self.asset_id} in {self.post_id}"


class VersionAsset(models.Model):
    """A file that a version shows: in its text, as its picture or as its share picture."""

    version = models.ForeignKey("blog.PostVersion", on_delete=models.CASCADE, related_name="media")
    asset = models.ForeignKey(
        "media_assets.MediaAsset", on_delete=models.CASCADE, related_name="in_versions", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asset", "version"], name="blog_asset_once_per_version")]

    def __str__(self) -> str:
        return f"{self.asset_id} in {self.version_id}"


class SnippetAsset(models.Model):
    """A file that a snippet mentions."""

    snippet = models.ForeignKey("blog.Snippet", on_delete=models.CASCADE, related_name="media")
    asset = models.ForeignKey(
        "media_assets.MediaAsset", on_delete=models.CASCADE, related_name="in_snippets", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asset", "snippet"], name="blog_asset_once_per_snippet")]

    def __str__(self) -> str:
        return f"{self.asset_id} in {self.snippet_id}"
