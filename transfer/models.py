"""What came from elsewhere, and what it became here: so that the same import can be run again and again."""

from django.contrib.contenttypes.models import ContentType
from django.db import models


class ImportedRecord(models.Model):
    """One thing of another site, by its id there.

    `fingerprint` is of what was last taken over: the same again changes nothing. `target_version` is the number of the
    post's newest version then: a newer one by hand means that somebody here has worked on it. `payload` keeps what has
    no place here yet (further categories). A target that is gone was deleted here, and stays deleted.
    """

    class Kind(models.TextChoices):
        AUTHOR = "author", "Author"
        CATEGORY = "category", "Category"
        TAG = "tag", "Tag"
        POST = "post", "Post"
        PAGE = "page", "Page"
        ATTACHMENT = "attachment", "File"
        COMMENT = "comment", "Comment"

    source = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    old_id = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    target_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    target_id = models.PositiveBigIntegerField()
    target_version = models.PositiveIntegerField(default=0)
    payload = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["source", "kind", "id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "kind", "old_id"], name="transfer_once_per_source"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["author", "category", "tag", "post", "page", "attachment", "comment"]),
                name="transfer_record_kind",
            ),
        ]
        indexes = [models.Index(fields=["target_type", "target_id"], name="transfer_record_target")]

    def __str__(self) -> str:
        return f"{self.kind} {self.old_id} of {self.source}"
