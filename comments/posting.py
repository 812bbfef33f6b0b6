"""Writing, changing and deleting a comment: by its writer, each in one transaction with the counters that show it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from blog.models import Post
from comments import outgoing, rules
from comments.models import Comment, CommentEdit
from comments.models.comment import LONGEST
from comments.rules import Writer
from comments.signals import comment_approved, comment_changed, comment_created, comment_removed
from comments.writing import RENDER_VERSION, is_empty, render
from core.events import announce
from core.refusals import Refusal

Status = Comment.Status
# Each earlier text is kept for the moderators, and each change told to every open page.
MOST_EDITS = 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the filter says: "pass", "hold" or "refuse", why, and the score."""

    says: str = "pass"
    reasons: list[dict[str, Any]] = field(default_factory=list)
    score: float | None = None


Judge = Callable[[Post, Writer, str], Verdict]


@dataclass(frozen=True, slots=True)
class Posted:
    """`is_new` is False where the same words had been sent with the same form before."""

    comment: Comment
    is_new: bool


def clean(text: str) -> str:
    """What was typed, with line ends as one character and nothing in front or behind. Raises Refusal."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()
    if not text:
        raise Refusal(_("Write something first."), field="content")
    if len(text) > LONGEST:
        over = len(text) - LONGEST
        raise Refusal(
            _("A comment has at most 5,000 characters; this one has %(over)s more.") % {"over": over}, field="content"
        )
    return text


def _shown(content: str) -> str:
    """What readers see of it; marks without words, or characters nobody sees, are nothing. Raises Refusal."""
    html = render(content)
    if is_empty(html):
        raise Refusal(_("Write something first."), field="content")
    return html


def post_comment(
    post: Post,
    writer: Writer,
    content: str,
    *,
    parent: Comment | None = None,
    form_token: str = "",
    judge: Judge | None = None,
    verdict: Verdict | None = None,
    at: datetime | None = None,
) -> Posted:
    """Say something under a live post, or in reply to a comment that readers see.

    Raises Refusal, and then nothing was kept: the post is closed or gone, the writer banned, the parent removed or of
    another post. What the `judge` refuses is kept as spam, with why, so that its writer may appeal and moderators see
    what was held back; `verdict` is what was judged before.
    """
    now = at or timezone.now()
    content = clean(content)
    html = _shown(content)
    sending = _sending(form_token, post, writer, content, parent) if form_token else ""
    if sending and (sent := Comment.objects.filter(form_token=sending).first()):
        return Posted(sent, is_new=False)
    if judge is not None:
        verdict = judged(judge, post, writer, content, parent=parent, at=now)
    verdict = verdict or Verdict()
    try:
        with transaction.atomic():
            live = _open_post(post, writer, at=now)
            settings = rules.current()
            to = _parent_of(live, parent)
            status, is_unconfirmed = _first_status(writer, verdict, settings)
            comment = Comment.objects.create(
                post=live,
                parent=to,
                root_id=(to.root_id or to.pk) if to else None,
                user=writer.user,
                guest_name=writer.name if writer.is_guest else "",
                guest_email=writer.email.lower() if writer.is_guest else "",
                fingerprint_hash=writer.fingerprint,
                user_agent=writer.user_agent[:300],
                content=content,
                content_html=html,
                render_version=RENDER_VERSION,
                status=status,
                is_unconfirmed=is_unconfirmed,
                reasons=verdict.reasons,
                spam_score=verdict.score,
                form_token=sending,
                created_at=now,
                approved_at=now if status == Status.APPROVED else None,
            )
            announce(comment_created, comment_id=comment.pk, post_id=live.pk, status=status, at=now)
            if status != Status.SPAM:
                outgoing.tell("comment.created", comment, at=now)
            if status == Status.APPROVED:
                count(live.pk, 1)
                outgoing.tell("comment.approved", comment, at=now)
                announce(comment_approved, comment_id=comment.pk, post_id=live.pk, first=True, at=now)
            return Posted(comment, is_new=True)
    except IntegrityError:
        # The same form arrived twice at once, or the post or the parent was deleted in between.
        if sending and (sent := Comment.objects.filter(form_token=sending).first()):
            return Posted(sent, is_new=False)
        raise Refusal(_("This post is not there any more.")) from None


def judged(
    judge: Judge,
    post: Post,
    writer: Writer,
    content: str,
    *,
    parent: Comment | None = None,
    form_token: str = "",
    at: datetime,
) -> Verdict:
    """What the filter says of a comment before it is kept. It may ask elsewhere, so it is asked about nothing that was
    sent before or could not be written anyhow. Raises Refusal."""
    content = clean(content)
    _shown(content)
    sending = _sending(form_token, post, writer, content, parent) if form_token else ""
    if sending and Comment.objects.filter(form_token=sending).exists():
        return Verdict()
    _parent_of(_open_post(post, writer, at=at), parent)
    return judge(post, writer, content)


def _sending(form_token: str, post: Post, writer: Writer, content: str, parent: Comment | None) -> str:
    """The same for the same form, writer, place and words alone: a form sent on with other words is another comment."""
    who = f"member {writer.user.pk}" if writer.user else writer.email.lower()
    facts = "\n".join([form_token, who, str(post.pk), str(parent.pk if parent else ""), content])
    return hashlib.sha256(facts.encode()).hexdigest()


def _open_post(post: Post, writer: Writer, *, at: datetime) -> Post:
    """The post as it is now, where somebody may write under it. Raises Refusal."""
    live = Post.objects.published().articles().filter(pk=post.pk).first()
    if live is None:
        raise Refusal(_("This post is not there any more."))
    if why := rules.why_closed(live, writer.user, at=at):
        raise Refusal(why)
    rules.refuse_banned(writer, at=at)
    return live


def _parent_of(post: Post, parent: Comment | None) -> Comment | None:
    if parent is None:
        return None
    found = Comment.objects.filter(pk=parent.pk, post=post, kind=Comment.Kind.COMMENT).first()
    if found is None or not found.is_public:
        raise Refusal(_("The comment you answer is not there any more."))
    return found


def _first_status(writer: Writer, verdict: Verdict, settings: Any) -> tuple[str, bool]:
    """What becomes of a new comment, and whether its writer has to confirm their address before."""
    if verdict.says == "refuse":
        return Status.SPAM, False
    confirms = writer.is_guest and settings.guests == settings.Guests.CONFIRM
    if verdict.says == "hold" or confirms:
        return Status.PENDING, confirms
    return (Status.APPROVED if rules.is_trusted(writer, settings) else Status.PENDING), False


def changeable_until(comment: Comment) -> datetime:
    return comment.created_at + timedelta(minutes=rules.current().edit_minutes)


def may_change(comment: Comment, *, at: datetime) -> bool:
    """Whether its writer may still change or delete it; who that is, the caller knows."""
    return comment.status in {Status.APPROVED, Status.PENDING} and at < changeable_until(comment)


def edit(
    comment: Comment,
    content: str,
    *,
    writer: Writer | None = None,
    verdict: Verdict | None = None,
    at: datetime | None = None,
) -> Comment:
    """Let its writer change what they said; readers see that it was changed, moderators what it said before.

    `writer` is who they are now, as far as the row does not know. What keeps somebody from writing keeps them from
    changing. A `verdict` that does not pass, and every change by somebody who is not trusted, goes back to the
    moderators. Raises Refusal.
    """
    now = at or timezone.now()
    content = clean(content)
    html = _shown(content)
    with transaction.atomic():
        row = hold(comment.pk)
        if row.content == content and may_change(row, at=now):
            return row
        _refuse_change(row, writer or writer_of(row), at=now)
        CommentEdit.objects.create(comment=row, content=row.content, replaced_at=now)
        row.content, row.content_html, row.render_version, row.edited_at = content, html, RENDER_VERSION, now
        row.save(update_fields=["content", "content_html", "render_version", "edited_at", "updated_at"])
        if verdict is not None and verdict.says != "pass":
            move(row, Status.PENDING, at=now, reasons=verdict.reasons, spam_score=verdict.score)
        elif waits_when_changed(row):
            move(row, Status.PENDING, at=now)
        elif row.is_public:
            announce(comment_changed, comment_id=row.pk, post_id=row.post_id, at=now)
    return row


def judged_change(judge: Judge, comment: Comment, writer: Writer, content: str, *, at: datetime) -> Verdict:
    """As `judged`, of what a comment is to say from now on."""
    content = clean(content)
    _shown(content)
    if content == comment.content:
        return Verdict()
    _refuse_change(comment, writer, at=at)
    return judge(comment.post, writer, content)


def _refuse_change(row: Comment, writer: Writer, *, at: datetime) -> None:
    if not may_change(row, at=at):
        raise Refusal(_("This comment can be changed no longer."))
    if why := rules.why_closed(row.post, writer.user, at=at):
        raise Refusal(why)
    rules.refuse_banned(writer, at=at)
    if row.edits.count() >= MOST_EDITS:
        raise Refusal(_("You have changed this comment very often. Delete it, or leave it as it is."))


def writer_of(comment: Comment) -> Writer:
    """Who wrote a comment, as far as it is kept."""
    return Writer(comment.user, comment.guest_name, comment.guest_email, comment.fingerprint_hash)


def waits_when_changed(comment: Comment) -> bool:
    """Whether a change takes what readers see back to the moderators, whatever it says.

    A guest who confirmed their address was never looked at by a moderator, and is not now; what one let through is.
    """
    settings = rules.current()
    confirmed = comment.confirmed_at is not None and comment.decided_at is None
    confirms = confirmed and settings.guests == settings.Guests.CONFIRM
    return comment.is_public and not confirms and not rules.is_trusted(writer_of(comment), settings)


def delete(comment: Comment, *, at: datetime | None = None) -> bool:
    """Let its writer take it back; its replies stay. False where it was gone already. Raises Refusal."""
    now = at or timezone.now()
    with transaction.atomic():
        row = hold(comment.pk)
        if row.status == Status.DELETED:
            return False
        if not may_change(row, at=now):
            raise Refusal(_("This comment can be changed no longer."))
        # Nothing is left for a moderator to decide.
        row.reports.filter(settled_at__isnull=True).update(settled_at=now)
        return move(row, Status.DELETED, at=now, report_count=0)


def confirm(comment: Comment, *, at: datetime | None = None) -> Comment:
    """A guest followed the link they were sent: it goes to readers, or to the moderators where something speaks against
    it. Once is enough; again changes nothing.

    What would keep it from being written now keeps it from being read. Raises Refusal, and it stays as it is.
    """
    now = at or timezone.now()
    with transaction.atomic():
        row = hold(comment.pk)
        if not row.is_unconfirmed:
            return row
        _open_post(row.post, writer_of(row), at=now)
        row.is_unconfirmed, row.confirmed_at = False, now
        row.save(update_fields=["is_unconfirmed", "confirmed_at", "updated_at"])
        if row.status == Status.PENDING and not row.reasons:
            move(row, Status.APPROVED, at=now)
    return row


# --- From one state to another ----------------------------------------------------------------------------------------
def move(row: Comment, to: str, *, at: datetime, **changes: Any) -> bool:
    """Bring a locked comment into another state, with what its post counts, in the current transaction; False where it
    was in that state already."""
    was, is_first = row.status, row.approved_at is None
    for name, value in changes.items():
        setattr(row, name, value)
    if was == to:
        row.save(update_fields=[*changes, "updated_at"])
        return False
    row.status = to
    if to == Status.APPROVED:
        row.is_unconfirmed, row.approved_at = False, row.approved_at or at
    row.save(update_fields=["status", "is_unconfirmed", "approved_at", *changes, "updated_at"])
    if row.kind == Comment.Kind.COMMENT and Status.APPROVED in {was, to}:
        count(row.post_id, 1 if to == Status.APPROVED else -1)
    if to == Status.APPROVED:
        if row.kind == Comment.Kind.COMMENT:
            outgoing.tell("comment.approved", row, at=at)
        announce(comment_approved, comment_id=row.pk, post_id=row.post_id, first=is_first, at=at)
    elif was == Status.APPROVED:
        announce(comment_removed, comment_id=row.pk, post_id=row.post_id, status=to, at=at)
    return True


def hold(pk: int) -> Comment:
    """A comment locked until the transaction ends. Raises Refusal where it is gone."""
    # Without its key: a reply that is being written refers to it, and each would wait for the other.
    row = Comment.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
    if row is None:
        raise Refusal(_("This comment is not there any more."))
    return row


def count(post_id: int, by: int) -> None:
    """Add to what a post counts; the comment that is counted is written in the same transaction."""
    Post.objects.filter(pk=post_id).update(comment_count=F("comment_count") + by)


def forget_writer(user: User) -> list[int]:
    """Before an account goes: what it said stays, and nothing by which its writer is known; under which posts that is.
    In the current transaction."""
    mine = Comment.objects.filter(user=user).order_by("pk")
    # Held in one order, like everything that holds several of them.
    posts = list(mine.select_for_update(of=("self",), no_key=True).values_list("post_id", flat=True))
    mine.order_by().update(fingerprint_hash="", user_agent="")
    return sorted(set(posts))
