"""What a publication says of itself: one row, and the links its editors put into its menus."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

is_colour = RegexValidator(r"^#[0-9a-f]{6}\Z", "A colour is written as # and six figures or letters from a to f.")


class SiteSettings(models.Model):
    """The one row. What is empty falls back to the environment's settings; read it through `core.publication`."""

    class HomeLayout(models.TextChoices):
        LEAD = "lead", "A lead story, the latest beside what is read most"
        SECTIONS = "sections", "A lead story, then each section by itself"
        STREAM = "stream", "Everything, newest first"

    class FeedText(models.TextChoices):
        FULL = "full", "The whole text"
        SUMMARY = "summary", "The summary and a link"

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(max_length=80, blank=True)
    tagline = models.CharField(max_length=160, blank=True)
    description = models.CharField(
        max_length=400, blank=True, help_text="For search engines, feeds and the foot of pages."
    )
    logo = models.ForeignKey(
        "media_assets.MediaAsset", null=True, blank=True, on_delete=models.SET_NULL, related_name="logo_of"
    )
    icon = models.ForeignKey(
        "media_assets.MediaAsset",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="icon_of",
        help_text="A square picture for tabs and home screens.",
    )
    ink = models.CharField("second ink", max_length=12, blank=True)
    own_ink_light = models.CharField("own ink on light paper", max_length=7, blank=True, validators=[is_colour])
    own_ink_dark = models.CharField("own ink on dark paper", max_length=7, blank=True, validators=[is_colour])
    drop_initials = models.BooleanField("begin posts with a large letter", default=True)
    home_layout = models.CharField(max_length=8, choices=HomeLayout.choices, default=HomeLayout.LEAD)
    footer = models.CharField(max_length=600, blank=True)
    contact_email = models.EmailField("address for contact", blank=True)
    comments_enabled = models.BooleanField("comments", default=True)
    analytics_enabled = models.BooleanField("reading statistics", default=True)
    editions = models.JSONField(
        "further languages", default=list, blank=True, help_text="Each gets lists and feeds of its own."
    )
    feed_text = models.CharField("feeds carry", max_length=7, choices=FeedText.choices, default=FeedText.FULL)
    is_news = models.BooleanField(
        "a news publication", default=False, help_text="Posts are told to search engines as news, with a news sitemap."
    )
    machines_may_learn = models.BooleanField(
        "language models may read and learn",
        default=True,
        help_text="Otherwise robots.txt asks their collectors to stay away, and llms.txt says so.",
    )
    robots_rules = models.TextField("further lines of robots.txt", blank=True, max_length=5000)
    tell_indexnow = models.BooleanField("tell search engines of new posts (IndexNow)", default=False)
    indexnow_key = models.CharField(max_length=128, blank=True, editable=False)
    websub_hub = models.URLField("WebSub hub", blank=True, help_text="Told of every new post, for feed readers.")
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "site settings"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="blog_site_settings_once"),
            models.CheckConstraint(
                condition=Q(home_layout__in=["lead", "sections", "stream"]), name="blog_site_home_layout"
            ),
            models.CheckConstraint(condition=Q(feed_text__in=["full", "summary"]), name="blog_site_feed_text"),
            models.CheckConstraint(
                condition=Q(own_ink_light="", own_ink_dark="") | (~Q(own_ink_light="") & ~Q(own_ink_dark="")),
                name="blog_site_own_ink_in_both",
            ),
        ]

    def __str__(self) -> str:
        return "Site settings"


class SiteLink(models.Model):
    """A line editors put into a menu; `address` is a path of this site or a whole https address."""

    class Place(models.TextChoices):
        SECTIONS = "sections", "Sections, under the name"
        FOOTER = "footer", "Foot of every page"
        SOCIAL = "social", "Elsewhere on the web"

    place = models.CharField(max_length=8, choices=Place.choices)
    label = models.CharField(max_length=60)
    address = models.CharField(max_length=500)
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["place", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(place__in=["sections", "footer", "social"]), name="blog_site_link_place"
            ),
            models.CheckConstraint(condition=~Q(label="") & ~Q(address=""), name="blog_site_link_whole"),
        ]

    def __str__(self) -> str:
        return self.label
