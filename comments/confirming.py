"""Guests who confirm their address: a link by mail, and the comment goes on its way once they follow it.

Whoever asks with a comment to be told of replies has no second mail for that: the one link says both.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import mailing
from blog.models import Post
from comments import posting, subscribing, tokens
from comments.models import Comment
from comments.posting import Posted
from comments.rules import Writer
from core import publication
from core.refusals import Refusal

# Nobody's letter box is filled by others: so many comments of one address may wait to be confirmed at a time.
MOST_WAITING, WAITING_SINCE = 3, timedelta(days=1)


def post_comment(post: Post, writer: Writer, content: str, *, hears: bool = False, **how: Any) -> Posted:
    """As `posting.post_comment`; where the writer has to confirm their address, the mail goes into the outbox with it.

    `hears`: tell the writer by mail of what follows in the thread; members at once, guests once they followed a link.
    Raises Refusal.
    """
    how.setdefault("at", timezone.now())
    if judge := how.pop("judge", None):
        # It may ask elsewhere, and no row is held meanwhile.
        asked = {name: how[name] for name in ("parent", "form_token", "at") if name in how}
        how["verdict"] = posting.judged(judge, post, writer, content, **asked)
    try:
        return _kept(post, writer, content, how, hears=hears)
    except IntegrityError:
        # What a row refers to is looked up when all of it is kept: the post or the parent was deleted in between.
        raise Refusal(_("This post is not there any more.")) from None


def _kept(post: Post, writer: Writer, content: str, how: dict[str, Any], *, hears: bool) -> Posted:
    with transaction.atomic():
        posted = posting.post_comment(post, writer, content, **how)
        if posted.is_new and posted.comment.is_unconfirmed:
            waiting = Comment.objects.filter(
                guest_email=posted.comment.guest_email, is_unconfirmed=True, created_at__gt=how["at"] - WAITING_SINCE
            )
            if waiting.count() > MOST_WAITING:
                raise Refusal(
                    _("Some comments from this address wait to be confirmed. Follow the link we sent."), field="email"
                )
            _ask(posted.comment, hears=hears)
        elif posted.is_new and hears and not posted.comment.is_removed:
            # Where too many links wait at the address, the comment is kept all the same.
            with suppress(Refusal):
                subscribing.subscribe(
                    posted.comment.post, user=writer.user, email=writer.email, thread=posted.comment, at=how["at"]
                )
    return posted


def confirm(comment: Comment, *, hears: bool = False, at: datetime | None = None) -> Comment:
    """As `posting.confirm`, and `hears` of what follows from then on. Once is enough: the link, followed again, begins
    nothing that its reader has ended. Raises Refusal."""
    now = at or timezone.now()
    with transaction.atomic():
        is_first = posting.hold(comment.pk).is_unconfirmed
        said = posting.confirm(comment, at=now)
        if is_first and hears:
            subscribing.subscribe(said.post, email=said.guest_email, thread=said, confirmed=True, at=now)
    return said


def _ask(comment: Comment, *, hears: bool) -> None:
    """The mail says where, and not what: nobody's words reach a stranger in the publication's name."""
    link = reverse("confirm_comment", args=[tokens.confirmation_of(comment, hears=hears)])
    facts = {
        "site_name": publication.current().name,
        "site_url": settings.SITE_URL,
        "title": comment.post.title,
        "url": urljoin(settings.SITE_URL, link),
        "days": tokens.CONFIRM_WITHIN.days,
        "hears": hears,
    }
    mailing.queue(
        "comment_confirmation",
        comment.guest_email,
        _("Confirm your comment on “%(title)s”") % {"title": comment.post.title},
        render_to_string("comments/email/confirm.txt", facts).strip() + "\n",
        render_to_string("comments/email/confirm.html", facts).strip(),
    )
