"""The search, as the page of it answers: posts and pages with the passages that say it, people, topics, facets."""

from __future__ import annotations

from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.resources import Resource
from blog.api.posts import PostInList, with_faces, with_tags
from blog.api.shapes import Author, TopicWhole
from blog.models import Post
from blog.search import finding, misses, questions, results, suggesting
from core import languages

FILTERS = ("category", "tag", "author", "year")


class Hit(PostInList):
    """A post or page found; both pieces of HTML hold nothing but text and `<mark>`."""

    title_html = serializers.SerializerMethodField()
    passage_html = serializers.SerializerMethodField()

    class Meta(PostInList.Meta):
        fields = (*PostInList.Meta.fields, "title_html", "passage_html")
        read_only_fields = fields

    def get_title_html(self, post: Any) -> str:
        return str(self.context["marked"][post.pk].title) if "marked" in self.context else ""

    def get_passage_html(self, post: Any) -> str:
        return str(self.context["marked"][post.pk].passage) if "marked" in self.context else ""


class Mended(serializers.Serializer):
    typed = serializers.CharField()
    meant = serializers.CharField()


class ChoiceShown(serializers.Serializer):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField(allow_null=True, help_text="Null where it is not known.")
    is_chosen = serializers.BooleanField()


class FacetShown(serializers.Serializer):
    name = serializers.CharField(help_text="The parameter that narrows by it.")
    legend = serializers.CharField()
    choices = ChoiceShown(many=True)


class Answered(serializers.Serializer):
    """What was found. `is_complete`: there are no more hits than `count`; `has_some`: nothing has all the words;
    `is_near`: nothing has any of them, and these have words like them in their titles."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = Hit(many=True)
    query = serializers.CharField(help_text="What was answered.")
    mended = Mended(many=True)
    is_complete = serializers.BooleanField()
    has_some = serializers.BooleanField()
    is_near = serializers.BooleanField()
    people = Author(many=True)
    topics = TopicWhole(many=True)
    facets = FacetShown(many=True)


class Suggested(serializers.Serializer):
    what = serializers.CharField(help_text="What it is, in a word.")
    label = serializers.CharField()  # type: ignore[assignment]
    url = serializers.CharField()


class Suggestions(serializers.Serializer):
    suggestions = Suggested(many=True)


class Search(Resource):
    """Finds what is live, and what to type."""

    serializer_class = Hit
    queryset = Post.objects.none()

    @property
    def known(self) -> set[str]:
        return (
            {"q"} if self.action == "suggest" else {"q", "exactly", "page", "page_size", "fields", "expand", *FILTERS}
        )

    def question(self) -> str:
        if unknown := sorted(set(self.request.query_params) - self.known):
            raise serializers.ValidationError({unknown[0][:60]: [_("This is no parameter of this list.")]})
        typed = self.request.query_params.get("q", "")
        if not typed.strip():
            raise serializers.ValidationError({"q": [_("Say what to look for.")]})
        return typed

    @extend_schema(
        parameters=[
            OpenApiParameter("q", OpenApiTypes.STR, required=True, description='Words, "phrases" and -unwanted words.'),
            OpenApiParameter("category", OpenApiTypes.STR, many=True, description="Path of a category."),
            OpenApiParameter("tag", OpenApiTypes.STR, many=True, description="Slug of a tag."),
            OpenApiParameter("author", OpenApiTypes.STR, many=True, description="Slug of an author."),
            OpenApiParameter("year", OpenApiTypes.INT, many=True),
            OpenApiParameter("exactly", OpenApiTypes.STR, description="Named: no words like those typed."),
            OpenApiParameter("page", OpenApiTypes.INT),
            OpenApiParameter("page_size", OpenApiTypes.INT),
        ],
        responses=Answered,
    )
    def list(self, request: Request) -> Response:
        """What readers would find."""
        question = questions.read(self.question(), finding.languages_read())
        chosen = results.chosen_in(request._request.GET)
        exactly = "exactly" in request.query_params
        answer = finding.answer(question, chosen.filters, edition=languages.current(), exactly=exactly)
        page = self.paginate_queryset(answer.found.hits) or []
        is_first = request.query_params.get("page", "1") in {"", "1"}
        if question and is_first and answer.is_miss and not (exactly or chosen.filters):
            misses.note(question.typed)
        rows = results.rows_of(page, answer.asked)
        prefetch_related_objects([row.post for row in rows], with_tags(), with_faces())
        context = {**self.get_serializer_context(), "marked": {row.post.pk: row for row in rows}}
        response = self.get_paginated_response(Hit([row.post for row in rows], many=True, context=context).data)
        people = results.people_of(answer) if is_first else []
        topics = results.topics_of(answer) if is_first else []
        # What is read of people and topics is their own shape, whatever was asked of the posts.
        plain: dict[str, Any] = {"context": {"request": None}, "many": True}
        response.data |= {
            "query": answer.asked.typed,
            "mended": [{"typed": typed, "meant": meant} for typed, meant in answer.mended],
            "is_complete": answer.found.is_complete,
            "has_some": answer.has_some,
            "is_near": answer.is_near,
            "people": Author([each.profile for each in people], **plain).data,
            "topics": TopicWhole(topics, **plain).data,
            "facets": FacetShown(results.facets(answer, chosen), many=True).data,
        }
        return self.listed(response)

    @extend_schema(
        parameters=[OpenApiParameter("q", OpenApiTypes.STR, required=True, description="What is typed so far.")],
        responses=Suggestions,
    )
    def suggest(self, request: Request) -> Response:
        """What begins so: names before titles."""
        return self.listed(Response({"suggestions": suggesting.suggestions(self.question())}))
