"""What readers looked for."""

from django.db import models


class SearchMiss(models.Model):
    """Words that were searched for and found nothing. Counted by `blog.search`; nothing says who asked."""

    key = models.CharField(max_length=120, unique=True, editable=False)
    query = models.CharField(max_length=120)
    count = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        verbose_name = "search without result"
        verbose_name_plural = "searches without result"
        ordering = ["-count", "-last_at", "pk"]

    def __str__(self) -> str:
        return self.query
