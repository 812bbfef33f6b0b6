"""A list of the admin as somebody likes to see it."""

from django.conf import settings
from django.db import models


class SavedFilter(models.Model):
    """The query of a list under a name: `page` is the list's URL name, such as "admin:blog_post_changelist"."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=100)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "page", "name"], name="accounts_saved_filter_name_once_per_list")
        ]

    def __str__(self) -> str:
        return self.name
