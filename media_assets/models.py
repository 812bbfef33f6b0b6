"""Pictures and files. They come in through `media_assets.intake` only."""

import secrets
import uuid
from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from media_assets import storage


def new_key(at: datetime | None = None) -> str:
    """A stem nobody can guess for the addresses of something new: "2026/11/3f9a…"."""
    return f"{at or timezone.now():%Y/%m}/{secrets.token_hex(12)}"


class MediaTag(models.Model):
    """A word editors sort the library by."""

    name = models.CharField(max_length=60)

    class Meta:
        verbose_name = "media tag"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="media_tag_once")]

    def __str__(self) -> str:
        return self.name


class MediaAsset(models.Model):
    """One stored file and what it shows.

    `file` is the original, which readers never see as it is: pictures reach them as renditions, everything else by
    signed addresses. `key` and `extension` are its public address and stay when the file is replaced.
    """

    class Kind(models.TextChoices):
        IMAGE = "image", "Image"
        DOCUMENT = "document", "Document"
        AUDIO = "audio", "Audio"
        VIDEO = "video", "Video"

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        SCANNING = "scanning", "Scanning"
        READY = "ready", "Ready"
        REJECTED = "rejected", "Rejected"

    file = models.FileField(max_length=200, storage=storage.originals, blank=True)
    key = models.CharField(max_length=80, unique=True, editable=False, default=new_key)
    extension = models.CharField(max_length=5, editable=False)
    name = models.CharField(max_length=200, help_text="What editors find it by.")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.IMAGE)
    mime_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    duration_seconds = models.FloatField(null=True, blank=True, editable=False)
    is_animated = models.BooleanField(default=False, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    alt_text = models.CharField(
        "alt text", max_length=500, blank=True, help_text="What the picture shows, for those who cannot see it."
    )
    is_decorative = models.BooleanField("decorative", default=False, help_text="Says nothing; screen readers skip it.")
    caption = models.CharField(max_length=1000, blank=True)
    credit = models.CharField(max_length=200, blank=True)
    tags = models.ManyToManyField(MediaTag, blank=True, related_name="assets")
    focal_x = models.FloatField(default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)])
    focal_y = models.FloatField(default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)])
    placeholder_colour = models.CharField(max_length=7, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="media_assets"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.READY)
    rejection = models.CharField(max_length=300, blank=True, editable=False)
    # When the whole set of renditions was last made for what the file is now; empty while some are missing.
    renditions_made_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "picture or file"
        verbose_name_plural = "media"
        ordering = ["-created_at", "-id"]
        permissions = [("change_others_mediaasset", "Can change pictures and files of others")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(focal_x__gte=0, focal_x__lte=1, focal_y__gte=0, focal_y__lte=1),
                name="media_focal_point_inside",
            ),
            models.CheckConstraint(
                condition=~models.Q(is_decorative=True) | models.Q(alt_text=""), name="media_decorative_says_nothing"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "scanning", "ready", "rejected"]), name="media_state"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["image", "document", "audio", "video"]), name="media_kind"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="ready") | ~models.Q(file="") & ~models.Q(extension=""),
                name="media_ready_has_a_file",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="rejected") | ~models.Q(rejection=""), name="media_rejected_says_why"
            ),
            models.CheckConstraint(
                condition=models.Q(width__isnull=True, height__isnull=True)
                | models.Q(width__isnull=False, height__isnull=False),
                name="media_both_sides_or_none",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "-created_at"], name="media_kind_newest"),
            models.Index(fields=["state"], condition=~models.Q(state="ready"), name="media_not_ready"),
            models.Index(
                fields=["id"],
                condition=models.Q(kind="image", renditions_made_at__isnull=True),
                name="media_without_renditions",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_name(self) -> str:
        """Its own name among the public files: "2026/11/3f9a….jpg"."""
        return f"{self.key}.{self.extension}"

    @property
    def url(self) -> str:
        """Its address on this site, the same for good: what texts say, wherever the bytes come from."""
        return settings.MEDIA_URL + self.public_name

    @property
    def cdn_url(self) -> str:
        """Where readers fetch it: from the store or the CDN when there is one; for documents as `url`."""
        return storage.public_url(self.public_name) if self.kind == self.Kind.IMAGE else self.url

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    def is_owned_by(self, user: object) -> bool:
        return self.uploaded_by_id is not None and self.uploaded_by_id == getattr(user, "pk", None)


class Rendition(models.Model):
    """One file made of a picture for readers; `spec` is a name of `media_assets.renditions`, such as "w640.avif"."""

    asset = models.ForeignKey(MediaAsset, on_delete=models.CASCADE, related_name="renditions")
    spec = models.CharField(max_length=30)
    file = models.FileField(max_length=200)
    mime_type = models.CharField(max_length=100)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["asset", "spec"]
        constraints = [
            models.UniqueConstraint(fields=["asset", "spec"], name="media_rendition_once"),
            models.CheckConstraint(
                condition=models.Q(width__gt=0, height__gt=0, size_bytes__gt=0), name="media_rendition_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.spec} of {self.asset_id}"


class UploadTicket(models.Model):
    """Leave to put one file of one size and type into the store, for one person, for a short time."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        COMPLETED = "completed", "Completed"
        REFUSED = "refused", "Refused"
        ABANDONED = "abandoned", "Abandoned"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="upload_tickets")
    name = models.CharField(max_length=255)
    mime_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    key = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    refusal = models.CharField(max_length=500, blank=True)
    asset = models.ForeignKey(MediaAsset, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # While the ticket is open: since when what arrived is examined.
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "completed", "refused", "abandoned"]), name="media_ticket_state"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["completed", "refused"]) | models.Q(completed_at__isnull=False),
                name="media_ticket_outcome_has_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="media_ticket_lasts_a_while"
            ),
            models.CheckConstraint(condition=models.Q(size_bytes__gt=0), name="media_ticket_not_empty"),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=models.Q(state="open"), name="media_ticket_open")]

    def __str__(self) -> str:
        return self.name


class ScannerOutage(models.Model):
    """A time in which files waited because the scanner said nothing of use; at most one is open."""

    reason = models.CharField(max_length=300)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-began_at"]
        constraints = [
            models.UniqueConstraint(
                models.ExpressionWrapper(models.Q(ended_at__isnull=True), output_field=models.BooleanField()),
                condition=models.Q(ended_at__isnull=True),
                name="media_one_open_outage",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("began_at")),
                name="media_outage_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return self.reason
