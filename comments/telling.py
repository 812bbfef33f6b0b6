"""Who is told of a comment: whom it answers, whose post it is under, who asked to hear of it; and of a first one, the
moderators.

What was told is kept at the comment, in the transaction that tells: whatever happens to a worker, each hears once.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Notification, User
from accounts.notifications import notify
from accounts.roles import Role
from comments import rules, subscribing
from comments.models import Comment
from comments.querysets import CommentQuerySet
from comments.rules import Writer
from core import languages

Category, Status = Notification.Category, Comment.Status
# Of what waits to be told one round takes so many.
AT_ONCE = 200
MODERATORS = [Role.MODERATOR, Role.EDITOR, Role.ADMINISTRATOR]


def tell_waiting(at: datetime | None = None) -> int:
    """Tell of everything nobody was told of yet; returns of how many comments."""
    now = at or timezone.now()
    untold = Comment.objects.public().comments().filter(announced_at__isnull=True)
    told = [tell(pk, at=now) for pk in _ids(untold)]
    waiting = Comment.objects.comments().filter(
        status=Status.PENDING, is_unconfirmed=False, moderators_told_at__isnull=True
    )
    told += [tell_moderators(pk, at=now) for pk in _ids(waiting)]
    return sum(told)


def _ids(comments: CommentQuerySet) -> list[int]:
    return list(comments.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def tell(comment_id: int, *, at: datetime) -> bool:
    """Tell of a comment strangers can read, once; False where everybody was told, or nobody may be."""
    readable = Comment.objects.public().comments().filter(pk=comment_id, announced_at__isnull=True)
    held = readable.select_for_update(of=("self",), no_key=True, skip_locked=True)
    comment = held.select_related("user", "parent__user", "post__author").first()
    if comment is None:
        return False
    Comment.objects.filter(pk=comment.pk).update(announced_at=at)
    mailed = _tell_answered(comment, at) | _tell_authors(comment, at)
    for row in subscribing.readers_of(comment):
        if (row.user.email if row.user else row.email).lower() not in mailed:
            subscribing.mail(row, comment)
    return True


def _tell_answered(comment: Comment, at: datetime) -> set[str]:
    if comment.parent is None or comment.parent.user is None:
        return set()
    with translation.override(languages.main()):
        text = _("%(name)s answers your comment on “%(title)s”.") % _facts(comment)
    return _notify(comment, [comment.parent.user], Category.REPLY, text, at)


def _tell_authors(comment: Comment, at: datetime) -> set[str]:
    """Whoever is answered hears of it as that, not twice."""
    answered = comment.parent.user_id if comment.parent else None
    people = [comment.post.author, *comment.post.co_authors.all()]
    with translation.override(languages.main()):
        text = _("%(name)s comments on “%(title)s”.") % _facts(comment)
    return _notify(comment, [person for person in people if person.pk != answered], Category.COMMENT, text, at)


def _facts(comment: Comment) -> dict[str, str]:
    return {"name": comment.writer_name, "title": comment.post.title}


def _notify(comment: Comment, people: list[User], category: str, text: str, at: datetime) -> set[str]:
    """The addresses of those who hear of it by mail at once; who reads of it tomorrow is mailed what they asked for
    today. A guest is nobody of them because they say so."""
    own = comment.guest_email.lower() if rules.has_proved_address(comment) else ""
    rows = notify(
        [person for person in people if not own or person.email.lower() != own],
        category=category,
        text=text,
        url=comment.get_absolute_url(),
        actor=comment.user,
        target=comment,
        mail=True,
        at=at,
    )
    return {row.recipient.email.lower() for row in rows if row.mailed_at}


@transaction.atomic
def tell_moderators(comment_id: int, *, at: datetime) -> bool:
    """Tell the moderators that somebody who wrote here never before waits for them: in one notice until they read it.

    Of others who wait nobody is told: the queue says it.
    """
    waiting = Comment.objects.comments().filter(
        pk=comment_id, status=Status.PENDING, is_unconfirmed=False, moderators_told_at__isnull=True
    )
    held = waiting.select_for_update(of=("self",), no_key=True, skip_locked=True)
    comment = held.select_related("user", "post").first()
    if comment is None:
        return False
    Comment.objects.filter(pk=comment.pk).update(moderators_told_at=at)
    writer = Writer(user=comment.user, email=comment.guest_email)
    if Comment.objects.filter(writer.own).exclude(pk=comment.pk).filter(status=Status.APPROVED).exists():
        return False
    who = Q(groups__name__in=MODERATORS) | Q(is_superuser=True)

    def several(others: int) -> str:
        return ngettext(
            "%(name)s and one other wrote for the first time and wait for a decision.",
            "%(name)s and %(others)s others wrote for the first time and wait for a decision.",
            others,
        ) % {"name": comment.writer_name, "others": others}

    with translation.override(languages.main()):
        notify(
            User.objects.filter(who, is_active=True).distinct(),
            category=Category.COMMENT,
            text=_("%(name)s wrote for the first time, on “%(title)s”, and waits for a decision.") % _facts(comment),
            several=several,
            group_key="comments:first",
            url=reverse("admin:comments_comment_changelist"),
            actor=comment.user,
            target=comment,
            mail=True,
            at=at,
        )
    return True
