"""Filters of the list of posts. Their choices are one small query each, or none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property

from blog.admin.post_form import LANGUAGES
from blog.models import Category, Post
from blog.querysets import PostQuerySet
from core import cache
from core.refusing_admin import is_id

STATES = (
    ("draft", "Drafts"),
    ("pending", "Pending"),
    ("scheduled", "Scheduled"),
    ("published", "Published"),
    ("changes", "With changes"),
    ("archived", "Archived"),
    ("trash", "Trash"),
)


_kept = cache.Group("filter-choices", timeout=60)


class StateFilter(admin.SimpleListFilter):
    """The tabs over the list: all that is not thrown away, one state, or the trash; each with its count."""

    title = "state"
    parameter_name = "state"
    template = "admin/blog/post/tabs.html"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: type, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.all_of_them: PostQuerySet = model_admin.get_queryset(request)
        request.state_filter = self  # type: ignore[attr-defined]

    @cached_property
    def counts(self) -> dict[str, int]:
        return self.all_of_them.order_by().aggregate(
            all=Count("pk", filter=Q(trashed_at__isnull=True)),
            trash=Count("pk", filter=Q(trashed_at__isnull=False)),
            changes=Count("pk", filter=Q(pending_change__isnull=False, trashed_at__isnull=True)),
            **{status: Count("pk", filter=Q(status=status, trashed_at__isnull=True)) for status in Post.Status.values},
        )

    def lookups(self, request: HttpRequest, model_admin: Any) -> tuple[tuple[str, str], ...]:
        return STATES

    def queryset(self, request: HttpRequest, queryset: PostQuerySet) -> PostQuerySet:
        if self.value() == "trash":
            return queryset.filter(trashed_at__isnull=False)
        if self.value() == "changes":
            return queryset.filter(pending_change__isnull=False, trashed_at__isnull=True)
        if self.value() in Post.Status.values:
            return queryset.filter(status=self.value(), trashed_at__isnull=True)
        return queryset.not_trashed()

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        drop = ["p"]
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name, *drop]),
            "display": "All",
            "count": self.counts["all"],
        }
        for value, label in STATES:
            if value == "changes" and not self.counts[value] and self.value() != value:
                continue
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}, drop),
                "display": label,
                "count": self.counts[value],
            }


class CategoryFilter(admin.SimpleListFilter):
    """A category with everything below it."""

    title = "category"
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = _kept.get_or_compute(
            "categories", lambda: list(Category.objects.order_by("tree_id", "lft")), generation="taxonomy"
        )
        self.rows = {str(row.pk): row for row in rows}
        return [(pk, "\u2003" * row.level + row.name) for pk, row in self.rows.items()] + [("none", "Without one")]

    def queryset(self, request: HttpRequest, queryset: PostQuerySet) -> PostQuerySet:
        if self.value() == "none":
            return queryset.filter(category__isnull=True)
        row = self.rows.get(self.value() or "")
        return queryset.under(row) if row else queryset


class AuthorFilter(admin.SimpleListFilter):
    title = "author"
    parameter_name = "author"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        if not request.user.has_perm("blog.change_others_post"):  # type: ignore[union-attr]
            return []
        return _kept.get_or_compute("authors", self.staff)

    def staff(self) -> list[tuple[str, str]]:
        people = get_user_model()._default_manager.filter(is_staff=True)[:200]
        return [(str(person.pk), str(person)) for person in people]

    def queryset(self, request: HttpRequest, queryset: PostQuerySet) -> PostQuerySet:
        chosen = self.value() or ""
        if not is_id(chosen):
            return queryset
        shared = Post.co_authors.through.objects.filter(user=chosen).values("post")
        return queryset.filter(Q(author=chosen) | Q(pk__in=shared))


class TagFilter(admin.SimpleListFilter):
    """Offered once a tag was chosen on the page of tags; a list of all tags would be longer than the posts."""

    title = "tag"
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = request.GET.get("tag", "").replace("\0", "")
        return [(chosen, chosen)] if chosen else []

    def queryset(self, request: HttpRequest, queryset: PostQuerySet) -> PostQuerySet:
        known = {value for value, _ in self.lookup_choices}
        return queryset.filter(tagged__tag__slug=self.value()) if self.value() in known else queryset


class ReviewFilter(admin.SimpleListFilter):
    """Live posts by when somebody should read them again."""

    title = "review"
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> tuple[tuple[str, str], ...]:
        return (("overdue", "Overdue"), ("soon", "Due in 30 days"), ("never", "Never due"))

    def queryset(self, request: HttpRequest, queryset: PostQuerySet) -> PostQuerySet:
        now = timezone.now()
        match self.value():
            case "overdue":
                return queryset.filter(review_due_at__lte=now)
            case "soon":
                return queryset.filter(review_due_at__gt=now, review_due_at__lte=now + timedelta(days=30))
            case "never":
                return queryset.published().filter(review_due_at__isnull=True)
        return queryset


class LanguageFilter(admin.SimpleListFilter):
    title = "language"
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(LANGUAGES)

    def queryset(self, request: HttpRequest, queryset: PostQuerySet) -> PostQuerySet:
        return queryset.filter(content_language=self.value()) if self.value() in dict(LANGUAGES) else queryset
