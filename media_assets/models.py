"""Pictures and files. They come in through `media_assets.intake` only."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


class MediaAsset(models.Model):
    """One stored file and what it shows."""

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

    file = models.FileField(max_length=200)
    name = models.CharField(max_length=200, help_text="What editors find it by.")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.IMAGE)
    mime_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, unique=True)
    alt_text = models.CharField(
        "alt text", max_length=500, blank=True, help_text="What the picture shows, for those who cannot see it."
    )
    is_decorative = models.BooleanField("decorative", default=False, help_text="Says nothing; screen readers skip it.")
    caption = models.CharField(max_length=1000, blank=True)
    credit = models.CharField(max_length=200, blank=True)
    focal_x = models.FloatField(default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)])
    focal_y = models.FloatField(default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)])
    placeholder_colour = models.CharField(max_length=7, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="media_assets"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.READY)
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
        ]
        indexes = [models.Index(fields=["kind", "-created_at"], name="media_kind_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        return self.file.url

    def is_owned_by(self, user: object) -> bool:
        return self.uploaded_by_id is not None and self.uploaded_by_id == getattr(user, "pk", None)
