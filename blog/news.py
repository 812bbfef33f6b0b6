"""Telling followers that something was published.

A row is written in the transaction that publishes, and goes in the one that tells: each follower hears of a post once,
though a worker dies in the middle, and never of one that is live no more.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Follow, Notification, User
from accounts.notifications import notify
from blog.models import Post, PostNews, SubjectFollow
from core import languages

AT_ONCE = 50


def keep(post: Post, *, at: datetime) -> None:
    """Followers are to be told of it, in the current transaction."""
    if post.kind == Post.Kind.POST:
        PostNews.objects.get_or_create(post=post, defaults={"created_at": at})


def tell_waiting(at: datetime | None = None) -> int:
    """Tell of all that waits; returns how many people were told."""
    now = at or timezone.now()
    waiting = PostNews.objects.filter(post__in=Post.objects.published()).order_by("pk").values_list("pk", flat=True)
    return sum(tell(pk, at=now) for pk in list(waiting[:AT_ONCE]))


@transaction.atomic
def tell(news_id: int, *, at: datetime) -> int:
    """Tell the followers of one post; returns how many, none where somebody else does."""
    news = PostNews.objects.select_for_update(skip_locked=True).filter(pk=news_id).first()
    post = Post.objects.published().select_related("author").filter(news=news).first() if news else None
    if news is None or post is None:
        return 0
    news.delete()
    writers = [post.author, *post.co_authors.all()]
    with translation.override(languages.main()):
        text = _("%(name)s published “%(title)s”.") % {"name": post.author.display_name, "title": post.title}
    told = notify(
        followers_of(post, writers).exclude(pk__in=[writer.pk for writer in writers]),
        category=Notification.Category.NEWS,
        text=text,
        url=post.get_absolute_url(),
        actor=post.author,
        target=post,
        mail=True,
        at=at,
    )
    return len(told)


def followers_of(post: Post, writers: list[User]) -> QuerySet[User]:
    """Who follows its writers, its category or one above it, its tags or its topic; each once."""
    subjects = Q(tag__in=post.tags.all())
    if post.category is not None:
        subjects |= Q(category__in=post.category.get_ancestors(include_self=True))
    if post.topic_cluster_id is not None:
        subjects |= Q(topic=post.topic_cluster_id)
    people = Follow.objects.filter(followed__in=writers).values("follower")
    interested = SubjectFollow.objects.filter(subjects).values("follower")
    return User.objects.filter(Q(pk__in=people) | Q(pk__in=interested), is_active=True)
