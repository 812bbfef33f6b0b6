"""Hearing by mail of what is answered: members at once, guests once they confirmed their address.

A mail goes out when a comment is approved, to each of its readers once, never to its writer, and never with an address
in it. Each can end it with one click.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import get_random_string
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts import mailing
from accounts.models import User
from blog.models import Post
from comments import rules
from comments.models import Comment, ThreadSubscription
from comments.writing import words_of
from core import languages, publication
from core.refusals import Refusal

CONFIRM_WITHIN = timedelta(days=7)
# Nobody's letter box is filled by others: so many links may wait at one address at a time.
MOST_WAITING = 3
SALT = "letterpress.thread-subscription"


# --- Beginning and ending ---------------------------------------------------------------------------------------------
def subscribe(
    post: Post,
    *,
    user: User | None = None,
    email: str = "",
    thread: Comment | None = None,
    confirmed: bool = False,
    at: datetime | None = None,
) -> ThreadSubscription:
    """Let a member, or a guest by their address, hear of a post's comments, or of the replies in the thread of one.

    Asking twice changes nothing, and says nothing of what was there before. `confirmed`: the guest's address is known
    to be theirs; else a link is mailed there first. Raises Refusal.
    """
    now = at or timezone.now()
    root = (thread.root or thread) if thread is not None else None
    if not Post.objects.published().articles().filter(pk=post.pk).exists() or (root and root.post_id != post.pk):
        raise Refusal(_("This post is not there any more."))
    email = "" if user is not None else _clean(email)
    who: dict[str, Any] = {"user": user} if user is not None else {"user": None, "email": email}
    known = ThreadSubscription.objects.filter(post=post, comment=root, **who)
    if (row := known.first()) is None:
        if not (user or confirmed):
            _refuse_many(email, now)
        try:
            with transaction.atomic():
                row = ThreadSubscription.objects.create(
                    post=post,
                    comment=root,
                    **who,
                    token=get_random_string(43),
                    language=languages.current(),
                    created_at=now,
                    confirmed_at=now if user or confirmed else None,
                )
                if row.confirmed_at is None:
                    _ask(row)
        except IntegrityError:  # asked twice at once
            row = known.get()
    elif row.confirmed_at is None and confirmed:
        row.confirmed_at = now
        row.save(update_fields=["confirmed_at"])
    return row


def confirm(token: str, *, at: datetime | None = None) -> ThreadSubscription | None:
    """A guest followed the link they were sent; again changes nothing. None where it is not ours, or too old."""
    row = asked_by(token)
    if row is not None and row.confirmed_at is None:
        row.confirmed_at = at or timezone.now()
        row.save(update_fields=["confirmed_at"])
    return row


def asked_by(token: str) -> ThreadSubscription | None:
    """What the link in the first mail is to confirm."""
    try:
        pk = signing.TimestampSigner(salt=SALT).unsign(token, max_age=CONFIRM_WITHIN)
    except signing.BadSignature:
        return None
    return ThreadSubscription.objects.select_related("post").filter(pk=pk).first()


def of_token(token: str) -> ThreadSubscription | None:
    """What the link in each mail ends."""
    return ThreadSubscription.objects.select_related("post").filter(token=token).first()


def end(row: ThreadSubscription) -> None:
    """No more mails; nothing of it is kept."""
    row.delete()


def hears(user: User, post: Post) -> bool:
    """Whether a member hears of all comments on a post."""
    return ThreadSubscription.objects.filter(post=post, comment=None, user=user).exists()


def waits_for(comment: Comment) -> bool:
    """Whether a guest asked to hear of what follows in the thread of their comment, and has not followed the link."""
    asked = ThreadSubscription.objects.filter(comment=comment.root_id or comment.pk, confirmed_at__isnull=True)
    return bool(comment.guest_email) and asked.filter(email=comment.guest_email).exists()


def forget_unconfirmed(at: datetime | None = None) -> int:
    """Delete what nobody confirmed in time; returns how many."""
    before = (at or timezone.now()) - CONFIRM_WITHIN
    return ThreadSubscription.objects.filter(confirmed_at__isnull=True, created_at__lt=before).delete()[0]


def _clean(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Refusal(_("The address is not complete. Is there a part missing?"), field="email") from None
    return email


def _refuse_many(email: str, now: datetime) -> None:
    since = now - timedelta(days=1)
    waiting = ThreadSubscription.objects.filter(email=email, confirmed_at__isnull=True, created_at__gt=since)
    if waiting.count() >= MOST_WAITING:
        raise Refusal(_("Some links wait at this address already. Follow them first."), field="email")


def _ask(row: ThreadSubscription) -> None:
    link = reverse("confirm_hearing", args=[signing.TimestampSigner(salt=SALT).sign(str(row.pk))])
    facts = _facts(row.post) | {"url": urljoin(settings.SITE_URL, link), "days": CONFIRM_WITHIN.days}
    mailing.queue(
        "thread_confirmation",
        row.email,
        _("Shall we tell you of new comments on “%(title)s”?") % {"title": row.post.title},
        render_to_string("comments/email/confirm_hearing.txt", facts).strip() + "\n",
        render_to_string("comments/email/confirm_hearing.html", facts).strip(),
    )


# --- Telling ----------------------------------------------------------------------------------------------------------
def readers_of(comment: Comment) -> Iterator[ThreadSubscription]:
    """Who hears of a comment by mail: each address once, and its writer never; a member hears of it even where a guest
    typed their address, unless it is proved to be the guest's."""
    writer = (comment.user.email if comment.user else comment.guest_email).lower()
    which = Q(comment__isnull=True) | Q(comment=comment.root_id or comment.pk)
    rows = (
        ThreadSubscription.objects.filter(which, post=comment.post_id, confirmed_at__isnull=False)
        .filter(Q(user__isnull=True) | Q(user__is_active=True))
        .select_related("user")
        .order_by("pk")
    )
    is_claimed = comment.user is None and not rules.has_proved_address(comment)
    told = {writer}
    for row in rows.iterator(chunk_size=500):
        address = (row.user.email if row.user else row.email).lower()
        if is_claimed and row.user and address == writer:
            is_claimed = False  # once
            yield row
        elif address and address not in told and (row.user_id is None or row.user_id != comment.user_id):
            told.add(address)
            yield row


def mail(row: ThreadSubscription, comment: Comment) -> None:
    """Tell one reader of one comment, in the current transaction. The database takes the same mail no second time."""
    off = urljoin(settings.SITE_URL, reverse("end_hearing", args=[row.token]))
    with translation.override(row.language or languages.main()):
        facts = _facts(comment.post) | {
            "name": comment.writer_name,
            "words": Truncator(words_of(comment.content_html)).chars(600),
            "url": urljoin(settings.SITE_URL, comment.get_absolute_url()),
            "off": off,
            "is_thread": row.comment_id is not None,
        }
        mailing.queue(
            "new_comment",
            row.user.email if row.user else row.email,
            _("%(name)s on “%(title)s”") % {"name": comment.writer_name, "title": comment.post.title},
            render_to_string("comments/email/new_comment.txt", facts).strip() + "\n",
            render_to_string("comments/email/new_comment.html", facts).strip(),
            user=row.user,
            headers={"List-Unsubscribe": f"<{off}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
            message_id=f"<comment-{comment.pk}-{row.pk}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>",
        )


def _facts(post: Post) -> dict[str, Any]:
    return {"title": post.title, "site_name": publication.current().name, "site_url": settings.SITE_URL}
