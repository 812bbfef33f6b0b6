"""Rendering posts anew when what they show has changed: a picture in the text, or the renderer itself.

A post whose `render_version` is not the current one waits for it. That mark is the truth; the queue and the clock only
ask to have it seen to. The text stays as it is, so there is no version of it and no new date.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.core.cache import caches
from django.db import transaction
from django.db.models import Q

from accounts.models import AuthorProfile
from blog import links, writing
from blog.models import Post, PostAsset
from core import cache, markup
from core.refusals import Refusal

log = logging.getLogger(__name__)

BATCH = 50
# Seconds until what failed is tried again.
AGAIN_AFTER = 600


def mark(asset_id: int) -> int:
    """Let the posts whose text shows a picture be rendered anew; returns how many."""
    showing = PostAsset.objects.filter(asset=asset_id).values("post")
    return Post.objects.filter(pk__in=showing).update(render_version=0)


def mark_posts(posts: Iterable[int]) -> int:
    """As `mark`, for posts by their ids."""
    return Post.objects.filter(pk__in=posts).update(render_version=0)


def mark_all() -> int:
    """As `mark`, for every picture there is."""
    return Post.objects.filter(pk__in=PostAsset.objects.values("post")).update(render_version=0)


def shows_as_picture(asset_id: int) -> bool:
    """Whether it is the picture of a post, of a share card or of somebody who writes: what pages ask for themselves."""
    posts = Post.objects.filter(Q(featured_image=asset_id) | Q(og_image=asset_id))
    return posts.exists() or AuthorProfile.objects.filter(avatar=asset_id).exists()


def waiting() -> int:
    """How many posts wait to be rendered anew."""
    return Post.objects.filter(render_version__lt=markup.RENDER_VERSION).count()


def render_waiting(most: int = BATCH) -> int:
    """Render at most so many posts that wait, those whose pictures changed first; returns how many were seen to.

    One that fails does not count, so that many of them keep nobody from being rendered; it is left alone for a while.
    """
    rows = Post.objects.filter(render_version__lt=markup.RENDER_VERSION).order_by("render_version", "-pk")
    done = 0
    for pk in list(rows.values_list("pk", flat=True)):
        if done >= most:
            break
        if caches["default"].get(_failed_key(pk)):
            continue
        try:
            done += render_one(pk)
        except Exception:
            log.exception("post %s could not be rendered anew; it goes on waiting", pk)
            caches["default"].set(_failed_key(pk), True, AGAIN_AFTER)
    return done


def _failed_key(pk: int) -> str:
    return f"post-not-rendered:{pk}"


def render_one(pk: int) -> bool:
    """Render one post that waits, unless somebody was faster. A text that cannot be rendered keeps what it has."""
    rows = Post.objects.filter(pk=pk, render_version__lt=markup.RENDER_VERSION)
    text = rows.values_list("content_markdown", "content_language").first()
    if text is None:
        return False
    writing.render_ahead(*text)
    with transaction.atomic():
        # Whoever saves it waits, or is waited for: the last of them renders what there is then.
        post = rows.select_for_update(no_key=True).first()
        if post is None:
            return False
        before = post.content_html
        try:
            writing.render(post)
        except Refusal as refusal:
            log.error("post %s keeps the HTML it has: %s", pk, refusal.sentence)
            post.render_version = markup.RENDER_VERSION
        Post.objects.filter(pk=pk).update(**{name: getattr(post, name) for name in writing.COMPUTED})
        if post.content_html != before:
            links.keep(post)
            if post.is_public:
                cache.renew("posts")
    return True
