"""Posts and pages: read as readers read them, written and moved as the desk does it, by the same functions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import django_filters
from django.db import transaction
from django.db.models import F, Prefetch
from django.db.models.functions import MD5
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.foreign import refuse_foreign
from accounts.api.resources import Lists
from accounts.models import User
from accounts.roles import may
from blog import likes, pending, publishing, sharing, trending, writing
from blog.api.shapes import (
    LARGEST_ID,
    AuthorOfUser,
    CategoryName,
    CategoryWhole,
    Picture,
    TagWhole,
    Writer,
    by_id,
    seen_by,
)
from blog.models import Category, Post, Series, TopicCluster
from blog.querysets import HEAVY
from blog.views.likes import seconds_to_wait
from blog.views.sharing import hear
from core.rest.conditional import digest, is_known, require_version, tag, unchanged, with_validators
from core.rest.parsing import within_reason
from core.rest.problems import PreconditionFailed
from core.rest.shaping import Exact, Expansion, Shaped, Wanted
from media_assets.models import MediaAsset

# What a caller writes; everything else is computed, counted, or moved by a step of its own.
WRITTEN = (
    *("kind", "title", "slug", "content_markdown", "excerpt", "is_featured", "comments_policy"),
    *("comments_close_after_days", "featured_image_alt", "featured_image_caption", "series_position"),
    *("og_title", "og_description", "twitter_title", "twitter_description", "twitter_card_type"),
    *("meta_title", "meta_description", "focus_keyword", "canonical_url", "noindex"),
    *("last_reviewed_at", "review_after_days", "show_update_reason", "ai_generated_flag"),
    *("content_language", "geo_target_country", "table_of_contents_enabled", "unpublish_at"),
)
RELATED = ("author", "category", "topic_cluster", "series", "pillar_post", "featured_image", "og_image")
BESIDE = ("tags", "co_authors")
# What a PUT that does not name it leaves alone: the address, whose it is, and what editors alone decide.
KEPT = frozenset({"slug", "kind", "author", "is_featured", "unpublish_at"})
# What the desk alone is shown.
OF_THE_DESK = (
    *("content_markdown", "focus_keyword", "last_reviewed_at", "review_after_days", "review_due_at"),
    *("has_pending_changes", "unpublish_at", "trashed_at"),
)
COUNTERS = ("view_count", "like_count", "comment_count", "share_count")
MOST_CO_AUTHORS = 50
# Ten years; longer is for good.
MOST_DAYS = 3_650
# Nothing here is older or comes later, and no database is asked for a day it does not have.
EARLIEST, LATEST = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)


# As lists of their own: to fill the managers the framework would build a question for each row, only not to ask it.
def with_tags() -> Prefetch:
    return Prefetch("tags", to_attr="named_tags")


def with_faces() -> Prefetch:
    return Prefetch("co_authors", User.objects.select_related("author_profile"), to_attr="faces")


class PostInList(Shaped):
    """A row of a list: everything but the text."""

    url = serializers.CharField(source="get_absolute_url", read_only=True)
    author = Writer(read_only=True)
    category = CategoryName(read_only=True, allow_null=True)
    tags = serializers.SerializerMethodField()
    featured_image = Picture(read_only=True, allow_null=True)

    expandable = {
        "author": Expansion(AuthorOfUser),
        "category": Expansion(CategoryWhole),
        "tags": Expansion(TagWhole, many=True, source="named_tags"),
        "co_authors": Expansion(AuthorOfUser, prefetch=(with_faces,), many=True, source="faces"),
    }

    class Meta:
        model = Post
        fields: tuple[str, ...] = (
            *("id", "url", "kind", "title", "slug", "excerpt", "status", "author", "category", "tags"),
            *("featured_image", "featured_image_alt", "is_featured", "content_language", "word_count"),
            *("reading_time_minutes", "published_at", "scheduled_at", "created_at", "updated_at", *COUNTERS),
        )
        read_only_fields = fields

    def get_tags(self, post: Post) -> list[str]:
        waiting = post.__dict__.get("newest_tags")
        return [each.name for each in post.__dict__["named_tags"]] if waiting is None else list(waiting)


# Of the columns of a post those no row of a list shows.
NOT_LISTED = tuple(
    field.name
    for field in Post._meta.concrete_fields
    if field.name not in {*PostInList.Meta.fields, "author", "category", "featured_image"}
)


class PostWhole(PostInList):
    """All of it. Markdown, and what the desk notes for itself, to whoever may edit it."""

    # Its co-authors are brought with it, whether they are shown whole or not.
    expandable = {**PostInList.expandable, "co_authors": Expansion(AuthorOfUser, many=True, source="faces")}
    co_authors = serializers.SerializerMethodField()
    og_image = Picture(read_only=True, allow_null=True)
    pillar_post = serializers.SerializerMethodField()
    content_version = serializers.SerializerMethodField()
    last_updated_reason = serializers.SerializerMethodField()
    has_pending_changes = serializers.SerializerMethodField()

    class Meta(PostInList.Meta):
        fields = (
            *PostInList.Meta.fields,
            *("content_html", "content_markdown", "table_of_contents", "table_of_contents_enabled", "co_authors"),
            *("topic_cluster", "pillar_post", "series", "series_position", "comments_policy"),
            *("comments_close_after_days", "featured_image_caption", "og_image", "og_title", "og_description"),
            *("twitter_title", "twitter_description", "twitter_card_type", "meta_title", "meta_description"),
            *("focus_keyword", "canonical_url", "noindex", "last_reviewed_at", "review_after_days", "review_due_at"),
            *("content_version", "last_updated_reason", "show_update_reason", "ai_generated_flag"),
            *("geo_target_country", "unpublish_at", "trashed_at", "has_pending_changes"),
        )
        read_only_fields = fields

    @extend_schema_field(Writer(many=True))
    def get_co_authors(self, post: Post) -> Any:
        people = post.__dict__.get("newest_co_authors")
        return Writer(post.__dict__["faces"] if people is None else people, many=True, context=self.context).data

    def get_pillar_post(self, post: Post) -> int | None:
        return seen_by(self.context, post.pillar_post)

    def get_content_version(self, post: Post) -> int:
        """The number of the version that is shown."""
        return shown_version(post)

    def get_last_updated_reason(self, post: Post) -> str:
        """Readers are told it where the post says so."""
        request = self.context.get("request")
        is_told = post.show_update_reason or (request is not None and may_edit(request.user, post))
        return post.last_updated_reason if is_told else ""

    def get_has_pending_changes(self, post: Post) -> bool:
        """Whether somebody wrote at it since readers were last shown it."""
        return has_newer(post)

    def to_representation(self, post: Post) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(post)
        request = self.context.get("request")
        if request is None or not may_edit(request.user, post):
            for name in OF_THE_DESK:
                shown.pop(name, None)
        return shown


class PostWriting(Exact, serializers.ModelSerializer):
    """What can be sent. Nothing here saves: `blog.writing` does, with the rules of the desk."""

    slug = serializers.CharField(required=False, allow_blank=True, max_length=200)
    author = by_id(User.objects.filter(is_active=True, is_staff=True))
    category = by_id(Category.objects.all(), allow_null=True)
    topic_cluster = by_id(TopicCluster.objects.all(), allow_null=True)
    series = by_id(Series.objects.all(), allow_null=True)
    pillar_post = by_id(Post.objects.published(), allow_null=True)
    featured_image = by_id(MediaAsset.objects.filter(kind="image", state="ready"), allow_null=True)
    og_image = by_id(MediaAsset.objects.filter(kind="image", state="ready"), allow_null=True)
    co_authors = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID), max_length=MOST_CO_AUTHORS, required=False
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=100), max_length=writing.MAX_TAGS, required=False
    )
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, help_text="Why it changes.")

    class Meta:
        model = Post
        fields = (*WRITTEN, *RELATED, *BESIDE, "reason")
        extra_kwargs = {
            "title": {"required": True},
            "content_markdown": {"trim_whitespace": False},
            "comments_close_after_days": {"max_value": MOST_DAYS},
            **dict.fromkeys(("last_reviewed_at", "unpublish_at"), {"validators": [within_reason]}),
        }
        validators: list[Any] = []

    def get_fields(self) -> dict[str, serializers.Field]:
        fields: dict[str, Any] = super().get_fields()
        if request := self.context.get("request"):
            fields["pillar_post"].queryset = Post.objects.visible_to(request.user).not_trashed()
        return fields

    def validate_title(self, title: str) -> str:
        return " ".join(title.split())

    def validate_unpublish_at(self, at: datetime | None) -> datetime | None:
        if at is not None and at <= timezone.now():
            raise serializers.ValidationError(_("That time has passed; choose one to come."))
        return at

    def validate_co_authors(self, wanted: list[int]) -> list[User]:
        """All of them in one question; those who write here alone can be named."""
        found = User.objects.filter(is_active=True, is_staff=True).in_bulk(wanted)
        if missing := [pk for pk in wanted if pk not in found]:
            raise serializers.ValidationError(_("Nobody who writes here has the number %(pk)s.") % {"pk": missing[0]})
        return list(found.values())


class Note(Exact):
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, help_text="Kept in its history.")


class Step(Note):
    """A step of a post from one state to another."""

    override = serializers.CharField(
        max_length=300, required=False, allow_blank=True, help_text="Why it goes over checks that hold it back."
    )


class PlannedStep(Step):
    scheduled_at = serializers.DateTimeField(
        validators=[within_reason], help_text="When, in ISO 8601 with a time zone."
    )


class Liking(Exact):
    liked = serializers.BooleanField(default=True, help_text="False takes it back.")


class Liked(serializers.Serializer):
    liked = serializers.BooleanField()
    count = serializers.IntegerField(help_text="Of its likes now.")


class Sharing(Exact):
    channel = serializers.ChoiceField(choices=sorted(sharing.CHANNELS))


class Moment(django_filters.IsoDateTimeFilter):
    def filter(self, qs: Any, value: datetime | None) -> Any:
        return super().filter(qs, value and min(max(value, EARLIEST), LATEST))


class PostFilter(django_filters.FilterSet):
    category = django_filters.CharFilter(method="in_category", label="Path of a category; those below it count.")
    tag = django_filters.CharFilter(field_name="tags__slug", label="Slug of a tag.")
    author = django_filters.CharFilter(method="by_author", label="Slug of an author.")
    topic = django_filters.CharFilter(field_name="topic_cluster__slug", label="Slug of a topic.")
    series = django_filters.CharFilter(field_name="series__slug", label="Slug of a series.")
    language = django_filters.CharFilter(field_name="content_language")
    status = django_filters.ChoiceFilter(choices=Post.Status.choices)
    kind = django_filters.ChoiceFilter(choices=Post.Kind.choices)
    is_featured = django_filters.BooleanFilter()
    is_trashed = django_filters.BooleanFilter(
        field_name="trashed_at", lookup_expr="isnull", exclude=True, label="Only what is in the trash."
    )
    published_after = Moment(field_name="published_at", lookup_expr="gte")
    published_before = Moment(field_name="published_at", lookup_expr="lt")
    updated_after = Moment(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Post
        fields: list[str] = []

    def in_category(self, posts: Any, name: str, path: str) -> Any:
        category = Category.objects.filter(path=path.strip("/")).first()
        return posts.under(category) if category else posts.none()

    def by_author(self, posts: Any, name: str, slug: str) -> Any:
        user = User.objects.filter(author_profile__slug=slug).first()
        return posts.written_by(user) if user else posts.none()


def may_edit(user: Any, post: Post) -> bool:
    return bool(user.is_authenticated) and may(user, "blog.change_post", post)


def shown_version(post: Post) -> int:
    """The number of the version a row says, or of the newer one that was put into it."""
    return post.__dict__.get("shown_version", post.current_version)


def has_newer(post: Post) -> bool:
    return post.is_public and post.content_version > post.current_version


def with_newest(post: Post) -> Post:
    """A live post as it will be once what waits for it is brought out; anything else as it is."""
    if has_newer(post):
        number = post.content_version
        pending.open_newest(post)
        writing.render(post)
        post.__dict__["shown_version"] = number
    return post


def whole(posts: Any = None, *, with_text: bool = True) -> Any:
    """Posts with everything `PostWhole` shows, all unless told; without the text, with a digest the database makes."""
    posts = (Post.objects.all() if posts is None else posts).for_page().select_related("pillar_post")
    posts = posts.defer(None).defer(*(f"pillar_post__{name}" for name in HEAVY))
    posts = posts.prefetch_related(with_tags(), with_faces())
    return posts if with_text else posts.defer(*HEAVY).annotate(text_digest=MD5("content_html"))


def version_of(post: Post) -> str:
    """The number of what is shown, and a digest of the state it is in."""
    moved = digest(post.status, post.scheduled_at, post.trashed_at, post.slug)[:8]
    return f"{post.pk}.{shown_version(post)}.{moved}"


class Desk(Lists):
    """What every resource about posts does with one: shows it with its tag, and holds it for whoever knows it."""

    needs_if_match = True

    def etag_of(self, post: Post, data: dict[str, Any]) -> str:
        """What is shown beside the text, and a digest of the text: the same whether the text was read or not."""
        beside = {name: value for name, value in data.items() if name not in {*HEAVY, "id"}}
        text = post.__dict__.get("text_digest")
        if text is None:
            text = hashlib.md5(post.content_html.encode(), usedforsecurity=False).hexdigest()
        asked = sorted(self.shape.fields & set(HEAVY))
        return tag(version_of(post), digest(beside, asked, text))

    def shown_post(self, thing: Post, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        data = PostWhole(thing, context=self.get_serializer_context()).data
        etag = self.etag_of(thing, data)
        if self.request.method in {"GET", "HEAD"} and is_known(self.request, etag):
            return unchanged(etag, thing.updated_at)
        return with_validators(Response(data, status=status, headers=headers), etag, thing.updated_at)

    def held(self, seen: Post, permission: str, *, needs_if_match: bool = True) -> Post:
        """The post, locked, if the caller knows its newest version; else what each of them says, to put together."""
        self.require(permission, seen)
        post = Post.objects.select_for_update(of=("self",)).get(pk=seen.pk)
        post.__dict__["shown_version"] = post.content_version
        try:
            require_version(self.request, version_of(post), etag="", is_required=needs_if_match)
        except PreconditionFailed as stale:
            newest = with_newest(whole().get(pk=post.pk))
            stale.etag = self.etag_of(newest, PostWhole(newest, context=self.get_serializer_context()).data)
            stale.facts = self.three(post)
            raise
        del post.__dict__["shown_version"]
        return post

    def three(self, post: Post) -> dict[str, Any]:
        """What the caller began from (where it names a version there is), what it is now, and what the caller sent."""
        said = self.request.data if isinstance(self.request.data, dict) else {}
        named = self.request.headers.get("If-Match", "").split(".")
        number = int(named[1]) if len(named) > 2 and named[1].isdecimal() and len(named[1]) < 10 else 0
        base = post.versions.filter(number=number).values_list("snapshot", flat=True).first()
        theirs = post.versions.order_by("-number").values_list("snapshot", flat=True).first() or {}
        names = {name: name for name in (*WRITTEN, *BESIDE)} | {name: f"{name}_id" for name in RELATED}
        sent = {name: names[name] for name in said if name in names}
        return {
            "base": {name: base.get(kept) for name, kept in sent.items()} if base else None,
            "theirs": {name: theirs.get(kept) for name, kept in sent.items()},
            "mine": {name: said[name] for name in sent},
        }

    def said(self, form: type[serializers.Serializer], *, partial: bool = False) -> dict[str, Any]:
        data = {} if self.request.data is None else self.request.data
        serializer = form(data=data, partial=partial, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        found: dict[str, Any] = serializer.validated_data
        return found

    def read_again(self, post: Post, *, status: int = 200) -> Response:
        """As it is now; of a live post with changes that wait, what it will say."""
        fresh = with_newest(whole().get(pk=post.pk))
        address = self.request.build_absolute_uri(f"/api/v1/posts/{fresh.slug}/")
        return self.shown_post(fresh, status=status, headers={"Location": address} if status == 201 else None)


class Posts(Desk):
    """Posts and pages. Strangers see what is published; whoever may edit a post sees it in every state.

    A published post that is changed keeps what readers see until it is published again."""

    lookup_field = "slug"
    lookup_value_regex = r"[-\w]+"
    queryset = Post.objects.none()
    serializer_class = PostWhole
    filterset_class = PostFilter
    orderings = {
        "newest": ("-published_at", "-pk"),
        "oldest": ("published_at", "pk"),
        "changed": ("-updated_at", "-pk"),
        "title": ("title", "pk"),
        "likes": ("-like_count", "-pk"),
        "comments": ("-comment_count", "-pk"),
        "series": (F("series_position").asc(nulls_last=True), F("published_at").asc(nulls_last=True), "pk"),
    }
    walked_by = ("-id",)
    permissions = {
        "create": "blog.add_post",
        "update": "blog.change_post",
        "partial_update": "blog.change_post",
        "destroy": "blog.trash_post",
        "publish": "blog.publish_post",
        "schedule": "blog.publish_post",
        "cancel": "blog.publish_post",
        "archive": "blog.publish_post",
        "submit": "blog.submit_post",
        "send_back": "blog.submit_post",
        "discard": "blog.change_post",
        "restore": "blog.trash_post",
    }
    scopes = {"like": "talk", "share": "talk"}

    def get_serializer_class(self) -> Any:
        return PostInList if self.action in {"list", "popular", "trending"} else PostWhole

    def get_queryset(self) -> Any:
        visible = Post.objects.visible_to(self.request.user)
        if self.action in {"list", "popular", "trending"}:
            rows = visible if "is_trashed" in self.request.query_params else visible.not_trashed()
            return rows.for_lists().defer(*NOT_LISTED).prefetch_related(with_tags())
        return whole(visible, with_text=not self.asks_whether_known)

    @property
    def parameters(self) -> tuple[str, ...]:
        return ("newest",) if self.action == "retrieve" else ()

    @property
    def asks_whether_known(self) -> bool:
        """Whether to answer without the text first."""
        is_read = self.action == "retrieve" and "newest" not in self.request.query_params
        return is_read and "If-None-Match" in self.request.headers and not self.__dict__.get("is_unknown")

    # --- Read ---------------------------------------------------------------------------------------------------------
    @extend_schema(
        parameters=[
            OpenApiParameter("newest", OpenApiTypes.BOOL, description="With the changes that wait for a live post.")
        ]
    )
    def retrieve(self, request: Request, slug: str) -> Response:
        wants_newest = request.query_params.get("newest", "false")
        if wants_newest not in {"true", "false"}:
            raise serializers.ValidationError({"newest": [_("Say true or false.")]})
        if self.asks_whether_known:
            known = self.get_object()
            etag = self.etag_of(known, self.get_serializer(known, shape=self.without_text()).data)
            if is_known(request, etag):
                return unchanged(etag, known.updated_at)
            self.is_unknown = True
        post = self.get_object()
        if wants_newest == "true":
            self.require("blog.change_post", post)
            post = with_newest(post)
        return self.shown_post(post)

    def without_text(self) -> Wanted:
        fields = self.shape.fields or frozenset(PostWhole.Meta.fields) | set(self.shape.expand)
        return Wanted(frozenset(fields - set(HEAVY)) or frozenset({"id"}), self.shape.expand)

    @extend_schema(responses=PostInList(many=True))
    @action(detail=False, methods=["get"], filterset_class=None, orderings={})
    def popular(self, request: Request) -> Response:
        """What readers wanted most in all time: looks, likes, comments and shares together."""
        return self.in_order_of(trending.popular())

    @extend_schema(responses=PostInList(many=True))
    @action(detail=False, methods=["get"], filterset_class=None, orderings={})
    def trending(self, request: Request) -> Response:
        """What readers want most now, in the order of the front page."""
        return self.in_order_of(trending.trending(timezone.now()))

    def in_order_of(self, ids: list[int]) -> Response:
        if "cursor" in self.request.query_params:
            raise serializers.ValidationError({"cursor": [_("This list has pages; leave the cursor out.")]})
        rows: Any = self.filter_queryset(self.get_queryset().published())
        page: Iterable[int] = self.paginate_queryset(ids) or ()
        posts = rows.in_bulk(list(page))
        found = [posts[pk] for pk in page if pk in posts]
        return self.listed(self.get_paginated_response(self.get_serializer(found, many=True).data))

    # --- Written ------------------------------------------------------------------------------------------------------
    @extend_schema(request=PostWriting, responses={201: PostWhole})
    def create(self, request: Request) -> Response:
        said = self.said(PostWriting)
        post = Post(author=self.by)
        self.fill(post, said)
        writing.save(post, by=self.by, **self.beside(said))
        return self.read_again(post, status=201)

    @extend_schema(request=PostWriting, responses=PostWhole)
    def update(self, request: Request, slug: str) -> Response:
        """All of it anew: what is not named becomes empty, but for the address, its author and what editors decide."""
        return self.change(partial=False)

    @extend_schema(request=PostWriting, responses=PostWhole)
    def partial_update(self, request: Request, slug: str) -> Response:
        return self.change(partial=True)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, slug: str) -> Response:
        """Move it to the trash, from which the desk brings it back."""
        with transaction.atomic():
            publishing.trash(self.held(self.get_object(), "blog.trash_post"), by=self.by)
        return Response(status=204)

    def change(self, *, partial: bool) -> Response:
        with transaction.atomic():
            post = self.held(self.get_object(), "blog.change_post")
            said = self.said(PostWriting, partial=partial)
            if not partial:
                said = {**self.emptied(), **said}
            began_from = post.content_version
            pending.open_newest(post)
            self.fill(post, said)
            writing.save(post, by=self.by, base_version=began_from, **self.beside(said))
        return self.read_again(post)

    def emptied(self) -> dict[str, Any]:
        empty: dict[str, Any] = dict.fromkeys(RELATED) | {name: [] for name in BESIDE}
        for name in WRITTEN:
            field: Any = Post._meta.get_field(name)
            empty[name] = field.get_default()
        return {name: value for name, value in empty.items() if name not in KEPT}

    def fill(self, post: Post, said: dict[str, Any]) -> None:
        for name, value in said.items():
            if name in WRITTEN or name in RELATED:
                setattr(post, name, value)

    def beside(self, said: dict[str, Any]) -> dict[str, Any]:
        return {"reason": said.get("reason", ""), "tags": said.get("tags"), "co_authors": said.get("co_authors")}

    # --- Moved --------------------------------------------------------------------------------------------------------
    def stepped(self, permission: str, step: Callable[..., Any], form: type[serializers.Serializer] = Note) -> Response:
        said = self.said(form)
        with transaction.atomic():
            post = self.held(self.get_object(), permission, needs_if_match=False)
            step(post, by=self.by, **said)
        return self.read_again(post)

    @extend_schema(request=Step, responses=PostWhole)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, slug: str) -> Response:
        """Let readers see it, now; of a live post, the changes that wait."""

        def step(post: Post, **said: Any) -> Any:
            return (publishing.update if post.is_public else publishing.publish)(post, **said)

        return self.stepped("blog.publish_post", step, Step)

    @extend_schema(request=PlannedStep, responses=PostWhole)
    @action(detail=True, methods=["post"])
    def schedule(self, request: Request, slug: str) -> Response:
        """Publish it at a time to come; of a live post, the changes that wait."""

        def step(post: Post, *, scheduled_at: datetime, **said: Any) -> Any:
            return (publishing.plan_update if post.is_public else publishing.schedule)(post, at=scheduled_at, **said)

        return self.stepped("blog.publish_post", step, PlannedStep)

    @extend_schema(request=Note, responses=PostWhole)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, slug: str) -> Response:
        """Take back the plan: what was scheduled is a draft again, and changes to a live post wait without a date."""

        def step(post: Post, **said: Any) -> Any:
            return (publishing.cancel_update if post.is_public else publishing.send_back)(post, **said)

        return self.stepped("blog.publish_post", step)

    @extend_schema(request=Note, responses=PostWhole)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, slug: str) -> Response:
        """Ask for a review."""
        return self.stepped("blog.submit_post", publishing.submit)

    @extend_schema(request=Note, responses=PostWhole)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, slug: str) -> Response:
        """Make it a draft again: more work to do. Authors take their own back from review so."""
        return self.stepped("blog.submit_post", publishing.send_back)

    @extend_schema(request=Note, responses=PostWhole)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, slug: str) -> Response:
        """Drop the changes that wait for a live post; they stay in its history."""
        return self.stepped("blog.change_post", publishing.discard)

    @extend_schema(request=Note, responses=PostWhole)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, slug: str) -> Response:
        """Take it down; it is kept."""
        return self.stepped("blog.publish_post", publishing.archive)

    @extend_schema(request=Note, responses=PostWhole)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, slug: str) -> Response:
        """Bring it back from the trash, as a draft."""
        return self.stepped("blog.trash_post", publishing.restore)

    # --- Wanted by readers --------------------------------------------------------------------------------------------
    def live(self, slug: str) -> Post:
        post = Post.objects.published().articles().only("pk", "slug").filter(slug=slug).first()
        if post is None:
            raise Http404
        return post

    @extend_schema(request=Liking, responses=Liked)
    @action(detail=True, methods=["post"])
    def like(self, request: Request, slug: str) -> Response:
        """Like it, or take that back; as often as you want, it counts once."""
        refuse_foreign(request._request)
        wanted, now, post = self.said(Liking)["liked"], timezone.now(), self.live(slug)
        reader = likes.reader_of(request._request, now)
        if wait := seconds_to_wait(request._request, reader, post, wanted=wanted):
            raise exceptions.Throttled(wait)
        liked = likes.like(post, reader, wanted=wanted, at=now)
        return Response({"liked": wanted, "count": liked.count})

    @extend_schema(request=Sharing, responses={204: None})
    @action(detail=True, methods=["post"])
    def share(self, request: Request, slug: str) -> Response:
        """Say that somebody passed it on; counted unless it comes too often."""
        refuse_foreign(request._request)
        channel = self.said(Sharing)["channel"]
        hear(request._request, self.live(slug), channel)
        return Response(status=204)
