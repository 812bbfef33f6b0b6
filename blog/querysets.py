"""The words for reading posts. `published()` is the one word for visibility."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from core import languages

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User
    from blog.models import Category, Post  # noqa: F401  (named in a string below)

# Never shown in a list, and up to a megabyte each.
HEAVY = ("content_markdown", "content_html", "table_of_contents")


class PostQuerySet(models.QuerySet["Post"]):
    def published(self) -> PostQuerySet:
        """What any stranger may read."""
        return self.filter(status="published", trashed_at__isnull=True)

    def articles(self) -> PostQuerySet:
        """Posts, not pages: what lists and feeds show."""
        return self.filter(kind="post")

    def pages(self) -> PostQuerySet:
        return self.filter(kind="page")

    def not_trashed(self) -> PostQuerySet:
        return self.filter(trashed_at__isnull=True)

    def editable_by(self, user: User) -> PostQuerySet:
        """What somebody may work on in the admin: their own, or all with the wider permission."""
        if user.has_perm("blog.change_others_post"):
            return self
        return self.filter(
            Q(author=user) | Q(pk__in=self.model.co_authors.through.objects.filter(user=user).values("post"))
        )

    def visible_to(self, user: User | AnonymousUser) -> PostQuerySet:
        """What somebody may read through any door: what is live, and what they may work on in whatever state it is."""
        if not (user.is_authenticated and user.has_perm("blog.change_post")):
            return self.published()
        if user.has_perm("blog.change_others_post"):
            return self
        mine = self.model.co_authors.through.objects.filter(user=user).values("post")
        return self.filter(Q(status="published", trashed_at__isnull=True) | Q(author=user) | Q(pk__in=mine))

    def written_by(self, user: User) -> PostQuerySet:
        return self.filter(
            Q(author=user) | Q(pk__in=self.model.co_authors.through.objects.filter(user=user).values("post"))
        )

    def under(self, category: Category) -> PostQuerySet:
        """In the category or anywhere below it."""
        return self.filter(
            category__tree_id=category.tree_id, category__lft__gte=category.lft, category__rght__lte=category.rght
        )

    def in_edition(self, code: str | None = None) -> PostQuerySet:
        """What the lists of an edition show, the one being read unless told: its own language; those of the main
        language show every post whose language has no edition."""
        code = code or languages.current()
        if code in languages.editions():
            return self.filter(_written_in(code))
        return self.exclude(_written_in(*languages.editions())) if languages.editions() else self

    def newest(self) -> PostQuerySet:
        return self.order_by("-published_at", "-pk")

    def for_lists(self) -> PostQuerySet:
        """With everything a list row shows, in one query, without the text."""
        return self.select_related("author__author_profile", "category", "featured_image").defer(*HEAVY)

    def for_page(self) -> PostQuerySet:
        """With everything the post's own page shows but its tags, and whether it has corrections to show."""
        corrections: Any = self.model._meta.get_field("corrections").related_model
        rows = corrections._default_manager.filter(post=models.OuterRef("pk"))
        return (
            self.select_related(
                "author__author_profile__avatar", "category", "featured_image", "og_image", "topic_cluster"
            )
            .defer("content_markdown")
            .annotate(is_corrected=models.Exists(rows))
        )


def _written_in(*codes: str) -> Q:
    """In one of these languages, or a kind of it."""
    wanted = Q()
    for code in codes:
        wanted |= Q(content_language__iexact=code) | Q(content_language__istartswith=f"{code}-")
    return wanted


class PostManager(models.Manager.from_queryset(PostQuerySet)):  # type: ignore[misc]
    use_in_migrations = False
