"""What moderators decide: about comments and about their writers. Each decision is in the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts import audit
from accounts.models import User
from blog.models import Post
from comments import correcting, posting, reporting, rules, teaching
from comments.models import Ban, ClosedConversation, Comment, ConversationSettings
from comments.querysets import CommentQuerySet
from comments.signals import comment_judged
from core import cache, fingerprints
from core.events import announce
from core.refusals import Refusal

Status = Comment.Status

# Each decision: the state it leads to, the verb of the trail, what the filter learns from it.
APPROVE, REJECT, SPAM = "approve", "reject", "spam"
DECISIONS = {
    APPROVE: (Status.APPROVED, "approved", teaching.GOOD),
    REJECT: (Status.REJECTED, "rejected", ""),
    SPAM: (Status.SPAM, "marked as spam", teaching.SPAM),
}
# How long a ban lasts, in days; None is for good.
TERMS: dict[str, int | None] = {"day": 1, "week": 7, "month": 30, "year": 365, "ever": None}
MOST_AT_ONCE = 200
# What is kept about the queue; it is renewed with each decision.
WAITING = "comments-waiting"


def queue() -> CommentQuerySet:
    """What waits for a decision, the oldest first."""
    return Comment.objects.waiting().order_by("created_at", "pk")


def after(comment: Comment) -> Comment | None:
    """What waits next, from the beginning again after the last."""
    later = Q(created_at__gt=comment.created_at) | Q(created_at=comment.created_at, pk__gt=comment.pk)
    waiting = queue().exclude(pk=comment.pk)
    return waiting.filter(later).first() or waiting.first()


def version_of(comment: Comment) -> str:
    """Which words of a comment somebody looks at: another after each change by its writer."""
    return comment.edited_at.isoformat() if comment.edited_at else "first"


def decide(pk: int, decision: str, *, by: User, seen: str | None = None, at: datetime | None = None) -> Comment:
    """APPROVE, REJECT or SPAM a comment: with its counters, its reports settled and the filter taught.

    The same decision again settles what was reported since, and changes nothing else. `seen` is the version that was
    looked at, where somebody looked: other words are not decided by it. Raises Refusal.
    """
    now = at or timezone.now()
    status, verb, lesson = DECISIONS[decision]
    with transaction.atomic():
        teaching.wait_turn()
        row = posting.hold(pk)
        if row.status == Status.DELETED:
            raise Refusal("Its writer has deleted this comment.")
        if row.erased_at is not None:
            raise Refusal("The text of this comment was erased for good.")
        _refuse_unseen(row, seen)
        was = row.get_status_display()
        if row.kind == Comment.Kind.COMMENT:
            teaching.learn(row, lesson)
        has_moved = posting.move(row, status, at=now, decided_at=now, decided_by=by, is_unconfirmed=False)
        if has_moved and correcting.keep(row, at=now):
            announce(comment_judged, comment_id=row.pk, at=now)
        settled = reporting.settle(row, at=now)
        cache.renew(WAITING)
        if has_moved or settled:
            audit.record(
                by,
                verb if has_moved else "kept",
                row,
                changes={"status": (was, row.get_status_display())} if has_moved else None,
                note=_reports(settled) if settled else "",
                at=now,
            )
    return row


def _refuse_unseen(row: Comment, seen: str | None) -> None:
    if seen is not None and seen != version_of(row):
        raise Refusal("Its writer has changed this comment since. Read it again.")


def decide_all(
    pks: Iterable[int],
    decision: str,
    *,
    by: User,
    seen: Mapping[int, str] | None = None,
    at: datetime | None = None,
) -> int:
    """The same decision about many, each for itself: one that is gone, or was changed since it was `seen`, holds up no
    other. How many it reached."""
    done = 0
    for pk in list(dict.fromkeys(pks))[:MOST_AT_ONCE]:
        try:
            decide(pk, decision, by=by, seen=(seen or {}).get(pk), at=at)
        except Refusal:
            continue
        done += 1
    return done


def ban(
    comment: Comment,
    *,
    by: User,
    until: datetime | None,
    reason: str = "",
    decision: str = REJECT,
    seen: str | None = None,
    at: datetime | None = None,
) -> Ban:
    """Keep the writer of a comment from writing until then (None: for good), and take the comment, and whatever else
    of theirs waits, out of the queue by `decision`. `seen` as for `decide`, of the comment. Raises Refusal."""
    now = at or timezone.now()
    if until is not None and until <= now:
        raise Refusal("A ban ends in the future.")
    if latest := longest_ban(comment):
        if latest <= now:
            raise Refusal("Nothing is known by which this writer could be recognised.")
        until = min(until or latest, latest)
    with transaction.atomic():
        # Two who ban one writer, from whichever comments, take their turns; the rows are held in one order.
        teaching.wait_turn()
        swept = [comment.pk, *swept_with(comment).order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE]]
        held = Comment.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=swept).order_by("pk")
        rows = {each.pk: each for each in held}
        if comment.pk not in rows:
            raise Refusal("This comment is not there any more.")
        _refuse_unseen(rows[comment.pk], seen)
        made = _ban_of(rows[comment.pk], by, until, reason.replace("\0", "").strip()[:300], now)
        audit.record(by, "banned", made, note=f"{_until(until)}. {made.reason}".strip(), at=now)
        for row in rows.values():
            # What was decided before it was held stays as it is; the one that was chosen is decided again.
            if row.status == Status.PENDING or (row.pk == comment.pk and row.status != Status.DELETED):
                decide(row.pk, decision, by=by, at=now)
    return made


def swept_with(comment: Comment) -> CommentQuerySet:
    """What else waits of the writer of a comment, and leaves the queue with a ban: what was sent by the same account or
    address. Another guest in the same network is no reason."""
    theirs = Comment.objects.filter(status=Status.PENDING).exclude(pk=comment.pk)
    if comment.user_id:
        return theirs.filter(user=comment.user_id)
    if not comment.guest_email:
        return theirs.none()
    return theirs.filter(~Q(guest_email=""), guest_email=comment.guest_email, user__isnull=True)


def longest_ban(comment: Comment) -> datetime | None:
    """When a ban of the writer of a comment ends at the latest: who left no address is known by their network and
    browser alone, and those are another guest next month. None where it has no such end."""
    if comment.user_id or comment.guest_email:
        return None
    return fingerprints.known_until(comment.created_at)


def _ban_of(row: Comment, by: User, until: datetime | None, reason: str, now: datetime) -> Ban:
    facts: dict[str, Any] = {"until": until, "reason": reason, "created_at": now, "created_by": by}
    if row.fingerprint_hash:
        facts["fingerprint_hash"] = row.fingerprint_hash
    if row.user is not None:
        if row.user.is_staff:
            raise Refusal("Somebody of the staff cannot be banned; take their role away first.")
        return Ban.objects.update_or_create(user=row.user, defaults=facts)[0]
    if not (row.fingerprint_hash or row.guest_email):
        raise Refusal("Nothing is known by which this writer could be recognised.")
    if row.guest_email:
        if rules.has_proved_address(row):
            facts["address_is_proved"] = True
        # Whichever browser they wrote in: one address has one ban, so that they write again once it is lifted.
        return Ban.objects.update_or_create(guest_email=row.guest_email.lower(), defaults=facts)[0]
    alone: dict[str, Any] = {"user": None, "guest_email": "", "fingerprint_hash": row.fingerprint_hash}
    return Ban.objects.update_or_create(**alone, defaults=facts)[0]


def unban(ban: Ban, *, by: User, at: datetime | None = None) -> None:
    """Let somebody write again."""
    with transaction.atomic():
        audit.record(by, "let write again", ban, at=at)
        ban.delete()


def term(name: str, *, at: datetime) -> datetime | None:
    """Until when a ban of one of the TERMS lasts. Raises Refusal."""
    if name not in TERMS:
        raise Refusal("Choose for how long.", field="term")
    days = TERMS[name]
    return at + timedelta(days=days) if days is not None else None


def history_of(comment: Comment) -> CommentQuerySet:
    """What else the writer of a comment wrote, as far as it can be known, the youngest first."""
    return Comment.objects.filter(_same_writer(comment)).exclude(pk=comment.pk).order_by("-created_at", "-pk")


def _same_writer(comment: Comment) -> Q:
    if comment.user_id:
        return Q(user=comment.user_id)
    known = Q(pk__in=[])
    # What the partial indexes say of themselves has to be asked for as well; SQLite would not use them otherwise.
    if comment.guest_email:
        known |= ~Q(guest_email="") & Q(guest_email=comment.guest_email)
    if comment.fingerprint_hash:
        known |= ~Q(fingerprint_hash="") & Q(fingerprint_hash=comment.fingerprint_hash)
    return known & Q(user__isnull=True)


def context_of(comment: Comment, most: int = 20) -> list[Comment]:
    """What a comment answers, from the first of its thread on; the nearest ones of a long chain."""
    if comment.parent_id is None:
        return []
    parents = dict(Comment.objects.filter(Q(pk=comment.root_id) | Q(root=comment.root_id)).values_list("pk", "parent"))
    chain: list[int] = []
    above: int | None = comment.parent_id
    while above is not None and len(chain) < most:
        chain.append(above)
        above = parents.get(above)
    found = Comment.objects.with_writers().in_bulk(chain)
    return [found[pk] for pk in reversed(chain) if pk in found]


def bans_of(comments: Iterable[Comment], *, at: datetime) -> dict[int, Ban]:
    """Which of these comments' writers are banned now, by comment; in one question."""
    comments = list(comments)
    whom = Q(user__in={each.user_id for each in comments if each.user_id})
    whom |= Q(fingerprint_hash__in={each.fingerprint_hash for each in comments if each.fingerprint_hash})
    whom |= Q(guest_email__in={each.guest_email for each in comments if each.guest_email})
    members = {each.user.email.lower() for each in comments if each.user and each.user.email}
    whom |= Q(guest_email__in=members, address_is_proved=True)
    guests = {each.guest_email.lower() for each in comments if each.guest_email}
    known = Ban.objects.alias(account_email=Lower("user__email")).select_related("user")
    held = list(known.filter(whom | Q(account_email__in=guests)).filter(Q(until__isnull=True) | Q(until__gt=at)))
    return {each.pk: ban for each in comments for ban in held if _is_of(ban, each)}


def _is_of(ban: Ban, comment: Comment) -> bool:
    if comment.user:
        is_proved = ban.address_is_proved and not comment.user.is_staff
        return ban.user_id == comment.user_id or (is_proved and ban.guest_email == comment.user.email.lower())
    addresses = {ban.guest_email, ban.user.email.lower() if ban.user else ""} - {""}
    by_address = comment.guest_email.lower() in addresses
    return by_address or (bool(ban.fingerprint_hash) and ban.fingerprint_hash == comment.fingerprint_hash)


def close(post: Post, *, by: User, at: datetime | None = None) -> bool:
    """Let nobody write under a post from this moment on; False where that was so. Its own settings stay as they are."""
    now = at or timezone.now()
    with transaction.atomic():
        facts = {"closed_at": now, "closed_by": by}
        is_new = ClosedConversation.objects.get_or_create(post=post, defaults=facts)[1]
        if is_new:
            audit.record(by, "closed the comments", post, at=now)
            cache.renew(rules.GENERATION)
    return is_new


def reopen(post: Post, *, by: User, at: datetime | None = None) -> bool:
    """Let its own settings decide again who writes under a post; False where they did."""
    with transaction.atomic():
        was_closed = bool(ClosedConversation.objects.filter(post=post).delete()[0])
        if was_closed:
            audit.record(by, "opened the comments again", post, at=at)
            cache.renew(rules.GENERATION)
    return was_closed


def save_settings(settings: ConversationSettings, *, by: User, changes: dict[str, tuple[object, object]]) -> None:
    """Keep how the conversation is kept; from now on everybody goes by it."""
    with transaction.atomic():
        settings.save()
        audit.record(by, "changed", settings, changes=changes)
        cache.renew(rules.GENERATION)


def _reports(number: int) -> str:
    return f"{number} report{'s' if number != 1 else ''} settled"


def _until(until: datetime | None) -> str:
    return f"Until {until:%Y-%m-%d %H:%M}" if until else "For good"
