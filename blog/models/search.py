"""What can be found, and what readers looked for."""

from django.db import models
from django.db.models import Q


class SearchEntry(models.Model):
    """A live post or page, somebody who writes, or a topic, as `blog.search` reads it; nothing else has one.

    `title`, `about`, `body` and `marks` are words of the index (`blog.search.words`), in the order of what they weigh.
    Migration 0012 has PostgreSQL keep a weighted vector of them, and triggers of SQLite a full-text table; 0013 keeps
    what can be filtered by at hand. Whoever remakes this table on SQLite makes the triggers and that index anew.
    `place` is the order newest first, and the row of the full-text table.
    """

    place = models.BigIntegerField(unique=True)
    post = models.OneToOneField("blog.Post", null=True, on_delete=models.CASCADE, related_name="search_entry")
    person = models.OneToOneField(
        "accounts.AuthorProfile", null=True, on_delete=models.CASCADE, related_name="search_entry"
    )
    topic = models.OneToOneField("blog.TopicCluster", null=True, on_delete=models.CASCADE, related_name="search_entry")
    # Something it says is out of date and waits to be read again.
    is_due = models.BooleanField(default=False)
    title = models.TextField()
    about = models.TextField()
    marks = models.TextField()
    body = models.TextField()
    # What readers read, for the passages shown: its words are the words of `body`, one for one.
    text = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(post__isnull=False, person__isnull=True, topic__isnull=True)
                    | Q(post__isnull=True, person__isnull=False, topic__isnull=True)
                    | Q(post__isnull=True, person__isnull=True, topic__isnull=False)
                ),
                name="blog_search_entry_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["place"], condition=Q(is_due=True), name="blog_search_entry_due")]

    def __str__(self) -> str:
        return str(self.post or self.person or self.topic)


class SearchWord(models.Model):
    """A word that stands, or stood, in something live: what a misspelt word of a question may have been meant to be."""

    word = models.CharField(max_length=40, unique=True)

    def __str__(self) -> str:
        return self.word


class SearchGram(models.Model):
    """Three letters that stand together in a word; its beginning and end count as letters."""

    gram = models.CharField(max_length=3)
    word = models.ForeignKey(SearchWord, on_delete=models.CASCADE, related_name="grams")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gram", "word"], name="blog_search_gram_once_per_word")]

    def __str__(self) -> str:
        return self.gram


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
