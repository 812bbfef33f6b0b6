"""The post, and the page, which is a post at an address of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from taggit.managers import TaggableManager

from blog.models.taxonomy import TaggedPost
from blog.querysets import PostManager

if TYPE_CHECKING:
    from accounts.models import User
    from blog.models.version import PendingChange


class Post(models.Model):
    """Written through `blog.writing`, moved between states through `blog.publishing`; both keep the history."""

    class Kind(models.TextChoices):
        POST = "post", "Post"
        PAGE = "page", "Page"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PENDING = "pending", "Pending review"
        SCHEDULED = "scheduled", "Scheduled"
        PUBLISHED = "published", "Published"
        ARCHIVED = "archived", "Archived"

    class CommentsPolicy(models.TextChoices):
        OPEN = "open", "Open"
        MEMBERS = "members", "Members only"
        CLOSED = "closed", "Closed"

    class TwitterCard(models.TextChoices):
        LARGE = "summary_large_image", "Large picture"
        SMALL = "summary", "Small picture"

    # Content
    kind = models.CharField(max_length=4, choices=Kind.choices, default=Kind.POST)
    title = models.CharField(max_length=300)
    slug = models.SlugField(max_length=200, unique=True, allow_unicode=True)
    content_markdown = models.TextField("text", blank=True)
    content_html = models.TextField(blank=True, editable=False)
    excerpt = models.TextField("summary", blank=True, max_length=1000)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT, editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="posts")
    co_authors = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="co_authored_posts")
    category = models.ForeignKey("blog.Category", null=True, blank=True, on_delete=models.PROTECT, related_name="posts")
    tags = TaggableManager(through=TaggedPost, blank=True)
    topic_cluster = models.ForeignKey(
        "blog.TopicCluster",
        verbose_name="topic",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="posts",
    )
    pillar_post = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="supporting_posts"
    )
    series = models.ForeignKey("blog.Series", null=True, blank=True, on_delete=models.SET_NULL, related_name="posts")
    series_position = models.PositiveIntegerField("place in the series", null=True, blank=True)
    is_featured = models.BooleanField("featured", default=False)
    comments_policy = models.CharField(
        "comments", max_length=7, choices=CommentsPolicy.choices, default=CommentsPolicy.OPEN
    )
    comments_close_after_days = models.PositiveSmallIntegerField(
        "close comments after days", null=True, blank=True, help_text="Empty: as the conversation is set up."
    )
    translation_group = models.UUIDField(null=True, blank=True, editable=False)

    # Images
    featured_image = models.ForeignKey(
        "media_assets.MediaAsset", null=True, blank=True, on_delete=models.SET_NULL, related_name="featured_in"
    )
    featured_image_alt = models.CharField("alt text", max_length=500, blank=True)
    featured_image_caption = models.CharField("caption", max_length=1000, blank=True)
    og_image = models.ForeignKey(
        "media_assets.MediaAsset",
        verbose_name="share picture",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="shared_in",
    )

    # Share cards
    og_title = models.CharField("share title", max_length=200, blank=True)
    og_description = models.CharField("share description", max_length=400, blank=True)
    twitter_title = models.CharField("X title", max_length=200, blank=True)
    twitter_description = models.CharField("X description", max_length=400, blank=True)
    twitter_card_type = models.CharField(
        "X card", max_length=20, choices=TwitterCard.choices, default=TwitterCard.LARGE
    )

    # Search
    meta_title = models.CharField("search title", max_length=200, blank=True)
    meta_description = models.CharField("search description", max_length=400, blank=True)
    focus_keyword = models.CharField(max_length=100, blank=True)
    canonical_url = models.URLField("canonical address", max_length=500, blank=True)
    noindex = models.BooleanField("keep out of search engines", default=False)

    # Review
    last_reviewed_at = models.DateTimeField("last reviewed", null=True, blank=True)
    review_after_days = models.PositiveSmallIntegerField("review after days", null=True, blank=True)
    review_due_at = models.DateTimeField("review due", null=True, blank=True, editable=False)
    # The newest version there is, and the one this row says: a live post may have newer ones readers do not see yet.
    content_version = models.PositiveIntegerField(default=0, editable=False)
    current_version = models.PositiveIntegerField(default=0, editable=False)
    last_updated_reason = models.CharField("reason for this change", max_length=300, blank=True)
    show_update_reason = models.BooleanField("tell readers the reason of the last change", default=False)
    ai_generated_flag = models.BooleanField("written with the help of a machine", default=False)

    # Locale
    content_language = models.CharField("language", max_length=12, default="en")
    geo_target_country = models.CharField("country it is for", max_length=2, blank=True)

    # Computed when saved
    automatic_excerpt = models.TextField(blank=True, editable=False)
    word_count = models.PositiveIntegerField(default=0, editable=False)
    reading_time_minutes = models.PositiveIntegerField(default=1, editable=False)
    table_of_contents = models.JSONField(default=list, blank=True, editable=False)
    table_of_contents_enabled = models.BooleanField("show the table of contents", default=True)
    render_version = models.PositiveSmallIntegerField(default=0, editable=False)

    # Times
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    scheduled_at = models.DateTimeField(null=True, blank=True, editable=False)
    unpublish_at = models.DateTimeField("comes down", null=True, blank=True)
    trashed_at = models.DateTimeField(null=True, blank=True, editable=False)
    content_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    # Counters, kept exact by whoever writes the event
    view_count = models.PositiveBigIntegerField(default=0, editable=False)
    like_count = models.PositiveIntegerField(default=0, editable=False)
    comment_count = models.PositiveIntegerField(default=0, editable=False)
    share_count = models.PositiveIntegerField(default=0, editable=False)

    # Set by `blog.pending.open_newest`: what waits to replace this row, with its tags and co-authors.
    newest_change: PendingChange | None
    newest_tags: list[str]
    newest_co_authors: list[User]
    owner_id: int

    objects = PostManager()

    class Meta:
        ordering = ["-updated_at", "-id"]
        permissions = [
            ("change_others_post", "Can change posts of others"),
            ("submit_post", "Can submit posts for review"),
            ("publish_post", "Can approve, schedule, publish and archive posts"),
            ("trash_post", "Can move posts to the trash and back"),
            ("override_gate_post", "Can publish over blocking checks, with a reason"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["post", "page"]), name="blog_post_kind"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "pending", "scheduled", "published", "archived"]),
                name="blog_post_status",
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False), name="blog_post_published_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(status="scheduled") | Q(scheduled_at__isnull=False), name="blog_post_scheduled_has_time"
            ),
            models.CheckConstraint(
                condition=Q(trashed_at__isnull=True) | Q(status="draft"), name="blog_post_trashed_is_draft"
            ),
            models.CheckConstraint(condition=~Q(slug=""), name="blog_post_has_slug"),
            models.UniqueConstraint(
                fields=["translation_group", "content_language"],
                condition=Q(translation_group__isnull=False),
                name="blog_post_one_translation_per_language",
                violation_error_message="Another of these translations is in this language.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "-published_at", "-id"], condition=Q(status="published"), name="blog_post_public_newest"
            ),
            models.Index(
                fields=["category", "-published_at"], condition=Q(status="published"), name="blog_post_public_category"
            ),
            models.Index(
                fields=["author", "-published_at"], condition=Q(status="published"), name="blog_post_public_author"
            ),
            models.Index(fields=["scheduled_at"], condition=Q(status="scheduled"), name="blog_post_due"),
            models.Index(fields=["unpublish_at"], condition=Q(unpublish_at__isnull=False), name="blog_post_comes_down"),
            models.Index(fields=["-updated_at", "-id"], name="blog_post_last_changed"),
            models.Index(
                fields=["review_due_at"], condition=Q(review_due_at__isnull=False), name="blog_post_review_due"
            ),
            models.Index(fields=["focus_keyword"], condition=~Q(focus_keyword=""), name="blog_post_focus_keyword"),
            models.Index(fields=["series", "series_position"], name="blog_post_series"),
            # What waits to be rendered anew stands at its beginning.
            models.Index(fields=["render_version"], name="blog_post_render_version"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("page" if self.kind == self.Kind.PAGE else "post", args=[self.slug])

    @property
    def summary(self) -> str:
        """What lists and share cards say about it: the author's words, or the beginning of the text."""
        return self.excerpt or self.automatic_excerpt

    @property
    def is_public(self) -> bool:
        return self.status == self.Status.PUBLISHED and self.trashed_at is None

    @property
    def has_pending_change(self) -> bool:
        """Whether a newer version waits to replace what readers see."""
        return hasattr(self, "pending_change")

    @property
    def was_ever_public(self) -> bool:
        return self.published_at is not None

    @property
    def is_trashed(self) -> bool:
        return self.trashed_at is not None

    def is_owned_by(self, user: object) -> bool:
        """Whether somebody is its author or one of its co-authors."""
        pk = getattr(user, "pk", None)
        owner = self.__dict__.get("owner_id", self.author_id)
        return pk is not None and (owner == pk or (self.pk is not None and self.co_authors.filter(pk=pk).exists()))
