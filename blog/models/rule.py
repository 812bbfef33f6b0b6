"""Redirects for many addresses at once, and the addresses nobody found."""

from django.db import models
from django.db.models import Q


class RedirectRule(models.Model):
    """A pattern for old addresses (RE2), matched against the whole path; the first that fits, by priority, counts.

    `target` may name groups of the pattern by name: "/blog/{slug}/". Written through `blog.redirect_rules`.
    """

    class Query(models.TextChoices):
        DROP = "drop", "Ignored and dropped"
        KEEP = "keep", "Ignored, and added to the new address"
        MATCH = "match", "Part of what the pattern must match"

    pattern = models.CharField(max_length=500, unique=True)
    target = models.CharField("new address", max_length=2000, blank=True)
    type = models.PositiveSmallIntegerField(default=301)
    priority = models.IntegerField(default=100, help_text="Lower numbers are tried first.")
    query = models.CharField("query string", max_length=5, choices=Query.choices, default=Query.DROP)
    is_active = models.BooleanField("in force", default=True)
    note = models.CharField(max_length=300, blank=True)
    origin = models.CharField(max_length=6, default="hand", editable=False)
    hits = models.PositiveBigIntegerField(default=0, editable=False)
    last_hit_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["priority", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(type__in=[301, 302, 307, 308, 410]), name="blog_rule_type"),
            models.CheckConstraint(
                condition=(Q(type=410) & Q(target="")) | (~Q(type=410) & ~Q(target="")), name="blog_rule_target"
            ),
            models.CheckConstraint(condition=~Q(pattern=""), name="blog_rule_pattern"),
            models.CheckConstraint(condition=Q(query__in=["drop", "keep", "match"]), name="blog_rule_query"),
            models.CheckConstraint(condition=Q(origin__in=["hand", "import"]), name="blog_rule_origin"),
        ]

    def __str__(self) -> str:
        return self.pattern


class MissingPath(models.Model):
    """An address that was asked for and not found. Written in bulk by `blog.missing_paths`; old ones are forgotten."""

    path = models.CharField(max_length=700, unique=True)
    hits = models.PositiveBigIntegerField(default=0)
    # Where the last visitor came from: this site, or another's name and path; never its query.
    referrer = models.CharField(max_length=500, blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-hits", "-last_seen_at", "pk"]
        constraints = [models.CheckConstraint(condition=Q(path__startswith="/"), name="blog_missing_path_is_path")]
        indexes = [models.Index(fields=["-last_seen_at"], name="blog_missing_path_last")]

    def __str__(self) -> str:
        return self.path


class IgnoredPath(models.Model):
    """Addresses that are not worth a line among those not found: "/wp-login.php", "*.php", "/cgi-bin/*"."""

    pattern = models.CharField(max_length=200, unique=True, help_text="* stands for anything.")
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pattern"]
        constraints = [models.CheckConstraint(condition=~Q(pattern=""), name="blog_ignored_path_pattern")]

    def __str__(self) -> str:
        return self.pattern
