"""Categories, tags and topics. All writes go through `blog.taxonomy`."""

from __future__ import annotations

import unicodedata

from django.db import models
from django.db.models import Q
from django.urls import reverse
from mptt.models import MPTTModel, TreeForeignKey
from taggit.models import ItemBase, TagBase


class SearchFields(models.Model):
    """What search engines are told; empty means derived from name and description."""

    meta_title = models.CharField(max_length=200, blank=True)
    meta_description = models.CharField(max_length=400, blank=True)

    class Meta:
        abstract = True


class Category(SearchFields, MPTTModel):
    """A branch of the tree every post hangs on. `path` is the address: "places/bridges"."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, allow_unicode=True)
    description = models.TextField(blank=True, max_length=2000)
    parent = TreeForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    path = models.CharField(max_length=700, unique=True, editable=False)
    review_after_days = models.PositiveSmallIntegerField(
        "review after days",
        null=True,
        blank=True,
        help_text="Posts here are due for review so long after the last time. Empty: as the category above. 0: never.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "categories"
        ordering = ["tree_id", "lft"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "slug"],
                name="blog_category_slug_among_siblings",
                violation_error_message="A category beside it has this slug.",
            ),
            models.UniqueConstraint(
                fields=["slug"],
                condition=Q(parent__isnull=True),
                name="blog_category_slug_among_roots",
                violation_error_message="Another top category has this slug.",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("id")), name="blog_category_not_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("category", args=[self.path])


def tag_key(name: str) -> str:
    """What makes two tag names the same tag: compatibility-normalised, case folded, white space collapsed, 120 long."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())[:120]


class Tag(TagBase):
    """A word posts share. `key` keeps News, news and NEWS one tag on every database."""

    slug = models.SlugField(max_length=120, unique=True, allow_unicode=True)
    key = models.CharField(max_length=120, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def save(self, *args: object, **kwargs: object) -> None:
        self.key = tag_key(self.name)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("tag", args=[self.slug])


class TaggedPost(ItemBase):
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged_posts")
    content_object = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="tagged")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "content_object"], name="blog_tag_once_per_post")]

    def __str__(self) -> str:
        return f"{self.tag} on {self.content_object_id}"


class TopicCluster(models.Model):
    """A subject told by several posts round one pillar."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, unique=True, allow_unicode=True)
    description = models.TextField(blank=True, max_length=2000)
    pillar_post = models.ForeignKey(
        "blog.Post", null=True, blank=True, on_delete=models.SET_NULL, related_name="pillar_of_clusters"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "topic"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("topic", args=[self.slug])


class Series(models.Model):
    """Posts that are read one after another."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, unique=True, allow_unicode=True)
    description = models.TextField(blank=True, max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "series"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("series", args=[self.slug])
