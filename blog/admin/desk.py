"""What the dashboard says: today's facts for one person, in few queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth, TruncWeek
from django.template.defaultfilters import date as date_words
from django.utils import timezone

from accounts.models import User
from blog import planning, reviewing
from blog.models import Post, ReviewRequest
from blog.planning import GOING_LIVE, Entry, Kind
from core import cache
from core.charts import Chart, Series

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
SHOWN = 6
WEEKS, MONTHS = 26, 12
# What was sent back longer ago than this is no news.
RECENTLY = timedelta(days=30)
_kept = cache.Group("desk-numbers", timeout=3600)


@dataclass(frozen=True)
class Task:
    """Something that waits for somebody: its state as a chip, the post, and a sentence of who wants what."""

    look: str
    state: str
    post: Post
    sentence: str
    at: datetime
    note: str = ""


def number_word(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else f"{number:,}"


def desk_for(user: User, now: datetime | None = None) -> dict[str, Any]:
    """Everything on the dashboard of `user`: what waits, what comes next, what went live, numbers, and a greeting."""
    now = now or timezone.now()
    publishes = user.has_perm("blog.publish_post")
    editable = Post.objects.editable_by(user).not_trashed()
    posts = planning.for_plan(editable)
    live = Q(status=Post.Status.PUBLISHED)
    own_drafts = planning.mine(user) & Q(status=Post.Status.DRAFT)
    asked = requests_for(user)
    answers = Q(pk__in=asked.order_by().values("post")) | mute_reviews()
    counts = editable.order_by().aggregate(
        waiting=Count("pk", filter=answers),
        published=Count("pk", filter=live),
        overdue=Count("pk", filter=live & Q(review_due_at__lte=now)),
        drafts=Count("pk", filter=own_drafts),
        draft_words=Sum("word_count", filter=own_drafts, default=0),
    )
    coming = what_comes(user, posts, now)
    back = sent_back(user, now)
    tasks = [*back[:3], *waiting(user, posts, asked)]
    return {
        "greeting": f"{greeting_at(now)}, {user.first_name or user.display_name}",
        "publishes": publishes,
        "counts": counts,
        "drafts": list(posts.filter(own_drafts).order_by("-updated_at")[: max(3, SHOWN - len(tasks))]),
        "tasks": tasks,
        "coming": coming[:SHOWN],
        "days": these_days(user, now),
        "recent": list(posts.filter(live).order_by("-published_at")[:SHOWN]),
        "overdue": list(posts.filter(live, review_due_at__lte=now).order_by("review_due_at")[:SHOWN]),
        "months": months_chart(now),
        "words": words_chart(user, now),
        "facts": facts(counts["waiting"], len(back), coming, now, publishes),
    }


# --- what waits -------------------------------------------------------------------------------------------------------
def requests_for(user: User) -> QuerySet[ReviewRequest]:
    """What `user` may answer; of who may not answer any, what they wait for themselves."""
    return reviewing.waiting_for(user) if user.has_perm("blog.publish_post") else reviewing.asked_for(user)


def mute_reviews() -> Q:
    """Posts in review without anybody having asked: an import puts them there."""
    return Q(status=Post.Status.PENDING) & ~Q(pk__in=reviewing.open_requests().values("post"))


def waiting(user: User, posts: QuerySet[Post], asked: QuerySet[ReviewRequest]) -> list[Task]:
    """What asks for a review, whoever was wished first; then what is in review without anybody having asked."""
    tasks = [task_of(request, user) for request in asked[:SHOWN]]
    if len(tasks) < SHOWN:
        mute = posts.filter(mute_reviews()).order_by("updated_at")[: SHOWN - len(tasks)]
        tasks += [Task("pending", "Pending", post, f"By {post.author.display_name}", post.updated_at) for post in mute]
    return tasks


def task_of(request: ReviewRequest, user: User) -> Task:
    asker = request.asked_by
    who = "You ask" if asker == user else f"{asker.display_name if asker else 'Somebody'} asks"
    if request.reviewer is None:
        whom = ""
    else:
        whom = " you" if request.reviewer_id == user.pk else f" {request.reviewer.display_name}"
    about = "for a review of changes" if request.post.is_public else "for a review"
    wished = request.reviewer_id == user.pk
    look, state = ("letter", "For you") if wished else ("pending", "Pending")
    return Task(look, state, request.post, f"{who}{whom} {about}", request.asked_at, request.note)


def sent_back(user: User, now: datetime) -> list[Task]:
    """What came back to `user` lately and nobody asked about again."""
    later = ReviewRequest.objects.filter(post=OuterRef("post"), asked_at__gt=OuterRef("asked_at"))
    back = ReviewRequest.objects.filter(
        Q(asked_by=user) | Q(post__author=user),
        ~Exists(later),
        decision=ReviewRequest.Decision.SENT_BACK,
        decided_at__gte=now - RECENTLY,
        post__trashed_at=None,
        post__status__in=(Post.Status.DRAFT, Post.Status.PUBLISHED),
    ).exclude(decided_by=user)
    return [
        Task(
            "bad",
            "Sent back",
            request.post,
            f"{request.decided_by.display_name if request.decided_by else 'Somebody'} sent it back",
            request.decided_at or request.asked_at,
            request.answer,
        )
        for request in reviewing.for_lists(back).select_related("decided_by").order_by("-decided_at")[:50]
    ]


# --- what comes -------------------------------------------------------------------------------------------------------
def what_comes(user: User, posts: QuerySet[Post], now: datetime) -> list[Entry]:
    """The next posts and updates to go live."""
    scheduled = posts.filter(status=Post.Status.SCHEDULED).order_by("scheduled_at")[:SHOWN]
    found = [Entry(Kind.SCHEDULED, post, post.scheduled_at, post.updated_at) for post in scheduled if post.scheduled_at]
    found += [
        Entry(Kind.UPDATE, change.post, change.go_live_at, change.updated_at)
        for change in planning.planned_changes(user, now)[:SHOWN]
        if change.go_live_at
    ]
    return sorted(found, key=lambda entry: entry.at)


def these_days(user: User, now: datetime) -> list[dict[str, Any]]:
    """Seven days around today, two of them gone, with what went and goes live on each."""
    today = timezone.localtime(now).date()
    first = today - timedelta(days=2)
    days = [first + timedelta(days=number) for number in range(7)]
    found = planning.entries(user, planning.midnight(days[0]), planning.midnight(days[-1] + timedelta(days=1)))
    shown = planning.by_day(entry for entry in found if entry.kind in GOING_LIVE | {Kind.PUBLISHED})
    return [
        {
            "date": day,
            "today": day == today,
            "past": day < today,
            "entries": shown.get(day, [])[:3],
            "more": max(0, len(shown.get(day, [])) - 3),
        }
        for day in days
    ]


def greeting_at(now: datetime) -> str:
    hour = timezone.localtime(now).hour
    return "Good morning" if 4 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"


def facts(waiting: int, back: int, coming: list[Entry], now: datetime, publishes: bool) -> str:
    """Today in one or two sentences."""
    today = timezone.localtime(now)
    noun, verb = ("post", "waits") if waiting == 1 else ("posts", "wait")
    whose = "for you" if publishes else "for review"
    said = f"{number_word(waiting)} {noun} {verb} {whose}" if waiting else "Nothing waits for review"
    if back:
        returned = f"{number_word(back)} {'post was' if back == 1 else 'posts were'} sent back to you"
        said = f"{returned}, {said[0].lower()}{said[1:]}" if waiting else returned
    if not coming:
        plan = "nothing is scheduled"
    else:
        at = coming[0].local
        days = (at.date() - today.date()) // timedelta(days=1)
        day = {0: "today", 1: "tomorrow"}.get(days, f"on {date_words(at, 'j F')}")
        what = "is updated" if coming[0].kind == Kind.UPDATE else "goes live"
        plan = f"“{coming[0].post.title}” {what} {day} at {date_words(at, 'H:i')}"
    return f"{date_words(today, 'l j F')}. {said}, and {plan}."


# --- numbers ----------------------------------------------------------------------------------------------------------
def months_back(first: date, count: int) -> list[date]:
    """The `count` months that end with the one `first` begins, the earliest first."""
    number = first.year * 12 + first.month - 1
    return [date(each // 12, each % 12 + 1, 1) for each in range(number - count + 1, number + 1)]


def months_chart(now: datetime) -> dict[str, Any]:
    """Posts published in each of the last twelve months beside the year before, as readers could read them."""
    this = timezone.localtime(now).date().replace(day=1)
    months = months_back(this, 2 * MONTHS)

    def count() -> dict[date, int]:
        live = Post.objects.published().articles().filter(published_at__gte=planning.midnight(months[0]))
        rows = live.order_by().annotate(month=TruncMonth("published_at")).values("month").annotate(posts=Count("pk"))
        return {timezone.localtime(row["month"]).date(): row["posts"] for row in rows}

    found = _kept.get_or_compute(f"months:{this}", count, generation="posts")
    values = [found.get(month, 0) for month in months]
    before, last = values[:MONTHS], values[MONTHS:]
    names = [date_words(month, "F Y") for month in months[MONTHS:]]
    most, least = max(last), min(last)
    sentence = (
        f"Posts published per month, {names[0]} to {names[-1]}: the most in {names[last.index(most)]} with {most:,}, "
        f"the fewest in {names[last.index(least)]} with {least:,}."
    )
    chart = Chart(
        "months",
        "Posts published",
        sentence,
        [date_words(month, "M") for month in months[MONTHS:]],
        names,
        [Series("Last twelve months", last), Series("The year before", before, "before")],
        "Month",
        "line",
    )
    return {
        "chart": chart,
        "now": last[-1],
        "month": date_words(this, "F"),
        "before": last[-2],
        "month_before": date_words(months[-2], "F"),
        "year": sum(last),
        "year_before": sum(before),
    }


def words_chart(user: User, now: datetime) -> dict[str, Any]:
    """Words published in each of the last weeks, one's own among them, counted on the day a post went live.

    The length is that of now; drafts do not count until they go live. Weeks begin on Monday.
    """
    today = timezone.localtime(now).date()
    this = today - timedelta(days=today.weekday())
    weeks = [this - timedelta(weeks=number) for number in range(WEEKS)][::-1]

    def count() -> dict[date, tuple[int, int]]:
        live = Post.objects.published().filter(published_at__gte=planning.midnight(weeks[0])).order_by()
        rows = (
            live.annotate(week=TruncWeek("published_at"))
            .values("week")
            .annotate(words=Sum("word_count", default=0), own=Sum("word_count", filter=Q(author=user), default=0))
        )
        return {timezone.localtime(row["week"]).date(): (row["words"], row["own"]) for row in rows}

    found = _kept.get_or_compute(f"words:{user.pk}:{this}", count, generation="posts")
    words, own = ([found.get(week, (0, 0))[part] for week in weeks] for part in (0, 1))
    best = max(words)
    names = [f"Week of {date_words(week, 'j F Y')}" for week in weeks]
    sentence = (
        f"Words published per week over {WEEKS} weeks: {sum(words):,} in all, {sum(own):,} of them yours; the most in "
        f"the week of {date_words(weeks[words.index(best)], 'j F')} with {best:,}."
    )
    chart = Chart(
        "words",
        "Words published per week",
        sentence,
        [date_words(week, "j M") for week in weeks],
        names,
        [Series("Yours", own), Series("Everybody’s", words, "rest")],
        "Week",
    )
    return {"chart": chart, "all": sum(words), "own": sum(own), "weeks": WEEKS, "this": own[-1]}
