"""Posts and pages: the list they are found in and the form they are written in."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.defaultfilters import date as date_words
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.audited import AuditedDeletions
from accounts.admin.lists import ListTools
from accounts.models import User
from accounts.roles import may
from blog import gate, pending, publishing, writing
from blog.admin import columns, filters, steps
from blog.admin.autosaving import AutosavePart
from blog.admin.bulk import BulkEditing
from blog.admin.checking import CheckPart
from blog.admin.comparing import ComparePart
from blog.admin.corrections import CorrectionPart
from blog.admin.help import HelpPart
from blog.admin.merging import MergePart
from blog.admin.parts import Part
from blog.admin.planning import CalendarPart
from blog.admin.post_form import PostForm
from blog.admin.post_pages import PostPages
from blog.admin.previewing import PreviewLinkPart
from blog.admin.reviewing import ReviewPart
from blog.admin.stale import StalePart
from blog.admin.text_tools import TextToolPart
from blog.admin.translating import TranslationPart
from blog.models import Post
from blog.querysets import HEAVY, PostQuerySet
from core.refusals import Refusal
from core.refusing_admin import RefusingAdmin, is_id
from media_assets.intake import take_in

WRITING = ("title", "excerpt", "content_markdown")
RAIL = (
    ("Status", ("scheduled_at", "unpublish_at", "last_updated_reason", "show_update_reason"), ""),
    ("Picture", ("featured_image", "picture_upload", "featured_image_alt", "featured_image_caption"), ""),
    (
        "Search and sharing",
        ("meta_title", "meta_description", "focus_keyword", "canonical_url", "noindex", "og_title", "og_description")
        + ("og_image", "twitter_title", "twitter_description", "twitter_card_type"),
        "lp-shut",
    ),
    (
        "Filing",
        ("slug", "category", "tags_text", "series", "series_position", "topic_cluster", "pillar_post", "kind", "author")
        + ("co_authors",),
        "",
    ),
    ("Review cycle", ("last_reviewed_at", "review_after_days", "ai_generated_flag"), "lp-shut"),
    (
        "Settings",
        ("is_featured", "table_of_contents_enabled", "content_language", "geo_target_country", "comments_policy")
        + ("comments_close_after_days",),
        "lp-shut",
    ),
)
NO_PICTURE = SafeString('<i class="lp-nopic"></i>')
TRASHED = SafeString('<span class="lp-chip bad">Trashed</span>')
PARTS: tuple[type[Part], ...] = (
    *(PostPages, AutosavePart, ComparePart, MergePart, CheckPart, ReviewPart, PreviewLinkPart, TextToolPart),
    *(CalendarPart, HelpPart, StalePart, CorrectionPart, TranslationPart),
)
ONLY_EDITORS = {"author", "kind", "is_featured", "unpublish_at"}


@admin.register(Post)
class PostAdmin(AuditedDeletions, BulkEditing, ListTools, RefusingAdmin):
    """Lists and forms; all that changes a post is blog.writing and blog.publishing."""

    form = PostForm
    autocomplete_fields = ("pillar_post",)
    list_display = ("piece", "state", "author_name", "when", "changed")
    list_display_links = ("piece",)
    list_filter = (
        filters.StateFilter,
        filters.CategoryFilter,
        filters.AuthorFilter,
        filters.TagFilter,
        ("kind", admin.ChoicesFieldListFilter),
        filters.LanguageFilter,
        filters.ReviewFilter,
    )
    csv_columns = columns.COLUMNS
    search_fields = ("title", "slug", "excerpt")
    search_help_text = ""
    date_hierarchy = "published_at"
    ordering = ("-updated_at", "-id")
    list_per_page = 50
    show_full_result_count = False
    actions = ("edit_chosen", "publish_chosen", "archive_chosen", "trash_chosen", "restore_chosen")

    # --- who may what ------------------------------------------------------------------------------------------------
    def has_view_permission(self, request: HttpRequest, obj: Post | None = None) -> bool:
        return may(request.user, "blog.view_post", obj)

    def has_change_permission(self, request: HttpRequest, obj: Post | None = None) -> bool:
        return may(request.user, "blog.change_post", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Post | None = None) -> bool:
        """For good, only out of the trash; everything else goes into it."""
        return (obj is None or obj.is_trashed) and may(request.user, "blog.delete_post", obj)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "blog.publish_post")

    def has_trash_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "blog.trash_post")

    def get_queryset(self, request: HttpRequest) -> PostQuerySet:
        return Post.objects.editable_by(request.user)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Post:
        """One of those somebody may work on; another's is as absent as one that does not exist."""
        post = super().get_object(request, object_id, from_field)
        if post is None:
            raise Http404("No such post.")
        post.live_address = post.get_absolute_url() if post.is_public else ""
        if pending.open_newest(post) is not None:
            with suppress(Refusal):
                writing.render(post)
        return post

    # --- the list ----------------------------------------------------------------------------------------------------
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Posts", **(extra_context or {})})

    def get_list_select_related(self, request: HttpRequest) -> tuple[str, ...]:
        return ("author", "category", "featured_image", "pending_change")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        changelist.result_list = changelist.result_list.defer(*HEAVY, "excerpt", "automatic_excerpt")
        return changelist

    def get_paginator(self, request: HttpRequest, queryset: Any, per_page: int, *args: Any, **kwargs: Any) -> Paginator:
        """Where only a tab is chosen its count is the number of rows, and is not counted again."""
        paginator = super().get_paginator(request, queryset, per_page, *args, **kwargs)
        tabs = getattr(request, "state_filter", None)
        if tabs is not None and set(request.GET) <= {"state", "o", "p"}:
            paginator.count = tabs.counts.get(tabs.value() or "all", tabs.counts["all"])
        return paginator

    def csv_rows(self, rows: Any) -> Any:
        return columns.rows_of(rows)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        if request.GET.get("state") != "trash":
            actions.pop("restore_chosen", None)
        return actions

    @admin.display(description="Post", ordering="title")
    def piece(self, post: Post) -> str:
        picture = post.featured_image
        image = (
            format_html('<img src="{}" alt="" width="72" height="48" loading="lazy">', picture.url)
            if picture
            else NO_PICTURE
        )
        filed = post.category.name if post.category else ("Page" if post.kind == Post.Kind.PAGE else "No category")
        return format_html(
            '<span class="lp-piece">{}<span><b>{}</b><small>{} · {} words</small></span></span>',
            *(image, post.title, filed, f"{post.word_count:,}"),
        )

    @admin.display(description="State", ordering="status")
    def state(self, post: Post) -> str:
        if post.is_trashed:
            return TRASHED
        chip = format_html('<span class="lp-chip {}">{}</span>', post.status, post.get_status_display())
        if post.is_public and post.has_pending_change:
            return format_html('{} <span class="lp-chip scheduled">Changes wait</span>', chip)
        return chip

    @admin.display(description="Author", ordering="author__username")
    def author_name(self, post: Post) -> str:
        return post.author.display_name

    @admin.display(description="Goes or went live", ordering="published_at", empty_value="–")
    def when(self, post: Post) -> str | None:
        planned = post.pending_change.go_live_at if post.has_pending_change else None
        moment = planned or post.scheduled_at or post.published_at
        return date_words(timezone.localtime(moment), "j M Y, H:i") if moment else None

    @admin.display(description="Changed", ordering="updated_at")
    def changed(self, post: Post) -> str:
        return date_words(timezone.localtime(post.updated_at), "j M, H:i")

    def act(self, request: HttpRequest, verb: str, queryset: PostQuerySet, done: str) -> None:
        tally = steps.take_all(verb, queryset.select_related("author"), by=request.user)
        if tally.done:
            self.message_user(request, f"{tally.done} {done}.", messages.SUCCESS)
        if tally.already:
            self.message_user(request, f"{tally.already} needed nothing: they were there already.", messages.INFO)
        for sentence in (tally.refused or [])[:20]:
            self.message_user(request, sentence, messages.ERROR)
        if len(tally.refused or []) > 20:
            self.message_user(request, f"{len(tally.refused or []) - 20} more were refused.", messages.ERROR)

    @admin.action(description="Publish", permissions=["publish"])
    def publish_chosen(self, request: HttpRequest, queryset: PostQuerySet) -> None:
        self.act(request, "publish", queryset, "published")

    @admin.action(description="Archive", permissions=["publish"])
    def archive_chosen(self, request: HttpRequest, queryset: PostQuerySet) -> None:
        self.act(request, "archive", queryset, "archived")

    @admin.action(description="Move to trash", permissions=["trash"])
    def trash_chosen(self, request: HttpRequest, queryset: PostQuerySet) -> None:
        self.act(request, "trash", queryset, "moved to the trash")

    @admin.action(description="Restore as drafts", permissions=["trash"])
    def restore_chosen(self, request: HttpRequest, queryset: PostQuerySet) -> None:
        self.act(request, "restore", queryset, "restored as drafts")

    # --- the form ----------------------------------------------------------------------------------------------------
    def __init__(self, model: type[Post], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        self.parts: list[Part] = [part(self) for part in PARTS]
        self.merging = next(part for part in self.parts if isinstance(part, MergePart))

    def get_urls(self) -> list[Any]:
        return [*(url for part in self.parts for url in part.urls()), *super().get_urls()]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The versions are the history; they know more than the log does."""
        return HttpResponseRedirect(reverse("admin:blog_post_versions", args=[self.get_object(request, object_id).pk]))

    def get_fieldsets(self, request: HttpRequest, obj: Post | None = None) -> list[Any]:
        hidden = set() if may(request.user, "blog.change_others_post") else set(ONLY_EDITORS)
        if not self.has_publish_permission(request):
            hidden.add("scheduled_at")
        if obj is not None and not self.has_change_permission(request, obj):
            # Who may only look is shown what the post has, not what the form adds.
            hidden |= {"scheduled_at", "tags_text", "picture_upload"}
            shown = [(name, [field for field in fields if field not in hidden]) for name, fields, _ in RAIL]
            return [(None, {"fields": WRITING}), *((name, {"fields": fields}) for name, fields in shown)]
        rail = [
            (name, {"fields": [field for field in fields if field not in hidden], "classes": [extra] if extra else []})
            for name, fields, extra in RAIL
        ]
        return [(None, {"fields": [*WRITING, "slug_suggested", "base_version"], "classes": ["lp-sheet"]}), *rail]

    def get_form(self, request: HttpRequest, obj: Post | None = None, change: bool = False, **kwargs: Any) -> Any:
        shown = {name for _, options in self.get_fieldsets(request, obj) for name in options["fields"]}
        kwargs["fields"] = [name for name in PostForm.Meta.fields if name in shown]
        form = super().get_form(request, obj, change, **kwargs)
        form.step = request.POST.get("_step", "")
        form.chosen_time = request.GET.get("scheduled_at", "")[:16]
        return form

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        widget = PostForm.Meta.widgets.get(db_field.name)
        if widget is not None and isinstance(db_field, models.ManyToManyField | models.DateTimeField):
            kind = PostForm.Meta.field_classes.get(db_field.name)
            return db_field.formfield(widget=widget, **({"form_class": kind} if kind else {}))
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "pillar_post":
            # Live posts and one's own: a draft of somebody else's would show its title here.
            mine = Post.objects.editable_by(request.user)
            kwargs["queryset"] = Post.objects.filter(
                Q(pk__in=mine.values("pk")) | Q(pk__in=Post.objects.published().values("pk"))
            )
        if db_field.name == "author":
            kwargs["queryset"] = get_user_model()._default_manager.filter(is_staff=True)
            kwargs["initial"] = request.user.pk
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        request.refusals = []
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        self.set_line_ends(request)
        self.take_in_picture(request)
        save = partial(self.try_to_save, request, object_id, form_url, extra_context)
        return self.merging.around(request, object_id, save)

    def try_to_save(self, request: HttpRequest, *args: Any) -> HttpResponse:
        writing.render_ahead(
            request.POST.get("content_markdown", ""),
            request.POST.get("content_language") or Post._meta.get_field("content_language").get_default(),
        )
        return super().changeform_view(request, *args)

    def take_in_picture(self, request: HttpRequest) -> None:
        """An uploaded picture is kept and chosen before the form is looked at, so that no error loses it."""
        upload = request.FILES.get("picture_upload")
        if upload is None or not self.has_view_or_change_permission(request):
            return
        data: QueryDict = request.POST.copy()
        try:
            data["featured_image"] = str(take_in(upload, by=request.user, kinds={"image"}).pk)
        except Refusal as refusal:
            refusal.field = "picture_upload"
            request.refusals.append(refusal)
        request.POST = data

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        post = context.get("original")
        verbs = publishing.steps_for(post, request.user, writing_now=True) if post else self.first_steps(request)
        context.update(
            state=post or Post(),
            saving_steps=[steps.STEPS[verb] for verb in verbs if steps.STEPS[verb].saves],
            asking_steps=[steps.STEPS[verb].asked_of(post) for verb in verbs if not steps.STEPS[verb].saves],
            preview_url=reverse("admin:blog_post_preview") + (f"?post={post.pk}" if post else ""),
            site_zone=timezone.get_current_timezone_name(),
            view_on_site=post.live_address if post else "",
            waiting=post.newest_change if post else None,
        )
        for part in self.parts:
            context.update(part.form_context(request, post))
        return super().render_change_form(request, context, *args, **kwargs)

    def first_steps(self, request: HttpRequest) -> list[str]:
        return ["publish", "schedule", "submit"] if self.has_publish_permission(request) else ["submit"]

    def save_model(self, request: HttpRequest, obj: Post, form: PostForm, change: bool) -> None:
        if not obj.author_id:
            obj.author = Post.objects.get(pk=obj.pk).author if change else request.user
        was_scheduled = obj.status == Post.Status.SCHEDULED
        request.version = writing.save(
            obj,
            by=request.user,
            reason=form.cleaned_data["last_updated_reason"],
            tags=form.tag_names,
            co_authors=form.cleaned_data.get("co_authors"),
            # A form that does not say which version it began from has seen none of them.
            base_version=(form.cleaned_data.get("base_version") or 0) if change else None,
        )
        if was_scheduled and obj.status == Post.Status.PENDING:
            said = "It was scheduled. Because you changed it, it waits for review again and has no date."
            self.message_user(request, said, messages.WARNING)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Done in save_model: writing.save keeps a post and what hangs on it together."""

    def response_add(self, request: HttpRequest, obj: Post, post_url_continue: str | None = None) -> HttpResponse:
        return self.answer(request, obj)

    def response_change(self, request: HttpRequest, obj: Post) -> HttpResponse:
        return self.answer(request, obj)

    def answer(self, request: HttpRequest, post: Post) -> HttpResponse:
        """Saved; then the step whose button was pressed; then back to writing."""
        for part in self.parts:
            part.saved(request, post)
        clock = date_words(timezone.localtime(), "H:i:s")
        version = getattr(request, "version", None)
        said = f"Saved {clock} as version {version.number}." if version else "Nothing was changed or saved."
        step = steps.STEPS.get(request.POST.get("_step", ""))
        place = ""
        if step is not None and step.saves:
            place = self.take_step(request, post, step, said)
            if place and request.POST.get("scheduled_at"):
                # The time that was chosen is offered again.
                place = "?" + urlencode({"scheduled_at": request.POST["scheduled_at"]}) + place
        else:
            if version and post.is_public:
                said += " Readers do not see it yet."
            self.message_user(request, said, messages.SUCCESS if version else messages.INFO)
        return HttpResponseRedirect(reverse("admin:blog_post_change", args=[post.pk]) + place)

    def take_step(self, request: HttpRequest, post: Post, step: steps.Step, said: str = "") -> str:
        """Take it and say what came of it; returns the place on the page to lead to."""
        at = None
        if step.verb in {"schedule", "plan_update"}:
            at = (
                self.get_form(request, post)(request.POST, instance=post)
                .fields["scheduled_at"]
                .clean(request.POST.get("scheduled_at"))
            )
        try:
            moved = steps.take(
                step.verb,
                post,
                by=request.user,
                at=at,
                note=request.POST.get("review_note", "") if step.verb == "submit" else "",
                override=request.POST.get("override_reason", ""),
                reviewer=self.wished_reviewer(request),
            )
        except gate.Blocked as blocked:
            number = len(blocked.findings)
            held = "One check holds it back; it is" if number == 1 else f"{number} checks hold it back; they are"
            reasons = " ".join(finding.sentence for finding in blocked.findings[:3])
            self.message_user(request, f"{said} {held} under Checks. {reasons}", messages.ERROR)
            return "#checks"
        except Refusal as refusal:
            self.message_user(request, f"{said} {refusal.sentence}".strip(), messages.ERROR)
            return ""
        when = date_words(timezone.localtime(at), "j F Y, H:i") if at else ""
        sentence = step.done.format(post=post, when=when) if moved else f"“{post}” was there already."
        self.message_user(request, sentence, messages.SUCCESS if moved else messages.INFO)
        return ""

    @staticmethod
    def wished_reviewer(request: HttpRequest) -> User | None:
        wished = request.POST.get("reviewer", "")
        return User.objects.filter(pk=wished).first() if is_id(wished) else None

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        post = self.get_object(request, object_id)
        if not post.is_trashed:
            if not may(request.user, "blog.trash_post", post):
                raise PermissionDenied
            return HttpResponseRedirect(reverse("admin:blog_post_step", args=[post.pk, "trash"]))
        return super().delete_view(request, object_id, extra_context)
