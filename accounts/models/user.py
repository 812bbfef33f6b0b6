"""People and what readers see of those who write."""

from typing import Any

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse


class PeopleManager(UserManager["User"]):
    """Names and addresses are the same person whatever their case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)


class User(AbstractUser):
    """Somebody with an account. Roles are groups (`accounts.roles`); `is_staff` follows the role."""

    email = models.EmailField("e-mail address", blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Where they are, for the hour of their digest; empty: where the publication is.
    timezone = models.CharField("time zone", max_length=64, blank=True)
    digest_hour = models.PositiveSmallIntegerField("hour of the daily digest", default=8)
    last_digest_on = models.DateField(null=True, blank=True, editable=False)
    shows_presence = models.BooleanField("others may see that I am here", default=False)
    # Of the secret address of their own feed (`accounts.feed_address`); empty: they have none.
    feed_seed = models.CharField(max_length=32, blank=True, editable=False)
    feed_made_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PeopleManager()  # type: ignore[misc]

    class Meta:
        ordering = ["username"]
        constraints = [
            models.UniqueConstraint(
                Lower("username"), name="accounts_username_any_case", violation_error_message="This username is taken."
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email=""),
                name="accounts_email_any_case",
                violation_error_message="Another account has this e-mail address.",
            ),
            models.CheckConstraint(condition=models.Q(digest_hour__lte=23), name="accounts_digest_hour"),
            models.UniqueConstraint(
                fields=["feed_seed"], condition=~models.Q(feed_seed=""), name="accounts_feed_seed_once"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def initial(self) -> str:
        return self.display_name[:1].upper()


class AuthorProfile(models.Model):
    """The public face of somebody who writes; made for every author role."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="author_profile")
    slug = models.SlugField(max_length=80, unique=True, allow_unicode=True)
    bio = models.TextField(
        "biography", blank=True, max_length=2000, help_text="Plain text; a blank line starts a paragraph."
    )
    avatar = models.ForeignKey(
        "media_assets.MediaAsset", null=True, blank=True, on_delete=models.SET_NULL, related_name="avatars"
    )
    website = models.URLField(blank=True)
    linkedin_url = models.URLField("LinkedIn", blank=True)
    links = models.JSONField(default=list, blank=True, help_text="Further addresses, as a list of web addresses.")
    expertise = models.CharField(max_length=300, blank=True, help_text="Topics, separated by commas.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.user.display_name

    def get_absolute_url(self) -> str:
        return reverse("author", args=[self.slug])

    @property
    def expertise_topics(self) -> list[str]:
        return [topic.strip() for topic in self.expertise.split(",") if topic.strip()]

    @property
    def web_links(self) -> list[str]:
        """All further addresses that are web addresses; anything else in the list is left out."""
        candidates: list[Any] = [self.website, self.linkedin_url, *(self.links if isinstance(self.links, list) else [])]
        return [link for link in candidates if isinstance(link, str) and link.startswith(("https://", "http://"))]


class Follow(models.Model):
    """Somebody follows somebody who writes."""

    follower = models.ForeignKey(User, on_delete=models.CASCADE, related_name="follows")
    followed = models.ForeignKey(User, on_delete=models.CASCADE, related_name="followers")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followed"], name="accounts_follow_once"),
            models.CheckConstraint(
                condition=~models.Q(follower=models.F("followed")), name="accounts_follow_not_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} follows {self.followed_id}"
