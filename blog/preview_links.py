"""Secret addresses under which people without an account read one version of a post before everybody else."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django_structlog import signals as logging

from accounts import audit
from accounts.models import User
from accounts.roles import may
from blog import versions, writing
from blog.heads import absolute
from blog.models import Post, PostVersion, PreviewLink, Tag
from core.refusals import Refusal

TOKEN_BYTES = 24  # 192 bits: guessing is no way in
LONGEST = timedelta(days=90)
LONGEST_NAME = 100
_SECRET = re.compile(r"(/blog/preview/)[^/?\s]+")


@receiver(
    [
        logging.bind_extra_request_metadata,
        logging.bind_extra_request_finished_metadata,
        logging.bind_extra_request_failed_metadata,
    ]
)
def keep_tokens_out_of_the_log(log_kwargs: dict[str, Any] | None = None, **facts: Any) -> None:
    """Every request is logged with its address; this part of it is a key."""
    if log_kwargs and "request" in log_kwargs:
        log_kwargs["request"] = _SECRET.sub(r"\1…", log_kwargs["request"])


def make(
    post: Post,
    version: PostVersion,
    *,
    by: User,
    expires_at: datetime,
    name: str = "",
    at: datetime | None = None,
) -> tuple[PreviewLink, str]:
    """A new link to `version`, and its whole address, which can be told only now: nothing but its digest is kept.

    `name` says for whom it is. Raises Refusal.
    """
    now = at or timezone.now()
    name = " ".join(name.split())
    if not may(by, "blog.change_post", post):
        raise Refusal("You may show only posts of your own.")
    if version.post_id != post.pk:
        raise Refusal("This version belongs to another post.", field="version")
    if post.is_trashed:
        raise Refusal("The post is in the trash; restore it before you show it to anybody.")
    if not now < expires_at <= now + LONGEST:
        raise Refusal(f"A preview link works for at least a day and at most {LONGEST.days} days.", field="days")
    if len(name) > LONGEST_NAME:
        raise Refusal(f"Say for whom it is in at most {LONGEST_NAME} characters.", field="name")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic():
        link = PreviewLink.objects.create(
            post=post,
            version=version,
            token_hash=_digest(token),
            name=name,
            created_by=by,
            created_at=now,
            expires_at=expires_at,
        )
        audit.record(by, "made a preview link", post, note=_about(link), at=now)
    return link, absolute(reverse("preview", args=[token]))


def revoke(link: PreviewLink, *, by: User, at: datetime | None = None) -> bool:
    """End a link now; False when it was revoked before. Raises Refusal."""
    now = at or timezone.now()
    if not may(by, "blog.change_post", link.post):
        raise Refusal("You may revoke only links to posts of your own.")
    with transaction.atomic():
        if not PreviewLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=now):
            return False
        link.revoked_at = now
        audit.record(by, "revoked a preview link", link.post, note=_about(link), at=now)
    return True


def open(token: str, at: datetime) -> PreviewLink | None:
    """The link with this token, if it still works at `at`; expired, revoked, trashed and unknown are all the same."""
    links = PreviewLink.objects.select_related("post", "version")
    return links.filter(token_hash=_digest(token), revoked_at=None, expires_at__gt=at, post__trashed_at=None).first()


def count(link: PreviewLink, at: datetime) -> None:
    """Somebody opened it."""
    PreviewLink.objects.filter(pk=link.pk).update(opened_count=F("opened_count") + 1, last_opened_at=at)


def working(post: Post, at: datetime) -> QuerySet[PreviewLink]:
    """The links to a post that can still be opened, the newest first, with their versions but not what those say."""
    links = PreviewLink.objects.select_related("version", "created_by").defer("version__snapshot")
    return links.filter(post=post, revoked_at=None, expires_at__gt=at)


def as_read(link: PreviewLink) -> tuple[Post, list[Tag]]:
    """The post as readers would see this version of it, unsaved, with its tags. Raises Refusal when its text cannot be
    rendered."""
    post = Post.objects.for_page().get(pk=link.post_id)
    names, co_authors = versions.apply(link.version, post)
    # As it would stand there: not yet live is said by whoever shows it, not by the page itself.
    post.status = Post.Status.PUBLISHED
    writing.render(post)
    people = User.objects.filter(pk__in=[person.pk for person in co_authors]).select_related("author_profile")
    post._prefetched_objects_cache = {"co_authors": people}  # type: ignore[attr-defined]
    return post, list(Tag.objects.filter(name__in=names).order_by("name"))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _about(link: PreviewLink) -> str:
    whom = f" for {link.name}" if link.name else ""
    until = date_format(timezone.localtime(link.expires_at), "j F Y, H:i")
    return f"Version {link.version.number}{whom}, until {until}"
