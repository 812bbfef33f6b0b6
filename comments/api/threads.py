"""The conversation under one post: read by thread as the page shows it, and joined in."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from accounts.addresses import client_address, fingerprint_of
from accounts.api.foreign import refuse_foreign
from accounts.api.resources import Resource
from blog.models import Post
from comments import confirming, likes, spam, threads, tokens
from comments.api.sending import NewComment, brake
from comments.api.shapes import CommentInThread, CommentWhole
from comments.models import Comment
from comments.rules import Writer
from comments.threads import Node
from core.rest import paging

KNOWN = {"page", "ordering", "fields", "expand"}
HEAVY = ("content_markdown", "content_html")


class ThreadPages(paging.Pages):
    """Twenty threads a page, each with all of its answers up to a thousand comments."""

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [each for each in super().get_schema_operation_parameters(view) if each["name"] == "page"]


class OnePage(paging.Pages):
    """What is told at once; the rest at the `more_at` of its comments."""

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return []


class UnderPost(Resource):
    """Comments readers see, thread after thread, in reading order."""

    serializer_class = CommentInThread
    pagination_class = ThreadPages
    filter_backends: Any = ()
    write_scope = "talk"
    queryset = Comment.objects.none()

    @extend_schema(
        parameters=[OpenApiParameter("ordering", str, enum=list(threads.ORDERS), description="The order of threads.")]
    )
    def list(self, request: Request, slug: str) -> Response:
        """A page of threads. `count` is that of all comments; `parent`, `root` and `depth` say who answers whom."""
        number, order = self.asked()
        post = self.post_named(slug)
        page = threads.page_of(post, number=number, order=order, bounds=threads.FOR_PROGRAMS)
        if page is None:
            raise exceptions.NotFound(_("There is no such page."))
        rows = rows_of(page.nodes, post)
        data = self.get_serializer(rows, many=True, context=self.reading(post)).data
        return self.listed(paged(request, data, count=post.comment_count, number=number, pages=page.pages))

    @extend_schema(
        request=NewComment,
        responses={
            201: CommentWhole,
            200: OpenApiResponse(CommentWhole, description="It had been sent with this form before."),
        },
    )
    def create(self, request: Request, slug: str) -> Response:
        """Say something: as a member with a token, or as a guest with a name and an address.

        What becomes of it is in `status` and, in a sentence, in `mine.told`."""
        post = self.post_named(slug)
        form = NewComment(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        said, asked = form.validated_data, request._request
        refuse_foreign(asked)
        parent = self.answered(post, said.get("parent"))
        brake(request, "comment")
        now, user = timezone.now(), request.user if request.user.is_authenticated else None
        opened = tokens.form_of(said.get("token", ""))
        judge = partial(spam.judge, address=client_address(asked), at=now)
        if user is None:
            # A guest's program shows by the token that somebody had a form before them.
            how = (opened.opened_at, client_address(asked), opened.is_looked_over) if opened else (None,)
            judge = partial(spam.judge, form=spam.Form(said.get("homepage", ""), *how), at=now)
        posted = confirming.post_comment(
            post,
            Writer(
                user=user,
                name=said.get("name", ""),
                email=said.get("email", ""),
                fingerprint=fingerprint_of(asked, now),
                user_agent=request.headers.get("User-Agent", ""),
            ),
            said["content"],
            parent=parent,
            form_token=opened.name if opened else "",
            judge=judge,
            hears=said["replies"],
            at=now,
        )
        comment = posted.comment
        context = {**self.get_serializer_context(), "own": {comment.pk}, "now": now, "liked": user and set()}
        headers = {"Location": request.build_absolute_uri(f"/api/v1/comments/{comment.pk}/")}
        return Response(
            CommentWhole(comment, context=context).data, status=201 if posted.is_new else 200, headers=headers
        )

    def post_named(self, slug: str) -> Post:
        post = Post.objects.published().articles().defer(*HEAVY).filter(slug=slug).first()
        if post is None:
            raise Http404
        return post

    def answered(self, post: Post, pk: int | None) -> Comment | None:
        if pk is None:
            return None
        found = Comment.objects.public().comments().filter(post=post, pk=pk).first()
        if found is None:
            raise serializers.ValidationError({"parent": [_("The comment you answer is not there any more.")]})
        return found

    def asked(self) -> tuple[int, str]:
        params = self.request.query_params
        if unknown := sorted(set(params) - KNOWN):
            raise serializers.ValidationError({unknown[0][:60]: [_("This is no parameter of this list.")]})
        order, number = params.get("ordering", threads.OLDEST), params.get("page", "1")
        if order not in threads.ORDERS:
            known = ", ".join(threads.ORDERS)
            raise serializers.ValidationError({"ordering": [_("Known: %(known)s.") % {"known": known}]})
        if not (number.isascii() and number.isdecimal() and 0 < int(number[:9]) <= paging.LAST_PAGE):
            raise exceptions.NotFound(_("There is no such page."))
        return int(number), order

    def reading(self, post: Post) -> dict[str, Any]:
        user = self.request.user
        liked = likes.liked_under(user, post.pk) if user.is_authenticated else None
        return {**self.get_serializer_context(), "liked": liked}


def rows_of(nodes: list[Node], post: Post, *, deeper: int = 0) -> list[Comment]:
    """The comments of these trees, each with its place, in reading order."""
    rows = []
    for node in threads.walk(nodes):
        # Deleted for good since its thread was asked for.
        if node.comment is None:
            continue
        node.depth += deeper
        node.comment.post = post
        node.comment.node = node  # type: ignore[attr-defined]
        rows.append(node.comment)
    return rows


def paged(request: Request, data: Any, *, count: int, number: int, pages: int) -> Response:
    """As every list answers."""
    address = request.build_absolute_uri()
    following = replace_query_param(address, "page", number + 1) if number < pages else None
    before = replace_query_param(address, "page", number - 1) if number > 1 else None
    body = {"count": count, "next": following, "previous": before, "results": data}
    return paging.linked(Response(body), first=remove_query_param(address, "page"), prev=before, next=following)
