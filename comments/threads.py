"""Reading: the threads under a post as a tree, a page of them at a time, in three questions however long they are.

Why not MPTT: fifty replies at once to one comment damaged its tree silently. A thread is what has its root, the tree is
built here.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q, Window
from django.utils.translation import gettext_lazy as _

from blog.models import Post
from comments.models import Comment
from comments.querysets import CommentQuerySet
from comments.rules import DEPTH_SHOWN

Status = Comment.Status
OLDEST, NEWEST, BEST = "oldest", "newest", "best"
ORDERS = {OLDEST: _("Oldest first"), NEWEST: _("Newest first"), BEST: _("Best first")}
_BY = {OLDEST: ("created_at", "pk"), NEWEST: ("-created_at", "-pk"), BEST: ("-like_count", "created_at", "pk")}
THREADS_A_PAGE = 20
# Of one page; what is beyond is read on the page of its thread.
MOST_SHOWN = 200
# Of one comment under the post, so that one thread does not take the room of all.
MOST_REPLIES = 50


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is told at once: how deep below a first comment, how many comments, how many answers to one of them;
    and how many of those where a thread is told by itself."""

    depth: int = DEPTH_SHOWN
    comments: int = MOST_SHOWN
    replies: int = MOST_REPLIES
    replies_by_itself: int = MOST_SHOWN


ON_PAGES = Bounds()
# Programs draw threads themselves: every depth there is.
FOR_PROGRAMS = Bounds(depth=sys.maxsize, comments=1_000, replies=1_000, replies_by_itself=1_000)


@dataclass(slots=True)
class Node:
    """One comment of a tree. `comment` is None only for a moment while the tree is built.

    `more` are its replies that are not shown here: they are read on a page of their own, `after` the last reply that is
    shown here (0: none is). What was removed, or waits
    once more for a moderator, and has replies stands here without its words.
    """

    pk: int
    depth: int
    is_shown: bool = True
    comment: Comment | None = None
    replies: list[Node] = field(default_factory=list)
    more: int = 0
    after: int = 0
    answers: str = ""

    @property
    def is_removed(self) -> bool:
        return self.comment is None or not self.comment.is_public


@dataclass(frozen=True, slots=True)
class Page:
    """A page of threads. `count` is that of all comments under the post, `threads` how many pages are made of."""

    nodes: list[Node]
    number: int
    pages: int
    threads: int
    order: str

    @property
    def rows(self) -> list[Node]:
        """Every comment shown, in reading order."""
        return list(walk(self.nodes))


def page_of(post: Post, *, number: int = 1, order: str = OLDEST, bounds: Bounds = ON_PAGES) -> Page | None:
    """A page of the threads under a post; None where there is no such page."""
    start = (number - 1) * THREADS_A_PAGE
    # How many there are in all comes with each of them, and is not another question.
    roots = _roots(post).annotate(total=Window(Count("pk"))).order_by(*_BY[order]).values_list("pk", "total")
    wanted = list(roots[start : start + THREADS_A_PAGE])
    if not wanted and number > 1:
        return None
    total = wanted[0][1] if wanted else 0
    pages = max(1, -(-total // THREADS_A_PAGE))
    return Page(_trees([pk for pk, _total in wanted], bounds), number, pages, total, order)


def thread_from(comment: Comment, *, after: int = 0, bounds: Bounds = ON_PAGES) -> Node | None:
    """The part of a thread that begins with a comment, for the page that continues it; `after` is the last of its
    replies that were shown before."""
    nodes = _trees([comment.root_id or comment.pk], bounds, begin_with=comment.pk, after=after)
    return nodes[0] if nodes else None


def depth_of(comment: Comment) -> int:
    """How many comments are above one, up to the first of its thread."""
    if comment.root_id is None:
        return 0
    above = dict(Comment.objects.filter(root=comment.root_id).order_by().values_list("pk", "parent"))
    depth, here = 1, comment.parent_id
    while here in above:
        depth, here = depth + 1, above[here]
    return depth


def place_of(comment: Comment, order: str = OLDEST) -> int:
    """On which page of its post's threads a comment is found."""
    root = comment.root if comment.root_id and comment.root else comment
    before = {
        OLDEST: Q(created_at__lt=root.created_at) | Q(created_at=root.created_at, pk__lt=root.pk),
        NEWEST: Q(created_at__gt=root.created_at) | Q(created_at=root.created_at, pk__gt=root.pk),
        BEST: Q(like_count__gt=root.like_count)
        | Q(like_count=root.like_count, created_at__lt=root.created_at)
        | Q(like_count=root.like_count, created_at=root.created_at, pk__lt=root.pk),
    }[order]
    return _roots(comment.post).filter(before).count() // THREADS_A_PAGE + 1


def pings_of(post: Post) -> list[Comment]:
    """What other sites said of a post, the newest first; a hundred at most."""
    return list(Comment.objects.filter(post=post, kind="ping", status=Status.APPROVED).order_by("-created_at")[:100])


def _roots(post: Post) -> CommentQuerySet:
    """The first comments of threads with something to read: themselves, or a reply that readers see."""
    answered = Comment.objects.filter(root=OuterRef("pk"), status=Status.APPROVED)
    return (
        Comment.objects.comments()
        .filter(post=post, root__isnull=True)
        .filter(Q(status=Status.APPROVED) | Exists(answered))
    )


def _trees(roots: Sequence[int], bounds: Bounds, *, begin_with: int | None = None, after: int = 0) -> list[Node]:
    """The trees of these threads, with the words of what is shown.

    First who answers whom, of all; then the words of those that are shown.
    """
    if not roots:
        return []
    links = list(
        Comment.objects.filter(Q(pk__in=roots) | Q(root__in=roots))
        .order_by("created_at", "pk")
        .values_list("pk", "parent_id", "status")
    )
    below: dict[int | None, list[int]] = defaultdict(list)
    is_public = {pk: status == Status.APPROVED for pk, _parent, status in links}
    for pk, parent, _status in links:
        below[parent].append(pk)
    alive = _alive(links, is_public)
    left = bounds.comments
    most_replies = bounds.replies if begin_with is None else bounds.replies_by_itself
    nodes: list[Node] = []
    found: dict[int, Node] = {}
    for root in [begin_with] if begin_with is not None else roots:
        if root not in alive:
            continue
        top = Node(root, 0)
        found[root] = top
        nodes.append(top)
        left -= 1
        waiting = [top]
        # Breadth first would show beginnings only; a stack, in reading order, and no recursion: chains are long.
        while waiting:
            node = waiting.pop()
            replies = [pk for pk in below[node.pk] if pk in alive]
            if node is top and after in replies:
                replies = replies[replies.index(after) + 1 :]
            room = 0 if node.depth >= bounds.depth else max(0, min(left, most_replies))
            fitting, beyond = replies[:room], replies[room:]
            left -= len(fitting)
            node.more, node.after = sum(alive[pk] for pk in beyond), fitting[-1] if beyond and fitting else 0
            for pk in fitting:
                reply = Node(pk, node.depth + 1)
                found[pk] = reply
                node.replies.append(reply)
            waiting += reversed(node.replies)
    for comment in Comment.objects.with_writers().filter(pk__in=found):
        found[comment.pk].comment = comment
    return nodes


def _alive(links: Iterable[tuple[int, int | None, str]], is_public: dict[int, bool]) -> dict[int, int]:
    """Of comments that readers see, or that have such a reply below: how many they see from there on downwards."""
    counts: dict[int, int] = defaultdict(int)
    parent_of = {pk: parent for pk, parent, _status in links}
    # The younger first: a reply is always younger than what it answers.
    for pk in sorted(parent_of, reverse=True):
        counts[pk] += is_public[pk]
        parent = parent_of[pk]
        if parent is not None and counts[pk]:
            counts[parent] += counts[pk]
    return {pk: number for pk, number in counts.items() if number}


def walk(nodes: Iterable[Node]) -> Iterable[Node]:
    """These comments and what answers them, in reading order."""
    waiting = list(nodes)[::-1]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.replies)
