"""What moderators' decisions have taught the filter."""

from django.db import models
from django.db.models import Q


class SpamWord(models.Model):
    """In how many comments judged spam, and in how many judged good, a word was; the row "" counts the comments."""

    word = models.CharField(max_length=40, unique=True)
    spam = models.PositiveIntegerField(default=0)
    good = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(spam__gte=0, good__gte=0), name="comments_spam_word_counts")]

    def __str__(self) -> str:
        return self.word


class AkismetLesson(models.Model):
    """What a moderator decided and Akismet had judged otherwise: to be sent there, see `comments.correcting`.

    `heard_as` is what it was told last, None before. `next_try_at` is empty where nothing is to be told.
    """

    comment = models.OneToOneField("comments.Comment", on_delete=models.CASCADE, related_name="akismet_lesson")
    is_spam = models.BooleanField()
    heard_as = models.BooleanField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="comments_lesson_due")
        ]

    def __str__(self) -> str:
        return f"{'Spam' if self.is_spam else 'No spam'}: comment {self.comment_id}"
