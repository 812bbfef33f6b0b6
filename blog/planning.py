"""The plan of the publication: what goes live, is updated, comes down or falls due, and on which day of the clock.

Days and clock times are those of the publication's zone; moments are aware. The calendar in the admin and the feed for
calendar programs both read from here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from itertools import pairwise

from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.defaultfilters import date as date_words
from django.utils import timezone

from accounts.models import User
from accounts.roles import may
from blog import publishing
from blog.models import PendingChange, Post, ReviewRequest
from blog.querysets import HEAVY, PostQuerySet
from core.refusals import Refusal

HOUR = timedelta(hours=1)
# A day with more than this many is crowded, unless the publication usually has half as many.
MOST_A_DAY = 3


class Kind:
    """What happens to a post at a moment; the values are those of the filter and of the style sheet."""

    PUBLISHED = "published"
    SCHEDULED = "scheduled"
    UPDATE = "update"
    DOWN = "down"
    REVIEW = "review"


LABELS = {
    Kind.SCHEDULED: "Scheduled",
    Kind.UPDATE: "Update planned",
    Kind.PUBLISHED: "Published",
    Kind.DOWN: "Comes down",
    Kind.REVIEW: "Review due",
}
# Both change what readers see, so they can be in each other's way, and both can be moved.
GOING_LIVE = frozenset({Kind.SCHEDULED, Kind.UPDATE})


class Meanwhile(Refusal):
    """Somebody else gave the post another date after the calendar was shown."""


@dataclass(frozen=True)
class Entry:
    """One thing that happens to one post at one moment. `own`: whether whoever asked may open it in the editor."""

    kind: str
    post: Post
    at: datetime
    changed_at: datetime
    own: bool = True

    @cached_property
    def local(self) -> datetime:
        return timezone.localtime(self.at)

    @property
    def day(self) -> str:
        """The day as addresses and forms write it."""
        return self.local.date().isoformat()

    @property
    def stamp(self) -> str:
        return stamp(self.at)

    @property
    def label(self) -> str:
        return LABELS[self.kind]

    @cached_property
    def clock(self) -> str:
        return clock_words(self.at)

    @property
    def moves(self) -> bool:
        """Whether it is a plan that can be given another time at all; who may is a question of rights."""
        return self.kind in GOING_LIVE


@dataclass(frozen=True)
class ClockChange:
    """The moment the clocks of a zone change: they say `before` and go on with `after`, both naive local times."""

    at: datetime
    before: datetime
    after: datetime

    @property
    def forward(self) -> bool:
        return self.after > self.before

    @property
    def sentence(self) -> str:
        if self.forward:
            return (
                f"On {date_words(self.before, 'l j F')} the clocks go forward: there is no time between "
                f"{self.before:%H:%M} and {self.after:%H:%M}."
            )
        return (
            f"On {date_words(self.before, 'l j F')} the clocks go back: the time from {self.after:%H:%M} to "
            f"{self.before:%H:%M} comes twice."
        )


@dataclass
class Chosen:
    """What the calendar is narrowed to; empty is everything."""

    kind: str = ""
    author: User | None = None
    category: object | None = None
    _shared: set[int] | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        return bool(self.kind or self.author or self.category)

    def has(self, entry: Entry) -> bool:
        return (not self.kind or entry.kind == self.kind) and self.has_author(entry.post) and self.has_filed(entry.post)

    def has_author(self, post: Post) -> bool:
        if self.author is None or post.author_id == self.author.pk:
            return True
        if self._shared is None:
            shared = Post.co_authors.through.objects.filter(user=self.author)
            self._shared = set(shared.values_list("post_id", flat=True))
        return post.pk in self._shared

    def has_filed(self, post: Post) -> bool:
        """In the category or anywhere below it."""
        if self.category is None:
            return True
        top, filed = self.category, post.category
        return (
            filed is not None
            and filed.tree_id == top.tree_id  # type: ignore[attr-defined]
            and top.lft <= filed.lft <= top.rght  # type: ignore[attr-defined]
        )

    def narrow(self, posts: PostQuerySet) -> PostQuerySet:
        """The same choice for posts without a date."""
        if self.author is not None:
            posts = posts.written_by(self.author)
        return posts.under(self.category) if self.category is not None else posts  # type: ignore[arg-type]


# --- Reading the plan ------------------------------------------------------------------------------------------------
def entries(user: User, start: datetime, end: datetime, *, limit: int | None = None) -> list[Entry]:
    """What happens from `start` up to, not including, `end`, as far as `user` may see it; the earliest first.

    Of other people's posts an author sees what readers see as well: that they went live. `limit` keeps so many of each
    query, the latest posts.
    """
    own = Q() if user.has_perm("blog.change_others_post") else mine(user)
    between = {"gte": start, "lt": end}

    def within(name: str) -> Q:
        return Q(**{f"{name}__{edge}": moment for edge, moment in between.items()})

    live = Q(status=Post.Status.PUBLISHED)
    planned = Q(status=Post.Status.SCHEDULED) & within("scheduled_at")
    endings = live & (within("unpublish_at") | within("review_due_at"))
    posts = for_plan(Post.objects.not_trashed()).filter((live & within("published_at")) | (own & (planned | endings)))
    rows = list(posts.order_by("-published_at", "pk")[:limit] if limit else posts)
    owned = None
    if own:
        owned = set(Post.objects.filter(own, pk__in=[post.pk for post in rows]).values_list("pk", flat=True))
    found = []
    for post in rows:
        is_own = owned is None or post.pk in owned
        moments = {
            Kind.SCHEDULED: post.scheduled_at if post.status == Post.Status.SCHEDULED else None,
            Kind.PUBLISHED: post.published_at if post.is_public else None,
            Kind.DOWN: post.unpublish_at if post.is_public and is_own else None,
            Kind.REVIEW: post.review_due_at if post.is_public and is_own else None,
        }
        found += [
            Entry(kind, post, at, post.updated_at, is_own)
            for kind, at in moments.items()
            if at is not None and start <= at < end
        ]
    found += [
        Entry(Kind.UPDATE, change.post, change.go_live_at, change.updated_at)
        for change in planned_changes(user, start, end)[:limit]
        if change.go_live_at is not None
    ]
    return sorted(found, key=lambda entry: (entry.at, entry.post.pk, entry.kind))


def planned_changes(user: User, start: datetime, end: datetime | None = None) -> QuerySet[PendingChange]:
    """Planned updates of live posts that `user` may work on, the earliest first."""
    changes = (
        PendingChange.objects.filter(go_live_at__gte=start, post__trashed_at__isnull=True)
        .select_related("post__author", "post__category")
        .defer(*(f"post__{name}" for name in HEAVY))
        .order_by("go_live_at")
    )
    if end is not None:
        changes = changes.filter(go_live_at__lt=end)
    if not user.has_perm("blog.change_others_post"):
        changes = changes.filter(post__in=Post.objects.editable_by(user).order_by().values("pk"))
    return changes


def mine(user: User) -> Q:
    return Q(author=user) | Q(pk__in=Post.co_authors.through.objects.filter(user=user).values("post"))


def for_plan(posts: PostQuerySet) -> PostQuerySet:
    return posts.select_related("author", "category").defer(*HEAVY, "excerpt", "automatic_excerpt")


def without_date(user: User) -> PostQuerySet:
    """What still waits for a day: drafts, posts in review, and changes to live posts that nobody planned."""
    unplanned = Q(status=Post.Status.PUBLISHED, pending_change__isnull=False, pending_change__go_live_at__isnull=True)
    unfinished = Q(status__in=(Post.Status.DRAFT, Post.Status.PENDING))
    posts = Post.objects.editable_by(user).not_trashed().filter(unfinished | unplanned)
    return for_plan(posts).select_related("pending_change").order_by("-updated_at", "-pk")


# --- Moving ----------------------------------------------------------------------------------------------------------
def planned_for(post: Post) -> datetime | None:
    """When it, or what waits to replace it, goes live; None when it has no date."""
    if post.is_public:
        change = PendingChange.objects.filter(post_id=post.pk).first()
        return change.go_live_at if change else None
    return post.scheduled_at if post.status == Post.Status.SCHEDULED else None


def stamp(at: datetime | None) -> str:
    """A planned moment as pages carry it along, so that they can say which plan they were made from."""
    return at.astimezone(UTC).isoformat() if at else ""


def refuse_unless_seen(row: Post, seen: str | None) -> None:
    """Raises Meanwhile when the plan of a locked post is not the one that was shown; None is whoever was shown none."""
    planned = planned_for(row)
    if seen is None or seen == stamp(planned):
        return
    if planned is not None:
        raise Meanwhile(f"It was moved to {day_words(planned)} at {clock_words(planned)} meanwhile.")
    if row.is_public and not PendingChange.objects.filter(post_id=row.pk).exists():
        raise Meanwhile("It went live meanwhile.")
    raise Meanwhile("Its date was taken away meanwhile.")


def move(
    post: Post,
    at: datetime,
    *,
    by: User,
    seen: str | None = None,
    override: str = "",
    now: datetime | None = None,
) -> bool:
    """Plan it for `at`: a live post's waiting changes, anything else itself. False when that is the plan already.

    `seen` is the `stamp` of the plan that was shown to whoever moves it; they do not move what somebody else moved.
    Raises Meanwhile for that, Refusal, and `gate.Blocked` when a check stops it and `override` gives no reason that
    may.
    """
    with transaction.atomic():
        row = publishing.locked(post)
        if may(by, "blog.publish_post", row) and planned_for(row) != at:
            refuse_unless_seen(row, seen)
        step = publishing.plan_update if row.is_public else publishing.schedule
        return step(post, by=by, at=at, override=override, now=now)


def take_off(
    post: Post, *, by: User, seen: str | None = None, ask_again: bool = False, now: datetime | None = None
) -> bool:
    """Take its date away; nothing of its text is lost. `ask_again`: it was in review before, and is again.

    Whoever was asked before is asked again, in the same words. `seen` as in `move`. False when it has no date. Raises
    Refusal.
    """
    with transaction.atomic():
        row = publishing.locked(post)
        if may(by, "blog.publish_post", row) and planned_for(row) is not None:
            refuse_unless_seen(row, seen)
        return take_off_now(post, by, ask_again, now or timezone.now())


def take_off_now(post: Post, by: User, ask_again: bool, now: datetime) -> bool:
    if post.is_public:
        return publishing.cancel_update(post, by=by, at=now)
    if post.status != Post.Status.SCHEDULED:
        return False
    moved = publishing.send_back(post, by=by, note="Taken off the calendar", at=now)
    if moved and ask_again and may(by, "blog.submit_post", post):
        asked = ReviewRequest.objects.select_related("reviewer").filter(post=post).order_by("-asked_at", "-pk").first()
        note = asked.note if asked else ""
        publishing.submit(post, by=by, note=note, reviewer=asked.reviewer if asked else None, at=now)
    return moved


# --- Days and clocks -------------------------------------------------------------------------------------------------
def midnight(day: date, zone: tzinfo | None = None) -> datetime:
    """The moment a day begins. Where the clocks leave out midnight itself, the first moment there is."""
    return datetime.combine(day, time.min, tzinfo=zone or timezone.get_current_timezone())


def by_day(found: Iterable[Entry]) -> dict[date, list[Entry]]:
    days: dict[date, list[Entry]] = defaultdict(list)
    for entry in found:
        days[entry.local.date()].append(entry)
    return days


def is_doubled(moment: datetime) -> bool:
    """Whether the clocks say this twice: the hour that comes again when they go back."""
    naive, zone = moment.replace(tzinfo=None, fold=0), moment.tzinfo
    first, second = naive.replace(tzinfo=zone), naive.replace(tzinfo=zone, fold=1)
    return first.utcoffset() != second.utcoffset() and exists(first)


def exists(moment: datetime) -> bool:
    """Whether the clocks of its zone ever say this; they leave some out when they go forward."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None) == moment.replace(tzinfo=None)


def clock_words(at: datetime) -> str:
    """The time of day as the publication's clocks say it; an hour that comes twice says which one it is."""
    local = timezone.localtime(at)
    said = f"{local:%H:%M}"
    return f"{said} ({'second' if local.fold else 'first'})" if is_doubled(local) else said


def day_words(at: datetime) -> str:
    return date_words(timezone.localtime(at), "l j F Y")


def clock_change(day: date, zone: tzinfo | None = None) -> ClockChange | None:
    """The change of the clocks on a day, to the minute; None on all days but a few."""
    zone = zone or timezone.get_current_timezone()
    start, end = midnight(day, zone).astimezone(UTC), midnight(day + timedelta(days=1), zone).astimezone(UTC)

    def offset(moment: datetime) -> timedelta:
        return moment.astimezone(zone).utcoffset() or timedelta()

    # The moment before the day counts as well: some zones change at midnight.
    low, high = start - timedelta(minutes=1), end - timedelta(minutes=1)
    if offset(low) == offset(high):
        return None
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) // timedelta(minutes=2) * timedelta(minutes=1)
        low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
    after = high.astimezone(zone).replace(tzinfo=None, fold=0)
    return ClockChange(high, (high + offset(low)).replace(tzinfo=None), after)


# --- Hints -----------------------------------------------------------------------------------------------------------
def hints(found: Iterable[Entry], now: datetime) -> dict[date, list[str]]:
    """What on the days to come may be in its own way, as sentences: too close, too many, twice the same subject.

    Only what goes live by the plan counts. A publication that brings out many a day has its usual number forgiven.
    """
    coming = [entry for entry in found if entry.kind in GOING_LIVE and entry.at >= now]
    days = by_day(coming)
    usual = sorted(len(day) for day in days.values())[len(days) // 2] if days else 0
    crowded = max(MOST_A_DAY, 2 * usual)
    said: dict[date, list[str]] = defaultdict(list)
    for day, planned in days.items():
        if len(planned) > crowded:
            said[day].append(f"{len(planned)} posts go live on this day.")
        if usual <= MOST_A_DAY:
            said[day] += too_close(planned) + same_subject(planned)
    for before, after in pairwise(coming):
        # The last of one day and the first of the next are neighbours as well.
        if usual <= MOST_A_DAY and before.local.date() != after.local.date() and after.at - before.at < HOUR:
            said[after.local.date()].append(closeness(before, after))
    return {day: sentences for day, sentences in said.items() if sentences}


def too_close(planned: Sequence[Entry]) -> list[str]:
    return [closeness(before, after) for before, after in pairwise(planned) if after.at - before.at < HOUR]


def closeness(before: Entry, after: Entry) -> str:
    if before.at == after.at:
        return f"“{before.post}” and “{after.post}” go live at the same minute, {after.clock}."
    return f"“{before.post}” and “{after.post}” go live within an hour: {before.clock} and {after.clock}."


def same_subject(planned: Sequence[Entry]) -> list[str]:
    filed = Counter(entry.post.category for entry in planned if entry.post.category is not None)
    return [f"{count} posts in {category} go live on this day." for category, count in filed.items() if count > 1]
