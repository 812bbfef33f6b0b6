"""The review cycle: when a live post is due to be looked at again, and what was found when somebody did.

The period is the post's own, else that of the nearest category above it that has one; 0 means never. It runs from the
last time somebody stood for what readers see: its publication, a change of its text, a review.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.roles import may
from blog.models import Category, Post
from blog.querysets import PostQuerySet
from core.refusals import Refusal

# A hundred years; more would leave the calendar.
LONGEST = 36_500
BATCH = 1000
NEEDED = (
    *("status", "trashed_at", "category_id", "review_after_days", "review_due_at"),
    *("published_at", "content_changed_at", "last_reviewed_at"),
)


def period_of(post: Post) -> int:
    """Days between two reviews of a post; 0 is never."""
    if post.review_after_days is not None:
        return post.review_after_days
    if post.category_id is None:
        return 0
    return periods().get(post.category_id, 0)


def periods() -> dict[int, int]:
    """The period of every category, its own or the one it has from above, in one query."""
    found: dict[int, int] = {}
    rows = Category.objects.order_by("tree_id", "lft").values_list("pk", "parent_id", "review_after_days")
    for pk, parent, days in rows:
        found[pk] = found.get(parent, 0) if days is None else days
    return found


def due_at(post: Post, days: int | None = None) -> datetime | None:
    """When a post is due; None for what is not live or never due. `days` is its period when the caller has it."""
    if not post.is_public:
        return None
    days = period_of(post) if days is None else days
    moments = [post.published_at, post.content_changed_at, post.last_reviewed_at]
    last = max((moment for moment in moments if moment is not None), default=None)
    return last + timedelta(days=min(days, LONGEST)) if days and last else None


def renew(post: Post) -> None:
    """Bring the date of one post in line; called with its row held, after whatever the date depends on changed."""
    due = due_at(post)
    if post.review_due_at != due:
        Post.objects.filter(pk=post.pk).update(review_due_at=due)
        post.review_due_at = due


def renew_under(category: Category) -> int:
    """Bring the dates of all posts in line that have their period from this category or from one below it."""
    return renew_each(Post.objects.under(category).published().filter(review_after_days__isnull=True))


def renew_all() -> int:
    """Bring every date in line, as after an import; returns how many were not."""
    gone = Post.objects.filter(review_due_at__isnull=False).exclude(pk__in=Post.objects.published().values("pk"))
    return gone.update(review_due_at=None) + renew_each(Post.objects.published())


def renew_each(posts: PostQuerySet) -> int:
    days = periods()
    changed: list[Post] = []
    count = 0
    for post in posts.only(*NEEDED).order_by("pk").iterator(chunk_size=BATCH):
        own = post.review_after_days
        due = due_at(post, own if own is not None else days.get(post.category_id or 0, 0))
        if due != post.review_due_at:
            post.review_due_at = due
            changed.append(post)
        if len(changed) == BATCH:
            count += write(changed)
            changed = []
    return count + write(changed)


def write(posts: list[Post]) -> int:
    Post.objects.bulk_update(posts, ["review_due_at"], batch_size=200)
    return len(posts)


def reviewed(post: Post, *, by: User, at: datetime | None = None) -> bool:
    """Somebody looked at a live post and it holds: nothing to change. The next date counts from now.

    It is said of what readers see, so changes that wait go on waiting and no version is made. Raises Refusal.
    """
    now = at or timezone.now()
    with transaction.atomic():
        row = Post.objects.select_for_update(of=("self",)).filter(pk=post.pk).first()
        if row is None:
            raise Refusal("This post was deleted meanwhile.")
        if not may(by, "blog.change_post", row):
            raise Refusal("Your role does not let you review this post.")
        if not row.is_public:
            state = "in the trash" if row.is_trashed else row.get_status_display().lower()
            raise Refusal(f"Only live posts are reviewed; this one is {state}.")
        row.last_reviewed_at = now
        row.review_due_at = due_at(row)
        Post.objects.filter(pk=row.pk).update(last_reviewed_at=now, review_due_at=row.review_due_at)
        audit.record(by, "reviewed", row, note="No change", at=now)
        post.last_reviewed_at, post.review_due_at = row.last_reviewed_at, row.review_due_at
    return True


def last_look(post: Post, before: Post) -> None:
    """What waited since before a review does not take the review back when it goes live."""
    moments: Iterable[datetime | None] = (post.last_reviewed_at, before.last_reviewed_at)
    post.last_reviewed_at = max((moment for moment in moments if moment is not None), default=None)


def overdue(posts: PostQuerySet, now: datetime) -> PostQuerySet:
    """Those of `posts` that should have been looked at, the longest waiting first."""
    return posts.filter(review_due_at__lte=now).order_by("review_due_at", "pk")
