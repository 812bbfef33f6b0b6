"""Asking for a review and answering it. The states themselves are moved by `blog.publishing`, which calls this."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.template.defaultfilters import date as date_words
from django.urls import reverse
from django.utils import timezone

from accounts import notifications
from accounts.models import Notification, User
from accounts.notifications import notify
from accounts.roles import may
from blog import versions
from blog.models import PendingChange, Post, ReviewRequest
from core.refusals import Refusal

Decision = ReviewRequest.Decision


# --- asking and answering ---------------------------------------------------------------------------------------------
def open_request_of(post: Post) -> ReviewRequest | None:
    return ReviewRequest.objects.select_related("asked_by", "reviewer").filter(post=post, decided_at=None).first()


def ask(post: Post, *, by: User, reviewer: User | None, note: str, at: datetime) -> ReviewRequest:
    """Ask for a review of the newest version; an open request takes the new note and the new wish."""
    if reviewer == by:
        raise Refusal("Nobody reviews what they ask about; choose somebody else.", field="reviewer")
    earlier = open_request_of(post)
    if earlier is not None:
        forget_asking(earlier, at)
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
        priority="high",
        actor=by,
        target=post,
        text=f"{by.display_name} asks for a review of “{post}”." + (f" {note}" if note else ""),
        url=address_of(post),
        mail=True,
        at=at,
    )
    return request


def close(post: Post, decision: str, *, by: User | None, answer: str, at: datetime) -> None:
    """Answer the open request, if there is one, and tell everybody concerned what became of the post.

    Every step that brings a post forward or back calls it, after it has settled the times in `post` and, when it goes
    forward, before it writes the new state.
    """
    request = open_request_of(post)
    approved = decision == Decision.APPROVED
    if request is None:
        if approved:
            # A mail when the clock did it: somebody who published by hand will say so where it matters.
            note = answer if by is not None else ""
            sentence, category = f"“{post}” {becomes(post)}.", Notification.Category.PUBLICATION
            tell(writers_of(post), post, sentence, by=by, note=note, mail=by is None, at=at, category=category)
        return
    request.decision, request.decided_by, request.decided_at, request.answer = decision, by, at, answer[:1000]
    request.save(update_fields=["decision", "decided_by", "decided_at", "answer"])
    forget_asking(request, at)
    if approved:
        sentence = f"“{post}” was approved: it {becomes(post)}."
    elif decision == Decision.SENT_BACK:
        sentence = f"“{post}” was sent back."
    else:
        sentence = f"“{post}” {withdrawn(post)}."
    writers = writers_of(post, also=[request.asked_by])
    tell(writers, post, sentence, by=by, note=answer, mail=True, at=at)
    if request.reviewer is not None and request.reviewer not in writers:
        # Whoever was wished need not look any more; that is worth a line, not a mail.
        tell([request.reviewer], post, sentence, by=by, note=answer, mail=False, at=at)


def withdrawn(post: Post) -> str:
    """How a request ended without an answer, in words that follow the name of the post."""
    if post.is_trashed:
        return "was moved to the trash and no longer waits for review"
    if post.is_public and not PendingChange.objects.filter(post_id=post.pk).exists():
        return "no longer waits for review: its changes were discarded"
    return "was taken back from review"


def becomes(post: Post) -> str:
    """What approving it now leads to, in words that follow the name of the post."""
    if post.is_public:
        change = PendingChange.objects.filter(post_id=post.pk).first()
        if change is None or change.go_live_at is None:
            return "shows its changes to readers now"
        return f"will show its changes on {in_words(change.go_live_at)}"
    return f"goes live on {in_words(post.scheduled_at)}" if post.scheduled_at else "is live"


def in_words(moment: datetime) -> str:
    return date_words(timezone.localtime(moment), "j F Y, H:i")


def forget_asking(request: ReviewRequest, at: datetime) -> None:
    """Nobody has to act on this asking any more."""
    notifications.retire(request.post, category="review", told_at=request.asked_at, at=at)


# --- telling ----------------------------------------------------------------------------------------------------------
def address_of(post: Post) -> str:
    return reverse("admin:blog_post_change", args=[post.pk])


def tell(
    people: Iterable[User],
    post: Post,
    sentence: str,
    *,
    by: User | None,
    note: str,
    mail: bool,
    at: datetime,
    category: str = Notification.Category.REVIEW,
) -> None:
    """Tell those who may see the post: whoever lost that right since is not told its title."""
    notify(
        [person for person in people if may(person, "blog.view_post", post)],
        category=category,
        actor=by,
        target=post,
        text=f"{sentence} {note}".strip(),
        url=address_of(post),
        mail=mail,
        at=at,
    )


def writers_of(post: Post, also: Iterable[User | None] = ()) -> list[User]:
    """The author, the co-authors and whoever else is concerned."""
    people = [post.author, *post.co_authors.all(), *(person for person in also if person is not None)]
    return list({person.pk: person for person in people}.values())


def hold(post: Post, sentence: str, planner: User | None, *, at: datetime) -> None:
    """The clock did not bring it out: ask whoever planned it to look again, and tell them and the author why.

    When the planner is gone or may no longer publish, everybody who may is asked.
    """
    if planner is not None and not may(planner, "blog.publish_post", post):
        planner = None
    ReviewRequest.objects.update_or_create(
        post=post,
        decided_at=None,
        defaults={
            "version": versions.latest(post),
            "asked_by": None,
            "reviewer": planner,
            "note": f"Held by the clock: {sentence}"[:1000],
            "asked_at": at,
        },
    )
    people = [post.author, *([planner] if planner else reviewers_of(post))]
    notify(
        [person for person in people if may(person, "blog.view_post", post)],
        category="publication",
        priority="urgent",
        target=post,
        text=f"“{post}” did not go live as planned: {sentence}",
        url=address_of(post),
        mail=True,
        at=at,
    )


# --- who --------------------------------------------------------------------------------------------------------------
def reviewers_of(post: Post | None) -> list[User]:
    """Everybody who may publish this post, by name; `post` None: any post."""
    people = get_user_model()._default_manager.filter(is_active=True)
    found = people.filter(Q(pk__in=allowed("publish_post")) | Q(is_superuser=True))
    wider = Q(is_superuser=True) | Q(pk__in=allowed("change_others_post"))
    if post is not None:
        wider |= Q(pk=post.author_id) | Q(pk__in=post.co_authors.values("pk"))
    return list(found.filter(wider).order_by("first_name", "last_name", "username"))


def allowed(codename: str) -> QuerySet[User, int]:
    """The ids of those whose role has a permission of this app."""
    permission = Q(groups__permissions__codename=codename, groups__permissions__content_type__app_label="blog")
    return get_user_model()._default_manager.filter(permission).values_list("pk", flat=True)


# --- the queue --------------------------------------------------------------------------------------------------------
def open_requests() -> QuerySet[ReviewRequest]:
    return ReviewRequest.objects.filter(decided_at=None, post__trashed_at__isnull=True)


def waiting_for(user: User) -> QuerySet[ReviewRequest]:
    """What `user` may answer and did not ask for: where they are wished, then where nobody is; the oldest first."""
    if not (may(user, "blog.publish_post") and may(user, "blog.change_others_post")):
        return ReviewRequest.objects.none()
    turn = Case(
        When(reviewer=user, then=Value(0)),
        When(reviewer=None, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return for_lists(open_requests().exclude(asked_by=user)).order_by(turn, "asked_at", "pk")


def asked_for(user: User) -> QuerySet[ReviewRequest]:
    """What waits for others to answer: what `user` asked for, and what was asked about posts they write."""
    if not may(user, "blog.submit_post"):
        return ReviewRequest.objects.none()
    mine = (
        Q(asked_by=user)
        | Q(post__author=user)
        | Q(post__in=Post.co_authors.through.objects.filter(user=user).values("post"))
    )
    found = open_requests().filter(mine, post__in=Post.objects.editable_by(user).order_by().values("pk"))
    if may(user, "blog.publish_post") and may(user, "blog.change_others_post"):
        # What somebody else asked about their post is among those they may answer.
        found = found.filter(asked_by=user)
    return for_lists(found).order_by("asked_at", "pk")


def for_lists(requests: QuerySet[ReviewRequest]) -> QuerySet[ReviewRequest]:
    """With everything a row of the queue shows, without the texts."""
    return requests.select_related("post__author", "asked_by", "reviewer", "version").defer(
        "post__content_markdown", "post__content_html", "post__table_of_contents", "version__snapshot"
    )


def history_of(post: Post) -> QuerySet[ReviewRequest]:
    """Every request about a post and its answer, the newest first."""
    people = ("asked_by", "reviewer", "decided_by", "version")
    return ReviewRequest.objects.filter(post=post).select_related(*people).defer("version__snapshot")


def versions_seen_before(requests: Iterable[ReviewRequest]) -> dict[int, int]:
    """For each request (its id) the number of the version to compare with; none where nobody saw one yet.

    That is what readers see or, of a post that is not live, what a reviewer saw last.
    """
    waiting = list(requests)
    found = {request.pk: request.post.current_version for request in waiting if request.post.is_public}
    answered = ReviewRequest.objects.filter(
        post__in=[request.post_id for request in waiting if not request.post.is_public],
        decision__in=[Decision.APPROVED, Decision.SENT_BACK],
        version__isnull=False,
    )
    last = dict(answered.order_by("decided_at", "pk").values_list("post", "version__number"))
    return found | {request.pk: last[request.post_id] for request in waiting if request.post_id in last}


def claim(pk: int, *, by: User, seen: int | None = None) -> ReviewRequest:
    """The open request `by` is about to answer, with its post locked; call it inside a transaction.

    `seen` is the number of the version the answer is about. Raises Refusal when somebody answered before, when it is
    one's own, and when the post has changed since.
    """
    request = ReviewRequest.objects.select_related("asked_by", "decided_by").get(pk=pk)
    post = Post.objects.select_for_update(of=("self",)).filter(pk=request.post_id).first()
    if post is None:
        raise Refusal("This post was deleted meanwhile.")
    # Whoever held the lock before may have answered.
    request.refresh_from_db()
    request.post = post
    if request.decided_at is not None:
        name = request.decided_by.display_name if request.decided_by else "The clock"
        done = Decision(request.decision).label.lower()
        raise Refusal(f"{name} was first: “{post}” was {done} on {in_words(request.decided_at)}.")
    if request.asked_by_id == by.pk:
        raise Refusal("You asked for this review yourself; somebody else answers it.")
    if seen is not None and seen != post.content_version:
        raise Refusal(f"“{post}” was saved again since, as version {post.content_version}; look at it first.")
    return request
