"""What the dashboard says: today's facts for one person, in few queries."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.template.defaultfilters import date as date_words
from django.utils import timezone

from accounts.models import User
from blog.models import Post
from blog.querysets import HEAVY

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
SHOWN = 6


def number_word(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else f"{number:,}"


def desk_for(user: User, now: datetime | None = None) -> dict[str, Any]:
    """Everything on the dashboard of `user`: drafts, what waits, what comes next, what went live, and a greeting."""
    now = now or timezone.now()
    publishes = user.has_perm("blog.publish_post")
    posts = Post.objects.editable_by(user).not_trashed().select_related("author", "category").defer(*HEAVY)
    counts = (
        Post.objects.editable_by(user)
        .not_trashed()
        .order_by()
        .aggregate(
            pending=Count("pk", filter=Q(status="pending")),
            scheduled=Count("pk", filter=Q(status="scheduled")),
            published=Count("pk", filter=Q(status="published")),
            all=Count("pk"),
        )
    )
    scheduled = list(posts.filter(status="scheduled").order_by("scheduled_at")[:SHOWN])
    return {
        "greeting": f"{greeting_at(now)}, {user.first_name or user.display_name}",
        "publishes": publishes,
        "counts": counts,
        "drafts": list(posts.written_by(user).filter(status="draft").order_by("-updated_at")[:SHOWN]),
        "pending": list(posts.filter(status="pending").order_by("updated_at")[:SHOWN]),
        "scheduled": scheduled,
        "recent": list(posts.filter(status="published").order_by("-published_at")[:SHOWN]),
        "facts": facts(counts, scheduled, now, publishes),
    }


def greeting_at(now: datetime) -> str:
    hour = timezone.localtime(now).hour
    return "Good morning" if 4 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"


def facts(counts: dict[str, int], scheduled: list[Post], now: datetime, publishes: bool) -> str:
    """Today in one or two sentences."""
    today = timezone.localtime(now)
    waiting = counts["pending"]
    noun, verb = ("post", "waits") if waiting == 1 else ("posts", "wait")
    whose = "for you" if publishes else "for review"
    said = f"{number_word(waiting)} {noun} {verb} {whose}" if waiting else "Nothing waits for review"
    coming = scheduled[0] if scheduled else None
    if coming is None or coming.scheduled_at is None:
        plan = "nothing is scheduled"
    else:
        at = timezone.localtime(coming.scheduled_at)
        days = (at.date() - today.date()) // timedelta(days=1)
        day = {0: "today", 1: "tomorrow"}.get(days, f"on {date_words(at, 'j F')}")
        plan = f"“{coming.title}” goes live {day} at {date_words(at, 'H:i')}"
    return f"{date_words(today, 'l j F')}. {said}, and {plan}."
