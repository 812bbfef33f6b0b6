"""The states of a post: draft → pending → scheduled → published → archived, and the trash.

The admin, the clock, imports and, later, the API call these functions. Each locks the row, checks the role,
returns False when the post is already there, and refuses with a sentence that names the state. `by` is None for the
clock only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.roles import may
from blog import gate, news, outgoing, pending, pings, redirects, reviewing, search, versions, writing
from blog.models import PendingChange, Post, PostVersion, ReviewRequest, StatusChange
from blog.signals import post_published, post_unpublished, post_updated
from blog.states import TRASHED, move
from core.events import announce
from core.refusals import NotAllowed, Refusal

log = logging.getLogger(__name__)

# How long something that fails for no reason of its own is tried again before somebody is told.
PATIENCE = timedelta(minutes=5)

Status = Post.Status
Decision = ReviewRequest.Decision


def submit(post: Post, *, by: User, note: str = "", reviewer: User | None = None, at: datetime | None = None) -> bool:
    """Draft → pending: ask somebody to look at it. A live post stays live; its waiting changes are what is asked about.

    Asking again while it waits takes the new note and the new wish; with neither, nothing is done and it is False.
    """
    now = at or timezone.now()
    with transaction.atomic():
        row = locked(post)
        require(by, "blog.submit_post", row, "submit this post")
        if reviewer is not None and not may(reviewer, "blog.publish_post", row):
            raise Refusal(f"{reviewer.display_name} may not review posts; choose somebody else.", field="reviewer")
        if row.is_public:
            if pending.change_of(row) is None:
                raise Refusal("Readers see the newest version already; there is nothing to review.")
            reviewing.ask(row, by=by, reviewer=reviewer, note=note, at=now)
            audit.record(by, "submitted changes for review", row, note=note, at=now)
            return True
        if row.status == Status.PENDING:
            if not note and reviewer is None:
                return False
            reviewing.ask(row, by=by, reviewer=reviewer, note=note, at=now)
            audit.record(by, "asked again for a review of", row, note=note, at=now)
            return True
        refuse_unless(row, {Status.DRAFT}, "Only drafts can be submitted for review")
        reviewing.ask(row, by=by, reviewer=reviewer, note=note, at=now)
        return move(row, post, Status.PENDING, by=by, note=note, at=now)


def send_back(post: Post, *, by: User, note: str = "", at: datetime | None = None) -> bool:
    """Pending, scheduled or archived → draft: more work to do. Authors may take their own back from review.

    Of a live post only the request to review its changes is answered; it and they stay.
    """
    now = at or timezone.now()
    with transaction.atomic():
        row = locked(post)
        asked = reviewing.open_request_of(row)
        own_and_pending = (row.status == Status.PENDING or asked is not None) and row.is_owned_by(by)
        require(by, "blog.submit_post" if own_and_pending else "blog.publish_post", row, "make this post a draft again")
        if row.status == Status.DRAFT and not row.is_trashed:
            return False
        decision = Decision.SENT_BACK if may(by, "blog.publish_post", row) else Decision.WITHDRAWN
        if row.is_public and asked is not None:
            reviewing.close(row, decision, by=by, answer=note, at=now)
            audit.record(by, "sent changes back", row, note=note, at=now)
            return True
        refuse_unless(
            row,
            {Status.PENDING, Status.SCHEDULED, Status.ARCHIVED},
            "Only pending, scheduled and archived posts become drafts",
        )
        row.scheduled_at = None
        reviewing.close(row, decision, by=by, answer=note, at=now)
        return move(row, post, Status.DRAFT, by=by, note=note, at=now)


def schedule(
    post: Post, *, by: User, at: datetime, note: str = "", override: str = "", now: datetime | None = None
) -> bool:
    """Draft, pending or archived → scheduled at a time to come; a scheduled one gets the new time.

    `override` is the reason to go over blocking checks (`blog.gate`).
    """
    now = now or timezone.now()
    with transaction.atomic():
        row = locked(post)
        require(by, "blog.publish_post", row, "schedule this post")
        if row.status == Status.SCHEDULED and row.scheduled_at == at:
            return False
        refuse_unless(
            row,
            {Status.DRAFT, Status.PENDING, Status.SCHEDULED, Status.ARCHIVED},
            "Only drafts, pending, scheduled and archived posts can be scheduled",
        )
        if at <= now:
            raise Refusal("That time has passed; choose one to come, or publish now.", field="scheduled_at")
        gate.let_through(row, by=by, at=at, reason=override)
        row.scheduled_at = at
        reviewing.close(row, Decision.APPROVED, by=by, answer=note, at=now)
        return move(row, post, Status.SCHEDULED, by=by, note=note, at=now)


def publish(post: Post, *, by: User | None, note: str = "", override: str = "", at: datetime | None = None) -> bool:
    """Draft, pending, scheduled or archived → published, now. Returns False when it is live already.

    The first publication sets `published_at`, to the planned time when it was scheduled; later ones keep it. `override`
    is the reason to go over blocking checks (`blog.gate`).
    """
    now = at or timezone.now()
    with transaction.atomic():
        row = locked(post)
        if by is not None:
            require(by, "blog.publish_post", row, "publish this post")
        if row.is_public:
            return False
        refuse_unless(
            row,
            {Status.DRAFT, Status.PENDING, Status.SCHEDULED, Status.ARCHIVED},
            "Only drafts, pending, scheduled and archived posts can be published",
        )
        gate.let_through(row, by=by, at=now, reason=override)
        first = row.published_at is None
        if first:
            row.published_at = min(row.scheduled_at or now, now)
        row.scheduled_at = None
        reviewing.close(row, Decision.APPROVED, by=by, answer=note, at=now)
        move(row, post, Status.PUBLISHED, by=by, note=note, at=now)
        redirects.forget(row.get_absolute_url())
        versions.record(row, by=by, kind=PostVersion.Kind.PUBLISH, reason=note, at=now, even_if_same=True)
        post.content_version, post.current_version = row.content_version, row.current_version
        pings.tell(row, at=now)
        if first:
            news.keep(row, at=now)
        outgoing.tell("post.published", row, at=now)
        announce(post_published, post_id=row.pk, at=now, first=first)
        return True


def update(post: Post, *, by: User | None, note: str = "", override: str = "", at: datetime | None = None) -> bool:
    """Let readers of a live post see what waits for it. Returns False when nothing waits."""
    now = at or timezone.now()
    with transaction.atomic():
        row, change = waiting(post, by, "update this post")
        if change is None:
            return False
        candidate = Post.objects.get(pk=row.pk)
        pending.open_newest(candidate)
        gate.let_through(candidate, by=by, at=now, reason=override)
        before, feeds = versions.snapshot(row), pings.feeds_to_tell(row)
        version = writing.bring_out(row, change, by=by, note=note, now=now)
        reviewing.close(row, Decision.APPROVED, by=by, answer=note, at=now)
        changes = versions.changes_in_words(before, version.snapshot) if version else {}
        audit.record(by, "updated", row, changes=changes, note=note, at=now)
        post.refresh_from_db()
        pings.tell(row, at=now, left=feeds)
        outgoing.tell("post.updated", post, at=now)
        announce(post_updated, post_id=row.pk, at=now)
        return True


def plan_update(
    post: Post, *, by: User, at: datetime, note: str = "", override: str = "", now: datetime | None = None
) -> bool:
    """Let what waits for a live post replace it at a time to come. Returns False when that is the plan already."""
    now = now or timezone.now()
    with transaction.atomic():
        row, change = waiting(post, by, "plan updates of this post")
        if change is None:
            raise Refusal("Readers see the newest version already; there is nothing to bring out.")
        if change.go_live_at == at:
            return False
        if at <= now:
            raise Refusal("That time has passed; choose one to come, or update now.", field="scheduled_at")
        candidate = Post.objects.get(pk=row.pk)
        pending.open_newest(candidate)
        gate.let_through(candidate, by=by, at=at, reason=override)
        change.go_live_at, change.planned_by, change.updated_at = at, by, now
        change.save(update_fields=["go_live_at", "planned_by", "updated_at"])
        reviewing.close(row, Decision.APPROVED, by=by, answer=note, at=now)
        audit.record(by, "planned an update", row, changes={"goes live": ("", at.isoformat())}, note=note, at=now)
        return True


def cancel_update(post: Post, *, by: User, note: str = "", at: datetime | None = None) -> bool:
    """Take back the plan; the changes go on waiting. Returns False when none is planned."""
    now = at or timezone.now()
    with transaction.atomic():
        row, change = waiting(post, by, "plan updates of this post")
        if change is None or change.go_live_at is None:
            return False
        change.go_live_at = change.planned_by = None
        change.save(update_fields=["go_live_at", "planned_by"])
        audit.record(by, "took back a planned update", row, note=note, at=now)
        return True


def discard(post: Post, *, by: User, note: str = "", seen: int | None = None, at: datetime | None = None) -> bool:
    """Drop what waits for a live post; the versions stay in its history. Returns False when nothing waits.

    The newest version says again what readers see, so that whoever writes on begins from that. Whoever may not publish
    drops only what they alone wrote and nobody planned. `seen` is the newest version they know of; a newer one is not
    dropped unseen.
    """
    now = at or timezone.now()
    with transaction.atomic():
        row = locked(post)
        require(by, "blog.change_post", row, "discard changes to this post")
        change = pending.change_of(row)
        if change is None:
            return False
        if seen is not None and seen != change.version.number:
            raise Refusal(f"Somebody saved version {change.version.number} meanwhile; look at it before discarding it.")
        if not may(by, "blog.publish_post", row):
            others = row.versions.filter(number__gt=row.current_version).exclude(editor=by)
            if change.go_live_at is not None or others.exists():
                raise NotAllowed("Somebody else wrote at these changes or planned them; only an editor discards them.")
        reason = note or f"Discarded the changes up to version {change.version.number}"
        kind = PostVersion.Kind.RESTORE
        version = versions.keep(row, versions.snapshot(row), by=by, kind=kind, reason=reason, at=now)
        pending.drop(row, version)
        reviewing.close(row, Decision.WITHDRAWN, by=by, answer=note, at=now)
        audit.record(by, "discarded changes", row, note=note, at=now)
        post.refresh_from_db()
        return True


def waiting(post: Post, by: User | None, deed: str) -> tuple[Post, PendingChange | None]:
    """The locked row of a live post and what waits for it."""
    row = locked(post)
    if by is not None:
        require(by, "blog.publish_post", row, deed)
    change = pending.change_of(row)
    if change is not None:
        refuse_unless(row, {Status.PUBLISHED}, "Only live posts have changes to bring out")
    return row, change


def fold(row: Post, *, by: User | None, now: datetime) -> None:
    """What waited for a post that is no longer live becomes what it says: nothing is lost, nobody reads it."""
    change = pending.change_of(row)
    if change is not None:
        slug, row_slug = change.version.snapshot.get("slug", ""), row.slug
        if slug != row_slug and Post.objects.filter(slug=slug).exclude(pk=row.pk).exists():
            change.version.snapshot["slug"] = row_slug
        writing.bring_out(row, change, by=by, note="", now=now)


def archive(post: Post, *, by: User | None, note: str = "", at: datetime | None = None) -> bool:
    """Published → archived: kept, no longer public."""
    now = at or timezone.now()
    with transaction.atomic():
        row = locked(post)
        if by is not None:
            require(by, "blog.publish_post", row, "archive this post")
        if row.status == Status.ARCHIVED:
            return False
        refuse_unless(row, {Status.PUBLISHED}, "Only published posts can be archived")
        row.unpublish_at = None
        move(row, post, Status.ARCHIVED, by=by, note=note, at=now)
        # Before what waited is folded in: its address and its words were never public.
        pings.tell(row, at=now)
        outgoing.tell("post.unpublished", row, at=now)
        fold(row, by=by, now=now)
        announce(post_unpublished, post_id=row.pk, at=now)
        return True


def trash(post: Post, *, by: User, note: str = "", at: datetime | None = None) -> bool:
    """Any state → the trash. Whoever may not publish may throw away only what is not public."""
    now = at or timezone.now()
    with transaction.atomic():
        row = locked(post)
        was_public = row.is_public
        needs_editor = was_public or row.status == Status.SCHEDULED
        require(by, "blog.publish_post" if needs_editor else "blog.trash_post", row, "move this post to the trash")
        if row.is_trashed:
            return False
        before, row.trashed_at, row.scheduled_at = row.status, now, None
        move(row, post, Status.DRAFT, by=by, note=note, at=now, names=(before, TRASHED))
        reviewing.close(row, Decision.WITHDRAWN, by=by, answer=note, at=now)
        if was_public:
            pings.tell(row, at=now)
            outgoing.tell("post.unpublished", row, at=now)
        outgoing.tell_deleted(row, was_public=was_public, at=now)
        fold(row, by=by, now=now)
        if was_public:
            announce(post_unpublished, post_id=row.pk, at=now)
        return True


def restore(post: Post, *, by: User, note: str = "") -> bool:
    """Trash → draft, whatever it was before: nothing becomes public by being restored."""
    with transaction.atomic():
        row = locked(post)
        require(by, "blog.trash_post", row, "restore this post")
        if not row.is_trashed:
            return False
        row.trashed_at = None
        return move(row, post, Status.DRAFT, by=by, note=note, names=(TRASHED, Status.DRAFT))


def publish_due(now: datetime | None = None, limit: int = 100) -> list[int]:
    """Publish whatever is due and archive what has come to its end; returns the ids of the published.

    Called every second by the clock. Each post is its own transaction, so a bad one never holds up the rest, and
    the row lock makes two clocks publish once.
    """
    now = now or timezone.now()
    published = []
    due = Post.objects.filter(status=Status.SCHEDULED, scheduled_at__lte=now).order_by("scheduled_at")
    for post in due.only("pk")[:limit]:
        try:
            if publish_if_due(post.pk, now):
                published.append(post.pk)
        except Exception:
            log.exception("post %s could not be published on schedule", post.pk)
            hold_after_patience(hold, post.pk, now)
    for change in PendingChange.objects.filter(go_live_at__lte=now).order_by("go_live_at")[:limit]:
        try:
            update_if_due(change.post_id, now)
        except Exception:
            log.exception("changes to post %s could not be brought out on schedule", change.post_id)
            hold_after_patience(hold_update, change.post_id, now)
    for post in Post.objects.filter(status=Status.PUBLISHED, unpublish_at__lte=now).only("pk")[:limit]:
        try:
            archive_if_over(post.pk, now)
        except Exception:
            log.exception("post %s could not be archived on schedule", post.pk)
    return published


def publish_if_due(post_id: int, now: datetime) -> bool:
    with transaction.atomic():
        row = Post.objects.select_for_update(of=("self",)).filter(
            pk=post_id, status=Status.SCHEDULED, scheduled_at__lte=now
        )
        post = row.first()
        if post is None:
            return False
        try:
            with transaction.atomic():
                return publish(post, by=None, note="On schedule", at=now)
        except Refusal as refusal:
            hold(post.pk, refusal.sentence, now)
            return False


def hold(post_id: int, sentence: str, now: datetime, planned_before: datetime | None = None) -> None:
    """Keep back what was due, put it into the queue of whoever planned it, and tell them and the author."""
    with transaction.atomic():
        post = Post.objects.select_for_update(of=("self",)).filter(pk=post_id, status=Status.SCHEDULED).first()
        if post is None or (planned_before and post.scheduled_at and post.scheduled_at > planned_before):
            return
        post.scheduled_at = None
        step = StatusChange.objects.filter(post=post, to_status=Status.SCHEDULED, by__isnull=False).first()
        move(post, post, Status.PENDING, by=None, note=f"Held: {sentence}", at=now, verb="held")
        reviewing.hold(post, sentence, step.by if step else None, at=now)


def update_if_due(post_id: int, now: datetime) -> bool:
    with transaction.atomic():
        post = Post.objects.select_for_update(of=("self",)).filter(pk=post_id).first()
        change = PendingChange.objects.filter(post_id=post_id, go_live_at__lte=now).first()
        if post is None or change is None:
            return False
        try:
            with transaction.atomic():
                return update(post, by=None, note="On schedule", at=now)
        except Refusal as refusal:
            hold_update(post_id, refusal.sentence, now)
            return False


def hold_update(post_id: int, sentence: str, now: datetime, planned_before: datetime | None = None) -> None:
    """As `hold`, for the changes to a live post."""
    with transaction.atomic():
        post = Post.objects.select_for_update(of=("self",)).filter(pk=post_id).first()
        change = PendingChange.objects.select_related("planned_by").filter(post_id=post_id).first()
        if post is None or change is None or change.go_live_at is None:
            return
        if planned_before and change.go_live_at > planned_before:
            return
        planner = change.planned_by
        change.go_live_at = change.planned_by = None
        change.save(update_fields=["go_live_at", "planned_by"])
        audit.record(None, "held an update", post, note=sentence, at=now)
        reviewing.hold(post, sentence, planner, at=now)


def hold_after_patience(keep_back: Callable[..., None], post_id: int, now: datetime) -> None:
    """What fails by accident is tried again for a while; then it is held, so that nobody waits for it in vain."""
    sentence = "An error stopped it again and again; whoever runs the site finds it in the log."
    try:
        keep_back(post_id, sentence, now, planned_before=now - PATIENCE)
    except Exception:
        log.exception("post %s could not be held either", post_id)


def archive_if_over(post_id: int, now: datetime) -> bool:
    with transaction.atomic():
        post = Post.objects.select_for_update(of=("self",)).filter(pk=post_id, unpublish_at__lte=now).first()
        return post is not None and archive(post, by=None, note="On schedule", at=now)


def place(
    post: Post, *, status: str, published_at: datetime | None, scheduled_at: datetime | None = None, at: datetime
) -> None:
    """Put an imported post where it was on its old site, with its own times and without announcing each."""
    with transaction.atomic():
        row = locked(post)
        row.published_at, row.scheduled_at = published_at, scheduled_at if status == Status.SCHEDULED else None
        was_public = row.is_public
        if row.status != status:
            move(row, post, status, by=None, note="Imported", at=at)
            if was_public and not row.is_public:
                fold(row, by=None, now=at)
        else:
            Post.objects.filter(pk=row.pk).update(published_at=row.published_at, scheduled_at=row.scheduled_at)
            if row.is_public:
                search.keep(row)


def steps_for(post: Post, user: User, *, writing_now: bool = False) -> list[str]:
    """The verbs `user` may use on `post` now, the most likely first; what buttons are made of.

    `writing_now`: as in the form of a live post, where pressing a button first keeps what was typed.
    """
    publishes = may(user, "blog.publish_post", post)
    own = may(user, "blog.submit_post", post)
    bins = may(user, "blog.trash_post", post)
    if post.is_trashed:
        return ["restore"] if bins else []
    steps: dict[str, list[str]] = {
        Status.DRAFT: (["publish", "schedule"] if publishes else []) + (["submit"] if own else []),
        Status.PENDING: (["publish", "schedule", "send_back"] if publishes else (["send_back"] if own else [])),
        Status.SCHEDULED: ["publish", "schedule", "send_back"] if publishes else [],
        Status.ARCHIVED: ["publish", "schedule", "send_back"] if publishes else [],
    }
    if post.status == Status.PUBLISHED:
        change = pending.change_of(post)
        steps[Status.PUBLISHED] = steps_for_changes(post, change, publishes, own) if change or writing_now else []
        steps[Status.PUBLISHED] += ["archive"] if publishes else []
    may_bin = publishes if post.status in {Status.PUBLISHED, Status.SCHEDULED} else bins
    return steps[Status(post.status)] + (["trash"] if may_bin else [])


def steps_for_changes(post: Post, change: PendingChange | None, publishes: bool, own: bool) -> list[str]:
    """The verbs for what waits, or is about to wait, to replace a live post."""
    steps = ["update", "plan_update"] if publishes else (["submit"] if own else [])
    if change is None:
        return steps
    if publishes and change.go_live_at:
        steps.append("cancel_update")
    if (publishes or own) and reviewing.open_request_of(post) is not None:
        steps.append("send_back")
    return [*steps, "discard"]


def locked(post: Post) -> Post:
    """The row as it is now, held until the transaction ends."""
    row = Post.objects.select_for_update(of=("self",)).filter(pk=post.pk).first()
    if row is None:
        raise Refusal("This post was deleted meanwhile.")
    return row


def require(by: User, permission: str, post: Post, deed: str) -> None:
    if not may(by, permission, post):
        raise NotAllowed(f"Your role does not let you {deed}.")


def refuse_unless(post: Post, allowed: Iterable[str], rule: str) -> None:
    if post.is_trashed:
        raise Refusal(f"{rule}; this one is in the trash.")
    if post.status not in allowed:
        raise Refusal(f"{rule}; this one is {post.get_status_display().lower()}.")
