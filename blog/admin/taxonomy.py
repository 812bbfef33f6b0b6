"""Categories as a tree to be dragged, tags, topics. All writes to the tree are blog.taxonomy's."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from accounts import audit
from accounts.admin.audited import AuditedAdmin
from accounts.admin.lists import ListTools
from blog import taxonomy
from blog.heads import absolute
from blog.models import Category, Tag, TaggedPost, TopicCluster
from blog.models.taxonomy import tag_key
from blog.signals import taxonomy_changed
from core.events import announce
from core.refusals import Refusal
from core.refusing_admin import RefusingAdmin, RefusingForm, is_id

POSITIONS = {"last-child": "below", "first-child": "first below", "left": "before", "right": "after"}


class CategoryForm(RefusingForm):
    slug = forms.CharField(max_length=120, required=False, help_text="Empty: made from the name.")


@admin.register(Category)
class CategoryAdmin(AuditedAdmin, ListTools, RefusingAdmin):
    form = CategoryForm
    fields = ("name", "slug", "parent", "description", "review_after_days", "meta_title", "meta_description")
    search_fields = ("name", "path")
    csv_columns = (
        ("Name", lambda row: row.name),
        ("Address", lambda row: absolute(row.get_absolute_url())),
        ("Path", lambda row: row.path),
        ("Posts", lambda row: row.posts_in_it),
        ("Review after days", lambda row: row.review_after_days),
        ("Created", lambda row: row.created_at),
        ("Changed", lambda row: row.updated_at),
    )

    def csv_rows(self, rows: Any) -> Any:
        return rows.annotate(posts_in_it=Count("posts"))

    def get_urls(self) -> list[Any]:
        move = path("move/", self.admin_site.admin_view(self.move_view), name="blog_category_move")
        return [move, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The whole tree on one page."""
        if request.GET or request.method == "POST":
            return super().changelist_view(request, extra_context)
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = Category.objects.annotate(post_count=Count("posts")).order_by("tree_id", "lft")
        context = {
            **self.admin_site.each_context(request),
            "title": "Categories",
            "opts": self.opts,
            "categories": rows,
            "positions": POSITIONS,
            "may_change": self.has_change_permission(request),
            "may_add": self.has_add_permission(request),
            "csv_url": reverse("admin:blog_category_csv"),
        }
        return TemplateResponse(request, "admin/blog/category/tree.html", context)

    def move_view(self, request: HttpRequest) -> HttpResponse:
        """POST: category, target (empty: the top) and position."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        numbers = {name: request.POST.get(name, "") for name in ("category", "target")}
        category = get_object_or_404(Category, pk=numbers["category"] if numbers["category"].isdecimal() else 0)
        target = get_object_or_404(Category, pk=numbers["target"]) if numbers["target"].isdecimal() else None
        before = category.path
        try:
            with transaction.atomic():
                position = request.POST.get("position", "last-child")
                moved = taxonomy.move_category(category, target=target, position=position)
                changes = {"address": (before, moved.path)} if moved.path != before else {}
                audit.record(request.user, "moved", moved, changes=changes)
            messages.success(request, f"“{moved.name}” moved. {addresses_said(before, moved)}".strip())
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        return HttpResponseRedirect(f"{reverse('admin:blog_category_changelist')}#category-{category.pk}")

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        before = Category.objects.values_list("path", flat=True).get(pk=obj.pk) if change else ""
        saved = taxonomy.save_category(obj)
        if change and (said := addresses_said(before, saved)):
            messages.info(request, said)

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        taxonomy.delete_category(obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Posts and categories that hang on it are named by the rule itself."""
        return [str(category) for category in objs], {"categories": len(objs)}, set(), []


def addresses_said(before: str, category: Category) -> str:
    """How many old addresses now lead to new ones, in a sentence; empty when none."""
    if before == category.path:
        return ""
    number = category.get_descendant_count() + 1
    led = "Its old address leads" if number == 1 else f"Its old address and {number - 1} below it lead"
    return f"It lives at {category.get_absolute_url()} now. {led} there."


class NamedForm(RefusingForm):
    """A name, and an address made from it when nobody typed one."""

    slug = forms.CharField(
        label="Address",
        max_length=120,
        required=False,
        help_text="Empty: made from the name. A new name keeps the address until you change it; the old one leads on.",
    )

    def clean_slug(self) -> str:
        typed, name = self.cleaned_data["slug"], self.cleaned_data.get("name", "")
        try:
            return taxonomy.slug_for(self._meta.model, typed, name, exclude_pk=self.instance.pk)
        except Refusal as refusal:
            raise forms.ValidationError(refusal.sentence) from None


class TagForm(NamedForm):
    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        try:
            taxonomy.refuse_same_tag(name, self.instance.pk)
        except Refusal as refusal:
            raise forms.ValidationError(refusal.sentence) from None
        return name


class AnnouncingAdmin(AuditedAdmin, ListTools, RefusingAdmin):
    """Says to the rest of the house that something posts are filed under has changed; old addresses lead on."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = type(obj)._default_manager.get(pk=obj.pk).get_absolute_url() if change else ""
        taxonomy.save_named(obj)
        if change and before != obj.get_absolute_url():
            messages.info(request, f"It lives at {obj.get_absolute_url()} now. Its old address leads there.")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        taxonomy.delete_named(obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        announce(taxonomy_changed)


@admin.register(Tag)
class TagAdmin(AnnouncingAdmin):
    form = TagForm
    fields = ("name", "slug")
    list_display = ("name", "slug", "posts")
    search_fields = ("name", "slug")
    list_per_page = 100
    show_full_result_count = False
    actions = ("merge_chosen",)

    def get_urls(self) -> list[Any]:
        merge = path("merge/", self.admin_site.admin_view(self.merge_view), name="blog_tag_merge")
        return [merge, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(post_count=Count("tagged_posts"))

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and self.has_delete_permission(request)

    @admin.action(description="Merge into one…", permissions=["merge"])
    def merge_chosen(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        # One more than may be merged says that it was too many, whatever was chosen across all pages.
        chosen = queryset.order_by("pk").values_list("pk", flat=True)[: taxonomy.MOST_MERGED + 2]
        return HttpResponseRedirect(f"{reverse('admin:blog_tag_merge')}?tags={','.join(map(str, chosen))}")

    def merge_view(self, request: HttpRequest) -> HttpResponse:
        """GET `tags` (ids parted by commas) asks which one stays, POST merges into `into` or the tag named `other`."""
        if not self.has_merge_permission(request):
            raise PermissionDenied
        sent = request.POST if request.method == "POST" else request.GET
        ids = {each for each in sent.get("tags", "").split(",") if is_id(each)}
        tags = list(self.get_queryset(request).filter(pk__in=ids).order_by("-post_count", "name"))
        if request.method == "POST":
            try:
                into = self.one_that_stays(sent, tags)
                gained = taxonomy.merge_tags(tags, into, by=request.user)  # type: ignore[arg-type]
            except Refusal as refusal:
                messages.error(request, refusal.sentence)
            else:
                names = ", ".join(f"“{tag.name}”" for tag in tags if tag.pk != into.pk)
                posts = f"{gained} post{'' if gained == 1 else 's'} gained it"
                messages.success(request, f"{names} merged into “{into.name}”: {posts}. Old addresses lead there.")
                return HttpResponseRedirect(reverse("admin:blog_tag_changelist"))
        posts = TaggedPost.objects.filter(tag__in=tags).values("content_object").distinct().count()
        context = {
            **self.admin_site.each_context(request),
            "title": "Merge tags",
            "opts": self.opts,
            "tags": tags,
            "ids": ",".join(str(tag.pk) for tag in tags),
            "posts": posts,
            "most": taxonomy.MOST_MERGED,
            "stays": sent.get("into", ""),
            "other": sent.get("other", ""),
        }
        return TemplateResponse(request, "admin/blog/tag/merge.html", context)

    def one_that_stays(self, sent: Any, tags: list[Any]) -> Tag:
        if sent.get("into") == "other":
            name = sent.get("other", "").replace("\0", "")
            found = Tag.objects.filter(key=tag_key(name)).first() if tag_key(name) else None
            if found is None:
                raise Refusal("There is no tag of this name; choose one of those above or name another.")
            return found
        stays = next((tag for tag in tags if str(tag.pk) == sent.get("into")), None)
        if stays is None:
            raise Refusal("Choose the tag that stays.")
        return stays

    @admin.display(description="Posts", ordering="post_count")
    def posts(self, tag: Any) -> str:
        return format_html(
            '<a href="{}?tag={}">{}</a>', reverse("admin:blog_post_changelist"), tag.slug, tag.post_count
        )


@admin.register(TopicCluster)
class TopicAdmin(AnnouncingAdmin):
    form = NamedForm
    fields = ("name", "slug", "description", "pillar_post")
    autocomplete_fields = ("pillar_post",)
    list_display = ("name", "pillar_post", "posts")
    list_select_related = ("pillar_post",)
    search_fields = ("name",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(post_count=Count("posts"))

    @admin.display(description="Posts", ordering="post_count")
    def posts(self, topic: Any) -> int:
        return topic.post_count
