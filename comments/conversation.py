"""What a page shows of a conversation: the threads it asks for, and what its visitor may do there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from blog import publication as site
from blog.heads import absolute
from blog.models import Post
from comments import rules, threads
from comments.models import Comment
from comments.threads import OLDEST, ORDERS, Node, Page
from comments.writing import words_of
from core import cache, languages, publication

Status = Comment.Status
# Long enough for a crowd, short enough for a name that changed.
_pages = cache.Group("conversation-page", timeout=120)
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class Conversation:
    """`closed` says why the visitor cannot write, empty where they can."""

    post: Post
    page: Page
    pings: list[Comment]
    closed: str
    asks_members: bool
    changeable_since: datetime

    @property
    def is_shown(self) -> bool:
        return bool(self.page.nodes or self.pings or not self.closed or self.asks_members)

    def address(self, number: int = 1, order: str = "") -> str:
        return address_of(self.post, number, order or self.page.order)

    @property
    def heading(self) -> str:
        return heading_of(self.post)

    @property
    def orders(self) -> list[tuple[str, str, str]]:
        """Each order's name in addresses, what it is called, and where it is found."""
        return [(name, str(label), self.address(1, name)) for name, label in ORDERS.items()]

    @property
    def earlier(self) -> str:
        return self.address(self.page.number - 1) if self.page.number > 1 else ""

    @property
    def later(self) -> str:
        return self.address(self.page.number + 1) if self.page.number < self.page.pages else ""


def speak(post: Post) -> None:
    """From here on the answer is in the language of a post."""
    translation.activate(languages.edition_of(post.content_language))


def address_of(post: Post, number: int = 1, order: str = OLDEST) -> str:
    """Where a page of the threads under a post is."""
    asked = {"comments": number} if number > 1 else {}
    query = urlencode(asked | ({"order": order} if order != OLDEST else {}))
    return post.get_absolute_url() + (f"?{query}" if query else "") + "#comments"


def under(post: Post, user: User | None, *, number: str = "1", order: str = OLDEST) -> Conversation | None:
    """What is said under a post, as addresses ask for it; None where there is no such page."""
    if not _NUMBER.fullmatch(number) or len(number) > 6 or order not in ORDERS:
        return None
    now = timezone.now()
    page = (
        Page([], 1, 1, 0, order) if not post.comment_count else threads.page_of(post, number=int(number), order=order)
    )
    if page is None or int(number) > page.pages:
        return None
    for node in page.rows:
        if node.comment is not None:
            node.comment.post = post
    closed = rules.why_closed(post, user, at=now)
    return Conversation(
        post=post,
        page=page,
        pings=threads.pings_of(post),
        closed=closed,
        asks_members=bool(closed) and user is None and not rules.why_closed(post, User(), at=now),
        changeable_since=changeable_since(now),
    )


def generation_of(post_id: int) -> str:
    """Renewed whenever strangers read something else under a post."""
    return f"conversation:{post_id}"


def kept(post: Post, number: str, order: str, make: Callable[[], SafeString]) -> SafeString:
    """What strangers get of a conversation, made anew after each change of it and when the post closes."""
    if not _NUMBER.fullmatch(number) or order not in ORDERS:
        return make()
    closed = rules.why_closed(post, None, at=timezone.now())
    facts = (post.pk, post.slug, post.comment_count, number, order, languages.key(), closed)
    generations = (generation_of(post.pk), rules.GENERATION, site.GENERATION)
    return _pages.get_or_compute(":".join(map(str, facts)), make, generation=generations)


def changeable_since(now: datetime) -> datetime:
    """What was written later may still be changed by its writer."""
    return now - timedelta(minutes=rules.current().edit_minutes)


def permalink_of(comment: Comment) -> str:
    """Where a comment is read: on its page under the post, or where its thread is continued."""
    number = threads.place_of(comment)
    page = threads.page_of(comment.post, number=number)
    if page and any(node.pk == comment.pk for node in page.rows):
        return address_of(comment.post, number).removesuffix("#comments") + f"#comment-{comment.pk}"
    return reverse("comment_thread", args=[comment.pk])


def part_of(comment: Comment, after: str = "") -> Node | None:
    """The thread from a comment on, for a page of its own; `after` as it stands in the address."""
    node = threads.thread_from(comment, after=int(after) if _NUMBER.fullmatch(after) else 0)
    waiting = [node] if node else []
    while waiting:
        here = waiting.pop()
        if here.comment is not None:
            here.comment.post = comment.post
        waiting += here.replies
    return node


def linked_data(talk: Conversation) -> dict[str, Any]:
    """What threads begin with, for search engines, as part of the article the page tells them of."""
    post = talk.post
    address = post.canonical_url or absolute(post.get_absolute_url())
    firsts = [node.comment for node in talk.page.nodes if node.comment is not None and node.comment.is_public]
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle" if publication.current().is_news else "Article",
        "@id": f"{address}#article",
        "commentCount": post.comment_count,
        "comment": [
            {
                "@type": "Comment",
                "url": absolute(comment.get_absolute_url()),
                "text": words_of(comment.content_html),
                "dateCreated": timezone.localtime(comment.created_at).isoformat(timespec="seconds"),
                "author": {"@type": "Person", "name": comment.writer_name},
            }
            for comment in firsts
        ],
    }


def heading_of(post: Post) -> str:
    """Over the conversation: "24 comments"."""
    if not post.comment_count:
        return _("Comments")
    number = number_format(post.comment_count, use_l10n=True, force_grouping=True)
    return ngettext("One comment", "%(number)s comments", post.comment_count) % {"number": number}


def told_writer(comment: Comment) -> str:
    """What became of a comment, in a sentence for who wrote it."""
    if comment.is_unconfirmed:
        return _("We have sent you a letter. Your comment appears once you follow the link in it.")
    return {
        Status.PENDING: _(
            "Thank you. Your changed comment waits for a moderator and appears again once it is approved."
        )
        if comment.edited_at and comment.approved_at
        else _("Thank you. Your comment waits for a moderator and appears once it is approved."),
        Status.APPROVED: _("Your comment is published."),
        Status.SPAM: _("Your comment was held back because it looks like spam."),
        Status.REJECTED: _("A moderator has not published your comment."),
        Status.DELETED: _("You have deleted this comment."),
    }[Status(comment.status)]
