"""Asking for a review and answering it. The states themselves are moved by `blog.publishing`, which calls this."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from accounts.notifications import notify
from blog import versions
from blog.models import Post, ReviewRequest

Decision = ReviewRequest.Decision


def open_request_of(post: Post) -> ReviewRequest | None:
    return ReviewRequest.objects.select_related("asked_by", "reviewer").filter(post=post, decided_at=None).first()


def ask(post: Post, *, by: User, reviewer: User | None, note: str, at: datetime) -> ReviewRequest:
    """Ask for a review of the newest version; an open request takes the new note and the new wish."""
    request, _ = ReviewRequest.objects.update_or_create(
        post=post,
        decided_at=None,
        defaults={
            "version": versions.latest(post),
            "asked_by": by,
            "reviewer": reviewer,
            "note": note[:1000],
            "asked_at": at,
        },
    )
    notify(
        [reviewer] if reviewer else reviewers_of(post),
        category="review",
        actor=by,
        target=post,
        text=f"{by.display_name} asks for a review of “{post}”." + (f" {note}" if note else ""),
        url=reverse("admin:blog_post_change", args=[post.pk]),
        mail=True,
    )
    return request


def close(post: Post, decision: str, *, by: User | None, answer: str, at: datetime) -> None:
    """Answer the open request, if there is one, and tell whoever asked and wrote."""
    request = open_request_of(post)
    if request is None:
        return
    request.decision, request.decided_by, request.decided_at, request.answer = decision, by, at, answer[:1000]
    request.save(update_fields=["decision", "decided_by", "decided_at", "answer"])
    words = {Decision.APPROVED: "approved", Decision.SENT_BACK: "sent back", Decision.WITHDRAWN: "withdrawn"}
    tell_writers(post, f"“{post}” was {words[Decision(decision)]}.", by=by, note=answer, also=[request.asked_by])


def tell_writers(post: Post, sentence: str, *, by: User | None, note: str = "", also: list[User | None]) -> None:
    """Tell the author, the co-authors and whoever else is concerned, but not whoever did it."""
    people = [post.author, *post.co_authors.all(), *(person for person in also if person is not None)]
    notify(
        people,
        category="review",
        actor=by,
        target=post,
        text=f"{sentence} {note}".strip(),
        url=reverse("admin:blog_post_change", args=[post.pk]),
        mail=True,
    )


def tell_held(post: Post, sentence: str, planner: User | None) -> None:
    """Tell whoever planned it, and the author, that the clock did not bring it out, and why."""
    notify(
        [post.author, *([planner] if planner else reviewers_of(post))],
        category="publication",
        priority="urgent",
        target=post,
        text=f"“{post}” did not go live as planned: {sentence}",
        url=reverse("admin:blog_post_change", args=[post.pk]),
        mail=True,
    )


def reviewers_of(post: Post) -> list[User]:
    """Everybody who may publish this post."""
    may_publish = Q(groups__permissions__codename="publish_post", groups__permissions__content_type__app_label="blog")
    people = get_user_model()._default_manager.filter(is_active=True)
    return list(people.filter(may_publish | Q(is_superuser=True)).distinct())
