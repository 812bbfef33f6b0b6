"""Old addresses. Looked up only when a page is not found, so live pages never pay for them."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from blog.addresses import normalise_old_address


class Redirect(models.Model):
    """`old_path` answers with a jump to a post, a category or an address; 410 says it is gone for good.

    A redirect to a post follows wherever the post goes, so renaming twice is still one hop. RFC 9110 §15.4, §15.5.11.
    """

    class Type(models.IntegerChoices):
        MOVED = 301, "301 moved for good"
        FOUND = 302, "302 elsewhere for now"
        TEMPORARY = 307, "307 elsewhere for now, same method"
        PERMANENT = 308, "308 moved for good, same method"
        GONE = 410, "410 gone for good"

    class Origin(models.TextChoices):
        SLUG_CHANGE = "slug", "A changed address"
        HAND = "hand", "By hand"
        IMPORT = "import", "An import"

    old_path = models.CharField(
        "old address", max_length=700, unique=True, help_text="Starts with a slash: /2019/old-name/"
    )
    post = models.ForeignKey("blog.Post", null=True, blank=True, on_delete=models.CASCADE, related_name="redirects")
    category = models.ForeignKey(
        "blog.Category", null=True, blank=True, on_delete=models.CASCADE, related_name="redirects"
    )
    new_path = models.CharField(
        "new address", max_length=2000, blank=True, help_text="A path on this site, or a whole https address."
    )
    type = models.PositiveSmallIntegerField(choices=Type.choices, default=Type.MOVED)
    origin = models.CharField(max_length=6, choices=Origin.choices, default=Origin.HAND, editable=False)
    hits = models.PositiveBigIntegerField(default=0, editable=False)
    last_hit_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-updated_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(type=410, post__isnull=True, category__isnull=True, new_path="")
                    | (~Q(type=410) & Q(post__isnull=False, category__isnull=True, new_path=""))
                    | (~Q(type=410) & Q(post__isnull=True, category__isnull=False, new_path=""))
                    | (~Q(type=410) & Q(post__isnull=True, category__isnull=True) & ~Q(new_path=""))
                ),
                name="blog_redirect_one_target",
                violation_error_message="Name exactly one target: a post, a category or a new address; none for 410.",
            ),
            models.CheckConstraint(condition=Q(type__in=[301, 302, 307, 308, 410]), name="blog_redirect_type"),
            models.CheckConstraint(condition=Q(old_path__startswith="/"), name="blog_redirect_old_path_is_path"),
            models.CheckConstraint(
                condition=~Q(old_path=models.F("new_path")),
                name="blog_redirect_not_to_itself",
                violation_error_message="This redirect would lead to itself.",
            ),
        ]

    def __str__(self) -> str:
        return self.old_path

    def clean(self) -> None:
        if not self.old_path.startswith("/") or self.old_path.startswith("//"):
            raise ValidationError({"old_path": "The old address is a path on this site and starts with one slash."})
        self.old_path = normalise_old_address(self.old_path)
        if self.new_path and not self.new_path.startswith(("/", "https://", "http://")):
            raise ValidationError({"new_path": "Start with a slash for this site, or with https:// for another."})
        if self.new_path.startswith(("//", "/\\")):
            raise ValidationError({"new_path": "This would lead to another site; write the whole https address."})

    @property
    def target(self) -> str:
        """Where it leads now; empty for 410."""
        if self.post:
            return self.post.get_absolute_url()
        if self.category:
            return self.category.get_absolute_url()
        return self.new_path
