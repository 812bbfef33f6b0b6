"""One comment: read, changed and taken back by its writer, liked and reported by readers, decided by moderators."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.addresses import client_address, fingerprint_of
from accounts.api.foreign import refuse_foreign
from accounts.api.resources import Lists
from accounts.roles import may
from blog.likes import reader_of
from blog.views.likes import seconds_to_wait
from comments import likes, moderation, posting, queues, reporting, spam, threads, tokens
from comments.api.sending import (
    CommentAppeal,
    CommentChange,
    CommentDecision,
    CommentFormToken,
    CommentLiked,
    CommentLiking,
    CommentReported,
    CommentReporting,
    TooOften,
    brake,
)
from comments.api.shapes import CommentInThread, CommentWhole, Known
from comments.api.threads import HEAVY, OnePage, paged, rows_of
from comments.models import Comment, CommentLike
from core.rest.conditional import digest, require_version, tag

KEY = "Comment-Key"
VIEWS, DECIDES = "comments.view_comment", "comments.moderate_comment"
BY_KEY = OpenApiParameter(KEY, str, "header", description="Of a guest: the `mine.key` they were given.")


class QueueFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(
        choices=list(queues.TABS.items()), method="as_chosen", help_text="`waiting` where it is not said."
    )
    post = django_filters.CharFilter(field_name="post__slug", help_text="Those under one post, by its slug.")
    search = django_filters.CharFilter(method="by_text", help_text="Words in the text or the name.")

    class Meta:
        model = Comment
        fields: list[str] = []

    def as_chosen(self, comments: QuerySet[Comment], name: str, tab: str) -> QuerySet[Comment]:
        """The list begins with it."""
        return comments

    def by_text(self, comments: Any, name: str, text: str) -> QuerySet[Comment]:
        return queues.looked_for(comments, text)


class Comments(Lists):
    """Comments by their number; as a list, what moderators look through."""

    lookup_value_regex = r"[0-9]{1,18}"
    serializer_class = CommentWhole
    filterset_class = QueueFilter
    orderings = {
        "oldest": ("created_at", "pk"),
        "newest": ("-created_at", "-pk"),
        "reported": ("-report_count", "-created_at", "-pk"),
    }
    walked_by = ("-created_at", "-id")
    write_scope = "talk"
    permissions = {"list": VIEWS, "approve": DECIDES, "reject": DECIDES, "spam": DECIDES}
    scopes = {"approve": "moderate", "reject": "moderate", "spam": "moderate"}
    problems = {name: {412: "Its writer has changed it since."} for name in ("approve", "reject", "spam")}

    @property
    def parameters(self) -> tuple[str, ...]:
        return ("after",) if self.action == "thread" else ()

    # --- Which --------------------------------------------------------------------------------------------------------
    def get_queryset(self) -> Any:
        comments: Any = Comment.objects.all()
        if self.action == "list":
            asked = self.request.query_params.get("status")
            comments = queues.tab(asked if asked in queues.TABS else queues.WAITING)
        return comments.select_related("post", "user__author_profile", "decided_by").defer(
            *(f"post__{name}" for name in HEAVY)
        )

    def get_object(self) -> Any:
        """One that readers see, one's own, or for moderators any; Http404 for every other."""
        found = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
        if found is None or not (self.moderates or self.is_of_readers(found)):
            raise Http404
        return found

    def is_of_readers(self, comment: Comment) -> bool:
        is_live = comment.post.is_public and comment.kind == Comment.Kind.COMMENT
        return is_live and (comment.is_public or self.is_own(comment))

    @property
    def moderates(self) -> bool:
        return may(self.request.user, VIEWS)

    def is_own(self, comment: Comment) -> bool:
        user: Any = self.request.user
        if comment.user_id is not None:
            return user.is_authenticated and comment.user_id == user.pk
        return tokens.opens(self.request.headers.get(KEY, ""), comment)

    def own(self) -> Comment:
        comment: Comment = self.get_object()
        if not self.is_own(comment):
            raise exceptions.PermissionDenied(_("This belongs to somebody else."), "writer")
        return comment

    def readable(self) -> Comment:
        """One that readers see, also for moderators."""
        comment: Comment = self.get_object()
        if not (comment.is_public and self.is_of_readers(comment)):
            raise Http404
        return comment

    # --- How it is told -----------------------------------------------------------------------------------------------
    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        given = args[0] if args else None
        shown = list(given or []) if kwargs.get("many") else [given] if given is not None else []
        kwargs["context"] = {**self.get_serializer_context(), **self.known_of(shown)}
        return CommentWhole(*args, **kwargs)

    def known_of(self, shown: list[Comment]) -> dict[str, Any]:
        user, now = self.request.user, timezone.now()
        known: dict[str, Any] = {"now": now, "own": {each.pk for each in shown if self.is_own(each)}, "liked": None}
        if user.is_authenticated:
            mine = CommentLike.objects.filter(user=user, comment__in=[each.pk for each in shown])
            known["liked"] = set(mine.values_list("comment_id", flat=True))
        if self.moderates:
            known["known"] = Known(shown, now)
        return known

    def version_of(self, thing: Comment) -> str:
        """Which words it has; not how often it is liked, or what was decided about them."""
        edited = f"{int(thing.edited_at.timestamp() * 1_000_000):x}" if thing.edited_at else "first"
        return f"{thing.pk}.{edited}"

    def conditioned(self, comment: Comment) -> None:
        """Raises PreconditionFailed where the caller names other words than it has."""
        if self.request.headers.get("If-Match"):
            version = self.version_of(comment)
            etag = tag(version, digest(self.get_serializer(comment).data))
            require_version(self.request, version, etag=etag, is_required=False)

    def said(self, form: type[serializers.Serializer]) -> dict[str, Any]:
        sent = form(data=self.request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        data: dict[str, Any] = sent.validated_data
        return data

    # --- Read ---------------------------------------------------------------------------------------------------------
    @extend_schema(parameters=[BY_KEY])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One comment; `mine` tells its writer, and `moderation` a moderator, what is theirs to know."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(
        responses=CommentInThread(many=True),
        filters=False,
        parameters=[OpenApiParameter("after", int, description="The last answer that was told before.")],
    )
    @action(detail=True, methods=["get"], pagination_class=OnePage)
    def thread(self, request: Request, pk: str) -> Response:
        """The part of a thread that begins with a comment: `more_at` leads here."""
        comment: Comment = self.get_object()
        after = request.query_params.get("after", "0")
        is_number = after.isascii() and after.isdecimal() and len(after) < 19
        if not (is_number and comment.post.is_public and comment.kind == Comment.Kind.COMMENT):
            raise Http404
        node = threads.thread_from(comment, after=int(after), bounds=threads.FOR_PROGRAMS)
        if node is None:
            raise Http404
        rows = rows_of([node], comment.post, deeper=threads.depth_of(comment))
        liked = likes.liked_under(request.user, comment.post_id) if request.user.is_authenticated else None
        data = CommentInThread(rows, many=True, context={**self.get_serializer_context(), "liked": liked}).data
        return self.listed(paged(request, data, count=len(rows), number=1, pages=1))

    @extend_schema(responses=CommentFormToken)
    @action(detail=False, methods=["get"], filter_backends=[], pagination_class=None)
    def form(self, request: Request) -> Response:
        """For the form of a guest: fetched when it is shown, sent with what they wrote."""
        return Response({"token": tokens.open_form()}, headers={"Cache-Control": "no-store"})

    # --- Written by its writer ----------------------------------------------------------------------------------------
    @extend_schema(request=CommentChange, responses=CommentWhole, parameters=[BY_KEY])
    def partial_update(self, request: Request, pk: str) -> Response:
        """Say it otherwise, while it can be changed. Readers see that it was."""
        comment, content = self.own(), self.said(CommentChange)["content"]
        brake(request, "edit")
        self.conditioned(comment)
        now = timezone.now()
        writer = replace(
            posting.writer_of(comment),
            fingerprint=fingerprint_of(request._request, now),
            user_agent=request.headers.get("User-Agent", ""),
        )
        judge = partial(spam.judge, own=comment.pk, address=client_address(request._request), at=now)
        verdict = posting.judged_change(judge, comment, writer, content, at=now)
        with transaction.atomic():
            self.conditioned(posting.hold(comment.pk))
            posting.edit(comment, content, writer=writer, verdict=verdict, at=now)
        return self.shown(self.get_object())

    @extend_schema(responses={204: None}, parameters=[BY_KEY])
    def destroy(self, request: Request, pk: str) -> Response:
        """Take it back, while it can be changed; its answers stay."""
        comment = self.own()
        with transaction.atomic():
            self.conditioned(posting.hold(comment.pk))
            posting.delete(comment)
        return Response(status=204)

    @extend_schema(request=CommentAppeal, responses=CommentWhole, parameters=[BY_KEY])
    @action(detail=True, methods=["post"])
    def appeal(self, request: Request, pk: str) -> Response:
        """Say why what was refused should be shown, once."""
        comment, words = self.own(), self.said(CommentAppeal)["appeal"]
        brake(request, "appeal")
        reporting.appeal(comment, words)
        return self.shown(self.get_object())

    # --- Answered by readers ------------------------------------------------------------------------------------------
    @extend_schema(request=CommentLiking, responses=CommentLiked)
    @action(detail=True, methods=["post"])
    def like(self, request: Request, pk: str) -> Response:
        """Like it, or take that back; as often as you want, it counts once."""
        comment, wanted, now = self.readable(), self.said(CommentLiking)["liked"], timezone.now()
        refuse_foreign(request._request)
        reader = reader_of(request._request, now)
        if seconds := seconds_to_wait(request._request, reader, comment, wanted=wanted):
            raise TooOften(seconds)
        liked = likes.like(comment, reader, wanted=wanted, at=now)
        return Response({"liked": wanted, "count": liked.count})

    @extend_schema(
        request=CommentReporting,
        responses={
            201: CommentReported,
            200: OpenApiResponse(CommentReported, description="You had reported it before."),
        },
    )
    @action(detail=True, methods=["post"])
    def report(self, request: Request, pk: str) -> Response:
        """Point it out to the moderators."""
        comment, said, now = self.readable(), self.said(CommentReporting), timezone.now()
        refuse_foreign(request._request)
        brake(request, "report")
        user: Any = request.user if request.user.is_authenticated else None
        is_new = reporting.report(
            comment,
            said["reason"],
            note=said.get("note", ""),
            user=user,
            fingerprint=fingerprint_of(request._request, now),
            at=now,
        )
        return Response({"reported": True}, status=201 if is_new else 200)

    # --- Decided by moderators ----------------------------------------------------------------------------------------
    def decided(self, decision: str) -> Response:
        comment, seen, user = self.get_object(), self.said(CommentDecision).get("seen"), self.request.user
        self.conditioned(comment)
        if self.request.headers.get("If-Match"):
            # What was named is what is there: whoever changes it from here on has changed other words.
            seen = moderation.version_of(comment)
        moderation.decide(comment.pk, decision, by=user, seen=seen)  # type: ignore[arg-type]
        return self.shown(self.get_object())

    @extend_schema(request=CommentDecision, responses=CommentWhole)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Let readers see it. With `seen` or If-Match, these words alone."""
        return self.decided(moderation.APPROVE)

    @extend_schema(request=CommentDecision, responses=CommentWhole)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """Do not let readers see it. With `seen` or If-Match, these words alone."""
        return self.decided(moderation.REJECT)

    @extend_schema(request=CommentDecision, responses=CommentWhole)
    @action(detail=True, methods=["post"])
    def spam(self, request: Request, pk: str) -> Response:
        """As `reject`, and let the filter learn from it. With `seen` or If-Match, these words alone."""
        return self.decided(moderation.SPAM)
