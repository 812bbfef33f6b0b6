"""Telling Akismet what moderators decided otherwise than it had judged: it learns from that. Only where a key is set.

A row is written with the decision; a worker sends it afterwards through the safe client. Claiming is a conditional
update that puts off the next try: a sender killed in the middle leaves a row that is due again, and being told twice
harms nobody.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from comments import akismet, rules
from comments.models import AkismetLesson, Comment
from comments.rules import Writer

log = logging.getLogger(__name__)

RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
CLAIM_LASTS = timedelta(minutes=2)
AT_ONCE = 50


def keep(comment: Comment, *, at: datetime) -> bool:
    """Keep that a comment just decided about is to be sent, in the transaction of the decision; whether it is."""
    if not rules.current().akismet_key or comment.kind != Comment.Kind.COMMENT:
        return False
    lesson = AkismetLesson.objects.filter(comment=comment).first()
    believed = lesson.heard_as if lesson else None
    if believed is None:
        believed = any(reason.get("code") == "akismet" for reason in comment.reasons)
    is_spam = comment.status == Comment.Status.SPAM
    is_news = comment.status != Comment.Status.REJECTED and is_spam != believed
    if lesson or is_news:
        facts = {"is_spam": is_spam if is_news else believed, "attempts": 0, "next_try_at": at if is_news else None}
        AkismetLesson.objects.update_or_create(comment=comment, defaults=facts)
    return is_news


def send_due(limit: int = AT_ONCE) -> int:
    """Send what is due, the oldest first; returns how many were heard. Safe to run twice at once."""
    key = rules.current().akismet_key
    if not key:
        # It was taken back meanwhile, and with it the leave to send anything.
        AkismetLesson.objects.filter(next_try_at__isnull=False).update(next_try_at=None)
        return 0
    heard = 0
    due = AkismetLesson.objects.filter(next_try_at__lte=timezone.now()).order_by("next_try_at", "pk")
    for lesson in due.select_related("comment__post__category", "comment__user")[:limit]:
        if not _claim(lesson):
            continue
        comment = lesson.comment
        writer = Writer(comment.user, comment.guest_name, comment.guest_email, user_agent=comment.user_agent)
        try:
            akismet.correct(key, comment.post, writer, comment.content, is_spam=lesson.is_spam)
        except akismet.NoAnswer as error:
            _put_off(lesson, str(error))
            # Nobody there: the others would only wait for the same.
            break
        _heard(lesson)
        heard += 1
    return heard


def _heard(lesson: AkismetLesson) -> None:
    row = AkismetLesson.objects.filter(pk=lesson.pk)
    row.update(heard_as=lesson.is_spam)
    _mine(lesson).update(next_try_at=None)
    # Decided otherwise while it was being sent: that is to be heard as well.
    row.exclude(is_spam=lesson.is_spam).update(next_try_at=timezone.now())


def _mine(lesson: AkismetLesson) -> QuerySet[AkismetLesson]:
    """The row as it was claimed; none where another decision was made meanwhile."""
    return AkismetLesson.objects.filter(pk=lesson.pk, next_try_at=lesson.next_try_at, is_spam=lesson.is_spam)


def _claim(lesson: AkismetLesson) -> bool:
    """Whether this sender got it. Attempts count from here: one that kills its sender is given up in the end."""
    until = timezone.now() + CLAIM_LASTS
    if not _mine(lesson).update(next_try_at=until, attempts=F("attempts") + 1):
        return False
    lesson.next_try_at, lesson.attempts = until, lesson.attempts + 1
    return True


def _put_off(lesson: AkismetLesson, why: str) -> None:
    log.warning("Akismet was not told of comment %s (attempt %s): %s", lesson.comment_id, lesson.attempts, why)
    is_last = lesson.attempts > len(RETRY_AFTER)
    _mine(lesson).update(next_try_at=None if is_last else timezone.now() + RETRY_AFTER[lesson.attempts - 1])
